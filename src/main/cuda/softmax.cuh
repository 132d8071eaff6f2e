// What the kernels of softmax and its kin share: what follows from a row's maximum and from its
// Σ exp(x − max), and which elements have a part in them.
#pragma once
#include "online.cuh"
#include "walk.cuh"

// The functions of a row: of its maximum and sum follows a number, and of that each element. OF_EXP:
// an element follows from exp(x − max), rather than from x. A_ROW: there is one result a row.
struct softmax_ {
  static constexpr bool OF_EXP = true;
  static constexpr bool A_ROW = false;
  template <class C> static __device__ C prepare(C max, C sum) { return 1 / sum; }
  template <class C> static __device__ C y(C e, C max, C scale) { return e * scale; }
};
struct log_softmax_ {
  static constexpr bool OF_EXP = false;
  static constexpr bool A_ROW = false;
  template <class C> static __device__ C prepare(C max, C sum) { return log_of(sum); }
  template <class C> static __device__ C y(C x, C max, C log) { return x - max - log; }
};
struct logsumexp_ {
  static constexpr bool OF_EXP = false;
  static constexpr bool A_ROW = true;
  // An infinite maximum is the result; subtracted from itself it would be NaN.
  template <class C> static __device__ C prepare(C max, C sum) {
    return max - max != 0 && max == max ? max : max + log_of(sum);
  }
  template <class C> static __device__ C y(C x, C max, C result) { return result; }
};

/** All elements are seen. */
struct Open {
  static constexpr bool ALL = true;
  __device__ Open of(long long row) const { return *this; }
  /** Of V elements from k on, a bit for each that is seen. */
  template <int V> __device__ unsigned seen(long long k) const { return (1u << V) - 1; }
};

/** Those elements are seen where a mask is not 0, however it lies: it is often one for many rows. */
struct Masked {
  static constexpr bool ALL = false;
  const Walk<1>& walk;
  const u8* mask;
  long long stride;
  __device__ Masked of(long long row) const {
    long long at[1];
    walk.find(row, at);
    return Masked{walk, mask + at[0], stride};
  }
  template <int V> __device__ unsigned seen(long long k) const {
    unsigned bits = 0;
    if (V > 1 && stride == 1 && (unsigned long long)(mask + k) % V == 0) {
      Few<u8, V> few = *(const Few<u8, V>*)(mask + k);
#pragma unroll
      for (int j = 0; j < V; j++) {
        bits |= (few.element[j] ? 1u : 0u) << j;
      }
    } else {
#pragma unroll
      for (int j = 0; j < V; j++) {
        bits |= (mask[(k + j) * stride] ? 1u : 0u) << j;
      }
    }
    return bits;
  }
};

/** Takes what is not seen of V elements for −∞, which adds nothing to Σ eˣ. */
template <int V, class C> __device__ void hide(unsigned seen, C* x) {
#pragma unroll
  for (int j = 0; j < V; j++) {
    x[j] = seen >> j & 1 ? x[j] : -infinity<C>();
  }
}
