// The gradients of w and b of norm.cu, dw = Σ dy ⊙ x̂ and db = Σ dy over the rows: what norm_grad.cu,
// which finds dx row by row, leaves to do by columns.
//
//   naive    one thread a column, in double
//   columns  for reread: x and dy are read again, a part of the rows a block
//   sums     for reread and held: adds up what parts of the rows gave
#include "norm.cuh"

// ---- naive

template <class T>
__device__ void naive(
    long long rows, long long n, const T* x, const T* dy,  // [rows, n]
    const double* moments,                                 // [rows, 2]: mean and r
    T* dw, T* db) {                                        // [n]; db may be null
  for (long long i = first(); i < n; i += step()) {
    double scale = 0;
    double shift = 0;
    for (long long row = 0; row < rows; row++) {
      double slope = widen(dy[row * n + i]);
      scale += slope * ((widen(x[row * n + i]) - moments[2 * row]) * moments[2 * row + 1]);
      shift += slope;
    }
    dw[i] = Narrow<T>::of(scale);
    if (db) {
      db[i] = Narrow<T>::of(shift);
    }
  }
}

// ---- columns

template <class T, class C>
__device__ void columns(
    long long rows, long long n, long long part, const T* x, const T* dy,
    const Moments<C>* moments,
    long long sums,  // n or 2n: of dw, or of dw and db
    C* parts) {      // [parts, sums], of `part` rows each
  Column<1> column((rows + part - 1) / part, n);
  long long from = column.outer * part;
  long long to = min(from + part, rows);
  Totals<C> found = Totals<C>::none();
#pragma unroll 4
  for (long long row = from + threadIdx.y; column.inside && row < to; row += blockDim.y) {
    C slope = widen(dy[row * n + column.i]);
    found.first += slope * moments[row].unit(widen(x[row * n + column.i]));
    found.second += slope;
  }
  found = column_merge<COLUMN_THREADS>(found);
  if (threadIdx.y == 0 && column.inside) {
    C* at = parts + column.outer * sums + column.i;
    at[0] = found.first;
    if (sums > n) {
      at[n] = found.second;
    }
  }
}

// ---- sums

/** Adds up parts, [count, sums, n], to dw and db: blocks of 32 × 32 threads, for 32 columns each. */
template <class T, class C>
__device__ void sums_of(long long count, int sums, long long n, const C* parts, T* dw, T* db) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  Total<C> found = Total<C>::none();
#pragma unroll 8
  for (long long k = threadIdx.y; i < sums * n && k < count; k += blockDim.y) {
    found.sum += parts[k * sums * n + i];
  }
  found = column_merge<1024>(found);
  if (threadIdx.y == 0 && i < sums * n) {
    (i < n ? dw : db - n)[i] = Narrow<T>::of(found.sum);
  }
}

#define WEIGHTS(suffix, T)                                                                  \
  extern "C" __global__ void norm_weights_naive_##suffix(                                   \
      long long rows, long long n, const T* x, const T* dy, const double* moments, T* dw,   \
      T* db) {                                                                              \
    naive(rows, n, x, dy, moments, dw, db);                                    \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) norm_weights_columns_##suffix(          \
      long long rows, long long n, long long part, const T* x, const T* dy,                 \
      const Moments<Wide<T>::type>* moments, long long sums, Wide<T>::type* parts) {        \
    columns(rows, n, part, x, dy, moments, sums, parts);                               \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(1024) norm_weights_sums_##suffix(            \
      long long count, int sums, long long n, const Wide<T>::type* parts, T* dw, T* db) {   \
    sums_of(count, sums, n, parts, dw, db);                                               \
  }
EACH_FLOATING(WEIGHTS)
