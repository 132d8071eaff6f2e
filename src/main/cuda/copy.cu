// Moving elements: copies of views, conversions, constants, choices. None computes anything.
//
//   strided  one element a thread, found by its place in every operand: any view
//   tiled    copies that turn rows into columns, where strided touches a sector of 32 bytes for each
//            element it reads: a block reads a tile along the rows of x, and writes it along those of
//            y. A tile's rows in shared memory are one element longer than it, so that neither a row
//            nor a column of it meets itself in a bank.
#include "number.cuh"
#include "walk.cuh"

// Elements of one size are copied alike, whatever they mean.
template <class T>
__device__ void copy_strided(Walk<2> walk, long long n, const T* x, T* y) {
  for (long long i = first(); i < n; i += step()) {
    long long at[2];
    walk.find(i, at);
    y[at[1]] = x[at[0]];
  }
}

constexpr int TILE = 32;

// y[c, r] = x[r, c], both in each of the places that `rest` walks through.
template <class T>
__device__ void copy_tiled(
    const Walk<2>& rest, long long tall, long long wide,
    const T* x, long long x_row,  // [tall, wide], and how far it is from row to row
    T* y, long long y_row) {      // [wide, tall]
  __shared__ T tile[TILE][TILE + 1];
  long long across = (wide + TILE - 1) / TILE;
  long long tiles = (tall + TILE - 1) / TILE * across;
  long long row = blockIdx.x % tiles / across * TILE;
  long long column = blockIdx.x % across * TILE;
  long long at[2];
  rest.find(blockIdx.x / tiles, at);
  x += at[0] + row * x_row + column;
  y += at[1] + column * y_row + row;
  int rows = (int)min((long long)TILE, tall - row);
  int columns = (int)min((long long)TILE, wide - column);
  int lane = threadIdx.x;
  for (int r = threadIdx.y; r < rows && lane < columns; r += blockDim.y) {
    tile[r][lane] = x[r * x_row + lane];
  }
  __syncthreads();
  for (int c = threadIdx.y; c < columns && lane < rows; c += blockDim.y) {
    y[c * y_row + lane] = tile[lane][c];
  }
}

// y = a where the mask holds, else b.
template <class T>
__device__ void where_strided(
    Walk<4> walk, long long n, const u8* mask, const T* a, const T* b, T* y) {
  for (long long i = first(); i < n; i += step()) {
    long long at[4];
    walk.find(i, at);
    y[at[3]] = mask[at[0]] ? a[at[1]] : b[at[2]];
  }
}

#define SIZED(bytes, T)                                                                     \
  extern "C" __global__ void copy_strided_##bytes(                                          \
      Walk<2> walk, long long n, const T* x, T* y) {                                        \
    copy_strided(walk, n, x, y);                                                            \
  }                                                                                         \
  extern "C" __global__ void copy_tiled_##bytes(                                            \
      Walk<2> rest, long long, long long tall, long long wide, const T* x, long long x_row, \
      T* y, long long y_row) {                                                              \
    copy_tiled(rest, tall, wide, x, x_row, y, y_row);                                       \
  }                                                                                         \
  extern "C" __global__ void where_strided_##bytes(                                         \
      Walk<4> walk, long long n, const u8* mask, const T* a, const T* b, T* y) {            \
    where_strided(walk, n, mask, a, b, y);                                                  \
  }
SIZED(1, unsigned char)
SIZED(2, unsigned short)
SIZED(4, unsigned)
SIZED(8, unsigned long long)

template <class T, class R>
__device__ void cast_strided(Walk<2> walk, long long n, const T* x, R* y) {
  for (long long i = first(); i < n; i += step()) {
    long long at[2];
    walk.find(i, at);
    y[at[1]] = Narrow<R>::of(widen(x[at[0]]));
  }
}

#define CAST(from, T, to, R)                                                                \
  extern "C" __global__ void cast_strided_##from##_##to(                                    \
      Walk<2> walk, long long n, const T* x, R* y) {                                        \
    cast_strided<T, R>(walk, n, x, y);                                                      \
  }
#define CASTS(from, T)                     \
  CAST(from, T, f64, double)               \
  CAST(from, T, f32, float)                \
  CAST(from, T, bf16, __nv_bfloat16)       \
  CAST(from, T, f16, __half)               \
  CAST(from, T, i64, long long)            \
  CAST(from, T, i32, int)                  \
  CAST(from, T, u8, u8)                    \
  CAST(from, T, bool, truth)
CASTS(f64, double)
CASTS(f32, float)
CASTS(bf16, __nv_bfloat16)
CASTS(f16, __half)
CASTS(i64, long long)
CASTS(i32, int)
CASTS(u8, u8)
CASTS(bool, truth)

#define FILL(suffix, T)                                                                     \
  extern "C" __global__ void fill_##suffix(long long n, double value, T* y) {               \
    for (long long i = first(); i < n; i += step()) {                                       \
      y[i] = Narrow<T>::of(value);                                                          \
    }                                                                                       \
  }
FILL(f64, double)
FILL(f32, float)
FILL(bf16, __nv_bfloat16)
FILL(f16, __half)
FILL(i64, long long)
FILL(i32, int)
FILL(u8, u8)
FILL(bool, truth)
