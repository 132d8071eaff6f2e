// Tiles of a matrix in shared memory, on their way to the tensor cores.
//
// A line of a tile is a row of the matrix's memory, whichever axis that is: 16 bytes of it, a chunk,
// come by one copy. Chunks change places within their line, by an exclusive or with the number of the
// line, so that neither the copies nor the reads across lines meet in a bank.
#pragma once
#include "tensorcore.cuh"

constexpr int SIDE = 128;  // numbers across a tile

/** 128 numbers across, 64 bytes along k; in lines along k or, else, across. */
template <class T, bool ALONG_K, int THREADS>
struct Tile {
  static constexpr int CHUNK = 16 / sizeof(T), DEPTH = 4 * CHUNK, COUNT = SIDE * DEPTH;
  static constexpr int LINE = (ALONG_K ? DEPTH : SIDE) / CHUNK;  // chunks of 16 bytes
  static constexpr int APART = THREADS / LINE;                   // lines from a thread's chunk to its next
  static constexpr int EACH = COUNT / CHUNK / THREADS;

  /** Where a chunk lies. */
  static __device__ __forceinline__ int at(int line, int chunk) {
    int turn = ALONG_K ? line / 2 % 4 : sizeof(T) == 2 ? line % 8 : line % 4 * 2;
    return (line * LINE + (chunk ^ turn)) * CHUNK;
  }

  /** Begins to copy the tile at x, of which `across` × `depth` numbers are there. */
  static __device__ __forceinline__ void bring(T* tile, const T* x, long long lead, int across,
                                               int depth) {
    int line = threadIdx.x / LINE, chunk = threadIdx.x % LINE;
    int lines = ALONG_K ? across : depth;
    int left = (ALONG_K ? depth : across) - chunk * CHUNK;
    int bytes = (left < 0 ? 0 : left < CHUNK ? left : CHUNK) * (int)sizeof(T);
    const T* from = x + line * lead + chunk * CHUNK;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      copy_async<16>(tile + at(line + i * APART, chunk), from + i * APART * lead,
                     line + i * APART < lines ? bytes : 0);
    }
  }

  /** Word t or t + 4 along k, number `group` across: what ldmatrix cannot turn. */
  static __device__ __forceinline__ unsigned word(const T* tile, int line, int across) {
    return *(const unsigned*)&tile[at(line, across / CHUNK) + across % CHUNK];
  }

  /** Factors A of 16 rows of a, for one of the steps that this tile makes. */
  static __device__ __forceinline__ void rows(unsigned (&a)[4], const T* tile, int row, int step) {
    int lane = threadIdx.x % WARP;
    if (ALONG_K) {
      load_matrices(a, tile + at(row + lane % 16, step * 2 + lane / 16));
    } else if (sizeof(T) == 2) {
      load_matrices_transposed(
          a, tile + at(step * 16 + lane / 16 * 8 + lane % 8, row / 8 + lane / 8 % 2));
    } else {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        a[i] = word(tile, step * 8 + i / 2 * 4 + lane % 4, row + i % 2 * 8 + lane / 4);
      }
    }
  }

  /** Factors B of two times 8 columns of b. */
  static __device__ __forceinline__ void columns(unsigned (&b)[4], const T* tile, int column,
                                                 int step) {
    int lane = threadIdx.x % WARP;
    if (ALONG_K) {
      load_matrices(b, tile + at(column + lane / 16 * 8 + lane % 8, step * 2 + lane / 8 % 2));
    } else if (sizeof(T) == 2) {
      load_matrices_transposed(b, tile + at(step * 16 + lane % 16, column / 8 + lane / 16));
    } else {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        b[i] = word(tile, step * 8 + i % 2 * 4 + lane % 4, column + i / 2 * 8 + lane / 4);
      }
    }
  }
};
