// y = a·b, whose ladder begins in matmul.cu: the steps by tensor cores.
//
//   mma     bf16 and f16. A block computes 128 × 128, and each of its 4 warps 64 × 64, as
//           4 × 8 tiles of one instruction each: 64 + 64 numbers are read for 64 · 64 multiply-adds.
//           Tiles of a and b, 64 bytes deep, come by copies that go on by themselves, past the
//           registers: four of each in shared memory, of which one is computed with and three are
//           under way. A tile lies as in memory, along k or not, and ldmatrix turns it where it must.
//   tf32    f32 by the same road, rounded to the 11 bits that the tensor cores take: for those who ask.
//   3xtf32  f32 as big + small, both of 11 bits: big·small + small·big + big·big leaves out
//           2⁻²² of a product. The tensor cores cut sums off rather than round them, so theirs go over
//           8 of k only, small ones first, and are added up outside (Ootomo and Yokota, Recovering
//           single precision accuracy from Tensor Cores while surpassing the FP32 theoretical peak
//           performance, 2022).
//
// Each sums up a piece of k, as `split` does. Lines of a and b begin at multiples of 16 bytes.
#include "matmul.cuh"
#include "tensor_tile.cuh"

constexpr int STAGES = 4, STEPS = 2;
constexpr int ROWS = 4;  // tiles of 16 rows that a warp computes; WAY::PAIRS of 2 · 8 columns each

// ---- ways to multiply ----------------------------------------------------------------------------

/** Numbers of 16 bits, as they are. */
template <class T_>
struct Halves {
  typedef T_ T;
  static constexpr int PAIRS = 4, THREADS = 128;
  static constexpr bool SPLITS = false;
  template <int N>
  struct Factor {
    unsigned word[N];
    __device__ __forceinline__ void take(const unsigned* from) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        word[i] = from[i];
      }
    }
  };
  static __device__ __forceinline__ void multiply(float (&c)[4], const Factor<4>& a,
                                                  const Factor<2>& b) {
    mma_halves(c, a.word, b.word, T_());
  }
};

/** Numbers of 32 bits, rounded. */
struct Rounded {
  typedef float T;
  static constexpr int PAIRS = 4, THREADS = 128;
  static constexpr bool SPLITS = false;
  template <int N>
  struct Factor {
    unsigned word[N];
    __device__ __forceinline__ void take(const unsigned* from) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        word[i] = to_tf32(__uint_as_float(from[i]));
      }
    }
  };
  static __device__ __forceinline__ void multiply(float (&c)[4], const Factor<4>& a,
                                                  const Factor<2>& b) {
    mma_tf32(c, a.word, b.word);
  }
};

/** Numbers of 32 bits, each as the sum of two rounded ones. */
struct Split {
  typedef float T;
  static constexpr int PAIRS = 2, THREADS = 256;  // half the sums to a thread, and twice the factors
  static constexpr bool SPLITS = true;
  template <int N>
  struct Factor {
    unsigned big[N], small[N];
    __device__ __forceinline__ void take(const unsigned* from) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        float x = __uint_as_float(from[i]);
        big[i] = to_tf32(x);
        small[i] = to_tf32(x - __uint_as_float(big[i]));  // the difference is exact
      }
    }
  };
  static __device__ __forceinline__ void multiply(float (&c)[4], const Factor<4>& a,
                                                  const Factor<2>& b) {
    float sum[4] = {};
    mma_tf32(sum, a.small, b.big);
    mma_tf32(sum, a.big, b.small);
    mma_tf32(sum, a.big, b.big);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      c[i] += sum[i];
    }
  }
};

/** Σ a·b of n numbers, one by one. */
__device__ __attribute__((noinline)) float plain(const float* a, long long a_step, const float* b,
                                                 long long b_step, long long n) {
  float sum = 0;
  for (long long k = 0; k < n; k++) {
    sum += a[k * a_step] * b[k * b_step];
  }
  return sum;
}

// ---- the product ---------------------------------------------------------------------------------

template <class WAY, bool A_T, bool B_T, class R>
__device__ __forceinline__ void multiply(const Walk<3>& walk, const Sizes& size,
                                         const typename WAY::T* a, const typename WAY::T* b, R* y) {
  typedef typename WAY::T T;
  typedef Tile<T, !A_T, WAY::THREADS> ATile;
  typedef Tile<T, B_T, WAY::THREADS> BTile;
  constexpr int PAIRS = WAY::PAIRS, WIDTH = 16 * PAIRS;
  constexpr int DEPTH = ATile::DEPTH, COUNT = ATile::COUNT;
  const T *first_a = a, *first_b = b;
  T* tiles = dynamic_shared<T>();  // [STAGES, a and b, COUNT]
  Place place = place_of(blockIdx.x, walk, size, SIDE, SIDE);
  int rows = at_most(size.m - place.row, SIDE), columns = at_most(size.n - place.column, SIDE);
  long long k0 = blockIdx.y * size.depth;
  long long depth = size.k - k0 < size.depth ? size.k - k0 : size.depth;
  a += place.at[0] + (A_T ? k0 * size.lead_a + place.row : place.row * size.lead_a + k0);
  b += place.at[1] + (B_T ? place.column * size.lead_b + k0 : k0 * size.lead_b + place.column);

  // Tiles are brought in their order; what is not there makes a group of no copies.
  long long brought = 0;
  int stage = 0;
  auto bring = [&]() {
    if (brought < depth) {
      T* to = tiles + stage * 2 * COUNT;
      int left = at_most(depth - brought, DEPTH);
      ATile::bring(to, a, size.lead_a, rows, left);
      BTile::bring(to + COUNT, b, size.lead_b, columns, left);
      a += A_T ? DEPTH * size.lead_a : DEPTH;
      b += B_T ? DEPTH : DEPTH * size.lead_b;
      brought += DEPTH;
    }
    copy_async_commit();
    stage = (stage + 1) % STAGES;
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; s++) {
    bring();
  }

  int warp = threadIdx.x / WARP, top = warp / (SIDE / WIDTH) * (16 * ROWS);
  int side = warp % (SIDE / WIDTH) * WIDTH;
  float sum[ROWS][2 * PAIRS][4] = {};
  int now = 0;
  for (long long done = 0; done < depth; done += DEPTH) {
    copy_async_wait<STAGES - 2>();
    __syncthreads();
    bring();  // to where all have read in the round before
    const T* a_tile = tiles + now * 2 * COUNT;
    const T* b_tile = a_tile + COUNT;
    now = (now + 1) % STAGES;
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      typename WAY::template Factor<4> x[ROWS];
      unsigned words[4];
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
        ATile::rows(words, a_tile, top + i * 16, step);
        x[i].take(words);
      }
#pragma unroll
      for (int j = 0; j < 2 * PAIRS; j++) {
        typename WAY::template Factor<2> w;
        if (j % 2 == 0) {
          BTile::columns(words, b_tile, side + j * 8, step);
        }
        w.take(words + j % 2 * 2);
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
          WAY::multiply(sum[i][j], x[i], w);
        }
      }
    }
  }

  // Found anew, so that nothing of it takes a register meanwhile.
  place = place_of(hidden(blockIdx.x), walk, size, SIDE, SIDE);
  rows = at_most(size.m - place.row, SIDE);
  columns = at_most(size.n - place.column, SIDE);
  int group = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
  if constexpr (WAY::SPLITS) {
    // An infinity has no small part, and its product with that of a number is none of the sum's; nor
    // is an infinity that rounding made. Such sums are computed anew.
    bool finite = true;
#pragma unroll
    for (int i = 0; i < ROWS * 2 * PAIRS * 4; i++) {
      float x = sum[i / (8 * PAIRS)][i / 4 % (2 * PAIRS)][i % 4];
      finite &= x - x == 0;
    }
    if (!finite) {
      long long a_row = A_T ? 1 : size.lead_a, b_column = B_T ? size.lead_b : 1;
      long long a_step = A_T ? size.lead_a : 1, b_step = B_T ? 1 : size.lead_b;
      const T* a0 = first_a + place.at[0] + place.row * a_row + k0 * a_step;
      const T* b0 = first_b + place.at[1] + place.column * b_column + k0 * b_step;
#pragma unroll
      for (int i = 0; i < ROWS * 2 * PAIRS * 4; i++) {
        float& x = sum[i / (8 * PAIRS)][i / 4 % (2 * PAIRS)][i % 4];
        int row = top + i / (8 * PAIRS) * 16 + i % 4 / 2 * 8 + group;
        int column = side + i / 4 % (2 * PAIRS) * 8 + 2 * t + i % 2;
        if (x - x != 0 && row < rows && column < columns) {
          x = plain(a0 + row * a_row, a_step, b0 + column * b_column, b_step, depth);
        }
      }
    }
  }
  R* corner = y + place.at[2] + blockIdx.y * size.piece + place.row * size.lead_y + place.column;
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int row = top + i * 16 + half * 8 + group;
#pragma unroll
      for (int j = 0; j < 2 * PAIRS; j++) {
        int column = side + j * 8 + 2 * t;
        if (row < rows) {
          put<float, R, 2>(corner + row * size.lead_y + column, &sum[i][j][2 * half],
                           columns - column, size.wide & 4, size.add);
        }
      }
    }
  }
}

// ---- entries -----------------------------------------------------------------------------------

// How a and b lie: n in rows, t transposed.
#define ENTRY(name, suffix, WAY, R, layout, A_T, B_T)                                            \
  extern "C" __global__ void __launch_bounds__(WAY::THREADS)                                   \
      matmul_##name##_##layout##_##suffix(Walk<3> walk, long long batch, Sizes size,             \
                                          const WAY::T* a, const WAY::T* b, R* y) {              \
    multiply<WAY, A_T, B_T, R>(walk, size, a, b, y);                                             \
  }
#define ENTRIES(name, suffix, WAY, R)           \
  ENTRY(name, suffix, WAY, R, nn, false, false) \
  ENTRY(name, suffix, WAY, R, nt, false, true)  \
  ENTRY(name, suffix, WAY, R, tn, true, false)  \
  ENTRY(name, suffix, WAY, R, tt, true, true)
ENTRIES(mma, bf16, Halves<bf16>, bf16)
ENTRIES(mma, f16, Halves<f16>, f16)
ENTRIES(mma_pieces, bf16, Halves<bf16>, float)
ENTRIES(mma_pieces, f16, Halves<f16>, float)
// Pieces of F32 sums are written by these themselves.
ENTRIES(tf32, f32, Rounded, float)
ENTRIES(3xtf32, f32, Split, float)
