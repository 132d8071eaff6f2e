// The maximum of a row and Σ exp(x − max) from one reading: Milakov and Gimelshein, Online normalizer
// calculation for softmax, 2018. When a larger maximum comes up, the sum so far is scaled down to it.
#pragma once
#include "rows.cuh"

/** The maximum of some elements and Σ exp(x − max) of them. */
template <class C> struct alignas(2 * sizeof(C)) Online {
  C max;
  C sum;

  static __device__ Online none() { return {-infinity<C>(), C(0)}; }

  // Infinities differ from themselves by 0 here; sum_of() minds them in the end.
  static __device__ C power(C x, C max) { return x == max ? C(1) : exp_of(x - max); }

  __device__ void merge(Online other) {
    C top = larger(max, other.max);
    bool mine = max == top;
    C small = mine ? other.sum : sum;
    C scale = power(mine ? other.max : max, top);
    sum = fma_of(small, scale, mine ? sum : other.sum);
    max = top;
  }

  __device__ Online across(int lane) const {
    return {other_lane(max, lane), other_lane(sum, lane)};
  }

  template <int V> __device__ void see(const C* x) {
    C top = max;
#pragma unroll
    for (int j = 0; j < V; j++) {
      top = larger(top, x[j]);
    }
    C more = 0;
#pragma unroll
    for (int j = 0; j < V; j++) {
      more += power(x[j], top);
    }
    sum = fma_of(sum, power(max, top), more);
    max = top;
  }

  /** Σ exp(x − max), which is NaN where max is infinite. */
  __device__ C sum_of() const { return sum + (max - max); }
};
