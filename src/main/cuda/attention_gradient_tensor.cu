// The gradient of attention for bf16 and f16, whose ladder begins in attention_gradient.cu, by tensor
// cores.
//
//   mma  As `tiled`: a block has 64 rows of its own, 16 to each of 4 warps, and meets 64 others at a
//        time, or 32 where D or E is over 64. Of these there are two tiles of each in shared memory,
//        one computed with and one on its way. A warp's weights and gradients of scores stay in
//        registers and become factors of the next products where they are, rounded to 16 bits (Dao,
//        FlashAttention-2, 2023).
//
// Rows of q, k, v and dy begin at multiples of 16 bytes.
#include "attention_gradient.cuh"
#include "attention_tensor.cuh"

/** dk and dv into d1 and d2, if the block's own rows are keys; if queries, dq into d1. */
template <class T, int H, bool OF_KEYS>
__device__ __forceinline__ void by_tensor_cores(const Walk<4>& walk, const Sizes& size, double scale,
                                                const T* q, const T* k, const T* v, const u8* mask,
                                                const float* lse, const float* delta, const T* dy,
                                                T* d1, T* d2) {
  typedef Rows<T, H> Tile;
  constexpr int OTHERS = Tile::OTHERS, OWN = TILE * H, COUNT = OTHERS * H;
  T* own1 = dynamic_shared<T>();    // k or q
  T* own2 = own1 + OWN;           // v or dy
  T* others = own2 + OWN;         // [2, q or k, dy or v, COUNT]
  float* logs = (float*)(others + 4 * COUNT);  // of queries that are others: [2, lse and delta, OTHERS]
  long long own_rows = OF_KEYS ? size.keys : size.queries;
  long long other_rows = OF_KEYS ? size.queries : size.keys;
  long long tiles = (own_rows + TILE - 1) / TILE;
  long long b = blockIdx.x / tiles, mine = blockIdx.x % tiles * TILE;
  Incoming<T> in = incoming(walk, b, size, scale, q, k, v, mask, lse, delta, dy);
  const Heads<T>& heads = in.heads;
  int row = threadIdx.x / WARP * 16, group = lane() / 4, pair = lane() % 4 * 2;

  auto keys = [&](long long at, int count, T* tile1, T* tile2) {
    long long left = size.keys - at;
    Tile::bring(tile1, count, heads.k + at * size.k_row, size.k_row, left, size.head);
    Tile::bring(tile2, count, heads.v + at * size.v_row, size.v_row, left, size.width);
  };
  auto queries = [&](long long at, int count, T* tile1, T* tile2) {
    long long left = size.queries - at;
    Tile::bring(tile1, count, heads.q + at * size.q_row, size.q_row, left, size.head);
    Tile::bring(tile2, count, in.dy + at * size.dy_row, size.dy_row, left, size.width);
  };
  // Of a causal one the keys see the queries from their own on, and queries are seen up to theirs.
  long long begin = OF_KEYS && size.causal ? mine : 0;
  long long end = !OF_KEYS && size.causal && mine + TILE < other_rows ? mine + TILE : other_rows;
  auto bring = [&](long long theirs, int stage) {
    if (theirs < end) {
      T* tile1 = others + stage * 2 * COUNT;
      OF_KEYS ? queries(theirs, OTHERS, tile1, tile1 + COUNT)
              : keys(theirs, OTHERS, tile1, tile1 + COUNT);
      if (OF_KEYS && threadIdx.x < 2 * OTHERS) {
        const float* from = threadIdx.x < OTHERS ? in.lse : in.delta;
        long long t = theirs + threadIdx.x % OTHERS;
        copy_async<4>(logs + stage * 2 * OTHERS + threadIdx.x, from + t, t < size.queries ? 4 : 0);
      }
    }
    copy_async_commit();
  };
  OF_KEYS ? keys(mine, TILE, own1, own2) : queries(mine, TILE, own1, own2);
  bring(begin, 0);

  float log[2], less[2];  // of the lane's queries, if they are the block's own
#pragma unroll
  for (int half = 0; half < 2; half++) {
    long long t = mine + row + half * 8 + group;
    bool has = !OF_KEYS && t < size.queries;
    log[half] = has ? in.lse[t] : 0;
    less[half] = has ? in.delta[t] : 0;
  }
  float sum1[1][H / 8][4] = {}, sum2[1][OF_KEYS ? H / 8 : 1][4] = {};
  int stage = 0;
  for (long long theirs = begin; theirs < end; theirs += OTHERS, stage ^= 1) {
    bring(theirs + OTHERS, stage ^ 1);
    copy_async_wait<1>();
    __syncthreads();
    const T* other1 = others + stage * 2 * COUNT;
    const T* other2 = other1 + COUNT;
    const float* their_logs = logs + stage * 2 * OTHERS;
    typename Tile::Scores p[1] = {}, ds[1] = {};
    Tile::add_scores(p, own1, row, other1, (int)size.head);
    Tile::add_scores(ds, own2, row, other2, (int)size.width);
    bool whole = OF_KEYS ? heads.sees_all(theirs, mine, OTHERS, TILE)
                         : heads.sees_all(mine, theirs, TILE, OTHERS);
#pragma unroll
    for (int j = 0; j < Tile::COLUMNS; j++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int column = j * 8 + pair + e % 2;
        long long own = mine + row + e / 2 * 8 + group, other = theirs + column;
        bool sees = whole || (OF_KEYS ? heads.sees(other, own) : heads.sees(own, other));
        float l = OF_KEYS ? their_logs[column] : log[e / 2];
        float d = OF_KEYS ? their_logs[OTHERS + column] : less[e / 2];
        float weight = sees ? expf(in.scale * p[0][j][e] - l) : 0;
        p[0][j][e] = weight;
        ds[0][j][e] = sees ? weight * (ds[0][j][e] - d) * in.scale : 0;
      }
    }
    typename Tile::Factors weights[1];
    if constexpr (OF_KEYS) {
      Tile::narrow(weights[0], p[0]);
      Tile::add_rows(sum2, weights, other2, (int)size.width);
    }
    Tile::narrow(weights[0], ds[0]);
    Tile::add_rows(sum1, weights, other1, (int)size.head);
    __syncthreads();  // before the next but one is brought here
  }
  copy_async_wait<0>();

#pragma unroll
  for (int half = 0; half < 2; half++) {
    long long own = mine + row + half * 8 + group, r = b * own_rows + own;
    bool finite = true;
    if (own < own_rows) {
      finite = Tile::write(d1 + r * size.head, sum1[0], half, 1, (int)size.head);
      if constexpr (OF_KEYS) {
        finite &= Tile::write(d2 + r * size.width, sum2[0], half, 1, (int)size.width);
      }
    }
    unsigned odd = __ballot_sync(ALL_LANES, !finite);
    for (int g = 0; g < 8; g++) {
      if (odd >> g * 4 & 15) {
        own = mine + row + half * 8 + g;
        r = b * own_rows + own;
        __syncwarp();
        OF_KEYS ? in.of_key(own, d1 + r * size.head, d2 + r * size.width)
                : in.of_query(own, d1 + r * size.head);
      }
    }
  }
}

// ---- entries -----------------------------------------------------------------------------------

#define IN(T)                                                                                    \
  Walk<4> walk, long long batch, Sizes size, double scale, const T *q, const T *k, const T *v,   \
      const u8 *mask, const float *lse, const float *delta, const T *dy
#define MMA(H, suffix, T)                                                                        \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) attention_dq_mma##H##_##suffix(          \
      IN(T), T* dq) {                                                                            \
    by_tensor_cores<T, H, false>(walk, size, scale, q, k, v, mask, lse, delta, dy, dq, nullptr); \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) attention_dkv_mma##H##_##suffix(         \
      IN(T), T* dk, T* dv) {                                                                     \
    by_tensor_cores<T, H, true>(walk, size, scale, q, k, v, mask, lse, delta, dy, dk, dv);       \
  }
MMA(64, bf16, bf16)
MMA(128, bf16, bf16)
MMA(64, f16, f16)
MMA(128, f16, f16)
