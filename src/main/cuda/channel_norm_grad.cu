// The gradient of channel_norm.cu: with n = N · inner, and all sums over a channel,
//
//   dx = w r (dy − Σ dy / n − x̂ Σ (dy ⊙ x̂) / n) + (dmean + 2 (x − mean) dvariance) / n
//   dw = Σ dy ⊙ x̂      db = Σ dy
//
//   naive   one thread a channel, in double
//   parts   three launches, as there: x and dy are read twice, 1.67 times the bytes that it must;
//           2.3 times for 768 rows of 1,023 columns
//   held    one launch, as there: they are read once
#include "channel_sums.cuh"

// ---- naive

template <class T>
__device__ void naive_grad(
    double eps, Sizes size, const T* x, const T* w, const T* dy, const double* mean,
    const double* variance, const double* of_mean, const double* of_variance, T* dx, T* dw,
    T* db) {
  double n = size.count();
  for (long long c = first(); c < size.channels; c += step()) {
    double r = 1 / sqrt(variance[c] + eps);
    double sum = 0;
    double dot = 0;
    for (long long k = 0; k < n; k++) {
      double slope = widen(dy[size.at(c, k)]);
      sum += slope;
      dot += slope * (widen(x[size.at(c, k)]) - mean[c]) * r;
    }
    for (long long k = 0; k < n; k++) {
      double d = widen(x[size.at(c, k)]) - mean[c];
      double rest = widen(dy[size.at(c, k)]) - sum / n - d * r * dot / n;
      double statistics = (of_mean[c] + 2 * d * of_variance[c]) / n;
      dx[size.at(c, k)] = Narrow<T>::of(widen(w[c]) * r * rest + statistics);
    }
    dw[c] = Narrow<T>::of(dot);
    db[c] = Narrow<T>::of(sum);
  }
}

// ---- parts

/** Σ dy and Σ dy ⊙ (x − mean), with a mean that is rounded: `found` makes that good. */
template <class T, int V> struct ProductsOf {
  typedef typename Wide<T>::type C;
  const T* x;
  const T* dy;
  const double* mean;
  C shift[V];
  C sum[V];
  C dot[V];

  __device__ ProductsOf(const T* x, const T* dy, const double* mean)
      : x(x), dy(dy), mean(mean), shift(), sum(), dot() {}

  __device__ void begin(int j, long long channel) { shift[j] = (C)mean[channel]; }

  __device__ void take(long long at) {
    C value[V];
    C slope[V];
    read_few<V>(x + at, value);
    read_few<V>(dy + at, slope);
#pragma unroll
    for (int j = 0; j < V; j++) {
      sum[j] += slope[j];
      dot[j] = fma_of(slope[j], value[j] - shift[j], dot[j]);
    }
  }

  __device__ C level(int) const { return 0; }

  __device__ Totals<double> total(int j, double) const { return {sum[j], dot[j]}; }

  __device__ Totals<double> total(Totals<double> all, long long, double, long long) const {
    return all;
  }
};

/** The numbers of scale.by (dy − level − d slope) + d tilt + scale.rest, with d = x − mean. */
template <class C> struct alignas(16) Slopes {
  Factors<C> scale;
  C level;
  C slope;
  C tilt;
  C unused;

  __device__ C combined(C x, C dy) const {
    C d = scale.centred(x);
    C h = fma_of(-slope, d, dy - level);
    return fma_of(scale.by, h, fma_of(tilt, d, scale.rest));
  }
};

/** What there is for each channel: w, the statistics and their gradients, dw and db, all [C]. */
template <class T> struct PerChannel {
  const T* w;
  const double* mean;
  const double* variance;
  const double* of_mean;
  const double* of_variance;
  T* dw;
  T* db;

  /** Writes dw and db by Σ dy and Σ dy ⊙ (x − mean) over n elements, and what makes dx. */
  template <class C>
  __device__ void find(
      double eps, double n, long long c, Totals<double> all, Slopes<C>& factors) const {
    double r = 1 / sqrt(variance[c] + eps);
    double dot = all.second * r;
    dw[c] = Narrow<T>::of(dot);
    db[c] = Narrow<T>::of(all.first);
    factors = {
        Factors<C>::of(mean[c], widen(w[c]) * r, of_mean[c] / n), (C)(all.first / n),
        (C)(dot * r / n), (C)(2 * of_variance[c] / n), C(0)};
  }
};

/** What is found of a channel, by a warp. */
template <class T, class C>
__device__ void found_grad(
    double eps, Sizes size, int runs, const Totals<double>* parts,
    PerChannel<T> of, Slopes<C>* factors) {  // [C]
  long long c = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  Totals<double> all = add_parts(size, runs, c, parts);
  if (threadIdx.x == 0 && c < size.channels) {
    double off = lost<C>(of.mean[c]);
    all.second -= off == 0 ? 0 : off * all.first;  // no 0 · ∞
    of.find(eps, size.count(), c, all, factors[c]);
  }
}

/** dx. */
template <class T, int V> struct Combine {
  typedef typename Wide<T>::type C;
  const T* x;
  const T* dy;
  T* dx;

  template <class F> __device__ void at(long long i, const F& f) const {
    C few[V];
    C slope[V];
    read_few<V>(x + i, few);
    read_few<V>(dy + i, slope);
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] = f[j].combined(few[j], slope[j]);
    }
    write_few<V>(few, dx + i);
  }
};

// ---- held

template <int V, class T>
__device__ void held_grad(
    double eps, Sizes size, Divider inner, const T* x, const T* dy, PerChannel<T> of, T* dx) {
  typedef typename Wide<T>::type C;
  Held<V> channel(size, inner);
  C values[HELD<C>];
  C slopes[HELD<C>];
  channel.read(x, values);
  channel.read(dy, slopes);
  double mean = channel.exists() ? of.mean[channel.at] : 0;
  Factors<C> from = Factors<C>::of(mean, 0, 0);
  Totals<C> mine = Totals<C>::none();
#pragma unroll
  for (int k = 0; k < HELD<C>; k++) {
    if (channel.has(k)) {
      mine.first += slopes[k];
      mine.second = fma_of(slopes[k], from.centred(values[k]), mine.second);
    }
  }
  Totals<double> all = row_merge(Totals<double>{mine.first, mine.second});
  Slopes<C> factors;
  if (threadIdx.x == 0 && channel.exists()) {
    of.find(eps, size.count(), channel.at, all, factors);
  }
  factors = of_first(factors);
#pragma unroll
  for (int k = 0; k < HELD<C>; k++) {
    values[k] = factors.combined(values[k], slopes[k]);
  }
  channel.write(values, dx);
}

#define ENTRIES(suffix, T)                                                                      \
  extern "C" __global__ void channel_norm_grad_naive_##suffix(                                  \
      double eps, Sizes size, const T* x, const T* w, const T* dy, const double* mean,          \
      const double* variance, const double* of_mean, const double* of_variance, T* dx,          \
      T* dw, T* db) {                                                                           \
    naive_grad(                                                                                 \
        eps, size, x, w, dy, mean, variance, of_mean, of_variance, dx, dw, db);                 \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256) channel_norm_grad_products_runs_##suffix(   \
      Sizes size, int pack, const T* x, const T* dy, const double* mean,                        \
      Totals<double>* parts) {                                                                  \
    by_packs<T>(pack, [&](auto width) {                                                         \
      constexpr int V = decltype(width)::ELEMENTS;                                              \
      sum_runs<V>(size, ProductsOf<T, V>(x, dy, mean), parts);                                  \
    });                                                                                         \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256) channel_norm_grad_products_columns_##suffix(     \
      Sizes size, Divider inner, int wide, const T* x, const T* dy, const double* mean,         \
      Totals<double>* parts) {                                                                  \
    if (wide) {                                                                                 \
      constexpr int V = Pack<T>::SIZE;                                                          \
      sum_columns<V>(size, inner, ProductsOf<T, V>(x, dy, mean), parts);                        \
    } else {                                                                                    \
      sum_columns<1>(size, inner, ProductsOf<T, 1>(x, dy, mean), parts);                        \
    }                                                                                           \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(512) channel_norm_grad_held_##suffix(            \
      double eps, Sizes size, Divider inner, int pack, const T* x, const T* w, const T* dy,     \
      const double* mean, const double* variance, const double* of_mean,                        \
      const double* of_variance, T* dx, T* dw, T* db) {                                         \
    PerChannel<T> of = {w, mean, variance, of_mean, of_variance, dw, db};                       \
    by_packs<T>(pack, [&](auto width) {                                                         \
      held_grad<decltype(width)::ELEMENTS>(eps, size, inner, x, dy, of, dx);                    \
    });                                                                                         \
  }                                                                                             \
  extern "C" __global__ void channel_norm_grad_found_##suffix(                                  \
      double eps, Sizes size, int runs, const Totals<double>* parts, const T* w,                \
      const double* mean, const double* variance, const double* of_mean,                        \
      const double* of_variance, T* dw, T* db, Slopes<Wide<T>::type>* factors) {                \
    PerChannel<T> of = {w, mean, variance, of_mean, of_variance, dw, db};                       \
    found_grad(eps, size, runs, parts, of, factors);                                            \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(512) channel_norm_grad_combine_runs_##suffix(         \
      Pieces pieces, Divider channels, Divider per_run, int wide, const T* x, const T* dy,      \
      const Slopes<Wide<T>::type>* factors, T* dx) {                                           \
    if (wide) {                                                                                 \
      each_run<Pack<T>::SIZE>(                                                                  \
          pieces, channels, per_run, factors, Combine<T, Pack<T>::SIZE>{x, dy, dx});            \
    } else {                                                                                    \
      each_run<1>(pieces, channels, per_run, factors, Combine<T, 1>{x, dy, dx});                \
    }                                                                                           \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256) channel_norm_grad_combine_columns_##suffix(      \
      Sizes size, Divider inner, int wide, const T* x, const T* dy,                             \
      const Slopes<Wide<T>::type>* factors, T* dx) {                                           \
    if (wide) {                                                                                 \
      each_column<Pack<T>::SIZE>(size, inner, factors, Combine<T, Pack<T>::SIZE>{x, dy, dx});   \
    } else {                                                                                    \
      each_column<1>(size, inner, factors, Combine<T, 1>{x, dy, dx});                           \
    }                                                                                           \
  }
EACH_FLOATING(ENTRIES)
