// What the products of matrices share whose blocks compute a tile of y each: sizes, the order of the
// tiles, and how results are written.
//
// Blocks take tiles along x, 8 rows of tiles at a time, so that what runs together shares what it
// reads in the cache; and pieces of k along y.
#pragma once
#include "number.cuh"
#include "walk.cuh"

/** The sizes of a product, and how many elements lie between rows in memory. */
struct Sizes {
  long long m, n, k;
  long long lead_a, lead_b, lead_y;
  long long depth;  // how much of k a block sums up: 2³⁰ at most
  long long piece;  // elements from one piece of the sums to the next
  long long wide;   // bits: a, b and y can be accessed 16 bytes at a time
  long long add;    // whether y is added to
};

/** Where a block's tile begins, and where the matrices lie. */
struct Place {
  long long row, column, at[3];
};

/** Tiles are done from left to right, 8 rows of them at a time, then the next 8. */
__device__ __forceinline__ Place place_of(unsigned block, const Walk<3>& walk, const Sizes& size,
                                          int tile_rows, int tile_columns) {
  constexpr unsigned TOGETHER = 8;
  unsigned rows = (size.m + tile_rows - 1) / tile_rows;
  unsigned columns = (size.n + tile_columns - 1) / tile_columns;
  Place place;
  walk.find(block / (rows * columns), place.at);
  unsigned tile = block % (rows * columns);
  unsigned group = tile / (TOGETHER * columns);
  unsigned in_group = tile % (TOGETHER * columns);
  unsigned height = rows - group * TOGETHER < TOGETHER ? rows - group * TOGETHER : TOGETHER;
  place.row = (long long)(group * TOGETHER + in_group % height) * tile_rows;
  place.column = (long long)(in_group / height) * tile_columns;
  return place;
}

__device__ __forceinline__ int at_most(long long x, int most) { return x < most ? (int)x : most; }

/** Writes a quad, of which `left` numbers are inside, or adds it to what is there. */
template <class C, class R, int Q>
__device__ __forceinline__ void put(R* to, const C* sum, int left, bool wide, bool add) {
  if (wide && left >= Q) {
    Few<R, Q> out;
    if (add) {
      out = *(const Few<R, Q>*)to;
    }
#pragma unroll
    for (int e = 0; e < Q; e++) {
      out.element[e] = Narrow<R>::of(add ? widen(out.element[e]) + sum[e] : sum[e]);
    }
    *(Few<R, Q>*)to = out;
  } else {
#pragma unroll
    for (int e = 0; e < Q; e++) {
      if (e < left) {
        to[e] = Narrow<R>::of(add ? widen(to[e]) + sum[e] : sum[e]);
      }
    }
  }
}
