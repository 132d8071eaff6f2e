// Sums along axes.
//
// A sum over several axes is taken in passes, each along one axis of [outer, n, inner], from the
// last axis on; between two of them it stays in the type that computes.
//
//   each     one thread a result: any strides, but a thread reads n elements one after the other, and
//            there are only as many threads as results
//   passes   rows, inner = 1: a group of threads a row, 16 bytes an access, shuffles to the end;
//            columns, inner > 1: threads side by side take neighbouring columns (16 bytes each if
//            they can), those of one threadIdx.x share a column
//
// Where there are too few rows or columns to fill a GPU, each is cut into parts, whose sums a second
// launch adds up: no atomics, so that the bits are the same each time. Which elements a thread adds
// up depends on where in a sector a row begins, so equal rows may differ in their last bit.
//
// Moved over what must be, of F32: rows in whole packs 1.00. The sectors at the ends of other rows
// are moved for their neighbours too, which makes 1.02 of 1,023 elements (of BF16, half as many
// bytes, 1.04), 1.09 of 197, and up to 1.5 of 33, where a result is a sector of its own as well.
// Columns 1.00; an inner size of 1,023 makes 1.22, since a warp's 128 bytes begin within a sector,
// and lie in five for four. Each, along the last axis: 8.0, a sector an element.
#include "parts.cuh"

// The passes of a sum: of the elements, of sums so far, or between the two.
#define SAME(ENTRY, a, T) ENTRY(a##_##a, T, T)
#define PASSES(ENTRY, a, T, w, C) ENTRY(a##_##a, T, T) ENTRY(a##_##w, T, C) ENTRY(w##_##a, C, T)
#define SUMS(ENTRY)                                \
  SAME(ENTRY, f64, double)                         \
  SAME(ENTRY, f32, float)                          \
  PASSES(ENTRY, bf16, __nv_bfloat16, f32, float)   \
  PASSES(ENTRY, f16, __half, f32, float)           \
  PASSES(ENTRY, i64, long long, f64, double)       \
  PASSES(ENTRY, i32, int, f64, double)             \
  PASSES(ENTRY, u8, u8, f64, double)

// ---- each

#define SUM_EACH(suffix, T, R)                                                             \
  extern "C" __global__ void sum_each_##suffix(                                            \
      Walk<1> kept, long long count, Walk<1> summed, long long n, const T* x, R* y) {      \
    for (long long i = first(); i < count; i += step()) {                                  \
      long long at[1];                                                                     \
      kept.find(i, at);                                                                    \
      const T* from = x + at[0];                                                           \
      double sum = 0;                                                                      \
      for (long long k = 0; k < n; k++) {                                                  \
        summed.find(k, at);                                                                \
        sum += widen(from[at[0]]);                                                         \
      }                                                                                    \
      y[i] = Narrow<R>::of(sum);                                                           \
    }                                                                                      \
  }
#define EACH_SUM(suffix, T) SUM_EACH(suffix, T, T)
EACH_FLOATING(EACH_SUM)
EACH_SUM(i64, long long)
EACH_SUM(i32, int)
EACH_SUM(u8, u8)

/** Sums of V columns, or of the elements of a row that are at one of V places in a pack. */
template <class T, int V> struct Summing {
  Sums<typename Wide<T>::type, V> sums;

  template <int W> __device__ void see(const Few<T, W>& few, long long) {
#pragma unroll
    for (int j = 0; j < W; j++) {
      sums.sum[j] += widen(few.element[j]);
    }
  }
};

// ---- rows

template <class T, class R>
__device__ void sum_rows(
    long long rows, long long n, long long parts, long long part,
    const T* x,  // [rows, n]
    R* y) {      // [rows, parts]
  typedef typename Wide<T>::type C;
  Part mine(rows, n, parts, part);
  Summing<T, Pack<T>::SIZE> summing = {};
  mine.see(x, n, summing);
  Total<C> total = Total<C>::none();
#pragma unroll
  for (int j = 0; j < Pack<T>::SIZE; j++) {
    total.sum += summing.sums.sum[j];
  }
  total = row_merge(total);
  if (mine.inside && threadIdx.x == 0) {
    y[mine.at] = Narrow<R>::of(total.sum);
  }
}

#define SUM_ROWS(suffix, T, R)                                                             \
  extern "C" __global__ void __launch_bounds__(512) sum_rows_##suffix(                     \
      long long rows, long long n, long long parts, long long part, const T* x, R* y) {    \
    sum_rows(rows, n, parts, part, x, y);                                                  \
  }
SUMS(SUM_ROWS)

// ---- columns: one is cut into parts of `part` elements

template <int V, class T, class R>
__device__ void sum_columns(
    long long outer, long long n, long long inner, long long parts, long long part,
    const T* x,  // [outer, n, inner]
    R* y) {      // [outer, parts, inner]
  Column<V> column(outer * parts, inner);
  long long from = column.outer % parts * part;
  long long to = column.inside ? min(from + part, n) : from;
  const T* first = x + column.outer / parts * n * inner + column.i;
  Summing<T, V> summing = {};
  see_each<V>(first, inner, from + threadIdx.y, to, blockDim.y, summing);
  auto sums = column_merge<COLUMN_THREADS>(summing.sums);
  if (threadIdx.y == 0 && column.inside) {
    constexpr int W = V < Pack<R>::SIZE ? V : Pack<R>::SIZE;
#pragma unroll
    for (int j = 0; j < V; j += W) {
      write_few<W>(sums.sum + j, y + column.outer * inner + column.i + j);
    }
  }
}

#define SUM_COLUMNS(suffix, T, R)                                                          \
  extern "C" __global__ void __launch_bounds__(256) sum_columns_##suffix(                  \
      long long outer, long long n, long long inner, long long parts, long long part,      \
      const T* x, R* y) {                                                                  \
    sum_columns<1>(outer, n, inner, parts, part, x, y);                                    \
  }                                                                                        \
  extern "C" __global__ void __launch_bounds__(256) sum_columns_wide_##suffix(             \
      long long outer, long long n, long long inner, long long parts, long long part,      \
      const T* x, R* y) {                                                                  \
    sum_columns<Pack<T>::SIZE>(outer, n, inner, parts, part, x, y);                        \
  }
SUMS(SUM_COLUMNS)
