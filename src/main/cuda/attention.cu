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
// It goes on with tensor cores, in attention_tensor.cu. Of each query the logarithm of Σ exp(score) is
// kept, with which the gradient, attention_gradient.cu, computes the weights again.
//
// What a query does not see has no part in its sums, even if it is NaN. One that sees nothing gets 0.
#include "attention_tile.cuh"

template <class T>
__device__ void naive(const Walk<4>& walk, long long batch, const Sizes& size, double scale,
                      const T* q, const T* k, const T* v, const u8* mask, T* y,
                      typename Wide<T>::type* lse) {
  typedef typename Wide<T>::type C;
  for (long long r = first() / WARP; r < batch * size.queries; r += step() / WARP) {
    Heads<T> heads(walk, r / size.queries, size, q, k, v, mask);
    attend(heads, (C)scale, r % size.queries, y + r * size.width, lse + r);
  }
}

// ---- tiled -------------------------------------------------------------------------------------

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

template <class T, int H>
__device__ void tiled(const Walk<4>& walk, const Sizes& size, double scale_by, const T* q,
                      const T* k, const T* v, const u8* mask, T* y, float* lse) {
  float* q_tile = dynamic_shared<float>();  // [H, LINE]
  float* k_tile = q_tile + H * LINE;        // [H, LINE]
  float* v_tile = k_tile + H * LINE;        // [H, LINE]
  float* p_tile = v_tile + H * LINE;        // [query, key]: [TILE, LINE]
  long long tiles = (size.queries + TILE - 1) / TILE;
  long long b = blockIdx.x / tiles, t0 = blockIdx.x % tiles * TILE;
  Heads<T> heads(walk, b, size, q, k, v, mask);
  int tx = threadIdx.x % 16, ty = threadIdx.x / 16 * EACH;
  float scale = (float)scale_by;
  turn<T, H>(heads.q + t0 * size.q_row, size.q_row, size.queries - t0, size.head, q_tile);

  float most[EACH], total[EACH] = {};
  float sum[EACH][H / 16] = {};
  for (int i = 0; i < EACH; i++) {
    most[i] = -infinity_of<float>();
  }
  for (long long s0 = 0; s0 < size.keys && (!size.causal || s0 < t0 + TILE); s0 += TILE) {
    turn<T, H>(heads.k + s0 * size.k_row, size.k_row, size.keys - s0, size.head, k_tile);
    turn<T, H>(heads.v + s0 * size.v_row, size.v_row, size.keys - s0, size.width, v_tile);
    __syncthreads();
    float score[EACH][EACH] = {};
    add_scores<H>(q_tile + ty, k_tile + tx * EACH, score);
    bool whole = heads.sees_all(t0, s0, TILE, TILE);
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      bool sees[EACH];
      float here = -infinity_of<float>();
#pragma unroll
      for (int j = 0; j < EACH; j++) {
        sees[j] = whole || heads.sees(t0 + ty + i, s0 + tx * EACH + j);
        score[i][j] *= scale;
        here = sees[j] ? larger(here, score[i][j]) : here;
      }
      float next = larger(most[i], most_of_16(here));
      float added = 0;
#pragma unroll
      for (int j = 0; j < EACH; j++) {
        score[i][j] = sees[j] ? weight(score[i][j], next) : 0;
        added += score[i][j];
      }
      float shrink = weight(most[i], next);
      total[i] = total[i] * shrink + sum_of_16(added);
      most[i] = next;
#pragma unroll
      for (int c = 0; c < H / 16; c++) {
        sum[i][c] *= shrink;
      }
    }
    put_scores(score, p_tile);
    __syncthreads();
    add_rows<H>(p_tile + ty * LINE, v_tile + tx * LINE, sum);
    __syncthreads();
  }

  unsigned odd[EACH];  // lanes with a result that is not finite
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long r = b * size.queries + t0 + ty + i;
    float log = most[i] + log_of(total[i]);  // of 0 if nothing is seen
    bool finite = true;
    if (t0 + ty + i < size.queries) {
      finite = write_row(sum[i], 1 / total[i], y + r * size.width, size.width) && is_finite(log);
      if (tx == 0) {
        lse[r] = log;
      }
    }
    odd[i] = __ballot_sync(ALL_LANES, !finite);
  }
  for (int i = 0; i < EACH; i++) {
    for (int half = 0; half < 2; half++) {
      if (odd[i] >> 16 * half & 0xffff) {
        long long t = t0 + threadIdx.x / WARP * 2 * EACH + half * EACH + i;
        long long r = b * size.queries + t;
        __syncwarp();
        attend(heads, scale, t, y + r * size.width, lse + r);
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
  }
NAIVE(f64, double, double)
NAIVE(f32, float, float)
NAIVE(bf16, __nv_bfloat16, float)
NAIVE(f16, __half, float)

#define TILED(H, suffix, T)                                                                       \
  extern "C" __global__ void __launch_bounds__(THREADS, 1) attention_tiled##H##_##suffix(            \
      Walk<4> walk, long long batch, Sizes size, double scale, const T* q, const T* k,            \
      const T* v, const u8* mask, T* y, float* lse) {                                             \
    tiled<T, H>(walk, size, scale, q, k, v, mask, y, lse);                                        \
  }
#define TILES(suffix, T) TILED(64, suffix, T) TILED(128, suffix, T)
TILES(f32, float)
TILES(bf16, __nv_bfloat16)
TILES(f16, __half)
