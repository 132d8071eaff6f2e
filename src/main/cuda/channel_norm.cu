// Channels brought to mean 0 and variance 1, scaled and shifted, of x [N, C, inner], as batch
// normalisation does: y = x̂ ⊙ w + b with x̂ = (x − mean) r and r = 1 / √(variance + eps), and w and b
// [C].
//
//   naive   one thread a channel, in double
//   parts   three launches: sums of parts of each channel, the sums of these, and the result; x is
//           read twice, as it must be where it is larger than the caches. Where inner is long, a
//           part is a block's, which goes from run to run; where it is short, threads side by side
//           take neighbouring columns of [N, C · inner]. 16 bytes an access either way
//   held    one launch: a channel of up to 8,192 elements, as the later layers of a network for
//           images have, is read once and stays in registers of a group of threads
//
// So parts moves 1.5 times the bytes that it must, and sums of columns come on top: 1.75 times for
// 32 images of 7 × 7 pixels. Held moves what it must, but runs that begin in the midst of a sector
// share it with their neighbours: 1.4 times for those images, 1.2 for 14 × 14 pixels of 16 bits.
//
// Of 768 rows of 1,023 columns, which begin anywhere, parts moves 1.8: the first reading, in which a
// thread has the same columns in all rows, is 1.2 times as long for it, and the numbers of channels,
// which a thread asks for beside its 16 rows, are an eighth. Of 4,096 rows they are half of that.
//
// Σ x² / n − mean² would lose all digits of a variance that is small beside the mean. So a thread
// takes its first element from all others before it adds them and their squares. These err by no
// more than its few additions do: that element is one of the channel's, so n variances are not less
// than the square of its distance from the mean. What threads found is then brought to a common
// origin and added up in double, where those distances cost nothing that matters.
#include "channel_sums.cuh"

// ---- naive

template <class T>
__device__ void naive(
    double eps, Sizes size, const T* x, const T* w, const T* b, T* y, double* means,
    double* variances) {
  for (long long c = first(); c < size.channels; c += step()) {
    double mean = 0;
    for (long long k = 0; k < size.count(); k++) {
      mean += widen(x[size.at(c, k)]);
    }
    mean /= size.count();
    double variance = 0;
    for (long long k = 0; k < size.count(); k++) {
      double d = widen(x[size.at(c, k)]) - mean;
      variance += d * d;
    }
    variance /= size.count();
    double r = 1 / sqrt(variance + eps);
    for (long long k = 0; k < size.count(); k++) {
      double unit = (widen(x[size.at(c, k)]) - mean) * r;
      y[size.at(c, k)] = Narrow<T>::of(unit * widen(w[c]) + widen(b[c]));
    }
    means[c] = mean;
    variances[c] = variance;
  }
}

// ---- parts

/** Σ x and Σ x², both about the first element of the channel. */
template <class T, int V> struct MomentsOf {
  typedef typename Wide<T>::type C;
  const T* x;
  int seen;
  C shift[V];
  C sum[V];
  C square[V];

  __device__ MomentsOf(const T* x) : x(x), seen(0), shift(), sum(), square() {}

  __device__ void begin(int, long long) {}

  __device__ void take(long long at) {
    C few[V];
    read_few<V>(x + at, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      shift[j] = seen == 0 ? finite_or_zero(few[j]) : shift[j];
      C d = few[j] - shift[j];
      sum[j] += d;
      square[j] = fma_of(d, d, square[j]);
    }
    seen++;
  }

  __device__ C level(int j) const { return shift[j]; }

  __device__ Totals<double> total(int j, double level) const {
    return measured({sum[j], square[j]}, seen, shift[j] - level);
  }

  __device__ Totals<double> total(
      Totals<double> all, long long count, double level, long long origin) const {
    return measured(all, count, level - finite_or_zero(widen(x[origin])));
  }

  /** Sums of `count` numbers and their squares, once each of these is larger by `far`. */
  static __device__ Totals<double> measured(Totals<double> all, long long count, double far) {
    if (count == 0) {
      return Totals<double>::none();
    }
    double more = count * far;
    return {all.first + more, all.second + far * (2 * all.first + more)};
  }
};

/** The moments of a channel of n elements by their sums about `origin`, and what makes y. */
template <class C>
__device__ void moments_by(
    double eps, double origin, Totals<double> all, double n, C w, C b, double& mean,
    double& variance, Factors<C>& factors) {
  double rest = all.first / n;
  double squares = all.second / n - rest * rest;
  mean = origin + rest;
  variance = squares < 0 ? 0 : squares;
  factors = Factors<C>::of(mean, w / sqrt(variance + eps), b);
}

/** What is found of a channel, by a warp. */
template <class T, class C>
__device__ void found(
    double eps, Sizes size, int runs, const Totals<double>* parts,
    const T* x, const T* w, const T* b,  // [N, C, inner], [C], [C]
    double* mean, double* variance,      // [C]
    Factors<C>* factors) {               // [C]
  long long c = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  Totals<double> all = add_parts(size, runs, c, parts);
  if (threadIdx.x == 0 && c < size.channels) {
    double origin = finite_or_zero(widen(x[c * size.inner]));
    moments_by(eps, origin, all, size.count(), widen(w[c]), widen(b[c]), mean[c], variance[c],
               factors[c]);
  }
}

/** y = x̂ ⊙ w + b. */
template <class T, int V> struct Scale {
  typedef typename Wide<T>::type C;
  const T* x;
  T* y;

  template <class F> __device__ void at(long long i, const F& f) const {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] = f[j].scaled(few[j]);
    }
    write_few<V>(few, y + i);
  }
};

// ---- held

template <int V, class T>
__device__ void held(
    double eps, Sizes size, Divider inner, const T* x, const T* w, const T* b, T* y, double* means,
    double* variances) {
  typedef typename Wide<T>::type C;
  Held<V> channel(size, inner);
  double n = size.count();
  C values[HELD<C>];
  channel.read(x, values);
  C sum = 0;
#pragma unroll
  for (int k = 0; k < HELD<C>; k++) {
    sum += values[k];
  }
  C near = finite_or_zero((C)(row_merge(Total<double>{sum}).sum / n));
  Totals<C> centred = Totals<C>::none();
#pragma unroll
  for (int k = 0; k < HELD<C>; k++) {
    C d = channel.has(k) ? values[k] - near : C(0);
    centred.first += d;
    centred.second += d * d;
  }
  Totals<double> all = row_merge(Totals<double>{centred.first, centred.second});
  Factors<C> factors;
  if (threadIdx.x == 0 && channel.exists()) {
    long long c = channel.at;
    moments_by(eps, near, all, n, widen(w[c]), widen(b[c]), means[c], variances[c], factors);
  }
  factors = of_first(factors);
#pragma unroll
  for (int k = 0; k < HELD<C>; k++) {
    values[k] = factors.scaled(values[k]);
  }
  channel.write(values, y);
}

#define ENTRIES(suffix, T)                                                                      \
  extern "C" __global__ void channel_norm_naive_##suffix(                                       \
      double eps, Sizes size, const T* x, const T* w, const T* b, T* y, double* mean,           \
      double* variance) {                                                                       \
    naive(eps, size, x, w, b, y, mean, variance);                                               \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256) channel_norm_moments_runs_##suffix(         \
      Sizes size, int pack, const T* x, Totals<double>* parts) {                                \
    by_packs<T>(pack, [&](auto width) {                                                         \
      constexpr int V = decltype(width)::ELEMENTS;                                              \
      sum_runs<V>(size, MomentsOf<T, V>(x), parts);                                             \
    });                                                                                         \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256) channel_norm_moments_columns_##suffix(      \
      Sizes size, Divider inner, int wide, const T* x, Totals<double>* parts) {                 \
    if (wide) {                                                                                 \
      sum_columns<Pack<T>::SIZE>(size, inner, MomentsOf<T, Pack<T>::SIZE>(x), parts);           \
    } else {                                                                                    \
      sum_columns<1>(size, inner, MomentsOf<T, 1>(x), parts);                                   \
    }                                                                                           \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(512) channel_norm_held_##suffix(                 \
      double eps, Sizes size, Divider inner, int pack, const T* x, const T* w, const T* b,      \
      T* y, double* mean, double* variance) {                                                   \
    by_packs<T>(pack, [&](auto width) {                                                         \
      held<decltype(width)::ELEMENTS>(eps, size, inner, x, w, b, y, mean, variance);            \
    });                                                                                         \
  }                                                                                             \
  extern "C" __global__ void channel_norm_found_##suffix(                                       \
      double eps, Sizes size, int runs, const Totals<double>* parts, const T* x, const T* w,    \
      const T* b, double* mean, double* variance, Factors<Wide<T>::type>* factors) {            \
    found(eps, size, runs, parts, x, w, b, mean, variance, factors);                            \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(512) channel_norm_scale_runs_##suffix(           \
      Pieces pieces, Divider channels, Divider per_run, int wide, const T* x,                   \
      const Factors<Wide<T>::type>* factors, T* y) {                                            \
    if (wide) {                                                                                 \
      each_run<Pack<T>::SIZE>(                                                                  \
          pieces, channels, per_run, factors, Scale<T, Pack<T>::SIZE>{x, y});                   \
    } else {                                                                                    \
      each_run<1>(pieces, channels, per_run, factors, Scale<T, 1>{x, y});                       \
    }                                                                                           \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256) channel_norm_scale_columns_##suffix(        \
      Sizes size, Divider inner, int wide, const T* x,                                          \
      const Factors<Wide<T>::type>* factors, T* y) {                                            \
    if (wide) {                                                                                 \
      each_column<Pack<T>::SIZE>(size, inner, factors, Scale<T, Pack<T>::SIZE>{x, y});          \
    } else {                                                                                    \
      each_column<1>(size, inner, factors, Scale<T, 1>{x, y});                                  \
    }                                                                                           \
  }
EACH_FLOATING(ENTRIES)
