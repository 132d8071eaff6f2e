// What the blocks of recurrent_persistent.cu have: the steps of a run of packed sequences, elements
// of the state, and their share of the weights, which they multiply by rows of memory.
//
// The product: rows pass through shared memory chunk by chunk, the next ones on their way while one
// is multiplied. A thread has sums of 4 rows × 4 columns, so 8 loads of 16 bytes serve 64
// multiply-adds. Where a block has fewer such tiles than threads, threads share one: each takes
// every so manieth pack of 4 factors, and their sums are added in a fixed order. Loads of a row by
// several such lanes, and those of a GRU's tiles where 8 do not divide them, take a few turns more
// than their bytes would.
#pragma once
#include "tensorcore.cuh"

constexpr int THREADS = 256;
constexpr int MOST = 64;    // sequences
constexpr int TILE = 4;     // rows and columns of a thread's sums, and elements of a pack
constexpr int OWN = 2;      // elements of the state that a thread has at most
constexpr int STAGE = 2048;  // elements of all rows that are multiplied at a time
constexpr int STAGES = 4;    // that are in shared memory: all but one on their way

/** Sequences that run for `length` steps each, falling: packed, step by step. */
struct Run {
  long long n, units, rows;  // units and rows of a block: multiples of TILE
  long long sequences, steps, packed;
  long long up;  // whether from the first step to the last
  long long length[MOST];
};

/** A step of a run: where its rows begin among the packed ones, and how many sequences run. */
struct Step {
  long long t, first;
  int running;

  /** The one before all others. */
  __device__ static Step before(const Run& run) {
    return run.up ? Step{-1, 0, 0} : Step{run.steps, run.packed, 0};
  }
  __device__ void next(const Run& run) {
    if (run.up) first += running;
    t += run.up ? 1 : -1;
    while (running > 0 && run.length[running - 1] <= t) running--;
    while (running < run.sequences && run.length[running] > t) running++;
    if (!run.up) first -= running;
  }
};

/** Rows that a block multiplies, `count` of them: some lie in `first`, those after in `rest`. */
struct Rows {
  const float *first, *rest;
  int of_first, count;
};

/**
 * How far rows of `elements` lie apart in shared memory: where 8 lanes, which read 16 bytes each at
 * a time, take packs that follow each other of `side` rows, all are in different banks.
 */
__device__ inline int apart(int elements, int side) {
  int packs = elements / TILE, wanted = max(8 / side, 1);
  return (packs + ((wanted - packs) & 7)) * TILE;
}

/** A block's weights, COLUMNS of `depth` elements for each of its units, and products with them. */
template <int COLUMNS>
struct Product {
  int units, rows, depth, stride, chunk, pitch, across, down, tiles, parts;
  float *weights, *chunks, *sums;

  __device__ Product(const Run& run, int depth)
      : units((int)run.units), rows((int)run.rows), depth(depth) {
    chunk = STAGE / rows;
    pitch = apart(chunk, 8);
    across = COLUMNS * units / TILE;
    stride = apart(depth, across);
    down = rows / TILE;
    tiles = across * down;
    parts = min(THREADS / tiles, chunk / TILE);
    weights = dynamic_shared<float>();
    chunks = weights + COLUMNS * units * stride;
    sums = chunks + STAGES * rows * pitch;
  }

  __device__ float* stage(int i) const { return chunks + i % STAGES * rows * pitch; }

  /** Begins to copy chunk i of each row, if there is one. */
  __device__ void fetch(const Rows& x, int i) const {
    int from = i * chunk, packs = chunk / TILE;
    for (int p = threadIdx.x; p < x.count * packs; p += THREADS) {
      int r = p / packs, at = p % packs * TILE;
      const float* row = (r < x.of_first ? x.first : x.rest) + (long long)r * depth;
      if (from + at < depth) copy_async<16>(stage(i) + r * pitch + at, row + from + at);
    }
    copy_async_commit();
  }

  /** Multiplies rows, one at least, by all columns; then `sum` has the results. */
  __device__ void run(const Rows& x) const {
    int tile = threadIdx.x % tiles, part = threadIdx.x / tiles;
    int column = tile % across, row = tile / across;
    int left[TILE];
    const float* right[TILE];
#pragma unroll
    for (int i = 0; i < TILE; i++) {
      // Who has no row takes the last one; nobody asks for that sum.
      left[i] = min(row + i * down, x.count - 1) * pitch;
      right[i] = weights + (column + i * across) * stride;
    }
    float sum[TILE][TILE] = {};
    for (int i = 0; i < STAGES - 1; i++) {
      fetch(x, i);
    }
    for (int k = 0; k * chunk < depth; k++) {
      copy_async_wait<STAGES - 2>();
      __syncthreads();  // chunk k is there, and chunk k − 1 has been used up
      fetch(x, k + STAGES - 1);
      const float* from = stage(k);
      int end = part < parts ? min(chunk, depth - k * chunk) : 0;
      for (int at = part * TILE; at < end; at += parts * TILE) {
        float4 a[TILE], b[TILE];
#pragma unroll
        for (int i = 0; i < TILE; i++) {
          a[i] = *(const float4*)(from + left[i] + at);
          b[i] = *(const float4*)(right[i] + at);
        }
#pragma unroll
        for (int i = 0; i < TILE; i++) {
#pragma unroll
          for (int j = 0; j < TILE; j++) {
            sum[i][j] += a[i].x * b[j].x;
            sum[i][j] += a[i].y * b[j].y;
            sum[i][j] += a[i].z * b[j].z;
            sum[i][j] += a[i].w * b[j].w;
          }
        }
      }
#pragma unroll
      for (int j = 0; j < TILE; j++) {
        right[j] += chunk;
      }
    }
#pragma unroll
    for (int i = 0; i < TILE; i++) {
#pragma unroll
      for (int j = 0; j < TILE; j++) {
        sums[place(i, j) + threadIdx.x] = sum[i][j];
      }
    }
    __syncthreads();
  }

  /**
   * Where the threads have their sums of row i and column j. By an odd number of units for four of
   * them, banks differ between rows.
   */
  __device__ int place(int i, int j) const {
    return (i * TILE + j) * (THREADS + (COLUMNS | 1) * units / TILE);
  }

  /** The product of a row and a column. */
  __device__ float sum(int row, int column) const {
    int at = place(row / down, column / across) + row % down * across + column % across;
    float total = 0;
    for (int part = 0; part < parts; part++) {
      total += sums[at + part * tiles];
    }
    return total;
  }
};

/** An element of the state that a thread has: of a unit and a sequence, MOST if there is none. */
struct Own {
  int row, unit, sequence;
  long long column;

  __device__ Own(const Run& run, int i) {
    int at = threadIdx.x + i * THREADS;
    row = at / (int)run.units;
    unit = at % (int)run.units;
    column = blockIdx.x * run.units + unit;
    bool is = row < run.rows && column < run.n && blockIdx.y * run.rows + row < run.sequences;
    sequence = is ? (int)(blockIdx.y * run.rows) + row : MOST;
  }
};
