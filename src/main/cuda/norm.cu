// Rows brought to mean 0 and variance 1, scaled and shifted: y = x̂ ⊙ w + b with x̂ = (x − mean) r and
// r = 1 / √(variance + eps), of x [rows, n], w [n] and b [n]. The gradient, with h = dy ⊙ w, is
//
//   dx = r (h − mean(h) − x̂ mean(h ⊙ x̂))      dw = Σ dy ⊙ x̂      db = Σ dy   (over the rows)
//
//   naive   one thread a row, and one a column for dw and db; in double
//   reread  one block a row, 16 bytes an access; the forward reads a row three times
//   held    a row is read once and stays in registers of its group of threads. The gradient's groups
//           go from row to row and keep what these add to dw and db; a second launch adds that up
//
// A mean that is large against the deviation costs x − mean its digits: the mean itself is rounded.
// The rows' mean is therefore taken twice, of x, and of x − mean, which is exact where it matters;
// x̂ is of the second. The variance is Σ (x − mean)² / n, never Σ x² / n − mean².
//
// A constant in h changes nothing of dx; so held and reread take it less the row's first element,
// which leaves 0 where all are equal, and no rounding for a large r to make something of.
#include "rows.cuh"

/** What x̂ is made with: x̂ = (x − mean − rest) r. */
template <class C> struct alignas(16) Moments {
  C mean;
  C rest;
  C r;

  /** By Σ (x − mean) and Σ (x − mean)² over n elements. */
  static __device__ Moments of(C mean, Totals<C> centred, long long n, double eps) {
    C rest = centred.first / (C)n;
    C variance = centred.second / (C)n - rest * rest;
    variance = variance < 0 ? C(0) : variance;
    return {mean, rest, 1 / root_of(variance + (C)eps)};
  }

  __device__ C unit(C x) const { return (x - mean - rest) * r; }
};

/** The moments of the row that a group holds; to be found in a narrower row, n, than it may hold. */
template <int V, class C>
__device__ Moments<C> moments_of_held(const C (&x)[HELD<C>], int n, double eps) {
  C sum = 0;
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    sum += x[e];
  }
  C mean = row_merge(Total<C>{sum}).sum / (C)n;
  Totals<C> centred = Totals<C>::none();
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    C d = column<V>(e / V) < n ? x[e] - mean : C(0);
    centred.first += d;
    centred.second += d * d;
  }
  return Moments<C>::of(mean, row_merge(centred), n, eps);
}

/** The moments of a row in memory, by a block. */
template <int V, class T>
__device__ Moments<typename Wide<T>::type> moments_of_row(const T* x, long long n, double eps) {
  typedef typename Wide<T>::type C;
  C sum = 0;
#pragma unroll 4
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      sum += few[j];
    }
  }
  C mean = row_merge(Total<C>{sum}).sum / (C)n;
  Totals<C> centred = Totals<C>::none();
#pragma unroll 4
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      C d = few[j] - mean;
      centred.first += d;
      centred.second += d * d;
    }
  }
  return Moments<C>::of(mean, row_merge(centred), n, eps);
}

// ---- forward, naive

/** A row by one thread. */
template <class T> struct Row {
  const T* x;
  double mean;
  double r;

  __device__ Row(const T* x, long long n, double eps) : x(x) {
    double sum = 0;
    for (long long i = 0; i < n; i++) {
      sum += widen(x[i]);
    }
    mean = sum / n;
    double squares = 0;
    for (long long i = 0; i < n; i++) {
      squares += (widen(x[i]) - mean) * (widen(x[i]) - mean);
    }
    r = 1 / sqrt(squares / n + eps);
  }

  __device__ double unit(long long i) const { return (widen(x[i]) - mean) * r; }
};

template <class T>
__device__ void naive(
    double eps, long long rows, long long n,
    const T* x, const T* w, const T* b,  // [rows, n], [n], [n]
    T* y) {                              // [rows, n]
  for (long long at = first(); at < rows; at += step()) {
    Row<T> row(x + at * n, n, eps);
    for (long long i = 0; i < n; i++) {
      y[at * n + i] = Narrow<T>::of(row.unit(i) * widen(w[i]) + widen(b[i]));
    }
  }
}

// ---- forward, reread

template <int V, class T>
__device__ void reread(
    double eps, long long n, const T* x, const T* w, const T* b, T* y) {
  typedef typename Wide<T>::type C;
  x += blockIdx.x * n;
  y += blockIdx.x * n;
  Moments<C> moments = moments_of_row<V>(x, n, eps);
#pragma unroll 2
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C few[V];
    C scale[V];
    C shift[V];
    read_few<V>(x + i, few);
    read_few<V>(w + i, scale);
    read_few<V>(b + i, shift);
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] = fma_of(moments.unit(few[j]), scale[j], shift[j]);
    }
    write_few<V>(few, y + i);
  }
}

// ---- forward, held

template <int V, class T>
__device__ void held(
    double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {
  typedef typename Wide<T>::type C;
  long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  int width = row < rows ? n : 0;  // without a row of its own, a group goes through the motions
  row = row < rows ? row : 0;
  C values[HELD<C>];
  read_row<V>(x + row * n, width, C(0), values);
  Moments<C> moments = moments_of_held<V>(values, width, eps);
#pragma unroll
  for (int k = 0; k < HELD<C> / V; k++) {
    if (column<V>(k) < width) {
      C scale[V];
      C shift[V];
      read_few<V>(w + column<V>(k), scale);
      read_few<V>(b + column<V>(k), shift);
#pragma unroll
      for (int j = 0; j < V; j++) {
        values[k * V + j] = fma_of(moments.unit(values[k * V + j]), scale[j], shift[j]);
      }
    }
  }
  write_row<V>(values, y + row * n, width);
}

#define FORWARD(suffix, T)                                                                  \
  extern "C" __global__ void row_norm_naive_##suffix(                                       \
      double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {  \
    naive(eps, rows, n, x, w, b, y);                                                        \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) row_norm_reread_##suffix(               \
      double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {  \
    if (wide_rows(n, x) && aligned(w) && aligned(b) && aligned(y)) {                        \
      reread<Pack<T>::SIZE>(eps, n, x, w, b, y);                                            \
    } else {                                                                                \
      reread<1>(eps, n, x, w, b, y);                                                        \
    }                                                                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) row_norm_held_##suffix(                 \
      double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {  \
    if (wide_rows(n, x) && aligned(w) && aligned(b) && aligned(y)) {                        \
      held<Pack<T>::SIZE>(eps, rows, n, x, w, b, y);                                        \
    } else {                                                                                \
      held<1>(eps, rows, n, x, w, b, y);                                                    \
    }                                                                                       \
  }
EACH_FLOATING(FORWARD)

// ---- gradient, naive

template <class T>
__device__ void grad_naive(
    double eps, long long rows, long long n,
    const T* x, const T* w, const T* dy,  // [rows, n], [n], [rows, n]
    T* dx,                                // [rows, n]
    double* moments) {                    // [rows, 2]: mean and r
  for (long long at = first(); at < rows; at += step()) {
    Row<T> row(x + at * n, n, eps);
    const T* slope = dy + at * n;
    double sum = 0;
    double dot = 0;
    for (long long i = 0; i < n; i++) {
      double h = (double)widen(slope[i]) * widen(w[i]);
      sum += h;
      dot += h * row.unit(i);
    }
    for (long long i = 0; i < n; i++) {
      double h = (double)widen(slope[i]) * widen(w[i]);
      dx[at * n + i] = Narrow<T>::of(row.r * (h - sum / n - row.unit(i) * dot / n));
    }
    moments[2 * at] = row.mean;
    moments[2 * at + 1] = row.r;
  }
}

template <class T>
__device__ void grad_naive_weights(
    long long rows, long long n, const T* x, const T* dy, const double* moments, T* dw, T* db) {
  for (long long i = first(); i < n; i += step()) {
    double scale = 0;
    double shift = 0;
    for (long long row = 0; row < rows; row++) {
      double slope = widen(dy[row * n + i]);
      scale += slope * ((widen(x[row * n + i]) - moments[2 * row]) * moments[2 * row + 1]);
      shift += slope;
    }
    dw[i] = Narrow<T>::of(scale);
    db[i] = Narrow<T>::of(shift);
  }
}

// ---- gradient, reread: dx by blocks of a row each; what the rows add to dw and db by columns

template <int V, class T, class C>
__device__ void grad_reread(
    double eps, long long n, const T* x, const T* w, const T* dy, T* dx,
    Moments<C>* moments) {  // [rows]
  x += blockIdx.x * n;
  dy += blockIdx.x * n;
  dx += blockIdx.x * n;
  Moments<C> m = moments_of_row<V>(x, n, eps);
  if (threadIdx.x == 0) {
    moments[blockIdx.x] = m;
  }
  C h0 = product((C)widen(dy[0]), (C)widen(w[0]));
  Totals<C> found = Totals<C>::none();
#pragma unroll 2
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C value[V];
    C scale[V];
    C slope[V];
    read_few<V>(x + i, value);
    read_few<V>(w + i, scale);
    read_few<V>(dy + i, slope);
#pragma unroll
    for (int j = 0; j < V; j++) {
      C h = product(slope[j], scale[j]) - h0;
      found.first += h;
      found.second += h * m.unit(value[j]);
    }
  }
  found = row_merge(found);
  C level = found.first / (C)n;
  C tilt = found.second / (C)n;
#pragma unroll 2
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C value[V];
    C scale[V];
    C slope[V];
    read_few<V>(x + i, value);
    read_few<V>(w + i, scale);
    read_few<V>(dy + i, slope);
#pragma unroll
    for (int j = 0; j < V; j++) {
      C h = product(slope[j], scale[j]) - h0;
      value[j] = m.r * (h - level - m.unit(value[j]) * tilt);
    }
    write_few<V>(value, dx + i);
  }
}

template <class T, class C>
__device__ void grad_weights(
    long long rows, long long n, long long part, const T* x, const T* dy,
    const Moments<C>* moments,
    C* parts) {  // [parts, 2, n]: dw and db of `part` rows each
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
    parts[2 * column.outer * n + column.i] = found.first;
    parts[(2 * column.outer + 1) * n + column.i] = found.second;
  }
}

// ---- gradient, held

constexpr int SMALL_BLOCK = 128;

template <int V, class T, class C>
__device__ void grad_held(
    double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,
    C* parts) {  // [gridDim.x, 2, n]: dw and db of the rows of a block
  Sums<C, HELD<C>> dw = {};
  Sums<C, HELD<C>> db = {};
  long long together = (long long)gridDim.x * blockDim.y;
  for (long long base = (long long)blockIdx.x * blockDim.y; base < rows; base += together) {
    long long row = base + threadIdx.y;
    int width = row < rows ? n : 0;
    row = row < rows ? row : 0;
    C unit[HELD<C>];
    C slope[HELD<C>];
    read_row<V>(x + row * n, width, C(0), unit);
    read_row<V>(dy + row * n, width, C(0), slope);
    Moments<C> moments = moments_of_held<V>(unit, width, eps);
    C h0 = product((C)widen(dy[row * n]), (C)widen(w[0]));
    Totals<C> found = Totals<C>::none();
#pragma unroll
    for (int k = 0; k < HELD<C> / V; k++) {
      if (column<V>(k) < width) {
        C scale[V];
        read_few<V>(w + column<V>(k), scale);
#pragma unroll
        for (int j = 0; j < V; j++) {
          int e = k * V + j;
          unit[e] = moments.unit(unit[e]);
          dw.sum[e] += slope[e] * unit[e];
          db.sum[e] += slope[e];
          slope[e] = product(slope[e], scale[j]) - h0;
          found.first += slope[e];
          found.second += slope[e] * unit[e];
        }
      }
    }
    found = row_merge(found);
    C level = found.first / (C)n;
    C tilt = found.second / (C)n;
#pragma unroll
    for (int e = 0; e < HELD<C>; e++) {
      slope[e] = moments.r * (slope[e] - level - unit[e] * tilt);
    }
    write_row<V>(slope, dx + row * n, width);
  }
  if (blockDim.y > 1) {
    dw = column_merge<SMALL_BLOCK>(dw);
    db = column_merge<SMALL_BLOCK>(db);
  }
  if (threadIdx.y == 0) {
    write_row<V>(dw.sum, parts + 2 * blockIdx.x * n, n);
    write_row<V>(db.sum, parts + (2 * blockIdx.x + 1) * n, n);
  }
}

/** Adds up parts, [count, 2, n], to dw and db: blocks of 32 × 32 threads, for 32 columns each. */
template <class T, class C>
__device__ void grad_sums(long long count, long long n, const C* parts, T* dw, T* db) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  Total<C> found = Total<C>::none();
#pragma unroll 8
  for (long long k = threadIdx.y; i < 2 * n && k < count; k += blockDim.y) {
    found.sum += parts[2 * k * n + i];
  }
  found = column_merge<1024>(found);
  if (threadIdx.y == 0 && i < 2 * n) {
    (i < n ? dw : db - n)[i] = Narrow<T>::of(found.sum);
  }
}

#define GRADIENT(suffix, T)                                                                 \
  extern "C" __global__ void row_norm_grad_naive_##suffix(                                  \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      double* moments) {                                                                    \
    grad_naive(eps, rows, n, x, w, dy, dx, moments);                                        \
  }                                                                                         \
  extern "C" __global__ void row_norm_grad_naive_weights_##suffix(                          \
      long long rows, long long n, const T* x, const T* dy, const double* moments, T* dw,   \
      T* db) {                                                                              \
    grad_naive_weights(rows, n, x, dy, moments, dw, db);                                    \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) row_norm_grad_reread_##suffix(          \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      Moments<Wide<T>::type>* moments) {                                                    \
    if (wide_rows(n, x) && aligned(w) && aligned(dy) && aligned(dx)) {                      \
      grad_reread<Pack<T>::SIZE>(eps, n, x, w, dy, dx, moments);                            \
    } else {                                                                                \
      grad_reread<1>(eps, n, x, w, dy, dx, moments);                                        \
    }                                                                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) row_norm_grad_weights_##suffix(         \
      long long rows, long long n, long long part, const T* x, const T* dy,                 \
      const Moments<Wide<T>::type>* moments, Wide<T>::type* parts) {                        \
    grad_weights(rows, n, part, x, dy, moments, parts);                                     \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256, 2) row_norm_grad_held_##suffix(            \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      Wide<T>::type* parts) {                                                               \
    if (wide_rows(n, x) && aligned(w) && aligned(dy) && aligned(dx)) {                      \
      grad_held<Pack<T>::SIZE>(eps, rows, n, x, w, dy, dx, parts);                          \
    } else {                                                                                \
      grad_held<1>(eps, rows, n, x, w, dy, dx, parts);                                      \
    }                                                                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(1024) row_norm_grad_sums_##suffix(           \
      long long count, long long n, const Wide<T>::type* parts, T* dw, T* db) {             \
    grad_sums(count, n, parts, dw, db);                                                     \
  }
EACH_FLOATING(GRADIENT)
