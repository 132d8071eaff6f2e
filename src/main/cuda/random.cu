// Random numbers, and dropout, whose mask is drawn again wherever it is needed instead of stored.
//
// Element i of a fill depends on (seed, offset + i) alone and is made of half a Philox block, so two
// neighbours share a block. Uniform and normal numbers have the bits that org.adjoint.Philox draws.
//
//   naive   one element a thread, which draws its whole block
//   vector  dropout: 16 bytes a thread and access, a block for two elements; the access is on its way
//           while the numbers are drawn, which take about as long
#include "live.cuh"
#include "number.cuh"
#include "philox.cuh"
#include "strict.cuh"
#include "walk.cuh"

typedef unsigned long long u64;

// y = x / keep where 24 bits of element offset + i reach `least`, else 0.
template <class T>
__device__ void dropout_naive(long long n, const T* x, T* y, u64 seed, u64 offset, unsigned least,
                              double keep) {
  for (long long i = first(); i < n; i += step()) {
    unsigned w[4];
    u64 element = offset + i;
    philox(element >> 1, 0, seed, w);
    bool kept = (w[element & 1 ? 2 : 0] >> 8) >= least;
    y[i] = Narrow<T>::of(kept ? (double)widen(x[i]) / keep : 0.0);
  }
}

template <bool ODD, class T>
__device__ __forceinline__ Pack<T> dropout_pack(
    Pack<T> x, u64 seed, u64 element, unsigned least, double keep) {
  Pack<T> y;
  unsigned w[4];
#pragma unroll
  for (int k = 0; k < Pack<T>::SIZE; k++) {
    bool second = ((k & 1) != 0) != ODD;
    if (k == 0 || !second) {
      philox((element + k) >> 1, 0, seed, w);
    }
    bool kept = ((second ? w[2] : w[0]) >> 8) >= least;
    y.element[k] = Narrow<T>::of(kept ? (double)widen(x.element[k]) / keep : 0.0);
  }
  return y;
}

template <class T>
__device__ void dropout_vector(long long n, const T* x, T* y, u64 seed, u64 offset, unsigned least,
                               double keep) {
  constexpr int SIZE = Pack<T>::SIZE;
  const Pack<T>* from = (const Pack<T>*)x;
  Pack<T>* to = (Pack<T>*)y;
  for (long long i = first(); i < n / SIZE; i += step()) {
    u64 element = offset + (u64)i * SIZE;
    Pack<T> in = from[i];
    to[i] = offset & 1 ? dropout_pack<true>(in, seed, element, least, keep)
                       : dropout_pack<false>(in, seed, element, least, keep);
  }
  long long tail = n / SIZE * SIZE;
  dropout_naive(n - tail, x + tail, y + tail, seed, offset + tail, least, keep);
}

// A thread draws a block: elements 2b and 2b + 1 of the sequence, of which y has n from `offset` on.
template <class F, class T>
__device__ void fill(long long n, u64 seed, u64 offset, T* y) {
  for (long long b = first(); b < n / 2 + 1; b += step()) {
    unsigned w[4];
    philox(((offset & ~1ull) + 2 * (u64)b) >> 1, 0, seed, w);
    T two[2];
    F::of(w, two);
    long long at = 2 * b - (long long)(offset & 1);
    for (int k = 0; k < 2; k++) {
      if (at + k >= 0 && at + k < n) {
        y[at + k] = two[k];
      }
    }
  }
}

/** The uniform numbers of a block's halves. */
struct Uniform {
  static __device__ void of(const unsigned (&w)[4], float (&y)[2]) {
    y[0] = uniform(w[0]);
    y[1] = uniform(w[2]);
  }
  static __device__ void of(const unsigned (&w)[4], double (&y)[2]) {
    y[0] = uniform(w[0], w[1]);
    y[1] = uniform(w[2], w[3]);
  }
};

/** √(−2 ln(1 − u)) of one half, 2πu of the other: Box and Muller's polar coordinates. */
__device__ inline double radius(const unsigned (&w)[4]) {
  return sqrt((Strict(-2.0) * strict_log((Strict(1.0) - uniform(w[0], w[1])).value)).value);
}
__device__ inline double angle(const unsigned (&w)[4]) {
  return (Strict(6.283185307179586) * uniform(w[2], w[3])).value;
}

/** The normal numbers of a block. */
struct Normal {
  template <class T> static __device__ void of(const unsigned (&w)[4], T (&y)[2]) {
    Strict r = radius(w);
    double phi = angle(w);
    y[0] = (T)(r * strict_wave(phi, true)).value;
    y[1] = (T)(r * strict_wave(phi, false)).value;
  }
};

/** The words of a stream from `word` on, wherever in a block they begin. */
__device__ inline void draw(u64 seed, u64 stream, u64 word, unsigned (&w)[4]) {
  unsigned at = (unsigned)(word & 3);
  philox(word >> 2, stream, seed, w);
  if (at != 0) {
    unsigned next[4];
    philox((word >> 2) + 1, stream, seed, next);
    for (; at > 0; at--) {
      w[0] = w[1];
      w[1] = w[2];
      w[2] = w[3];
      w[3] = next[0];
      next[0] = next[1];
      next[1] = next[2];
    }
  }
}

// What a generator that has drawn `word` words draws next, between low and high.
template <class T>
__device__ void draw_uniform(long long n, u64 seed, u64 stream, u64 word, double low, double high,
                             T highest, T* y) {
  for (long long i = first(); i < n; i += step()) {
    unsigned w[4];
    draw(seed, stream, word + 2 * (u64)i, w);
    Strict drawn = Strict(low) + (Strict(high) - low) * uniform(w[0], w[1]);
    T value = (T)drawn.value;
    y[i] = value < highest ? value : highest;  // rounding may reach high
  }
}

// The same, of mean 0 and variance 1.
template <class T>
__device__ void draw_normal(long long n, u64 seed, u64 stream, u64 word, T* y) {
  for (long long i = first(); i < n; i += step()) {
    unsigned w[4];
    draw(seed, stream, word + 4 * (u64)i, w);
    y[i] = (T)(Strict(radius(w)) * strict_wave(angle(w), true)).value;
  }
}

#define DRAW(suffix, T)                                                                          \
  extern "C" __global__ void draw_uniform_##suffix(long long n, u64 seed, u64 stream, u64 word,  \
                                                   double low, double high, T highest, T* y) {   \
    draw_uniform(n, seed, stream, word, low, high, highest, y);                                  \
  }                                                                                              \
  extern "C" __global__ void draw_normal_##suffix(long long n, u64 seed, u64 stream, u64 word,   \
                                                  T* y) {                                        \
    draw_normal(n, seed, stream, word, y);                                                       \
  }
DRAW(f64, double)
DRAW(f32, float)

#define DROPOUT(suffix, T)                                                                        \
  extern "C" __global__ void dropout_naive_##suffix(long long n, const T* x, T* y,                \
                                                    Live<u64> seed, u64 offset, int least,        \
                                                    double keep) {                                \
    dropout_naive(n, x, y, seed.now(), offset, (unsigned)least, keep);                            \
  }                                                                                               \
  extern "C" __global__ void dropout_vector_##suffix(long long n, const T* x, T* y,               \
                                                     Live<u64> seed, u64 offset, int least,       \
                                                     double keep) {                               \
    dropout_vector(n, x, y, seed.now(), offset, (unsigned)least, keep);                           \
  }
DROPOUT(f64, double)
DROPOUT(f32, float)
DROPOUT(bf16, __nv_bfloat16)
DROPOUT(f16, __half)

#define FILL(suffix, T)                                                                       \
  extern "C" __global__ void uniform_##suffix(long long n, u64 seed, u64 offset, T* y) {      \
    fill<Uniform>(n, seed, offset, y);                                                        \
  }                                                                                           \
  extern "C" __global__ void normal_##suffix(long long n, u64 seed, u64 offset, T* y) {       \
    fill<Normal>(n, seed, offset, y);                                                         \
  }
FILL(f64, double)
FILL(f32, float)
