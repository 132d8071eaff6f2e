// Attention of bf16 and f16, whose ladder begins in attention.cu, by tensor cores.
//
//   mma  A block takes 128 queries, 32 to each of 4 warps, and 64 keys at a time, or 32 where D or E
//        is over 64. A warp holds its scores and results in registers; the weights of a tile become a
//        factor of the next product where they are, rounded to the operands' 16 bits. While scores are
//        computed the values are on their way into shared memory, and while results are, the next
//        keys: copies that go on by themselves (Dao, FlashAttention-2, 2023, section 3). D and E up
//        to 64, or 128.
//
// Rows of q, k and v begin at multiples of 16 bytes. Weights are computed as powers of 2.
#include "attention_tensor.cuh"

constexpr int M = 2;  // tiles of 16 queries to a warp
constexpr int QUERIES = THREADS / WARP * M * 16;

/** The largest, or the sum, over the 4 lanes that share rows. */
__device__ __forceinline__ float most_of_4(float x) {
  x = larger(x, __shfl_xor_sync(ALL_LANES, x, 1));
  return larger(x, __shfl_xor_sync(ALL_LANES, x, 2));
}
__device__ __forceinline__ float sum_of_4(float x) {
  x += __shfl_xor_sync(ALL_LANES, x, 1);
  return x + __shfl_xor_sync(ALL_LANES, x, 2);
}

/** 2 to the power x − most, as `weight`. */
__device__ __forceinline__ float power(float x, float most) {
  return most == -infinity_of<float>() ? 0 : exp2f(x - most);
}

/** What is known so far of the queries that a lane has a part of: rows `group` and `group` + 8. */
struct Known {
  float most[2] = {-infinity_of<float>(), -infinity_of<float>()};
  float total[2] = {};  // over the lane's own keys

  /** Turns scores into weights, whatever the largest was before; gives what that changes. */
  template <int COLUMNS, class T>
  __device__ __forceinline__ void weigh(float (&x)[COLUMNS][4], float scale, bool whole,
                                        const Heads<T>& heads, long long t0, long long s0,
                                        float (&shrink)[2]) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float here = -infinity_of<float>();
      unsigned seen = 0;  // a bit for each of the lane's keys
#pragma unroll
      for (int i = 0; i < 2 * COLUMNS; i++) {
        float& score = x[i / 2][2 * half + i % 2];
        score *= scale;
        if (whole || heads.sees(t0 + 8 * half, s0 + i / 2 * 8 + i % 2)) {
          here = larger(here, score);
          seen |= 1u << i;
        }
      }
      float next = larger(most[half], most_of_4(here));
      float added = 0;
#pragma unroll
      for (int i = 0; i < 2 * COLUMNS; i++) {
        float& score = x[i / 2][2 * half + i % 2];
        score = seen >> i & 1 ? power(score, next) : 0;
        added += score;
      }
      shrink[half] = power(most[half], next);
      total[half] = total[half] * shrink[half] + added;
      most[half] = next;
    }
  }
};

template <class T, int H>
__device__ __forceinline__ void by_tensor_cores(const Walk<4>& walk, const Sizes& size, double scale,
                                                const T* q, const T* k, const T* v, const u8* mask,
                                                T* y, float* lse) {
  typedef Rows<T, H> Tile;
  constexpr int KEYS = Tile::OTHERS;
  T* q_tile = dynamic_shared<T>();      // [QUERIES, H]
  T* k_tile = q_tile + QUERIES * H;     // [KEYS, H]
  T* v_tile = k_tile + KEYS * H;        // [KEYS, H]
  long long tiles = (size.queries + QUERIES - 1) / QUERIES;
  long long b = blockIdx.x / tiles, t0 = blockIdx.x % tiles * QUERIES;
  Heads<T> heads(walk, b, size, q, k, v, mask);
  float by = (float)(scale * 1.4426950408889634);  // log2(e)
  int row = threadIdx.x / WARP * 16 * M, group = lane() / 4, pair = lane() % 4 * 2;
  auto keys = [&](long long s) {
    Tile::bring(k_tile, KEYS, heads.k + s * size.k_row, size.k_row, size.keys - s, size.head);
    copy_async_commit();
  };
  long long end = size.causal && t0 + QUERIES < size.keys ? t0 + QUERIES : size.keys;
  Tile::bring(q_tile, QUERIES, heads.q + t0 * size.q_row, size.q_row, size.queries - t0, size.head);
  keys(0);

  Known known[M];
  float sum[M][H / 8][4] = {};
  for (long long s0 = 0; s0 < end; s0 += KEYS) {
    copy_async_wait<0>();
    __syncthreads();
    Tile::bring(v_tile, KEYS, heads.v + s0 * size.v_row, size.v_row, size.keys - s0, size.width);
    copy_async_commit();
    typename Tile::Scores score[M] = {};
    Tile::add_scores(score, q_tile, row, k_tile, (int)size.head);
    copy_async_wait<0>();
    __syncthreads();
    keys(s0 + KEYS);
    bool whole = heads.sees_all(t0, s0, QUERIES, KEYS);
    typename Tile::Factors weights[M];
#pragma unroll
    for (int m = 0; m < M; m++) {
      float shrink[2];
      known[m].weigh(score[m], by, whole, heads, t0 + row + m * 16 + group, s0 + pair, shrink);
#pragma unroll
      for (int j = 0; j < H / 8; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          sum[m][j][e] *= shrink[e / 2];
        }
      }
      Tile::narrow(weights[m], score[m]);
    }
    Tile::add_rows(sum, weights, v_tile, (int)size.width);
  }
  copy_async_wait<0>();

  // Found anew, so that they take no registers meanwhile.
  unsigned block = hidden(blockIdx.x);
  b = block / tiles, t0 = block % tiles * QUERIES;
  row = hidden(threadIdx.x) / WARP * 16 * M;
  unsigned odd[2 * M];  // lanes with a result that is not finite
#pragma unroll
  for (int i = 0; i < 2 * M; i++) {
    int m = i / 2, half = i % 2;
    long long t = t0 + row + i * 8 + group, r = b * size.queries + t;
    float total = sum_of_4(known[m].total[half]);  // 0 if nothing is seen
    float log = known[m].most[half] * 0.69314718056f + logf(total);
    bool finite = true;
    if (t < size.queries) {
      finite = Tile::write(y + r * size.width, sum[m], half, 1 / total, (int)size.width) &&
               is_finite(log);
      if (pair == 0) {
        lse[r] = log;
      }
    }
    odd[i] = __ballot_sync(ALL_LANES, !finite);
  }
  for (int i = 0; i < 2 * M; i++) {
    for (int g = 0; g < 8; g++) {
      if (odd[i] >> g * 4 & 15) {
        long long t = t0 + row + i * 8 + g, r = b * size.queries + t;
        __syncwarp();
        attend(heads, (float)scale, t, y + r * size.width, lse + r);
      }
    }
  }
}

// ---- entries -----------------------------------------------------------------------------------

#define MMA(H, suffix, T)                                                                         \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) attention_mma##H##_##suffix(              \
      Walk<4> walk, long long batch, Sizes size, double scale, const T* q, const T* k,            \
      const T* v, const u8* mask, T* y, float* lse) {                                             \
    by_tensor_cores<T, H>(walk, size, scale, q, k, v, mask, y, lse);                              \
  }
MMA(64, bf16, bf16)
MMA(128, bf16, bf16)
MMA(64, f16, f16)
MMA(128, f16, f16)
