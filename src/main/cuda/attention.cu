// y = softmax(scale · q·kᵀ)·v over the keys that each query sees, without the [T, S] scores ever being
// in memory: q [T, D], k [S, D], v [S, E], y [T, E], for each matrix of a batch.
//
//   naive  a warp for each query goes along the keys, a key to a lane, and keeps the largest score so
//          far, m, with Σ exp(score − m) and Σ exp(score − m)·v; where m grows, both sums are scaled
//          (Milakov and Gimelshein, Online normalizer calculation for softmax, 2018).
//   tiled  a block takes 64 queries, and 64 keys at a time from shared memory, with 4 × 4 scores and
//          4 × E/16 results to a thread: what comes from memory is used 64 times (Dao et al.,
//          FlashAttention, 2022, algorithm 1). D and E up to 64, or 128.
//
// Of each query the logarithm of Σ exp(score) is kept, with which the gradient computes the weights
// again: one warp for a query sums dq up, one for a key dk and dv, so that nothing is added by two.
//
// What a query does not see has no part in its sums, even if it is NaN. One that sees nothing gets 0.
#include "number.cuh"
#include "walk.cuh"

struct Sizes {
  long long queries, keys, head, width;                 // T, S, D, E
  long long q_row, k_row, v_row, mask_row, mask_column;  // strides
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

// ---- naive -------------------------------------------------------------------------------------

constexpr int PARTS = 8;  // results a lane holds at a time
constexpr int CHUNK = PARTS * WARP;

__device__ inline int lane() { return threadIdx.x % WARP; }

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

template <class T>
__device__ void naive(const Walk<4>& walk, long long batch, const Sizes& size, double scale_by,
                      const T* q, const T* k, const T* v, const u8* mask, T* y,
                      typename Wide<T>::type* lse) {
  typedef typename Wide<T>::type C;
  C scale = (C)scale_by;
  long long rows = batch * size.queries;
  for (long long r = first() / WARP; r < rows; r += step() / WARP) {
    Heads<T> heads(walk, r / size.queries, size, q, k, v, mask);
    long long t = r % size.queries;
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
      sum.write(y + r * size.width, from, size.width);
      if (from == 0 && lane() == 0) {
        lse[r] = lost ? nan_of<C>() : any ? most + log_of(total) : -infinity_of<C>();
      }
    }
  }
}

/** delta[t] = Σ dy[t]·y[t], which the gradient of a softmax takes from each weight's. */
template <class T>
__device__ void inner(long long rows, long long width, const T* dy, const T* y,
                      typename Wide<T>::type* delta) {
  typedef typename Wide<T>::type C;
  for (long long r = first() / WARP; r < rows; r += step() / WARP) {
    C sum = 0;
    for (long long e = lane(); e < width; e += WARP) {
      sum += widen(dy[r * width + e]) * widen(y[r * width + e]);
    }
    sum = warp_sum(sum);
    if (lane() == 0) {
      delta[r] = sum;
    }
  }
}

/** A weight, and the gradient of its score. */
template <class T, class C>
__device__ void gradient_at(const Heads<T>& heads, C scale, long long t, long long s, const T* dy,
                            C lse, C delta, C* p, C* ds) {
  const Sizes& size = heads.size;
  C score = scale * dot(heads.q + t * size.q_row, heads.k + s * size.k_row, size.head);
  *p = exp_of(score - lse);
  *ds = *p * (dot(dy, heads.v + s * size.v_row, size.width) - delta) * scale;
}

template <class T>
__device__ void naive_dq(const Walk<4>& walk, long long batch, const Sizes& size, double scale_by,
                         const T* q, const T* k, const T* v, const u8* mask,
                         const typename Wide<T>::type* lse, const typename Wide<T>::type* delta,
                         const T* dy, T* dq) {
  typedef typename Wide<T>::type C;
  long long rows = batch * size.queries;
  for (long long r = first() / WARP; r < rows; r += step() / WARP) {
    Heads<T> heads(walk, r / size.queries, size, q, k, v, mask);
    long long t = r % size.queries;
    for (long long from = 0; from < size.head; from += CHUNK) {
      Sum<C> sum;
      for (long long s0 = 0; s0 < size.keys && (!size.causal || s0 <= t); s0 += WARP) {
        long long s = s0 + lane();
        bool sees = heads.sees(t, s);
        C p = 0, ds = 0;
        if (sees) {
          gradient_at(heads, (C)scale_by, t, s, dy + r * size.width, lse[r], delta[r], &p, &ds);
        }
        sum.add(ds, __ballot_sync(ALL_LANES, sees), heads.k + s0 * size.k_row, size.k_row, from,
                size.head);
      }
      sum.write(dq + r * size.head, from, size.head);
    }
  }
}

template <class T>
__device__ void naive_dkv(const Walk<4>& walk, long long batch, const Sizes& size, double scale_by,
                          const T* q, const T* k, const T* v, const u8* mask,
                          const typename Wide<T>::type* lse, const typename Wide<T>::type* delta,
                          const T* dy, T* dk, T* dv) {
  typedef typename Wide<T>::type C;
  long long rows = batch * size.keys;
  long long longest = size.head > size.width ? size.head : size.width;
  for (long long r = first() / WARP; r < rows; r += step() / WARP) {
    long long b = r / size.keys, s = r % size.keys;
    Heads<T> heads(walk, b, size, q, k, v, mask);
    const T* dys = dy + b * size.queries * size.width;
    for (long long from = 0; from < longest; from += CHUNK) {
      Sum<C> to_k, to_v;
      for (long long t0 = size.causal ? s / WARP * WARP : 0; t0 < size.queries; t0 += WARP) {
        long long t = t0 + lane();
        bool sees = heads.sees(t, s);
        C p = 0, ds = 0;
        if (sees) {
          long long row = b * size.queries + t;
          gradient_at(heads, (C)scale_by, t, s, dys + t * size.width, lse[row], delta[row], &p,
                      &ds);
        }
        unsigned seen = __ballot_sync(ALL_LANES, sees);
        to_k.add(ds, seen, heads.q + t0 * size.q_row, size.q_row, from, size.head);
        to_v.add(p, seen, dys + t0 * size.width, size.width, from, size.width);
      }
      to_k.write(dk + r * size.head, from, size.head);
      to_v.write(dv + r * size.width, from, size.width);
    }
  }
}

// ---- tiled -------------------------------------------------------------------------------------

constexpr int TILE = 64, THREADS = 256, EACH = 4;
constexpr int LINE = TILE + EACH;  // shifts the banks of the next line

/** Puts 64 rows of n numbers into `tile` [H, LINE], turned; beyond them are zeros. */
template <class T, int H>
__device__ void turn(const T* x, long long row, long long rows, long long n, float* tile) {
  for (int i = threadIdx.x; i < TILE * H; i += THREADS) {
    int r = i / H, d = i % H;
    tile[d * LINE + r] = r < rows && d < n ? widen(x[r * row + d]) : 0;
  }
}

/** The largest, or the sum, over the 16 threads that share rows of scores. */
__device__ inline float most_of_16(float x) {
  for (int lanes = 8; lanes > 0; lanes /= 2) {
    x = larger(x, __shfl_xor_sync(ALL_LANES, x, lanes));
  }
  return x;
}
__device__ inline float sum_of_16(float x) {
  for (int lanes = 8; lanes > 0; lanes /= 2) {
    x += __shfl_xor_sync(ALL_LANES, x, lanes);
  }
  return x;
}

typedef Few<float, EACH> Quad;

/** What marks, among weights, that a query does not see a key. */
constexpr float HIDDEN = -1;

/** Adds the values of 64 keys, each with its weight for the thread's queries. */
template <bool SOME_HIDDEN, int H>
__device__ __forceinline__ void add_values(const float* p_tile, const float* v_tile,
                                           Quad (&sum)[EACH][H / TILE]) {
#pragma unroll 4
  for (int s = 0; s < TILE; s++) {
    Quad w = *(const Quad*)&p_tile[s * LINE];
#pragma unroll
    for (int c = 0; c < H / TILE; c++) {
      Quad x = *(const Quad*)&v_tile[s * H + c * TILE];
#pragma unroll
      for (int i = 0; i < EACH; i++) {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          if (!SOME_HIDDEN || w.element[i] != HIDDEN) {
            sum[i][c].element[e] += w.element[i] * x.element[e];
          }
        }
      }
    }
  }
}

template <class T, int H>
__device__ void tiled(const Walk<4>& walk, const Sizes& size, double scale_by, const T* q,
                      const T* k, const T* v, const u8* mask, T* y, float* lse) {
  constexpr int QUADS = H / TILE;  // of results in a row, for each thread
  float* q_tile = dynamic_shared<float>();  // [H, LINE]
  float* k_tile = q_tile + H * LINE;        // [H, LINE]
  float* p_tile = k_tile + H * LINE;        // [key, query]: [TILE, LINE]
  float* v_tile = p_tile + TILE * LINE;     // [TILE, H]
  long long tiles = (size.queries + TILE - 1) / TILE;
  long long b = blockIdx.x / tiles, t0 = blockIdx.x % tiles * TILE;
  Heads<T> heads(walk, b, size, q, k, v, mask);
  int tx = threadIdx.x % 16 * EACH, ty = threadIdx.x / 16 * EACH;
  float scale = (float)scale_by;
  turn<T, H>(heads.q + t0 * size.q_row, size.q_row, size.queries - t0, size.head, q_tile);

  float most[EACH], total[EACH] = {};
  bool any[EACH] = {};
  Quad sum[EACH][QUADS] = {};
  for (int i = 0; i < EACH; i++) {
    most[i] = -infinity_of<float>();
  }
  for (long long s0 = 0; s0 < size.keys && (!size.causal || s0 < t0 + TILE); s0 += TILE) {
    turn<T, H>(heads.k + s0 * size.k_row, size.k_row, size.keys - s0, size.head, k_tile);
    for (int i = threadIdx.x; i < TILE * H; i += THREADS) {
      int s = i / H, e = i % H;
      bool inside = s0 + s < size.keys && e < size.width;
      v_tile[i] = inside ? widen(heads.v[(s0 + s) * size.v_row + e]) : 0;
    }
    __syncthreads();
    float score[EACH][EACH] = {};
    for (int d = 0; d < H; d++) {
      Quad a = *(const Quad*)&q_tile[d * LINE + ty];
      Quad w = *(const Quad*)&k_tile[d * LINE + tx];
#pragma unroll
      for (int i = 0; i < EACH; i++) {
#pragma unroll
        for (int j = 0; j < EACH; j++) {
          score[i][j] += a.element[i] * w.element[j];
        }
      }
    }
    Quad p[EACH];  // of a key each, for the thread's queries
    float shrink[EACH];
    bool whole = !size.masked && s0 + TILE <= size.keys && (!size.causal || s0 + TILE <= t0);
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      bool sees[EACH];
      float here = -infinity_of<float>();
#pragma unroll
      for (int j = 0; j < EACH; j++) {
        sees[j] = whole || heads.sees(t0 + ty + i, s0 + tx + j);
        score[i][j] *= scale;
        here = sees[j] ? larger(here, score[i][j]) : here;
        any[i] |= sees[j];
      }
      float next = larger(most[i], most_of_16(here));
      float added = 0;
#pragma unroll
      for (int j = 0; j < EACH; j++) {
        float w = sees[j] ? weight(score[i][j], next) : HIDDEN;
        p[j].element[i] = w;
        added += sees[j] ? w : 0;
      }
      shrink[i] = weight(most[i], next);
      total[i] = total[i] * shrink[i] + sum_of_16(added);
      most[i] = next;
    }
#pragma unroll
    for (int j = 0; j < EACH; j++) {
      *(Quad*)&p_tile[(tx + j) * LINE + ty] = p[j];
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < EACH; i++) {
#pragma unroll
      for (int c = 0; c < QUADS; c++) {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          sum[i][c].element[e] *= shrink[i];
        }
      }
    }
    if (whole) {
      add_values<false, H>(p_tile + ty, v_tile + tx, sum);
    } else {
      add_values<true, H>(p_tile + ty, v_tile + tx, sum);
    }
    __syncthreads();
  }

#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long t = t0 + ty + i;
    bool saw = sum_of_16(any[i]) > 0;
    bool lost = saw && most[i] == -infinity_of<float>();
    float by = lost ? nan_of<float>() : saw ? 1 / total[i] : 0;
    if (t < size.queries) {
      long long r = b * size.queries + t;
#pragma unroll
      for (int c = 0; c < QUADS; c++) {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          int at = c * TILE + tx + e;
          if (at < size.width) {
            y[r * size.width + at] = Narrow<T>::of(sum[i][c].element[e] * by);
          }
        }
      }
      if (tx == 0) {
        lse[r] = lost  ? nan_of<float>()
                 : saw ? most[i] + log_of(total[i])
                       : -infinity_of<float>();
      }
    }
  }
}

// ---- entries -----------------------------------------------------------------------------------

#define NAIVE(suffix, T, C)                                                                       \
  extern "C" __global__ void attention_naive_##suffix(                                            \
      Walk<4> walk, long long batch, Sizes size, double scale, const T* q, const T* k,            \
      const T* v, const u8* mask, T* y, C* lse) {                                                 \
    naive<T>(walk, batch, size, scale, q, k, v, mask, y, lse);                                    \
  }                                                                                               \
  extern "C" __global__ void attention_inner_##suffix(long long rows, long long width,            \
                                                      const T* dy, const T* y, C* delta) {        \
    inner<T>(rows, width, dy, y, delta);                                                          \
  }                                                                                               \
  extern "C" __global__ void attention_dq_##suffix(                                               \
      Walk<4> walk, long long batch, Sizes size, double scale, const T* q, const T* k,            \
      const T* v, const u8* mask, const C* lse, const C* delta, const T* dy, T* dq) {             \
    naive_dq<T>(walk, batch, size, scale, q, k, v, mask, lse, delta, dy, dq);                     \
  }                                                                                               \
  extern "C" __global__ void attention_dkv_##suffix(                                              \
      Walk<4> walk, long long batch, Sizes size, double scale, const T* q, const T* k,            \
      const T* v, const u8* mask, const C* lse, const C* delta, const T* dy, T* dk, T* dv) {      \
    naive_dkv<T>(walk, batch, size, scale, q, k, v, mask, lse, delta, dy, dk, dv);                \
  }
NAIVE(f64, double, double)
NAIVE(f32, float, float)
NAIVE(bf16, __nv_bfloat16, float)
NAIVE(f16, __half, float)

#define TILED(H, suffix, T)                                                                       \
  extern "C" __global__ void __launch_bounds__(THREADS) attention_tiled##H##_##suffix(            \
      Walk<4> walk, long long batch, Sizes size, double scale, const T* q, const T* k,            \
      const T* v, const u8* mask, T* y, float* lse) {                                             \
    tiled<T, H>(walk, size, scale, q, k, v, mask, y, lse);                                        \
  }
#define TILES(suffix, T) TILED(64, suffix, T) TILED(128, suffix, T)
TILES(f32, float)
TILES(bf16, __nv_bfloat16)
TILES(f16, __half)
