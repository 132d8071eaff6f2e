// A row of attention's gradient as the naive kernel computes it, and what both ladders need before.
#pragma once
#include "attention.cuh"

/** What a gradient is computed of: with the heads, dy [T, E] and of each query two numbers. */
template <class T>
struct Incoming {
  typedef typename Wide<T>::type C;
  Heads<T> heads;
  const T* dy;
  const C *lse, *delta;
  C scale;

  /** A weight, and the gradient of its score. */
  __device__ void at(long long t, long long s, C* p, C* ds) const {
    const Sizes& size = heads.size;
    C score = scale * dot(heads.q + t * size.q_row, heads.k + s * size.k_row, size.head);
    *p = exp_of(score - lse[t]);
    *ds = *p * (dot(dy + t * size.dy_row, heads.v + s * size.v_row, size.width) - delta[t]) * scale;
  }

  /** dq of query t, by a warp; all its lanes must call. */
  __device__ void of_query(long long t, T* dq) const {
    const Sizes& size = heads.size;
    for (long long from = 0; from < size.head; from += CHUNK) {
      Sum<C> sum;
      for (long long s0 = 0; s0 < size.keys && (!size.causal || s0 <= t); s0 += WARP) {
        bool sees = heads.sees(t, s0 + lane());
        C p = 0, ds = 0;
        if (sees) {
          at(t, s0 + lane(), &p, &ds);
        }
        sum.add(ds, __ballot_sync(ALL_LANES, sees), heads.k + s0 * size.k_row, size.k_row, from,
                size.head);
      }
      sum.write(dq, from, size.head);
    }
  }

  /** dk and dv of key s, by a warp. */
  __device__ void of_key(long long s, T* dk, T* dv) const {
    const Sizes& size = heads.size;
    long long longest = size.head > size.width ? size.head : size.width;
    for (long long from = 0; from < longest; from += CHUNK) {
      Sum<C> to_k, to_v;
      for (long long t0 = size.causal ? s / WARP * WARP : 0; t0 < size.queries; t0 += WARP) {
        bool sees = heads.sees(t0 + lane(), s);
        C p = 0, ds = 0;
        if (sees) {
          at(t0 + lane(), s, &p, &ds);
        }
        unsigned seen = __ballot_sync(ALL_LANES, sees);
        to_k.add(ds, seen, heads.q + t0 * size.q_row, size.q_row, from, size.head);
        to_v.add(p, seen, dy + t0 * size.dy_row, size.dy_row, from, size.width);
      }
      to_k.write(dk, from, size.head);
      to_v.write(dv, from, size.width);
    }
  }
};

/** What concerns one batch. */
template <class T>
__device__ Incoming<T> incoming(const Walk<4>& walk, long long batch, const Sizes& size,
                                double scale, const T* q, const T* k, const T* v, const u8* mask,
                                const typename Wide<T>::type* lse,
                                const typename Wide<T>::type* delta, const T* dy) {
  long long row = batch * size.queries;
  return {Heads<T>(walk, batch, size, q, k, v, mask), dy + row * size.dy_row, lse + row, delta + row,
          (typename Wide<T>::type)scale};
}
