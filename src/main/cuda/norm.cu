// Rows brought to mean 0 and variance 1, scaled and shifted: y = x̂ ⊙ w + b with x̂ = (x − mean) r and
// r = 1 / √(variance + eps), of x [rows, n], w [n] and b [n]; or (row_rms) divided by the root of
// their mean square and scaled, which is the same with 0 for the mean and for b.
//
//   naive   one thread a row, in double
//   reread  one block a row, 16 bytes an access; a row is read three times
//   held    a row is read once and stays in registers of its group of threads, which go from row to
//           row: a block's rows share what its cache holds of w and b, 4 % beside 24 rows
//
// Rows of odd length begin within a sector. Reread has their packs begin with the first whole one
// (edges.cuh); of w and b, which begin elsewhere, it reads what goes with a pack one by one. Held
// reads everything one by one, from that sector on: so a warp asks for whole ones of x, and for what
// lies side by side of w and b. That makes 1.05 of rows of 1,023. Rows that are a multiple of 16
// bytes, but of no whole sectors, are read in packs from their beginning: 1.07 of 1,020 floats.
#include "norm.cuh"

// ---- forward, naive

template <class K, class T>
__device__ void naive(
    K kind, double eps, long long rows, long long n,
    const T* x, const T* w, const T* b,  // [rows, n], [n], [n]
    T* y) {                              // [rows, n]
  for (long long at = first(); at < rows; at += step()) {
    Row<T> row(kind, x + at * n, n, eps);
    for (long long i = 0; i < n; i++) {
      y[at * n + i] = Narrow<T>::of(row.unit(i) * widen(w[i]) + (K::YES ? widen(b[i]) : 0));
    }
  }
}

// ---- forward, reread

/** Writes V elements of a row at a time. */
template <class K, class T> struct Scaling {
  typedef typename Wide<T>::type C;
  Moments<C> moments;
  const T* x;
  const T* w;
  const T* b;
  T* y;

  template <int V> __device__ void at(long long i) {
    C few[V];
    C scale[V];
    C shift[V] = {};
    read_few<V>(x + i, few);
    read_weights<V>(w + i, scale);
    if (K::YES) {
      read_weights<V>(b + i, shift);
    }
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] = fma_of(moments.unit(few[j]), scale[j], shift[j]);
    }
    write_few<V>(few, y + i);
  }
};

template <int V, class K, class T>
__device__ void reread(
    K kind, double eps, long long n, const T* x, const T* w, const T* b, T* y) {
  x += blockIdx.x * n;
  y += blockIdx.x * n;
  Scaling<K, T> scaling = {moments_of_row<V>(kind, x, n, eps), x, w, b, y};
  each_few<V, 2>(x, n, scaling);
}

// ---- forward, held

template <int V, class K, class T>
__device__ void held(
    K kind, double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {
  typedef typename Wide<T>::type C;
  typedef Span<V, C> Part;
  long long together = (long long)gridDim.x * blockDim.y;
#pragma unroll 1
  for (long long base = (long long)blockIdx.x * blockDim.y; base < rows; base += together) {
    long long row = base + threadIdx.y;
    int width = row < rows ? n : 0;  // without a row of its own, a group goes through the motions
    row = row < rows ? row : 0;
    C values[Part::HAS];
    Part span = Part::of(x + row * n, width);
    span.read(x + row * n, values);
    Moments<C> moments = moments_of_held(kind, values, span, eps);
#pragma unroll
    for (int k = 0; k < Part::HAS / V; k++) {
      if (span.has(k)) {
        C scale[V];
        C shift[V] = {};
        read_few<V>(w + span.at(k), scale);
        if (K::YES) {
          read_few<V>(b + span.at(k), shift);
        }
#pragma unroll
        for (int j = 0; j < V; j++) {
          values[k * V + j] = fma_of(moments.unit(values[k * V + j]), scale[j], shift[j]);
        }
      }
    }
    span.write(values, y + row * n);
    if (!K::YES) {
      __syncthreads();  // rows that are not centred are merged once each, with no barrier in between
    }
  }
}

#define FORWARD(name, K, suffix, T)                                                         \
  extern "C" __global__ void name##_naive_##suffix(                                         \
      double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {  \
    naive(K(), eps, rows, n, x, w, b, y);                                                   \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_reread_##suffix(                 \
      double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {  \
    if (aligned(x)) {  /* as y is */                                                        \
      reread<Pack<T>::SIZE>(K(), eps, n, x, w, b, y);                                       \
    } else {                                                                                \
      reread<1>(K(), eps, n, x, w, b, y);                                                   \
    }                                                                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_held_##suffix(                   \
      double eps, long long rows, long long n, const T* x, const T* w, const T* b, T* y) {  \
    if (wide_rows(n, x) && aligned(w) && aligned(b)) {                                      \
      held<Pack<T>::SIZE>(K(), eps, rows, n, x, w, b, y);                                   \
    } else {                                                                                \
      held<1>(K(), eps, rows, n, x, w, b, y);                                               \
    }                                                                                       \
  }
#define ROW_NORM(suffix, T) FORWARD(row_norm, Centred, suffix, T)
#define ROW_RMS(suffix, T) FORWARD(row_rms, Uncentred, suffix, T)
EACH_FLOATING(ROW_NORM)
EACH_FLOATING(ROW_RMS)
