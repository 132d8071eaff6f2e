// The gradients of rows that norm.cu brings to mean 0 and variance 1: with h = dy ⊙ w,
//
//   dx = r (h − mean(h) − x̂ mean(h ⊙ x̂))      dw = Σ dy ⊙ x̂      db = Σ dy   (over the rows)
//
// and without mean(h) where the rows are not centred (row_rms).
//
//   naive   one thread a row, and one a column for dw and db; in double
//   reread  one block a row, 16 bytes an access; dw and db by columns
//   held    rows stay in registers of a group of threads, which go from row to row and keep what
//           these add to dw and db; a second launch adds that up. Beside the 40 rows of a block
//           that is 5 % of what is moved; beside rows of 16 bits 12 %, since these sums are F32 and
//           a thread's eight lie 32 bytes from its neighbour's. They fit into the second-level
//           cache, and more rows a block would leave a GPU without enough blocks
//
// A constant in h changes nothing of a centred dx; so held and reread take h less the row's first
// element, which leaves 0 where all are equal, and no rounding for a large r to make something of.
#include "norm.cuh"

// ---- gradient, naive

template <class K, class T>
__device__ void grad_naive(
    K kind, double eps, long long rows, long long n,
    const T* x, const T* w, const T* dy,  // [rows, n], [n], [rows, n]
    T* dx,                                // [rows, n]
    double* moments) {                    // [rows, 2]: mean and r
  for (long long at = first(); at < rows; at += step()) {
    Row<T> row(kind, x + at * n, n, eps);
    const T* slope = dy + at * n;
    double sum = 0;
    double dot = 0;
    for (long long i = 0; i < n; i++) {
      double h = (double)widen(slope[i]) * widen(w[i]);
      sum += K::YES ? h : 0;
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
    if (db) {
      db[i] = Narrow<T>::of(shift);
    }
  }
}

// ---- gradient, reread: dx by blocks of a row each; what the rows add to dw and db by columns

/** What h is measured from: the row's first, or 0 if that would leave ∞ − ∞. */
template <class K, class T>
__device__ typename Wide<T>::type origin(const T* dy, const T* w) {
  return K::YES ? finite_or_zero(product(widen(dy[0]), widen(w[0]))) : 0;
}

/** V elements of h, less h0, and of x̂, from element i of a row on. */
template <int V, class T, class C>
__device__ void read_products(
    const T* x, const T* w, const T* dy, long long i, C h0, const Moments<C>& m, C (&h)[V],
    C (&unit)[V]) {
  C scale[V];
  read_few<V>(x + i, unit);
  read_few<V>(w + i, scale);
  read_few<V>(dy + i, h);
#pragma unroll
  for (int j = 0; j < V; j++) {
    h[j] = product(h[j], scale[j]) - h0;
    unit[j] = m.unit(unit[j]);
  }
}

template <int V, class K, class T, class C>
__device__ void grad_reread(
    K kind, double eps, long long n, const T* x, const T* w, const T* dy, T* dx,
    Moments<C>* moments) {  // [rows]
  x += blockIdx.x * n;
  dy += blockIdx.x * n;
  dx += blockIdx.x * n;
  Moments<C> m = moments_of_row<V>(kind, x, n, eps);
  if (threadIdx.x == 0) {
    moments[blockIdx.x] = m;
  }
  C h0 = origin<K>(dy, w);
  Totals<C> found = Totals<C>::none();
#pragma unroll 2
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C h[V];
    C unit[V];
    read_products(x, w, dy, i, h0, m, h, unit);
#pragma unroll
    for (int j = 0; j < V; j++) {
      found.first += K::YES ? h[j] : C(0);
      found.second += h[j] * unit[j];
    }
  }
  found = row_merge<1>(found);
  C level = K::YES ? found.first / (C)n : C(0);
  C tilt = found.second / (C)n;
#pragma unroll 2
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C h[V];
    C unit[V];
    read_products(x, w, dy, i, h0, m, h, unit);
#pragma unroll
    for (int j = 0; j < V; j++) {
      h[j] = m.r * (h[j] - level - unit[j] * tilt);
    }
    write_few<V>(h, dx + i);
  }
}

template <class T, class C>
__device__ void grad_weights(
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

// ---- gradient, held

/** Threads of a block that has several rows. */
constexpr int ROWS_BLOCK = 256;

template <int V, class K, class T, class C>
__device__ void grad_held(
    K kind, double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,
    C* parts) {  // [gridDim.x, sums, n]: dw, and db if centred, of the rows of a block
  Sums<C, HELD<C>> dw = {};
  Sums<C, HELD<C>> db = {};
  long long together = (long long)gridDim.x * blockDim.y;
#pragma unroll 1
  for (long long base = (long long)blockIdx.x * blockDim.y; base < rows; base += together) {
    long long row = base + threadIdx.y;
    int width = row < rows ? n : 0;
    row = row < rows ? row : 0;
    C unit[HELD<C>];
    C slope[HELD<C>];
    read_row<V>(x + row * n, width, C(0), unit);
    read_row<V>(dy + row * n, width, C(0), slope);
    Moments<C> moments = moments_of_held<V>(kind, unit, width, eps);
    C h0 = origin<K>(dy + row * n, w);
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
          if constexpr (K::YES) {
            db.sum[e] += slope[e];
          }
          slope[e] = product(slope[e], scale[j]) - h0;
          found.first += K::YES ? slope[e] : C(0);
          found.second += slope[e] * unit[e];
        }
      }
    }
    found = row_merge<1>(found);
    C level = K::YES ? found.first / (C)n : C(0);
    C tilt = found.second / (C)n;
#pragma unroll
    for (int e = 0; e < HELD<C>; e++) {
      slope[e] = moments.r * (slope[e] - level - unit[e] * tilt);
    }
    write_row<V>(slope, dx + row * n, width);
  }
  if (blockDim.y > 1) {
    dw = column_merge<ROWS_BLOCK>(dw);
    if constexpr (K::YES) {
      __syncthreads();
      db = column_merge<ROWS_BLOCK>(db);
    }
  }
  if (threadIdx.y == 0) {
    parts += blockIdx.x * (K::YES ? 2 : 1) * n;
    write_row<V>(dw.sum, parts, n);
    if constexpr (K::YES) {
      write_row<V>(db.sum, parts + n, n);
    }
  }
}

/** Adds up parts, [count, sums, n], to dw and db: blocks of 32 × 32 threads, for 32 columns each. */
template <class T, class C>
__device__ void grad_sums(long long count, int sums, long long n, const C* parts, T* dw, T* db) {
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

#define GRADIENT(name, K, suffix, T)                                                        \
  extern "C" __global__ void name##_grad_naive_##suffix(                                    \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      double* moments) {                                                                    \
    grad_naive(K(), eps, rows, n, x, w, dy, dx, moments);                                   \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_grad_reread_##suffix(            \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      Moments<Wide<T>::type>* moments) {                                                    \
    if (wide_rows(n, x) && aligned(w) && aligned(dy)) {                                     \
      grad_reread<Pack<T>::SIZE>(K(), eps, n, x, w, dy, dx, moments);                       \
    } else {                                                                                \
      grad_reread<1>(K(), eps, n, x, w, dy, dx, moments);                                   \
    }                                                                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_grad_held_##suffix(              \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      Wide<T>::type* parts) {                                                               \
    if (wide_rows(n, x) && aligned(w) && aligned(dy)) {                                     \
      grad_held<Pack<T>::SIZE>(K(), eps, rows, n, x, w, dy, dx, parts);                     \
    } else {                                                                                \
      grad_held<1>(K(), eps, rows, n, x, w, dy, dx, parts);                                 \
    }                                                                                       \
  }
#define OF_ROW_NORM(suffix, T) GRADIENT(row_norm, Centred, suffix, T)
#define OF_ROW_RMS(suffix, T) GRADIENT(row_rms, Uncentred, suffix, T)
EACH_FLOATING(OF_ROW_NORM)
EACH_FLOATING(OF_ROW_RMS)

#define WEIGHTS(suffix, T)                                                                  \
  extern "C" __global__ void norm_grad_naive_weights_##suffix(                              \
      long long rows, long long n, const T* x, const T* dy, const double* moments, T* dw,   \
      T* db) {                                                                              \
    grad_naive_weights(rows, n, x, dy, moments, dw, db);                                    \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) norm_grad_weights_##suffix(             \
      long long rows, long long n, long long part, const T* x, const T* dy,                 \
      const Moments<Wide<T>::type>* moments, long long sums, Wide<T>::type* parts) {        \
    grad_weights(rows, n, part, x, dy, moments, sums, parts);                               \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(1024) norm_grad_sums_##suffix(               \
      long long count, int sums, long long n, const Wide<T>::type* parts, T* dw, T* db) {   \
    grad_sums(count, sums, n, parts, dw, db);                                               \
  }
EACH_FLOATING(WEIGHTS)
