// Extremes along an axis of [outer, n, inner]: the best element of a row and where it is, the first
// of equals; a NaN is better than any number. I64 compares as double, as all that computes with
// integers.
//
//   each     one thread a row, which it reads from end to end
//   rows     inner = 1: a group of threads a row, 16 bytes an access, shuffles to the end; of few long
//            rows, parts are sought through, and then the best of these
//   columns  threads side by side take neighbouring rows, those of one threadIdx.x share a row
//
// Moved over what must be, of F32: rows in whole packs 1.01, for the values and places that are
// written one by one. The sectors at the ends of other rows are moved for their neighbours too, which
// makes 1.03 of 1,023 elements (of BF16, half as many bytes, 1.05), 1.12 of 197, and up to 1.6 of 33.
// Columns 1.00; an inner size of 1,023 makes 1.22, since a warp's 128 bytes begin within a sector,
// and lie in five for four. Each, along the last axis: 8.0, a sector an element.
#include "parts.cuh"

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

  /** Whether a is better than b, wherever they are. */
  static __device__ bool beats(C a, C b) { return B::beats(a, b) || (a != a && b == b); }

  __device__ void merge(Best other) {
    if (other.at < 0) {
      return;
    }
    bool sooner = other.at < at && !beats(value, other.value);
    if (at < 0 || sooner || beats(other.value, value)) {
      *this = other;
    }
  }

  __device__ Best across(int lane) const {
    return {other_lane(value, lane), other_lane(at, lane)};
  }
};

// ---- each

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
      best.merge({widen(from[k * inner]), k});
    }
    at[row] = best.at;
    if (y) {
      y[row] = from[best.at * inner];
    }
  }
}

/** Seeks the best element, of those from `begin` on: of a pack the first of its best, then of these. */
template <class B, class T> struct Seeking {
  typedef typename Wide<T>::type C;
  long long begin;
  Best<B, C> best;

  template <int V> __device__ void see(const Few<T, V>& few, long long i) {
    C value = widen(few.element[0]);
    int place = 0;
#pragma unroll
    for (int j = 1; j < V; j++) {
      C next = widen(few.element[j]);
      if (Best<B, C>::beats(next, value)) {
        value = next;
        place = j;
      }
    }
    best.merge({value, begin + i + place});
  }
};

// ---- rows

template <class B, class T>
__device__ void extreme_rows(
    long long rows, long long n, long long parts, long long part,
    const T* x,
    const long long* places,  // [rows, n]: where x has been found; null if x is what is sought in
    T* y, long long* at) {    // [rows, parts]; y may be null
  typedef typename Wide<T>::type C;
  Part mine(rows, n, parts, part);
  Seeking<B, T> seeking = {mine.begin, Best<B, C>::none()};
  mine.see(x, n, seeking);
  Best<B, C> best = row_merge(seeking.best);
  if (mine.inside && threadIdx.x == 0) {
    at[mine.at] = places ? places[mine.row * n + best.at] : best.at;
    if (y) {
      y[mine.at] = Narrow<T>::of(best.value);
    }
  }
}

// ---- columns

template <class B, class T>
__device__ void extreme_columns(
    long long outer, long long n, long long inner,
    const T* x,            // [outer, n, inner]
    T* y, long long* at) { // [outer, 1, inner]; y may be null
  typedef typename Wide<T>::type C;
  Column<1> column(outer, inner);
  const T* from = x + column.outer * n * inner + column.i;
  Seeking<B, T> seeking = {0, Best<B, C>::none()};
  see_each<1>(from, inner, threadIdx.y, column.inside ? n : 0, blockDim.y, seeking);
  Best<B, C> best = column_merge<COLUMN_THREADS>(seeking.best);
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
