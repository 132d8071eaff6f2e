// What norm.cu and norm_grad.cu share: the moments of a row, by a thread, or by the threads that have
// it, in registers or in memory.
//
// A mean that is large against the deviation costs x − mean its digits: the mean itself is rounded.
// The rows' mean is therefore taken twice, of x, and of x − mean, which is exact where it matters;
// x̂ is of the second. The variance is Σ (x − mean)² / n, never Σ x² / n − mean².
#pragma once
#define FROM_ROW_TO_ROW
#include "edges.cuh"

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

/** Takes in an element that lies d from the mean. */
template <class K, class C> __device__ void take(K, C d, Totals<C>& centred) {
  centred.first += K::YES ? d : C(0);
  centred.second += d * d;
}

// ---- a row that a group of threads holds

/**
 * What a thread holds of a row of n elements. Those that are read one by one count from the row's
 * first whole sector on, so that a warp asks for whole ones; of the few before, its edge, a thread
 * has one at most, as its last. There is no edge where a warp has several rows, which it asks for
 * together, and where rows are whole sectors.
 */
template <int V, class C> struct Span {
  static constexpr int EDGE = HELD<C>;
  static constexpr int HAS = V == 1 ? EDGE + 1 : EDGE;
  int begin;
  int n;

  template <class T> static __device__ Span of(const T* row, int n) {
    constexpr int S = SECTOR / sizeof(T);
    bool whole = V > 1 || n % S == 0 || blockDim.x < WARP;
    return {whole ? 0 : min((S - into_sector(row)) % S, n), n};
  }

  /** The place of the V elements from register k · V on. */
  __device__ int at(int k) const { return k == EDGE ? (int)threadIdx.x : begin + column<V>(k); }

  __device__ bool has(int k) const { return at(k) < (k == EDGE ? begin : n); }

  /** What the row does not have is 0. */
  template <class T> __device__ void read(const T* row, C (&held)[HAS]) const {
    read_row<V>(row + begin, n - begin, C(0), held);
    if constexpr (HAS > EDGE) {
      held[EDGE] = 0;
      if (has(EDGE)) {
        read_few<1>(row + at(EDGE), held + EDGE);
      }
    }
  }

  template <class T> __device__ void write(const C (&held)[HAS], T* row) const {
    write_row<V>(held, row + begin, n - begin);
    if constexpr (HAS > EDGE) {
      if (has(EDGE)) {
        write_few<1>(held + EDGE, row + at(EDGE));
      }
    }
  }
};

/** The moments of the row that a group holds; of none, if it has none. */
template <int V, class K, class C, int HAS>
__device__ Moments<C> moments_of_held(K kind, const C (&x)[HAS], Span<V, C> span, double eps) {
  C mean = 0;
  if (K::YES) {
    C sum = 0;
#pragma unroll
    for (int e = 0; e < HAS; e++) {
      sum += x[e];
    }
    mean = row_merge(Total<C>{sum}).sum / (C)span.n;
  }
  Totals<C> centred = Totals<C>::none();
#pragma unroll
  for (int e = 0; e < HAS; e++) {
    take(kind, span.has(e / V) ? x[e] - mean : C(0), centred);
  }
  return Moments<C>::of(mean, row_merge(centred), span.n, eps);
}

// ---- a row that a block reads several times

/** Reads V elements of weights, which need not lie as the row does: by a pack if they allow. */
template <int V, class T, class C> __device__ void read_weights(const T* from, C* to) {
  if (aligned(from)) {
    read_few<V>(from, to);
  } else {
#pragma unroll
    for (int j = 0; j < V; j++) {
      to[j] = widen(from[j]);
    }
  }
}

/** Σ x. */
template <class T> struct Adding {
  typedef typename Wide<T>::type C;
  const T* x;
  C sum;

  template <int V> __device__ void at(long long i) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      sum += few[j];
    }
  }
};

/** Σ (x − mean) and Σ (x − mean)². */
template <class K, class T> struct Centring {
  typedef typename Wide<T>::type C;
  const T* x;
  C mean;
  Totals<C> centred;

  template <int V> __device__ void at(long long i) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      take(K(), few[j] - mean, centred);
    }
  }
};

/** The moments of a row in memory, by a block. */
template <int V, class K, class T>
__device__ Moments<typename Wide<T>::type> moments_of_row(
    K, const T* x, long long n, double eps) {
  typedef typename Wide<T>::type C;
  C mean = 0;
  if (K::YES) {
    Adding<T> adding = {x, C(0)};
    each_few<V>(x, n, adding);
    mean = row_merge(Total<C>{adding.sum}).sum / (C)n;
  }
  Centring<K, T> centring = {x, mean, Totals<C>::none()};
  each_few<V>(x, n, centring);
  return Moments<C>::of(mean, row_merge(centring.centred), n, eps);
}

// ---- a row by one thread

/** A row, and what is found of it. */
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
