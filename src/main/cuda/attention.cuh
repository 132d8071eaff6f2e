// What all kernels of attention share: where the matrices are, who sees what, and one query's result
// as the naive kernel computes it.
//
// Faster kernels multiply whole tiles, with a weight of 0 for what is not seen, and 0 times a NaN or
// an infinity is a NaN. So they look at their results: a row with one that is not finite is computed
// anew in the naive way, which leaves out what is not seen. So is the row of a query that sees nothing,
// whose weights are 0 / 0. Other rows cost nothing by this.
#pragma once
#include "number.cuh"
#include "walk.cuh"

struct Sizes {
  long long queries, keys, head, width;                          // T, S, D, E
  long long q_row, k_row, v_row, dy_row, mask_row, mask_column;  // strides
  long long causal, masked;
};

/** One batch's matrices. */
template <class T>
struct Heads {
  const T *q, *k, *v;
  const u8* mask;
  const Sizes& size;

  __device__ Heads(const Walk<4>& walk, long long batch, const Sizes& size, const T* q, const T* k,
                   const T* v, const u8* mask)
      : size(size) {
    long long at[4];
    walk.find(batch, at);
    this->q = q + at[0];
    this->k = k + at[1];
    this->v = v + at[2];
    this->mask = mask + at[3];
  }

  /** Whether query t sees key s, if there are such. */
  __device__ bool sees(long long t, long long s) const {
    return t < size.queries && s < size.keys && (!size.causal || s <= t) &&
           (!size.masked || mask[t * size.mask_row + s * size.mask_column]);
  }

  /** Whether this is so for all of `count` queries from t on and as many keys from s on. */
  __device__ bool sees_all(long long t, long long s, int queries, int keys) const {
    return !size.masked && t + queries <= size.queries && s + keys <= size.keys &&
           (!size.causal || s + keys <= t + 1);
  }
};

template <class C> __device__ C infinity_of() { return (C)CUDART_INF_F; }
template <class C> __device__ C nan_of() { return (C)CUDART_NAN_F; }
__device__ inline float exp_of(float x) { return expf(x); }
__device__ inline double exp_of(double x) { return exp(x); }
__device__ inline float log_of(float x) { return logf(x); }
__device__ inline double log_of(double x) { return log(x); }

/** exp(x − most), where most is at least x; 0 for −∞, even among its like. */
template <class C> __device__ C weight(C x, C most) {
  return most == -infinity_of<C>() ? C(0) : exp_of(x - most);
}

template <class C> __device__ C larger(C a, C b) { return a > b || a != a ? a : b; }

template <class T, class U>
__device__ typename Wide<T>::type dot(const T* a, const U* b, long long n) {
  typename Wide<T>::type sum = 0;
  for (long long i = 0; i < n; i++) {
    sum += widen(a[i]) * widen(b[i]);
  }
  return sum;
}

template <class C> __device__ bool is_finite(C x) { return x - x == 0; }

__device__ inline int lane() { return threadIdx.x % WARP; }

constexpr int PARTS = 8;  // results a lane holds at a time
constexpr int CHUNK = PARTS * WARP;

/** The part of a row [n] that a warp sums up: element `from` + lane + 32 p. */
template <class C>
struct Sum {
  C part[PARTS] = {};

  /** Adds weight · x for the keys or queries of all lanes that are in `seen`. */
  template <class T>
  __device__ void add(C weight, unsigned seen, const T* x, long long row, long long from,
                      long long n) {
    for (int j = 0; j < WARP; j++) {
      C w = __shfl_sync(ALL_LANES, weight, j);
      if (seen >> j & 1) {
#pragma unroll
        for (int p = 0; p < PARTS; p++) {
          long long i = from + lane() + p * WARP;
          if (i < n) {
            part[p] += w * widen(x[j * row + i]);
          }
        }
      }
    }
  }
  __device__ void scale(C by) {
#pragma unroll
    for (int p = 0; p < PARTS; p++) {
      part[p] *= by;
    }
  }
  template <class T>
  __device__ void write(T* y, long long from, long long n) const {
#pragma unroll
    for (int p = 0; p < PARTS; p++) {
      long long i = from + lane() + p * WARP;
      if (i < n) {
        y[i] = Narrow<T>::of(part[p]);
      }
    }
  }
};

/** y[t] and the logarithm of its sum, by a warp; all its lanes must call. */
template <class T, class C>
__device__ void attend(const Heads<T>& heads, C scale, long long t, T* y, C* lse) {
  const Sizes& size = heads.size;
  for (long long from = 0; from < size.width || from == 0; from += CHUNK) {
    C most = -infinity_of<C>(), total = 0;
    bool any = false;
    Sum<C> sum;
    for (long long s0 = 0; s0 < size.keys && (!size.causal || s0 <= t); s0 += WARP) {
      long long s = s0 + lane();
      bool sees = heads.sees(t, s);
      unsigned seen = __ballot_sync(ALL_LANES, sees);
      C score = sees ? scale * dot(heads.q + t * size.q_row, heads.k + s * size.k_row, size.head)
                     : -infinity_of<C>();
      C next = larger(most, warp_max(score));
      C shrink = weight(most, next);
      C p = sees ? weight(score, next) : C(0);
      any |= seen != 0;
      total = total * shrink + warp_sum(p);
      sum.scale(shrink);
      sum.add(p, seen, heads.v + s0 * size.v_row, size.v_row, from, size.width);
      most = next;
    }
    bool lost = any && most == -infinity_of<C>();  // scores of −∞ alone
    sum.scale(lost ? nan_of<C>() : any ? 1 / total : C(0));
    sum.write(y, from, size.width);
    if (from == 0 && lane() == 0) {
      *lse = lost ? nan_of<C>() : any ? most + log_of(total) : -infinity_of<C>();
    }
  }
}
