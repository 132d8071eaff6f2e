// The gradient of attention.cu: dq = ds·k, dk = dsᵀ·q, dv = pᵀ·dy, with p = exp(scale · q·kᵀ − lse) and
// ds = scale · p ⊙ (dy·vᵀ − δ), δ[t] = dy[t]·y[t], over what is seen (Dao et al., FlashAttention, 2022,
// appendix B.2). The weights are computed again, rather than kept.
//
//   naive  a warp sums dq up for a query, another dk and dv for a key.
//   tiled  a block has 64 rows of its own and meets 64 others at a time, from shared memory: with 64
//          keys of its own it adds up dk and dv over all queries; with 64 queries, by another launch,
//          dq over all keys (Dao, FlashAttention-2, 2023, algorithm 2, which adds to dq in memory from
//          many blocks; here nothing is added by two, and the bits are the same each time, for seven
//          products in the place of five). D and E up to 64, or 128.
//
// It goes on with tensor cores, in attention_gradient_tensor.cu.
#include "attention_gradient.cuh"
#include "attention_tile.cuh"

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

// ---- naive -------------------------------------------------------------------------------------

template <class T>
__device__ void naive_dq(const Walk<4>& walk, long long batch, const Sizes& size, double scale,
                         const T* q, const T* k, const T* v, const u8* mask,
                         const typename Wide<T>::type* lse, const typename Wide<T>::type* delta,
                         const T* dy, T* dq) {
  for (long long r = first() / WARP; r < batch * size.queries; r += step() / WARP) {
    incoming(walk, r / size.queries, size, scale, q, k, v, mask, lse, delta, dy)
        .of_query(r % size.queries, dq + r * size.head);
  }
}

template <class T>
__device__ void naive_dkv(const Walk<4>& walk, long long batch, const Sizes& size, double scale,
                          const T* q, const T* k, const T* v, const u8* mask,
                          const typename Wide<T>::type* lse, const typename Wide<T>::type* delta,
                          const T* dy, T* dk, T* dv) {
  for (long long r = first() / WARP; r < batch * size.keys; r += step() / WARP) {
    incoming(walk, r / size.keys, size, scale, q, k, v, mask, lse, delta, dy)
        .of_key(r % size.keys, dk + r * size.head, dv + r * size.width);
  }
}

// ---- tiled -------------------------------------------------------------------------------------

/** dk and dv into d1 and d2, if the block's own rows are keys; if queries, dq into d1. */
template <class T, int H, bool OF_KEYS>
__device__ void tiled(const Walk<4>& walk, const Sizes& size, double scale, const T* q, const T* k,
                      const T* v, const u8* mask, const float* lse, const float* delta,
                      const T* dy, T* d1, T* d2) {
  float* own1 = dynamic_shared<float>();  // k or q [H, LINE]
  float* own2 = own1 + H * LINE;          // v or dy
  float* other1 = own2 + H * LINE;        // q or k
  float* other2 = other1 + H * LINE;      // dy or v
  float* x_tile = other2 + H * LINE;      // p or ds [own, other]: [TILE, LINE]
  long long own_rows = OF_KEYS ? size.keys : size.queries;
  long long other_rows = OF_KEYS ? size.queries : size.keys;
  long long tiles = (own_rows + TILE - 1) / TILE;
  long long b = blockIdx.x / tiles, mine = blockIdx.x % tiles * TILE;
  Incoming<T> in = incoming(walk, b, size, scale, q, k, v, mask, lse, delta, dy);
  const Heads<T>& heads = in.heads;
  int tx = threadIdx.x % 16, ty = threadIdx.x / 16 * EACH;
  auto keys = [&](long long at, float* tile1, float* tile2) {
    turn<T, H>(heads.k + at * size.k_row, size.k_row, size.keys - at, size.head, tile1);
    turn<T, H>(heads.v + at * size.v_row, size.v_row, size.keys - at, size.width, tile2);
  };
  auto queries = [&](long long at, float* tile1, float* tile2) {
    turn<T, H>(heads.q + at * size.q_row, size.q_row, size.queries - at, size.head, tile1);
    turn<T, H>(in.dy + at * size.dy_row, size.dy_row, size.queries - at, size.width, tile2);
  };
  OF_KEYS ? keys(mine, own1, own2) : queries(mine, own1, own2);

  float sum1[EACH][H / 16] = {}, sum2[OF_KEYS ? EACH : 1][H / 16] = {};
  // Of a causal one the keys see the queries from their own on, and queries are seen up to theirs.
  long long begin = OF_KEYS && size.causal ? mine : 0;
  long long end = !OF_KEYS && size.causal && mine + TILE < other_rows ? mine + TILE : other_rows;
  for (long long theirs = begin; theirs < end; theirs += TILE) {
    OF_KEYS ? queries(theirs, other1, other2) : keys(theirs, other1, other2);
    __syncthreads();
    float p[EACH][EACH] = {}, ds[EACH][EACH] = {};
    add_scores<H>(own1 + ty, other1 + tx * EACH, p);
    add_scores<H>(own2 + ty, other2 + tx * EACH, ds);
    bool whole = OF_KEYS ? heads.sees_all(theirs, mine, TILE, TILE)
                         : heads.sees_all(mine, theirs, TILE, TILE);
    float log[EACH], less[EACH];  // of each query
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      long long t = i + (OF_KEYS ? theirs + tx * EACH : mine + ty);
      log[i] = t < size.queries ? in.lse[t] : 0;
      less[i] = t < size.queries ? in.delta[t] : 0;
    }
#pragma unroll
    for (int i = 0; i < EACH; i++) {
#pragma unroll
      for (int j = 0; j < EACH; j++) {
        long long own = mine + ty + i, other = theirs + tx * EACH + j;
        bool sees = whole || (OF_KEYS ? heads.sees(other, own) : heads.sees(own, other));
        int t = OF_KEYS ? j : i;
        p[i][j] = sees ? exp_of(in.scale * p[i][j] - log[t]) : 0;
        ds[i][j] = sees ? p[i][j] * (ds[i][j] - less[t]) * in.scale : 0;
      }
    }
    if constexpr (OF_KEYS) {
      put_scores(p, x_tile);
      __syncthreads();
      add_rows<H>(x_tile + ty * LINE, other2 + tx * LINE, sum2);
      __syncthreads();
    }
    put_scores(ds, x_tile);
    __syncthreads();
    add_rows<H>(x_tile + ty * LINE, other1 + tx * LINE, sum1);
    __syncthreads();
  }

#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long r = b * own_rows + mine + ty + i;
    bool finite = true;
    if (mine + ty + i < own_rows) {
      finite = write_row(sum1[i], 1, d1 + r * size.head, size.head);
      if constexpr (OF_KEYS) {
        finite &= write_row(sum2[i], 1, d2 + r * size.width, size.width);
      }
    }
    unsigned odd = __ballot_sync(ALL_LANES, !finite);
    for (int half = 0; half < 2; half++) {
      if (odd >> 16 * half & 0xffff) {
        long long own = mine + threadIdx.x / WARP * 2 * EACH + half * EACH + i;
        r = b * own_rows + own;
        __syncwarp();
        OF_KEYS ? in.of_key(own, d1 + r * size.head, d2 + r * size.width)
                : in.of_query(own, d1 + r * size.head);
      }
    }
  }
}

// ---- entries -----------------------------------------------------------------------------------

#define IN(T, C)                                                                                 \
  Walk<4> walk, long long batch, Sizes size, double scale, const T *q, const T *k, const T *v,   \
      const u8 *mask, const C *lse, const C *delta, const T *dy
#define NAIVE(suffix, T, C)                                                                      \
  extern "C" __global__ void attention_inner_##suffix(long long rows, long long width,           \
                                                      const T* dy, const T* y, C* delta) {       \
    inner<T>(rows, width, dy, y, delta);                                                         \
  }                                                                                              \
  extern "C" __global__ void attention_dq_##suffix(IN(T, C), T* dq) {                            \
    naive_dq<T>(walk, batch, size, scale, q, k, v, mask, lse, delta, dy, dq);                    \
  }                                                                                              \
  extern "C" __global__ void attention_dkv_##suffix(IN(T, C), T* dk, T* dv) {                    \
    naive_dkv<T>(walk, batch, size, scale, q, k, v, mask, lse, delta, dy, dk, dv);               \
  }
NAIVE(f64, double, double)
NAIVE(f32, float, float)
NAIVE(bf16, __nv_bfloat16, float)
NAIVE(f16, __half, float)

#define TILED(H)                                                                                 \
  extern "C" __global__ void __launch_bounds__(THREADS, 1) attention_dq_tiled##H##_f32(             \
      IN(float, float), float* dq) {                                                             \
    tiled<float, H, false>(walk, size, scale, q, k, v, mask, lse, delta, dy, dq, nullptr);       \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS, 1) attention_dkv_tiled##H##_f32(            \
      IN(float, float), float* dk, float* dv) {                                                  \
    tiled<float, H, true>(walk, size, scale, q, k, v, mask, lse, delta, dy, dk, dv);             \
  }
TILED(64)
TILED(128)
