// y = a·b for a batch of matrices: a [m, k], b [k, n], y [m, n]. Every number of a is needed n times,
// every number of b m times; each step of this ladder fetches it fewer times from farther away.
//
//   naive      a thread computes an element and reads 2k numbers from memory for it. Neighbours in a
//              warp compute neighbours in a row, so that b is read, and y written, 128 bytes at once.
//   tiled      a block computes 32 × 32 elements. It fetches tiles of a and b into shared memory, where
//              each number is used 32 times: 32 times less comes from memory.
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
//   mma        bf16 and f16 by the tensor cores: a warp multiplies tiles of 16 × 16 and 16 × 8 by one
//              instruction, whose lanes read both factors from shared memory along k, two to a word.
//
// The first four are those of S. Boehm, How to Optimize a CUDA Matmul Kernel (2022); the quads are
// CUTLASS's. Sums are held in Wide<T>, in the order of k.
//
// Blocks take tiles along x, 8 rows of tiles at a time, so that what runs together shares what it
// reads in the cache; and pieces of k along y.
#include "number.cuh"
#include "tensorcore.cuh"
#include "walk.cuh"

/** A matrix in memory, of any strides. */
struct Strides {
  long long row, column;
};

/** The sizes of a product, and how many elements lie between rows in memory. */
struct Sizes {
  long long m, n, k;
  long long lead_a, lead_b, lead_y;
  long long depth;  // how much of k a block sums up
  long long piece;  // elements from one piece of the sums to the next
  long long wide;   // bits: a, b and y can be accessed 16 bytes at a time
  long long add;    // whether y is added to
};

// ---- naive -------------------------------------------------------------------------------------

template <class T>
__device__ void naive(const Walk<3>& walk, long long batch, long long m, long long n, long long k,
                      Strides sa, Strides sb, const T* a, const T* b, T* y) {
  typedef typename Wide<T>::type C;
  long long count = batch * m * n;
  for (long long i = first(); i < count; i += step()) {
    long long column = i % n, row = i / n % m;
    long long at[3];
    walk.find(i / n / m, at);
    const T* x = a + at[0] + row * sa.row;        // [k]
    const T* w = b + at[1] + column * sb.column;  // [k]
    C sum = 0;
    for (long long p = 0; p < k; p++) {
      sum += widen(x[p * sa.column]) * widen(w[p * sb.row]);
    }
    y[at[2] + row * n + column] = Narrow<T>::of(sum);
  }
}

// ---- tiled -------------------------------------------------------------------------------------

constexpr int TILE = 32;

template <class T>
__device__ void tiled(const Walk<3>& walk, long long batch, long long m, long long n, long long k,
                      Strides sa, Strides sb, const T* a, const T* b, T* y) {
  typedef typename Wide<T>::type C;
  // A row more than needed shifts the banks, so that columns are read as quickly as rows.
  __shared__ C a_tile[TILE][TILE + 1];  // [row, k]
  __shared__ C b_tile[TILE][TILE + 1];  // [k, column]
  int tx = threadIdx.x, ty = threadIdx.y;
  long long tiles_m = (m + TILE - 1) / TILE, tiles_n = (n + TILE - 1) / TILE;
  long long row0 = blockIdx.x / tiles_n % tiles_m * TILE, column0 = blockIdx.x % tiles_n * TILE;
  long long at[3];
  walk.find(blockIdx.x / tiles_n / tiles_m, at);
  // Lanes go along the axis that lies in order.
  bool a_in_rows = sa.column == 1, b_in_rows = sb.column == 1;
  int ar = a_in_rows ? ty : tx, ak = a_in_rows ? tx : ty;
  int bk = b_in_rows ? ty : tx, bc = b_in_rows ? tx : ty;
  C sum = 0;
  for (long long k0 = 0; k0 < k; k0 += TILE) {
    bool a_inside = row0 + ar < m && k0 + ak < k;
    bool b_inside = k0 + bk < k && column0 + bc < n;
    a_tile[ar][ak] =
        a_inside ? widen(a[at[0] + (row0 + ar) * sa.row + (k0 + ak) * sa.column]) : C(0);
    b_tile[bk][bc] =
        b_inside ? widen(b[at[1] + (k0 + bk) * sb.row + (column0 + bc) * sb.column]) : C(0);
    __syncthreads();
#pragma unroll
    for (int p = 0; p < TILE; p++) {
      sum += a_tile[ty][p] * b_tile[p][tx];
    }
    __syncthreads();
  }
  if (row0 + ty < m && column0 + tx < n) {
    y[at[2] + (row0 + ty) * n + column0 + tx] = Narrow<T>::of(sum);
  }
}

// ---- blocked and warptiled -----------------------------------------------------------------------

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
            pack[i].element[e] = inside && e < left ? at[e] : Narrow<T>::of(0.0f);
          }
        }
      }
    }
    from += ALONG_K ? DEPTH : DEPTH * lead;
  }

  /** Puts it into `tile` [DEPTH, ROWS]. */
  template <class C, int WIDTH>
  __device__ __forceinline__ void store(C (*tile)[WIDTH]) const {
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      if (has(i)) {
        int across = line() + i * APART;
#pragma unroll
        for (int e = 0; e < SIZE; e++) {
          (ALONG_K ? tile[place() + e][across] : tile[across][place() + e]) =
              widen(pack[i].element[e]);
        }
      }
    }
  }
};

/** As Carried::store, into a tile [ROWS, WIDTH], where numbers lie along k as they are. */
template <class T, int ROWS, int DEPTH, int THREADS, bool ALONG_K, int WIDTH>
__device__ __forceinline__ void store_lines(
    const Carried<T, ROWS, DEPTH, THREADS, ALONG_K>& carried, T (*tile)[WIDTH]) {
  typedef Carried<T, ROWS, DEPTH, THREADS, ALONG_K> From;
#pragma unroll
  for (int i = 0; i < From::EACH; i++) {
    int across = From::line() + i * From::APART;
    if (ALONG_K) {
      *(Pack<T>*)&tile[across][From::place()] = carried.pack[i];
    } else {
#pragma unroll
      for (int e = 0; e < From::SIZE; e++) {
        tile[From::place() + e][across] = carried.pack[i].element[e];
      }
    }
  }
}

/** Which elements of a block's M × N a thread computes: E × E, in quads of Q × Q. */
template <class C, int DEPTH_>
struct Blocked {
  static constexpr int Q = 16 / sizeof(C), E = 2 * Q, THREADS = 256;
  static constexpr int M = 16 * E, N = 16 * E, DEPTH = DEPTH_;
  static __device__ __forceinline__ int row(int quad) { return threadIdx.x / 16 * E + quad * Q; }
  static __device__ __forceinline__ int column(int quad) { return threadIdx.x % 16 * E + quad * Q; }
};

/** As above, with 8 × 4 lanes to a warp and 2 × 4 warps to a block. */
template <class C, int DEPTH_>
struct Warptiled {
  static constexpr int Q = 16 / sizeof(C), E = 2 * Q, THREADS = 256;
  static constexpr int M = 16 * E, N = 16 * E, DEPTH = DEPTH_;
  static __device__ __forceinline__ int row(int quad) {
    return threadIdx.x / 128 * (8 * E) + quad * (8 * Q) + threadIdx.x % 32 / 4 * Q;
  }
  static __device__ __forceinline__ int column(int quad) {
    return threadIdx.x / 32 % 4 * (4 * E) + quad * (4 * Q) + threadIdx.x % 4 * Q;
  }
};

/** Where a block's tile begins, and where the matrices lie. */
struct Place {
  long long row, column, at[3];
};

/** Tiles are done from left to right, 8 rows of them at a time, then the next 8. */
__device__ __forceinline__ Place place_of(unsigned block, const Walk<3>& walk, const Sizes& size,
                                          int tile_rows, int tile_columns) {
  constexpr unsigned TOGETHER = 8;
  unsigned rows = (size.m + tile_rows - 1) / tile_rows;
  unsigned columns = (size.n + tile_columns - 1) / tile_columns;
  Place place;
  walk.find(block / (rows * columns), place.at);
  unsigned tile = block % (rows * columns);
  unsigned group = tile / (TOGETHER * columns);
  unsigned in_group = tile % (TOGETHER * columns);
  unsigned height = rows - group * TOGETHER < TOGETHER ? rows - group * TOGETHER : TOGETHER;
  place.row = (long long)(group * TOGETHER + in_group % height) * tile_rows;
  place.column = (long long)(in_group / height) * tile_columns;
  return place;
}

/** x, of which the compiler cannot know that it is x. */
__device__ __forceinline__ unsigned hidden(unsigned x) {
  asm volatile("" : "+r"(x));
  return x;
}

__device__ __forceinline__ int at_most(long long x, int most) { return x < most ? (int)x : most; }

/** Writes a quad, of which `left` numbers are inside, or adds it to what is there. */
template <class C, class R, int Q>
__device__ __forceinline__ void put(R* to, const C* sum, int left, bool wide, bool add) {
  if (wide && left >= Q) {
    Few<R, Q> out;
    if (add) {
      out = *(const Few<R, Q>*)to;
    }
#pragma unroll
    for (int e = 0; e < Q; e++) {
      out.element[e] = Narrow<R>::of(add ? widen(out.element[e]) + sum[e] : sum[e]);
    }
    *(Few<R, Q>*)to = out;
  } else {
#pragma unroll
    for (int e = 0; e < Q; e++) {
      if (e < left) {
        to[e] = Narrow<R>::of(add ? widen(to[e]) + sum[e] : sum[e]);
      }
    }
  }
}

template <class T, class R, template <class, int> class MAP, int DEPTH_, bool A_T, bool B_T>
__device__ __forceinline__ void blocks(const Walk<3>& walk, long long batch, const Sizes& size,
                                       const T* a, const T* b, R* y) {
  typedef typename Wide<T>::type C;
  typedef MAP<C, DEPTH_> Map;
  constexpr int M = Map::M, N = Map::N, DEPTH = Map::DEPTH, Q = Map::Q, E = Map::E;
  // Rows are longer than needed, so that numbers stored along k fall into different banks.
  __shared__ alignas(16) C a_tile[2][DEPTH][M + Q];
  __shared__ alignas(16) C b_tile[2][DEPTH][N + Q];
  Place place = place_of(blockIdx.x, walk, size, M, N);
  long long row0 = place.row, column0 = place.column, k0 = blockIdx.y * size.depth;
  int rows = at_most(size.m - row0, M), columns = at_most(size.n - column0, N);

  Carried<T, M, DEPTH, Map::THREADS, !A_T> a_next;
  Carried<T, N, DEPTH, Map::THREADS, B_T> b_next;
  a_next.begin(a + place.at[0] + (A_T ? k0 * size.lead_a + row0 : row0 * size.lead_a + k0), size.lead_a);
  b_next.begin(b + place.at[1] + (B_T ? column0 * size.lead_b + k0 : k0 * size.lead_b + column0),
               size.lead_b);
  C sum[E][E] = {};
  int now = 0;
  // The first round only fetches, the last only computes.
  long long left = size.k - k0 < size.depth ? size.k - k0 : size.depth;
  for (bool begun = false; begun || left > 0; left -= DEPTH) {
    if (left > 0) {
      a_next.load(size.lead_a, rows, at_most(left, DEPTH), size.wide & 1);
      b_next.load(size.lead_b, columns, at_most(left, DEPTH), size.wide & 2);
    }
    if (begun) {
#pragma unroll
      for (int p = 0; p < DEPTH; p++) {
        Few<C, Q> x[2], w[2];
#pragma unroll
        for (int q = 0; q < 2; q++) {
          x[q] = *(const Few<C, Q>*)&a_tile[now][p][Map::row(q)];
          w[q] = *(const Few<C, Q>*)&b_tile[now][p][Map::column(q)];
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
  rows = at_most(size.m - place.row, M);
  columns = at_most(size.n - place.column, N);
  R* corner =
      y + place.at[2] + blockIdx.y * size.piece + place.row * size.lead_y + place.column;
#pragma unroll
  for (int i = 0; i < E; i++) {
    int row = Map::row(i / Q) + i % Q;
#pragma unroll
    for (int q = 0; q < 2; q++) {
      if (row < rows) {
        put<C, R, Q>(corner + row * size.lead_y + Map::column(q), &sum[i][q * Q],
                     columns - Map::column(q), size.wide & 4, size.add);
      }
    }
  }
}

// ---- mma ---------------------------------------------------------------------------------------

__device__ inline void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                __nv_bfloat16) {
  mma_bf16(c, a, b);
}
__device__ inline void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                __half) {
  mma_f16(c, a, b);
}

/** 8 warps, each of 64 × 32 elements: 4 × 4 tiles of 16 × 8. */
template <class T, bool A_T, bool B_T>
__device__ __forceinline__ void by_tensor_cores(const Walk<3>& walk, const Sizes& size, const T* a,
                                                const T* b, T* y) {
  constexpr int M = 128, N = 128, DEPTH = 32, STEP = 16, TILES = 4;
  constexpr int WIDTH = DEPTH + 8;  // 20 words: what 8 × 4 lanes read lies in different banks
  __shared__ alignas(16) T a_tile[2][M][WIDTH];  // [row, k]
  __shared__ alignas(16) T b_tile[2][N][WIDTH];  // [column, k]
  Place place = place_of(blockIdx.x, walk, size, M, N);
  int rows = at_most(size.m - place.row, M), columns = at_most(size.n - place.column, N);
  Carried<T, M, DEPTH, 256, !A_T> a_next;
  Carried<T, N, DEPTH, 256, B_T> b_next;
  a_next.begin(a + place.at[0] + place.row * (A_T ? 1 : size.lead_a), size.lead_a);
  b_next.begin(b + place.at[1] + place.column * (B_T ? size.lead_b : 1), size.lead_b);
  int warp = threadIdx.x / WARP, group = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
  int top = warp / 4 * 64, side = warp % 4 * 32;

  float sum[TILES][TILES][4] = {};
  int now = 0;
  bool begun = false;
  for (long long left = size.k; begun || left > 0; left -= DEPTH) {
    if (left > 0) {
      a_next.load(size.lead_a, rows, at_most(left, DEPTH), size.wide & 1);
      b_next.load(size.lead_b, columns, at_most(left, DEPTH), size.wide & 2);
    }
    if (begun) {
#pragma unroll
      for (int k = 0; k < DEPTH; k += STEP) {
        unsigned x[TILES][4], w[TILES][2];
#pragma unroll
        for (int i = 0; i < TILES; i++) {
#pragma unroll
          for (int half = 0; half < 2; half++) {
            int at = k + half * 8 + 2 * t;
            x[i][2 * half] = *(const unsigned*)&a_tile[now][top + i * 16 + group][at];
            x[i][2 * half + 1] = *(const unsigned*)&a_tile[now][top + i * 16 + 8 + group][at];
            w[i][half] = *(const unsigned*)&b_tile[now][side + i * 8 + group][at];
          }
        }
#pragma unroll
        for (int i = 0; i < TILES; i++) {
#pragma unroll
          for (int j = 0; j < TILES; j++) {
            multiply(sum[i][j], x[i], w[j], T());
          }
        }
      }
      now ^= 1;
    }
    begun = left > 0;
    if (begun) {
      store_lines(a_next, a_tile[now]);
      store_lines(b_next, b_tile[now]);
    }
    __syncthreads();
  }

  T* corner = y + place.at[2] + place.row * size.lead_y + place.column;
#pragma unroll
  for (int i = 0; i < TILES; i++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int row = top + i * 16 + half * 8 + group;
#pragma unroll
      for (int j = 0; j < TILES; j++) {
        int column = side + j * 8 + 2 * t;
        if (row < rows) {
          put<float, T, 2>(corner + row * size.lead_y + column, &sum[i][j][2 * half],
                           columns - column, size.wide & 4, size.add);
        }
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

#define SIMPLE(suffix, T)                                                                        \
  extern "C" __global__ void matmul_naive_##suffix(                                              \
      Walk<3> walk, long long batch, long long m, long long n, long long k, Strides sa,          \
      Strides sb, const T* a, const T* b, T* y) {                                                \
    naive(walk, batch, m, n, k, sa, sb, a, b, y);                                                \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(1024) matmul_tiled_##suffix(                      \
      Walk<3> walk, long long batch, long long m, long long n, long long k, Strides sa,          \
      Strides sb, const T* a, const T* b, T* y) {                                                \
    tiled(walk, batch, m, n, k, sa, sb, a, b, y);                                                \
  }

// How a and b lie: n in rows, t transposed.
#define BLOCKS(name, suffix, T, R, MAP, DEPTH, layout, A_T, B_T)                                 \
  extern "C" __global__ void __launch_bounds__(256, 2) matmul_##name##_##layout##_##suffix(      \
      Walk<3> walk, long long batch, Sizes size, const T* a, const T* b, R* y) {                 \
    blocks<T, R, MAP, DEPTH, A_T, B_T>(walk, batch, size, a, b, y);                              \
  }
#define LAYOUTS(name, suffix, T, R, MAP, DEPTH)                \
  BLOCKS(name, suffix, T, R, MAP, DEPTH, nn, false, false)     \
  BLOCKS(name, suffix, T, R, MAP, DEPTH, nt, false, true)      \
  BLOCKS(name, suffix, T, R, MAP, DEPTH, tn, true, false)      \
  BLOCKS(name, suffix, T, R, MAP, DEPTH, tt, true, true)
#define MMA(suffix, T, layout, A_T, B_T)                                                         \
  extern "C" __global__ void __launch_bounds__(256, 2) matmul_mma_##layout##_##suffix(           \
      Walk<3> walk, long long batch, Sizes size, const T* a, const T* b, T* y) {                 \
    by_tensor_cores<T, A_T, B_T>(walk, size, a, b, y);                                           \
  }
#define MMAS(suffix, T)            \
  MMA(suffix, T, nn, false, false) \
  MMA(suffix, T, nt, false, true)  \
  MMA(suffix, T, tn, true, false)  \
  MMA(suffix, T, tt, true, true)
#define FOLD(suffix, C, R)                                                                       \
  extern "C" __global__ void matmul_fold_##suffix(Walk<1> walk, long long batch, Sizes size,     \
                                                  int pieces, const C* partial, R* y) {          \
    fold<C, R>(walk, batch, size, pieces, partial, y);                                           \
  }

SIMPLE(f64, double)
SIMPLE(f32, float)
SIMPLE(bf16, __nv_bfloat16)
SIMPLE(f16, __half)
LAYOUTS(blocked, f64, double, double, Blocked, 8)
LAYOUTS(blocked, f32, float, float, Blocked, 8)
LAYOUTS(blocked, bf16, __nv_bfloat16, __nv_bfloat16, Blocked, 8)
LAYOUTS(blocked, f16, __half, __half, Blocked, 8)
LAYOUTS(warptiled, f64, double, double, Warptiled, 8)
LAYOUTS(warptiled, f32, float, float, Warptiled, 8)
LAYOUTS(warptiled, bf16, __nv_bfloat16, __nv_bfloat16, Warptiled, 8)
LAYOUTS(warptiled, f16, __half, __half, Warptiled, 8)
// Pieces of F32 and F64 sums are written by warptiled itself.
LAYOUTS(pieces, bf16, __nv_bfloat16, float, Warptiled, 8)
LAYOUTS(pieces, f16, __half, float, Warptiled, 8)
FOLD(f64, double, double)
FOLD(f32, float, float)
FOLD(bf16, float, __nv_bfloat16)
FOLD(f16, float, __half)
MMAS(bf16, __nv_bfloat16)
MMAS(f16, __half)
