// y = a·b for a batch of matrices: a [m, k], b [k, n], y [m, n]. Every number of a is needed n times,
// every number of b m times; each step of this ladder fetches it fewer times from farther away.
//
//   naive      a thread computes an element and reads 2k numbers from memory for it. Neighbours in a
//              warp compute neighbours in a row, so that b is read, and y written, 128 bytes at once.
//   tiled      a block computes 32 × 32 elements. It fetches tiles of a and b into shared memory, where
//              each number is used 32 times: 32 times less comes from memory.
//
// It goes on in matmul_blocked.cu, with registers, and in matmul_tensor.cu, with tensor cores. The
// steps up to there are those of S. Boehm, How to Optimize a CUDA Matmul Kernel (2022). Sums are held
// in Wide<T>, in the order of k.
#include "number.cuh"
#include "walk.cuh"

/** A matrix in memory, of any strides. */
struct Strides {
  long long row, column;
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
SIMPLE(f64, double)
SIMPLE(f32, float)
SIMPLE(bf16, __nv_bfloat16)
SIMPLE(f16, __half)
