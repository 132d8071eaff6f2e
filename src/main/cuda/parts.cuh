// Rows that are cut into parts where they are too few to fill a GPU: each part is a group's.
#pragma once
#include "reading.cuh"

/** The part of a row that this group of threads has. */
struct Part {
  long long at;     // its number, of all parts of all rows
  long long row;
  long long begin;  // of the row's elements
  long long count;
  bool inside;      // or else there is none, and count is 0

  /** Of `parts` parts a row, of `size` elements, but for the last, which may have fewer. */
  __device__ Part(long long rows, long long n, long long parts, long long size) {
    at = (long long)blockIdx.x * blockDim.y + threadIdx.y;
    row = at / parts;
    begin = at % parts * size;
    inside = at < rows * parts;
    count = inside ? min(size, n - begin) : 0;
  }

  /** Where it begins in rows of n elements. */
  __device__ long long start(long long n) const { return row * n + begin; }

  /**
   * Shows it, in x, to `of`, as see_row does: by packs wherever it begins, but for rows with edges
   * that a warp reads at once.
   */
  template <class T, class O> __device__ void see(const T* x, long long n, O& of) const {
    if (n > WARP || wide_rows(n, x)) {
      see_row<Pack<T>::SIZE>(x + start(n), count, of);
    } else {
      see_row<1>(x + start(n), count, of);
    }
  }
};
