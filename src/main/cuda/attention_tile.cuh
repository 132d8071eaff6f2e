// Tiles of 64 rows in shared memory, for attention in F32: a block of 256 threads, of which each has
// 4 × 4 of the 64 × 64 scores.
#pragma once
#include "attention.cuh"

constexpr int TILE = 64, THREADS = 256, EACH = 4;
constexpr int LINE = TILE + EACH;  // shifts the banks of the next line

typedef Few<float, EACH> Quad;

/**
 * Puts 64 rows of n numbers into `tile` [H, LINE], turned; beyond them are zeros. Four rows at a time
 * are read, 32 bytes of each, so that lanes write to different banks.
 */
template <class T, int H>
__device__ void turn(const T* x, long long row, long long rows, long long n, float* tile) {
#pragma unroll 8
  for (int i = threadIdx.x; i < TILE * H; i += THREADS) {
    int r = i / (EACH * H) * EACH + i % EACH, d = i / EACH % H;
    tile[d * LINE + r] = r < rows && d < n ? widen(x[r * row + d]) : 0;
  }
}

/** score[i][j] += Σ of a's numbers for row i and w's for row j, of two turned tiles. */
template <int H>
__device__ __forceinline__ void add_scores(const float* a_tile, const float* w_tile,
                                           float (&score)[EACH][EACH]) {
#pragma unroll 4
  for (int d = 0; d < H; d++) {
    Quad a = *(const Quad*)&a_tile[d * LINE];
    Quad w = *(const Quad*)&w_tile[d * LINE];
#pragma unroll
    for (int i = 0; i < EACH; i++) {
#pragma unroll
      for (int j = 0; j < EACH; j++) {
        score[i][j] += a.element[i] * w.element[j];
      }
    }
  }
}

/** Puts a thread's scores into a tile [own, other]. */
__device__ __forceinline__ void put_scores(const float (&score)[EACH][EACH], float* tile) {
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    float* to = tile + (threadIdx.x / 16 * EACH + i) * LINE + threadIdx.x % 16 * EACH;
    *(float4*)to = make_float4(score[i][0], score[i][1], score[i][2], score[i][3]);
  }
}

/** sum[i][c] += Σ x[i]·w[c], of a tile [own, other] and a turned one, over the 64 others. */
template <int H>
__device__ __forceinline__ void add_rows(const float* x_tile, const float* w_tile,
                                         float (&sum)[EACH][H / 16]) {
#pragma unroll 2
  for (int s = 0; s < TILE; s += EACH) {
    Quad x[EACH];
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      x[i] = *(const Quad*)&x_tile[i * LINE + s];
    }
#pragma unroll
    for (int c = 0; c < H / 16; c++) {
      Quad w = *(const Quad*)&w_tile[c * 16 * LINE + s];
#pragma unroll
      for (int i = 0; i < EACH; i++) {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          sum[i][c] += x[i].element[e] * w.element[e];
        }
      }
    }
  }
}

/** Writes a row's sums, times `by`, a lane every 16th; false if one of them is not finite. */
template <class T, int N>
__device__ __forceinline__ bool write_row(const float (&sum)[N], float by, T* to, long long n) {
  bool finite = true;
#pragma unroll
  for (int c = 0; c < N; c++) {
    int at = threadIdx.x % 16 + c * 16;
    if (at < n) {
      to[at] = Narrow<T>::of(sum[c] * by);
      finite &= is_finite(sum[c] * by);
    }
  }
  return finite;
}
