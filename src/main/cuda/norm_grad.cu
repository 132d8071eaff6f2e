// The gradients of rows that norm.cu brings to mean 0 and variance 1: with h = dy ⊙ w,
//
//   dx = r (h − mean(h) − x̂ mean(h ⊙ x̂))      dw = Σ dy ⊙ x̂      db = Σ dy   (over the rows)
//
// and without mean(h) where the rows are not centred (row_rms).
//
//   naive   one thread a row, in double; norm_weights.cu then finds dw and db, as for reread
//   reread  one block a row, 16 bytes an access
//   held    rows stay in registers of a group of threads, which go from row to row and keep what
//           these add to dw and db; norm_weights.cu adds that up
//
// What a block of held does once, beside its 40 rows, is 5 % of what is moved; of 16 bits, 9 %, since
// the sums that it leaves are F32 (row_rms leaves half as many: 2 % and 4 %). They fit into the
// second-level cache, and more rows a block would leave a GPU without enough blocks.
//
// A thread of held has the same columns in all rows, for the sake of these sums. Of rows of odd
// length, which begin within a sector, a block has those that begin equally far into one: so the
// columns can be counted from the next. It makes 1.06 of rows of 1,023 floats, 1.12 of 16 bits.
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

// ---- gradient, reread

/** What h is measured from: the row's first, or 0 if that would leave ∞ − ∞. */
template <class K, class T>
__device__ typename Wide<T>::type origin(const T* dy, const T* w) {
  return K::YES ? finite_or_zero(product(widen(dy[0]), widen(w[0]))) : 0;
}

/** Goes through h, less h0, and x̂: first for Σ h and Σ h ⊙ x̂, then for dx. */
template <class K, class T> struct Products {
  typedef typename Wide<T>::type C;
  const T* x;
  const T* w;
  const T* dy;
  C h0;
  Moments<C> moments;
  Totals<C> found;

  template <int V> __device__ void read(long long i, C (&h)[V], C (&unit)[V]) const {
    C scale[V];
    read_few<V>(x + i, unit);
    read_weights<V>(w + i, scale);
    read_few<V>(dy + i, h);
#pragma unroll
    for (int j = 0; j < V; j++) {
      h[j] = product(h[j], scale[j]) - h0;
      unit[j] = moments.unit(unit[j]);
    }
  }

  template <int V> __device__ void at(long long i) {
    C h[V];
    C unit[V];
    read(i, h, unit);
#pragma unroll
    for (int j = 0; j < V; j++) {
      found.first += K::YES ? h[j] : C(0);
      found.second += h[j] * unit[j];
    }
  }
};

/** Writes dx = r (h − level − x̂ tilt). */
template <class K, class T> struct Sloping {
  typedef typename Wide<T>::type C;
  Products<K, T> products;
  C level;
  C tilt;
  T* dx;

  template <int V> __device__ void at(long long i) {
    C h[V];
    C unit[V];
    products.read(i, h, unit);
#pragma unroll
    for (int j = 0; j < V; j++) {
      h[j] = products.moments.r * (h[j] - level - unit[j] * tilt);
    }
    write_few<V>(h, dx + i);
  }
};

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
  Products<K, T> products = {x, w, dy, origin<K>(dy, w), m, Totals<C>::none()};
  each_few<V, 2>(x, n, products);
  Totals<C> found = row_merge<1>(products.found);
  Sloping<K, T> sloping = {
      products, K::YES ? found.first / (C)n : C(0), found.second / (C)n, dx};
  each_few<V, 2>(x, n, sloping);
}

// ---- gradient, held

/** Threads of a block that has several rows. */
constexpr int ROWS_BLOCK = 256;

/** Elements of an access: four of 16 bits, so that sums of neighbours, F32, leave no gaps. */
template <class T> constexpr int FEW = Pack<T>::SIZE < 4 ? Pack<T>::SIZE : 4;

template <int V, class K, class T, class C>
__device__ void grad_held(
    K kind, double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,
    C* parts) {  // [gridDim.x, sums, n]: dw, and db if centred, of the rows of a block
  typedef Span<V, C> Part;
  Sums<C, Part::HAS> dw = {};
  Sums<C, Part::HAS> db = {};
  // Every S-th row begins equally far into a sector. Those are a block's, if the grid allows.
  constexpr int S = SECTOR / sizeof(T);
  bool apart = V == 1 && blockDim.x >= WARP && n % S != 0 && gridDim.x % S == 0;
  int stride = apart ? S : 1;
  int phase = blockIdx.x % stride;
  Part whole = apart ? Part::of(x + phase * n, n) : Part{0, (int)n};
  long long together = gridDim.x / stride * blockDim.y;
#pragma unroll 1
  for (long long base = blockIdx.x / stride * blockDim.y; phase + base * stride < rows;
       base += together) {
    long long row = phase + (base + threadIdx.y) * stride;
    Part part = row < rows ? whole : Part{0, 0};
    row = row < rows ? row : 0;
    C unit[Part::HAS];
    C slope[Part::HAS];
    part.read(x + row * n, unit);
    part.read(dy + row * n, slope);
    Moments<C> moments = moments_of_held(kind, unit, part, eps);
    C h0 = origin<K>(dy + row * n, w);
    Totals<C> found = Totals<C>::none();
#pragma unroll
    for (int k = 0; k < Part::HAS / V; k++) {
      if (part.has(k)) {
        C scale[V];
        read_few<V>(w + part.at(k), scale);
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
    for (int e = 0; e < Part::HAS; e++) {
      slope[e] = moments.r * (slope[e] - level - unit[e] * tilt);
    }
    part.write(slope, dx + row * n);
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
    whole.write(dw.sum, parts);
    if constexpr (K::YES) {
      whole.write(db.sum, parts + n);
    }
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
    if (aligned(x) && aligned(dy)) {                                                        \
      grad_reread<Pack<T>::SIZE>(K(), eps, n, x, w, dy, dx, moments);                       \
    } else {                                                                                \
      grad_reread<1>(K(), eps, n, x, w, dy, dx, moments);                                   \
    }                                                                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_grad_held_##suffix(              \
      double eps, long long rows, long long n, const T* x, const T* w, const T* dy, T* dx,  \
      Wide<T>::type* parts) {                                                               \
    if (wide_rows(n, x) && aligned(w) && aligned(dy)) {                                     \
      grad_held<FEW<T>>(K(), eps, rows, n, x, w, dy, dx, parts);                           \
    } else {                                                                                \
      grad_held<1>(K(), eps, rows, n, x, w, dy, dx, parts);                                 \
    }                                                                                       \
  }
#define OF_ROW_NORM(suffix, T) GRADIENT(row_norm, Centred, suffix, T)
#define OF_ROW_RMS(suffix, T) GRADIENT(row_rms, Uncentred, suffix, T)
EACH_FLOATING(OF_ROW_NORM)
EACH_FLOATING(OF_ROW_RMS)
