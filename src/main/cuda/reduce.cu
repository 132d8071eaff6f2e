// Sums, extremes and running sums along axes.
//
// A sum over several axes is taken in passes, each along one axis of [outer, n, inner], from the
// last axis on; between two of them it stays in the type that computes.
//
//   each     (sum, extreme, cumsum) one thread a result: any strides, but a thread reads n elements
//            one after the other, and there are only as many threads as results
//   rows     inner = 1: a group of threads a row, 16 bytes an access, shuffles to the end
//   columns  inner > 1: threads side by side take neighbouring columns (16 bytes each if they can),
//            those of one threadIdx.x share a column
//
// Where there are too few rows or columns to fill a GPU, each is cut into parts, whose sums a second
// launch adds up: no atomics, so that the bits are the same each time.
#include "rows.cuh"

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

// ---- sum, each

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

// ---- sum, rows: a row is cut into parts of `part` elements

template <int V, class T>
__device__ typename Wide<T>::type sum_of_row(const T* x, long long from, long long to) {
  typedef typename Wide<T>::type C;
  C sums[V] = {};
#pragma unroll 4
  for (long long i = from + threadIdx.x * V; i < to; i += blockDim.x * V) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      sums[j] += few[j];
    }
  }
  C sum = 0;
#pragma unroll
  for (int j = 0; j < V; j++) {
    sum += sums[j];
  }
  return sum;
}

template <class T, class R>
__device__ void sum_rows(
    long long rows, long long n, long long parts, long long part,
    const T* x,  // [rows, n]
    R* y) {      // [rows, parts]
  typedef typename Wide<T>::type C;
  long long at = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = at < rows * parts;
  long long row = at / parts;
  long long from = at % parts * part;
  long long to = inside ? min(from + part, n) : 0;
  C sum = wide_rows(n, x) && part % Pack<T>::SIZE == 0
              ? sum_of_row<Pack<T>::SIZE>(x + row * n, from, to)
              : sum_of_row<1>(x + row * n, from, to);
  sum = row_merge(Total<C>{sum}).sum;
  if (inside && threadIdx.x == 0) {
    y[at] = Narrow<R>::of(sum);
  }
}

#define SUM_ROWS(suffix, T, R)                                                             \
  extern "C" __global__ void __launch_bounds__(512) sum_rows_##suffix(                     \
      long long rows, long long n, long long parts, long long part, const T* x, R* y) {    \
    sum_rows(rows, n, parts, part, x, y);                                                  \
  }
SUMS(SUM_ROWS)

// ---- sum, columns: a column is cut into parts of `part` elements

template <int V, class T, class R>
__device__ void sum_columns(
    long long outer, long long n, long long inner, long long parts, long long part,
    const T* x,  // [outer, n, inner]
    R* y) {      // [outer, parts, inner]
  typedef typename Wide<T>::type C;
  Column<V> column(outer * parts, inner);
  long long from = column.outer % parts * part;
  long long to = min(from + part, n);
  const T* first = x + column.outer / parts * n * inner + column.i;
  Sums<C, V> sums = {};
#pragma unroll 4
  for (long long k = from + threadIdx.y; column.inside && k < to; k += blockDim.y) {
    Sums<C, V> few;
    read_few<V>(first + k * inner, few.sum);
    sums.merge(few);
  }
  sums = column_merge<COLUMN_THREADS>(sums);
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

// ---- extremes: the best element of a row and where it is, the first of equals; a NaN is better
// than any number

struct Most {
  template <class C> static __device__ bool beats(C a, C b) { return a > b; }
};
struct Least {
  template <class C> static __device__ bool beats(C a, C b) { return a < b; }
};

template <class B, class C> struct alignas(16) Best {
  C value;
  long long at;  // -1: nothing yet

  static __device__ Best none() { return {C(0), -1}; }

  __device__ void merge(Best other) {
    if (other.at < 0) {
      return;
    }
    bool better = B::beats(other.value, value) || (other.value != other.value && value == value);
    bool worse = B::beats(value, other.value) || (value != value && other.value == other.value);
    if (at < 0 || better || (!worse && other.at < at)) {
      *this = other;
    }
  }

  __device__ Best across(int lane) const {
    return {other_lane(value, lane), other_lane(at, lane)};
  }
};

/**
 * Reads element `at` of x: it stands for element k, or for element places[at] if it is itself the
 * best of a part. I64 compares as double, as everything that computes with integers.
 */
template <class B, class T>
__device__ void see(Best<B, typename Wide<T>::type>& best, const T* x, const long long* places,
                    long long at, long long k) {
  best.merge(Best<B, typename Wide<T>::type>{widen(x[at]), places ? places[at] : k});
}

template <class B, class T>
__device__ void extreme_each(
    long long rows, long long n, long long inner,
    const T* x,            // [outer, n, inner]
    T* y, long long* at) { // [outer, 1, inner]; y may be null
  typedef typename Wide<T>::type C;
  for (long long row = first(); row < rows; row += step()) {
    const T* from = x + row / inner * n * inner + row % inner;
    Best<B, C> best = Best<B, C>::none();
    for (long long k = 0; k < n; k++) {
      see<B>(best, from, nullptr, k * inner, k);
    }
    at[row] = best.at;
    if (y) {
      y[row] = from[best.at * inner];
    }
  }
}

template <class B, class T>
__device__ void extreme_rows(
    long long rows, long long n, long long parts, long long part,
    const T* x, const long long* places,  // [rows, n]; places may be null
    T* y, long long* at) {                // [rows, parts]; y may be null
  typedef typename Wide<T>::type C;
  long long group = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = group < rows * parts;
  long long row = group / parts;
  long long from = group % parts * part;
  long long to = inside ? min(from + part, n) : 0;
  Best<B, C> best = Best<B, C>::none();
#pragma unroll 4
  for (long long k = from + threadIdx.x; k < to; k += blockDim.x) {
    see<B>(best, x, places, row * n + k, k);
  }
  best = row_merge(best);
  if (inside && threadIdx.x == 0) {
    at[group] = best.at;
    if (y) {
      y[group] = Narrow<T>::of(best.value);
    }
  }
}

template <class B, class T>
__device__ void extreme_columns(
    long long outer, long long n, long long inner,
    const T* x,            // [outer, n, inner]
    T* y, long long* at) { // [outer, 1, inner]; y may be null
  typedef typename Wide<T>::type C;
  Column<1> column(outer, inner);
  Best<B, C> best = Best<B, C>::none();
#pragma unroll 4
  for (long long k = threadIdx.y; column.inside && k < n; k += blockDim.y) {
    see<B>(best, x, nullptr, (column.outer * n + k) * inner + column.i, k);
  }
  best = column_merge<COLUMN_THREADS>(best);
  if (threadIdx.y == 0 && column.inside) {
    at[column.outer * inner + column.i] = best.at;
    if (y) {
      y[column.outer * inner + column.i] = Narrow<T>::of(best.value);
    }
  }
}

#define EXTREME(name, B, suffix, T)                                                        \
  extern "C" __global__ void name##_each_##suffix(                                         \
      long long rows, long long n, long long inner, const T* x, T* y, long long* at) {     \
    extreme_each<B>(rows, n, inner, x, y, at);                                             \
  }                                                                                        \
  extern "C" __global__ void __launch_bounds__(512) name##_rows_##suffix(                  \
      long long rows, long long n, long long parts, long long part, const T* x,            \
      const long long* places, T* y, long long* at) {                                      \
    extreme_rows<B>(rows, n, parts, part, x, places, y, at);                               \
  }                                                                                        \
  extern "C" __global__ void __launch_bounds__(256) name##_columns_##suffix(               \
      long long outer, long long n, long long inner, const T* x, T* y, long long* at) {    \
    extreme_columns<B>(outer, n, inner, x, y, at);                                         \
  }
#define EXTREMES(suffix, T)   \
  EXTREME(max, Most, suffix, T) \
  EXTREME(min, Least, suffix, T)
EACH_FLOATING(EXTREMES)
EXTREMES(i64, long long)
EXTREMES(i32, int)
EXTREMES(u8, u8)
EXTREME(max, Most, bool, truth)

// ---- cumsum

template <class T>
__device__ void cumsum_each(
    long long rows, long long n, long long inner, const T* x, T* y) {  // [outer, n, inner]
  for (long long row = first(); row < rows; row += step()) {
    long long at = row / inner * n * inner + row % inner;
    double sum = 0;
    for (long long k = 0; k < n; k++) {
      sum += widen(x[at + k * inner]);
      y[at + k * inner] = Narrow<T>::of(sum);
    }
  }
}

/** What the threads of the group before this one gave, and what all gave. As in row_merge. */
template <class C> __device__ void sum_before(C mine, C& before, C& all) {
  int lane = threadIdx.x % WARP;
  int lanes = min(blockDim.x, WARP);
  C running = mine;
  for (int far = 1; far < lanes; far *= 2) {
    C other = __shfl_up_sync(ALL_LANES, running, far, lanes);
    running += lane >= far ? other : C(0);
  }
  before = __shfl_up_sync(ALL_LANES, running, 1, lanes);
  before = lane == 0 ? C(0) : before;
  all = __shfl_sync(ALL_LANES, running, lanes - 1, lanes);
  if (blockDim.x > WARP) {
    __shared__ C of_warp[WARP];
    __syncthreads();  // what an earlier call left has been read
    if (lane == 0) {
      of_warp[threadIdx.x / WARP] = all;
    }
    __syncthreads();
    all = 0;
    for (int warp = 0; warp < blockDim.x / WARP; warp++) {
      before += warp == threadIdx.x / WARP ? all : C(0);
      all += of_warp[warp];
    }
  }
}

template <int V, class T, class C>
__device__ void cumsum_row(C sum, const T* x, T* y, long long from, long long to, long long part) {
  // All threads of the block go round as often: those of a shorter part, or of none, as well.
  for (long long base = 0; base < part; base += blockDim.x * V) {
    long long i = from + base + threadIdx.x * V;
    C few[V] = {};
    if (i < to) {
      read_few<V>(x + i, few);
    }
#pragma unroll
    for (int j = 1; j < V; j++) {
      few[j] += few[j - 1];
    }
    C before;
    C all;
    sum_before(few[V - 1], before, all);
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] += sum + before;
    }
    if (i < to) {
      write_few<V>(few, y + i);
    }
    sum += all;
  }
}

/** Begins each part but the first with what `sums` has of the part before. */
template <class T>
__device__ void cumsum_rows(
    long long rows, long long n, long long parts, long long part,
    const T* x,                            // [rows, n]
    const typename Wide<T>::type* sums,    // [rows, parts]: running sums of the parts; may be null
    T* y) {                                // [rows, n]
  typedef typename Wide<T>::type C;
  long long at = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = at < rows * parts;
  long long row = at / parts;
  long long from = at % parts * part;
  long long to = inside ? min(from + part, n) : 0;
  C sum = inside && at % parts > 0 ? sums[at - 1] : C(0);
  if (wide_rows(n, x) && part % Pack<T>::SIZE == 0) {
    cumsum_row<Pack<T>::SIZE>(sum, x + row * n, y + row * n, from, to, part);
  } else {
    cumsum_row<1>(sum, x + row * n, y + row * n, from, to, part);
  }
}

#define CUMSUM(suffix, T)                                                                  \
  extern "C" __global__ void cumsum_each_##suffix(                                         \
      long long rows, long long n, long long inner, const T* x, T* y) {                    \
    cumsum_each(rows, n, inner, x, y);                                                     \
  }                                                                                        \
  extern "C" __global__ void __launch_bounds__(512) cumsum_rows_##suffix(                  \
      long long rows, long long n, long long parts, long long part, const T* x,            \
      const Wide<T>::type* sums, T* y) {                                                   \
    cumsum_rows(rows, n, parts, part, x, sums, y);                                         \
  }
EACH_FLOATING(CUMSUM)
CUMSUM(i64, long long)
CUMSUM(i32, int)
CUMSUM(u8, u8)
