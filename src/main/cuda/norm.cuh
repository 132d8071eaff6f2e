// What norm.cu and norm_grad.cu share: the moments of a row, by a thread, or by the threads that have
// it, in registers or in memory.
//
// A mean that is large against the deviation costs x − mean its digits: the mean itself is rounded.
// The rows' mean is therefore taken twice, of x, and of x − mean, which is exact where it matters;
// x̂ is of the second. The variance is Σ (x − mean)² / n, never Σ x² / n − mean².
#pragma once
#define FROM_ROW_TO_ROW
#include "rows.cuh"

/** x̂ = (x − mean) r with r = 1 / √(variance + eps). */
struct Centred {
  static constexpr bool YES = true;
};

/** x̂ = x r with r = 1 / √(Σ x² / n + eps): the mean is taken for 0. */
struct Uncentred {
  static constexpr bool YES = false;
};

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
template <int V, class K, class C>
__device__ Moments<C> moments_of_held(K, const C (&x)[HELD<C>], int n, double eps) {
  C mean = 0;
  if (K::YES) {
    C sum = 0;
#pragma unroll
    for (int e = 0; e < HELD<C>; e++) {
      sum += x[e];
    }
    mean = row_merge(Total<C>{sum}).sum / (C)n;
  }
  Totals<C> centred = Totals<C>::none();
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    C d = column<V>(e / V) < n ? x[e] - mean : C(0);
    centred.first += K::YES ? d : C(0);
    centred.second += d * d;
  }
  return Moments<C>::of(mean, row_merge(centred), n, eps);
}

/** The moments of a row in memory, by a block. */
template <int V, class K, class T>
__device__ Moments<typename Wide<T>::type> moments_of_row(
    K, const T* x, long long n, double eps) {
  typedef typename Wide<T>::type C;
  C mean = 0;
  if (K::YES) {
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
    mean = row_merge(Total<C>{sum}).sum / (C)n;
  }
  Totals<C> centred = Totals<C>::none();
#pragma unroll 4
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      C d = few[j] - mean;
      centred.first += K::YES ? d : C(0);
      centred.second += d * d;
    }
  }
  return Moments<C>::of(mean, row_merge(centred), n, eps);
}

/** A row by one thread. */
template <class T> struct Row {
  const T* x;
  double mean;
  double r;

  template <class K> __device__ Row(K, const T* x, long long n, double eps) : x(x) {
    double sum = 0;
    for (long long i = 0; K::YES && i < n; i++) {
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
