// How a kernel finds the elements of operands that lie anyhow: views, broadcasts, transposes.
#pragma once
#include "common.cuh"

constexpr int MAX_AXES = 8;

/**
 * The common shape of N operands and the strides of each, in elements; the host has merged axes
 * that lie behind one another, so most walks have one axis or two. It travels by value, so that a
 * launch uploads nothing.
 */
template <int N>
struct Walk {
  int axes;
  long long size[MAX_AXES];
  long long stride[N][MAX_AXES];

  /** Where element i of the row-major order lies in each operand. */
  __device__ void find(long long i, long long (&at)[N]) const {
    for (int k = 0; k < N; k++) {
      at[k] = 0;
    }
    for (int axis = axes - 1; axis > 0; axis--) {
      long long index = i % size[axis];
      i /= size[axis];
      for (int k = 0; k < N; k++) {
        at[k] += index * stride[k][axis];
      }
    }
    for (int k = 0; k < N; k++) {
      at[k] += i * stride[k][0];
    }
  }
};
