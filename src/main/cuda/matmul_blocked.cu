// y = a·b, whose ladder begins in matmul.cu: the steps that hold many results in a thread's registers.
//
//   blocked    a thread computes 8 × 8 elements (4 × 4 doubles), held in registers. From shared memory
//              it reads 8 + 8 numbers for 64 multiply-adds, where `tiled` reads 2 for one. Memory is
//              read 16 bytes at a time, along whichever axis lies in order, and a tile travels, through
//              registers, while the one before is computed with: there are two of each in shared memory.
//   warptiled  the same, but a warp's elements lie together, 64 × 32, and a thread's are four quads of
//              4 × 4, so that the 8 or 4 quads that a warp reads at once lie one behind the other: no
//              two in the same bank.
//   split      warptiled, with the sums over k cut in pieces where m × n alone has too few tiles to
//              keep all multiprocessors busy; `fold` adds the pieces in their order, so that the same
//              product has the same bits each time.
//
// F32 and F64. The quads are CUTLASS's. Sums are in the order of k.
#include "matmul.cuh"

/**
 * Part of a tile on its way from memory to shared memory: what one of THREADS threads carries of
 * ROWS × DEPTH numbers. They lie in order along k, or else along the rows.
 */
template <class T, int ROWS, int DEPTH, int THREADS, bool ALONG_K>
struct Carried {
  static constexpr int SIZE = Pack<T>::SIZE;
  static constexpr int PACKS = ROWS * DEPTH / SIZE;
  static constexpr int EACH = (PACKS + THREADS - 1) / THREADS;
  static constexpr int LINE = (ALONG_K ? DEPTH : ROWS) / SIZE;  // packs that lie in order
  static constexpr int APART = THREADS / LINE;                  // lines from a pack to the next
  static_assert(THREADS % LINE == 0, "a thread's packs must lie one above the other");
  const T* from;  // this thread's first number of the next tile
  Pack<T> pack[EACH];

  /** Where in its line, and in which line, the first pack of this thread is. */
  static __device__ __forceinline__ int place() { return threadIdx.x % LINE * SIZE; }
  static __device__ __forceinline__ int line() { return threadIdx.x / LINE; }
  static __device__ __forceinline__ bool has(int i) {
    return PACKS % THREADS == 0 || threadIdx.x + i * THREADS < PACKS;
  }

  /** Begins at the tile whose first number is at x. */
  __device__ __forceinline__ void begin(const T* x, long long lead) {
    from = x + line() * lead + place();
  }

  /** Takes a tile, and turns to the next along k; beyond `rows` and `depth` there are zeros. */
  __device__ __forceinline__ void load(long long lead, int rows, int depth, bool wide) {
    int left = (ALONG_K ? depth : rows) - place();
    int lines = ALONG_K ? rows : depth;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      if (has(i)) {
        const T* at = from + i * APART * lead;
        bool inside = line() + i * APART < lines;
        if (wide && inside && left >= SIZE) {
          pack[i] = *(const Pack<T>*)at;
        } else {
#pragma unroll
          for (int e = 0; e < SIZE; e++) {
            pack[i].element[e] = inside && e < left ? at[e] : T(0);
          }
        }
      }
    }
    from += ALONG_K ? DEPTH : DEPTH * lead;
  }

  /** Puts it into `tile` [DEPTH, ROWS]. */
  template <int WIDTH>
  __device__ __forceinline__ void store(T (*tile)[WIDTH]) const {
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      if (has(i)) {
        int across = line() + i * APART;
        if (ALONG_K) {
#pragma unroll
          for (int e = 0; e < SIZE; e++) {
            tile[place() + e][across] = pack[i].element[e];
          }
        } else {
          *(Pack<T>*)&tile[across][place()] = pack[i];
        }
      }
    }
  }
};

/** Which elements of a block's M × N a thread computes: E × E, in quads of Q × Q. */
template <class C, int DEPTH_>
struct Blocked {
  static constexpr int Q = 16 / sizeof(C), E = 2 * Q, THREADS = 256;
  static constexpr int M = 16 * E, N = 16 * E, DEPTH = DEPTH_;
  static __device__ __forceinline__ int row(unsigned thread, int quad) {
    return thread / 16 * E + quad * Q;
  }
  static __device__ __forceinline__ int column(unsigned thread, int quad) {
    return thread % 16 * E + quad * Q;
  }
};

/**
 * As above, with 8 × 4 lanes to a warp and 2 × 4 warps to a block. The lanes are numbered so that of
 * each half of a warp two neighbours, or two next but one, read the same quad: reads of 16 bytes are
 * then served for half a warp at once (S. Gray, maxas: SGEMM, 2014).
 */
template <class C, int DEPTH_>
struct Warptiled {
  static constexpr int Q = 16 / sizeof(C), E = 2 * Q, THREADS = 256;
  static constexpr int M = 16 * E, N = 16 * E, DEPTH = DEPTH_;
  static __device__ __forceinline__ int row(unsigned thread, int quad) {
    return thread / 128 * (8 * E) + quad * (8 * Q) + thread / 2 % 8 * Q;
  }
  static __device__ __forceinline__ int column(unsigned thread, int quad) {
    int lane_column = thread % 2 + thread / 16 % 2 * 2;
    return thread / 32 % 4 * (4 * E) + quad * (4 * Q) + lane_column * Q;
  }
};

template <class T, template <class, int> class MAP, int DEPTH_, bool A_T, bool B_T>
__device__ __forceinline__ void blocks(const Walk<3>& walk, long long batch, const Sizes& size,
                                       const T* a, const T* b, T* y) {
  typedef MAP<T, DEPTH_> Map;
  constexpr int M = Map::M, N = Map::N, DEPTH = Map::DEPTH, Q = Map::Q, E = Map::E;
  // Rows are longer than needed, so that numbers stored along k fall into different banks.
  __shared__ alignas(16) T a_tile[2][DEPTH][M + Q];
  __shared__ alignas(16) T b_tile[2][DEPTH][N + Q];
  Place place = place_of(blockIdx.x, walk, size, M, N);
  long long row0 = place.row, column0 = place.column, k0 = blockIdx.y * size.depth;
  int rows = at_most(size.m - row0, M), columns = at_most(size.n - column0, N);

  Carried<T, M, DEPTH, Map::THREADS, !A_T> a_next;
  Carried<T, N, DEPTH, Map::THREADS, B_T> b_next;
  a_next.begin(a + place.at[0] + (A_T ? k0 * size.lead_a + row0 : row0 * size.lead_a + k0), size.lead_a);
  b_next.begin(b + place.at[1] + (B_T ? column0 * size.lead_b + k0 : k0 * size.lead_b + column0),
               size.lead_b);
  T sum[E][E] = {};
  int now = 0;
  // The first round only fetches, the last only computes.
  int left = (int)(size.k - k0 < size.depth ? size.k - k0 : size.depth);
  for (bool begun = false; begun || left > 0; left -= DEPTH) {
    if (left > 0) {
      a_next.load(size.lead_a, rows, at_most(left, DEPTH), size.wide & 1);
      b_next.load(size.lead_b, columns, at_most(left, DEPTH), size.wide & 2);
    }
    if (begun) {
#pragma unroll
      for (int p = 0; p < DEPTH; p++) {
        Few<T, Q> x[2], w[2];
#pragma unroll
        for (int q = 0; q < 2; q++) {
          x[q] = *(const Few<T, Q>*)&a_tile[now][p][Map::row(threadIdx.x, q)];
          w[q] = *(const Few<T, Q>*)&b_tile[now][p][Map::column(threadIdx.x, q)];
        }
#pragma unroll
        for (int i = 0; i < E; i++) {
#pragma unroll
          for (int j = 0; j < E; j++) {
            sum[i][j] += x[i / Q].element[i % Q] * w[j / Q].element[j % Q];
          }
        }
      }
      now ^= 1;
    }
    begun = left > 0;
    if (begun) {
      // These were read a round ago, and there was a barrier since.
      a_next.store(a_tile[now]);
      b_next.store(b_tile[now]);
    }
    __syncthreads();
  }

  // Found anew, so that nothing of it takes a register meanwhile.
  place = place_of(hidden(blockIdx.x), walk, size, M, N);
  unsigned thread = hidden(threadIdx.x);
  rows = at_most(size.m - place.row, M);
  columns = at_most(size.n - place.column, N);
  T* corner =
      y + place.at[2] + blockIdx.y * size.piece + place.row * size.lead_y + place.column;
#pragma unroll
  for (int i = 0; i < E; i++) {
    int row = Map::row(thread, i / Q) + i % Q;
#pragma unroll
    for (int q = 0; q < 2; q++) {
      if (row < rows) {
        put<T, T, Q>(corner + row * size.lead_y + Map::column(thread, q), &sum[i][q * Q],
                     columns - Map::column(thread, q), size.wide & 4, size.add);
      }
    }
  }
}

/** Adds up the pieces of the sums: partial [batch, pieces, m, n]. */
template <class C, class R>
__device__ void fold(const Walk<1>& walk, long long batch, const Sizes& size, int pieces,
                     const C* partial, R* y) {
  long long plane = size.m * size.n;
  for (long long i = first(); i < batch * plane; i += step()) {
    long long at[1];
    walk.find(i / plane, at);
    const C* from = partial + i / plane * pieces * plane + i % plane;
    R* to = y + at[0] + i % plane / size.n * size.lead_y + i % size.n;
    C sum = size.add ? C(widen(*to)) : C(0);
    for (int p = 0; p < pieces; p++) {
      sum += from[p * plane];
    }
    *to = Narrow<R>::of(sum);
  }
}

// ---- entries -----------------------------------------------------------------------------------

// How a and b lie: n in rows, t transposed.
#define BLOCKS(name, suffix, T, MAP, layout, A_T, B_T)                                           \
  extern "C" __global__ void __launch_bounds__(256, 2) matmul_##name##_##layout##_##suffix(      \
      Walk<3> walk, long long batch, Sizes size, const T* a, const T* b, T* y) {                 \
    blocks<T, MAP, 8, A_T, B_T>(walk, batch, size, a, b, y);                                     \
  }
#define LAYOUTS(name, suffix, T, MAP)            \
  BLOCKS(name, suffix, T, MAP, nn, false, false) \
  BLOCKS(name, suffix, T, MAP, nt, false, true)  \
  BLOCKS(name, suffix, T, MAP, tn, true, false)  \
  BLOCKS(name, suffix, T, MAP, tt, true, true)
#define FOLD(suffix, C, R)                                                                       \
  extern "C" __global__ void matmul_fold_##suffix(Walk<1> walk, long long batch, Sizes size,     \
                                                  int pieces, const C* partial, R* y) {          \
    fold<C, R>(walk, batch, size, pieces, partial, y);                                           \
  }
LAYOUTS(blocked, f64, double, Blocked)
LAYOUTS(blocked, f32, float, Blocked)
LAYOUTS(warptiled, f64, double, Warptiled)
LAYOUTS(warptiled, f32, float, Warptiled)
FOLD(f64, double, double)
FOLD(f32, float, float)
FOLD(bf16, float, __nv_bfloat16)
FOLD(f16, float, __half)
