// Rising order for unsigned keys, by bytes from the lowest, and where each key came from: for sort.cu,
// and for scatter_sorted.cu, which sorts the places that are added to.
//
// Up to 4096 keys are sorted by one block in shared memory, in one launch. More go through memory: for
// each byte tiles of 2048 keys are counted, the counts summed, and the keys moved with where they came
// from; three launches, each key read twice and written once: 20 bytes for a key of four (16 the first
// time), and 3 for the counts. A tile is sorted in shared memory before, so that its keys of one digit,
// about eight, are written side by side: they begin anywhere in a sector, 1.3 times their bytes.
#include "radix.cuh"

// One block: up to 4096 keys at once.
template <int ITEMS>
__device__ void radix_block(const unsigned* key, unsigned* sorted, unsigned* from, int n,
                            int bits) {
  __shared__ RadixShared shared;
  __shared__ Exchange<ITEMS, unsigned> exchange;
  unsigned mine[ITEMS];
  unsigned short origin[ITEMS];
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    int i = standing<ITEMS>(k);
    origin[k] = (unsigned short)i;
    mine[k] = i < n ? key[i] : ~0u;
  }
  sort_in_block(shared, exchange, mine, origin, bits);
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    int i = standing<ITEMS>(k);
    if (i < n) {
      sorted[i] = mine[k];
      from[i] = origin[k];
    }
  }
}

constexpr int TILE_ITEMS = 8;
constexpr int TILE = TILE_ITEMS * SORTERS;

// counts[line, tile, digit] = how many keys of a tile have a digit. A block a tile.
template <class K>
__device__ void radix_count(const K* key /* [lines, n] */, unsigned* counts, long long n,
                            long long tiles, int shift) {
  __shared__ unsigned count[DIGITS];
  count[threadIdx.x] = 0;
  __syncthreads();
  long long line = blockIdx.x / tiles;
  long long tile = blockIdx.x % tiles;
  key += line * n;
  for (int k = 0; k < TILE_ITEMS; k++) {
    long long i = tile * TILE + k * SORTERS + threadIdx.x;
    if (i < n) {
      atomicAdd(&count[(unsigned)(key[i] >> shift) % DIGITS], 1u);
    }
  }
  __syncthreads();
  counts[blockIdx.x * (long long)DIGITS + threadIdx.x] = count[threadIdx.x];
}

// A digit's counts become how many of it there are in the tiles before; totals[line, digit] is how
// many there are in all. Of many tiles a block takes one line and digit, of few one line.
__device__ inline void radix_scan(unsigned* counts, unsigned* totals, long long tiles) {
  __shared__ RadixShared shared;
  long long line = blockIdx.x / DIGITS;
  int digit = blockIdx.x % DIGITS;
  counts += line * tiles * DIGITS + digit;
  unsigned before = 0;
  for (long long begin = 0; begin < tiles; begin += SORTERS) {
    long long tile = begin + threadIdx.x;
    unsigned count = tile < tiles ? counts[tile * DIGITS] : 0;
    unsigned sum = before + block_sum_before(shared, count);
    if (tile < tiles) {
      counts[tile * DIGITS] = sum;
    }
    if (threadIdx.x == SORTERS - 1) {
      shared.start[0] = sum + count;
    }
    __syncthreads();
    before = shared.start[0];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    totals[blockIdx.x] = before;
  }
}

__device__ inline void radix_scan_few(unsigned* counts, unsigned* totals, long long tiles) {
  counts += blockIdx.x * tiles * DIGITS + threadIdx.x;
  unsigned before = 0;
  for (long long tile = 0; tile < tiles; tile++) {
    unsigned count = counts[tile * DIGITS];
    counts[tile * DIGITS] = before;
    before += count;
  }
  totals[blockIdx.x * (long long)DIGITS + threadIdx.x] = before;
}

// Moves each key of a tile behind those with a lower digit, and those with the same before it. A
// block a tile, which it sorts by the digit first, so that neighbours write side by side; `from` is
// null at first, when each key is where it came from.
template <class K>
__device__ void radix_move(const K* key, const unsigned* from, K* key_out, unsigned* from_out,
                           const unsigned* counts, const unsigned* totals, long long n,
                           long long tiles, int shift) {
  __shared__ RadixShared shared;
  __shared__ unsigned base[DIGITS];
  __shared__ K keys[TILE];
  __shared__ unsigned origins[TILE];
  long long line = blockIdx.x / tiles;
  long long tile = blockIdx.x % tiles;
  long long begin = line * n + tile * TILE;
  int count = n - tile * TILE < TILE ? (int)(n - tile * TILE) : TILE;
  K mine[TILE_ITEMS];
  unsigned origin[TILE_ITEMS];
#pragma unroll
  for (int k = 0; k < TILE_ITEMS; k++) {
    int i = standing<TILE_ITEMS>(k);
    mine[k] = i < count ? key[begin + i] : ~K(0);  // the last of all, and so of no consequence
    origin[k] = i >= count || from == nullptr ? (unsigned)(tile * TILE + i) : from[begin + i];
  }
  unsigned rank[TILE_ITEMS];
  rank_digits(shared, mine, shift, rank);
  int digit = threadIdx.x;
  unsigned lower = block_sum_before(shared, totals[line * DIGITS + digit]);
  unsigned before = counts[blockIdx.x * (long long)DIGITS + digit];
  base[digit] = lower + before - shared.start[digit];
#pragma unroll
  for (int k = 0; k < TILE_ITEMS; k++) {
    keys[rank[k]] = mine[k];
    origins[rank[k]] = origin[k];
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < TILE_ITEMS; k++) {
    int i = k * SORTERS + threadIdx.x;
    if (i < count) {
      K moved = keys[i];
      long long to = line * n + (unsigned)(base[(unsigned)(moved >> shift) % DIGITS] + i);
      key_out[to] = moved;
      from_out[to] = origins[i];
    }
  }
}

// ---- entries -------------------------------------------------------------------------------

#define RADIX_BLOCK(items)                                                                    \
  extern "C" __global__ void __launch_bounds__(SORTERS) radix_block##items(                   \
      const unsigned* key, unsigned* sorted, unsigned* from, int n, int bits) {               \
    radix_block<items>(key, sorted, from, n, bits);                                           \
  }
RADIX_BLOCK(1)
RADIX_BLOCK(4)
RADIX_BLOCK(16)

#define RADIX(bits, K)                                                                        \
  extern "C" __global__ void __launch_bounds__(SORTERS) radix_count_##bits(                   \
      const K* key, unsigned* counts, long long n, long long tiles, int shift) {              \
    radix_count(key, counts, n, tiles, shift);                                                \
  }                                                                                           \
  extern "C" __global__ void __launch_bounds__(SORTERS) radix_move_##bits(                    \
      const K* key, const unsigned* from, K* key_out, unsigned* from_out,                     \
      const unsigned* counts, const unsigned* totals, long long n, long long tiles,           \
      int shift) {                                                                            \
    radix_move(key, from, key_out, from_out, counts, totals, n, tiles, shift);                \
  }
RADIX(32, unsigned)
RADIX(64, unsigned long long)

extern "C" __global__ void __launch_bounds__(SORTERS) radix_scan_32(
    unsigned* counts, unsigned* totals, long long tiles) {
  radix_scan(counts, totals, tiles);
}
extern "C" __global__ void __launch_bounds__(SORTERS) radix_scan_few_32(
    unsigned* counts, unsigned* totals, long long tiles) {
  radix_scan_few(counts, totals, tiles);
}
