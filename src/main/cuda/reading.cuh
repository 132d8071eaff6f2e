// How much is read by few threads: several accesses of each are on their way at a time, and what they
// bring is seen after that. A loop that sees one element after the other, however it is unrolled,
// has to ask before each access whether it is the last, and waits for the one before.
#pragma once
#include "edges.cuh"

/** Accesses of a thread that are on their way at a time. */
constexpr int ON_THE_WAY = 4;

/**
 * Calls of.see(few, i) with V neighbouring elements, the first of which is at x[i · stride], for each
 * step-th i from `from` on that is below `to`.
 */
template <int V, class T, class O>
__device__ void see_each(
    const T* x, long long stride, long long from, long long to, long long step, O& of) {
  for (long long i = from; i < to; i += ON_THE_WAY * step) {
    Few<T, V> few[ON_THE_WAY];
#pragma unroll
    for (int k = 0; k < ON_THE_WAY; k++) {
      if (i + k * step < to) {
        few[k] = *(const Few<T, V>*)(x + (i + k * step) * stride);
      }
    }
#pragma unroll
    for (int k = 0; k < ON_THE_WAY; k++) {
      if (i + k * step < to) {
        of.see(few[k], i + k * step);
      }
    }
  }
}

/** The same along a row, the threads of a group in turns: by V elements, and by edges. */
template <int V, class T, class O> __device__ void see_row(const T* row, long long n, O& of) {
  Middle<V> middle = Middle<V>::of(row, n);
  see_each<V>(row, 1, middle.begin + threadIdx.x * V, middle.end, blockDim.x * V, of);
  for (long long e = threadIdx.x; middle.edge(e) < n; e += blockDim.x) {
    of.see(*(const Few<T, 1>*)(row + middle.edge(e)), middle.edge(e));
  }
}
