// Tiles of rows of bf16 or f16 in shared memory, and their products by tensor cores, as attention and
// its gradient need them: scores of rows with rows, and sums of rows with weights.
//
// A tile is [rows, H]; 8 numbers, a chunk, are copied at a time, and change places within their row by
// an exclusive or with the number of the row, so that neither the copies nor ldmatrix meet in a bank.
#pragma once
#include "attention.cuh"
#include "tensorcore.cuh"

constexpr int TILE = 64, THREADS = 128;

/** Rows of H numbers, of which OTHERS are met at a time: fewer of long ones, for want of registers. */
template <class T, int H>
struct Rows {
  static constexpr int CHUNK = 8, LINE = H / CHUNK;
  static constexpr int OTHERS = H == 64 ? 64 : 32;
  static constexpr int COLUMNS = OTHERS / 8;  // of scores: tiles of 8
  static constexpr int STEPS = OTHERS / 16;   // the same as factors of 16

  typedef float Scores[COLUMNS][4];
  typedef unsigned Factors[STEPS][4];

  static __device__ __forceinline__ int at(int row, int chunk) {
    return (row * LINE + (chunk ^ row % 8)) * CHUNK;
  }

  /** Begins to copy `count` rows of n numbers, of which `rows` are there; others become zeros. */
  static __device__ __forceinline__ void bring(T* tile, int count, const T* x, long long apart,
                                               long long rows, long long n) {
    int chunk = threadIdx.x % LINE;
    long long left = n - chunk * CHUNK;
    int bytes = (left < 0 ? 0 : left < CHUNK ? (int)left : CHUNK) * (int)sizeof(T);
    for (int row = threadIdx.x / LINE; row < count; row += THREADS / LINE) {
      copy_async<16>(tile + at(row, chunk), x + row * apart + chunk * CHUNK, row < rows ? bytes : 0);
    }
  }

  /** sum += the products of 16 · M rows of a, from `row` on, with all of b, of which n numbers count. */
  template <int M>
  static __device__ __forceinline__ void add_scores(Scores (&sum)[M], const T* a, int row,
                                                    const T* b, int n) {
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int step = 0; step < H / 16; step++) {
      if (step * 16 < n) {
        unsigned x[M][4];
#pragma unroll
        for (int m = 0; m < M; m++) {
          load_matrices(x[m], a + at(row + m * 16 + lane % 16, step * 2 + lane / 16));
        }
#pragma unroll
        for (int j = 0; j < COLUMNS; j += 2) {
          unsigned w[4];
          load_matrices(w, b + at(j * 8 + lane / 16 * 8 + lane % 8, step * 2 + lane / 8 % 2));
          unsigned first[2] = {w[0], w[1]}, second[2] = {w[2], w[3]};
#pragma unroll
          for (int m = 0; m < M; m++) {
            mma_halves(sum[m][j], x[m], first, T());
            mma_halves(sum[m][j + 1], x[m], second, T());
          }
        }
      }
    }
  }

  /** sum += weights · b, [16 · M, OTHERS] · [OTHERS, H], of which n columns count. */
  template <int M>
  static __device__ __forceinline__ void add_rows(float (&sum)[M][H / 8][4],
                                                  const Factors (&weights)[M], const T* b, int n) {
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int j = 0; j < H / 8; j += 2) {
      if (j * 8 < n) {
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
          unsigned w[4];
          load_matrices_transposed(w, b + at(step * 16 + lane % 16, j + lane / 16));
          unsigned first[2] = {w[0], w[1]}, second[2] = {w[2], w[3]};
#pragma unroll
          for (int m = 0; m < M; m++) {
            mma_halves(sum[m][j], weights[m][step], first, T());
            mma_halves(sum[m][j + 1], weights[m][step], second, T());
          }
        }
      }
    }
  }

  /** Writes a row of sums, of which a lane has two of each 8; false if one is not finite. */
  static __device__ __forceinline__ bool write(T* to, const float (&sum)[H / 8][4], int half,
                                               float by, int n) {
    bool finite = true;
#pragma unroll
    for (int j = 0; j < H / 8; j++) {
#pragma unroll
      for (int e = 0; e < 2; e++) {
        int column = j * 8 + threadIdx.x % 4 * 2 + e;
        float result = sum[j][2 * half + e] * by;
        if (column < n) {
          to[column] = Narrow<T>::of(result);
          finite &= is_finite(result);
        }
      }
    }
    return finite;
  }

  /** Scores, rounded, as factors: where the one layout ends, the other begins. */
  static __device__ __forceinline__ void narrow(Factors& to, const Scores& x) {
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const float* two = &x[2 * step + i / 2][i % 2 * 2];
        to[step][i] = word_of(two[0], two[1], T());
      }
    }
  }
};
