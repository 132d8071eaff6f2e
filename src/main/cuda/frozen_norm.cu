// channel_norm.cu where the mean and the variance are given, as in use after training.
//
//   naive   one thread an element, in double
//   parts   two launches: the numbers of each channel, and the result, as channel_norm.cu makes it.
//           For 768 rows of 1,023 columns these numbers make 1.14 times what must be moved: each
//           thread asks for those of its column, beside 16 rows (32 of 4,096), though a cache has them
#include "channels.cuh"

template <class T>
__device__ void naive(
    double eps, Sizes size, const T* x, const T* w, const T* b,  // [N, C, inner], [C], [C]
    const double* mean, const double* variance,                  // [C]
    T* y) {                                                      // as x
  for (long long i = first(); i < size.outer * size.columns(); i += step()) {
    long long c = i / size.inner % size.channels;
    double unit = (widen(x[i]) - mean[c]) / sqrt(variance[c] + eps);
    y[i] = Narrow<T>::of(unit * widen(w[c]) + widen(b[c]));
  }
}

template <class T, class C>
__device__ void factors_of(
    double eps, long long channels, const T* w, const T* b, const double* mean,
    const double* variance, Factors<C>* factors) {
  for (long long c = first(); c < channels; c += step()) {
    factors[c] = Factors<C>::of(mean[c], widen(w[c]) / sqrt(variance[c] + eps), widen(b[c]));
  }
}

#define ENTRIES(suffix, T)                                                                      \
  extern "C" __global__ void frozen_norm_naive_##suffix(                                        \
      double eps, Sizes size, const T* x, const T* w, const T* b, const double* mean,           \
      const double* variance, T* y) {                                                           \
    naive(eps, size, x, w, b, mean, variance, y);                                               \
  }                                                                                             \
  extern "C" __global__ void frozen_norm_factors_##suffix(                                      \
      double eps, long long channels, const T* w, const T* b, const double* mean,               \
      const double* variance, Factors<Wide<T>::type>* factors) {                                \
    factors_of(eps, channels, w, b, mean, variance, factors);                                   \
  }
EACH_FLOATING(ENTRIES)
