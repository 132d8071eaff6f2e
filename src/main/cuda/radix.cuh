// Sorting by digits of eight bits, the lowest first, each time keeping the order of equals: what a
// block does with its share of the keys. So the order of equal keys is the one they came in.
#pragma once
#include "common.cuh"

constexpr int DIGITS = 256;
constexpr int SORTERS = 256;  // threads of a block: one for each digit, too
constexpr int SORT_WARPS = SORTERS / WARP;

/** What the threads of a block tell each other. */
struct RadixShared {
  unsigned short seen[SORT_WARPS][DIGITS];  // of each digit, by each warp; then those before
  unsigned start[DIGITS];                   // how many have a lower digit
  unsigned sums[SORT_WARPS];
};

/** The sum of the values of all threads of the block before this one. */
__device__ inline unsigned block_sum_before(RadixShared& shared, unsigned value) {
  int lane = threadIdx.x % WARP;
  int warp = threadIdx.x / WARP;
  unsigned sum = value;
  for (int lanes = 1; lanes < WARP; lanes *= 2) {
    unsigned below = __shfl_up_sync(ALL_LANES, sum, lanes);
    if (lane >= lanes) {
      sum += below;
    }
  }
  if (lane == WARP - 1) {
    shared.sums[warp] = sum;
  }
  __syncthreads();
  for (int w = 0; w < warp; w++) {
    sum += shared.sums[w];
  }
  __syncthreads();
  return sum - value;
}

/** Where item k of this thread stands in the block's order: neighbours in a warp are neighbours. */
template <int ITEMS> __device__ int standing(int k) {
  return (threadIdx.x / WARP * ITEMS + k) * WARP + threadIdx.x % WARP;
}

/**
 * rank[k] = how many of the block's keys have a lower digit, or the same and stand before. After it
 * shared.start is how many have a digit lower than each.
 */
template <int ITEMS, class K>
__device__ void rank_digits(RadixShared& shared, const K (&key)[ITEMS], int shift,
                            unsigned (&rank)[ITEMS]) {
  int lane = threadIdx.x % WARP;
  unsigned short* seen = shared.seen[threadIdx.x / WARP];
  for (int digit = lane; digit < DIGITS; digit += WARP) {
    seen[digit] = 0;
  }
  __syncwarp();
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    unsigned digit = (unsigned)(key[k] >> shift) % DIGITS;
    unsigned same = __match_any_sync(ALL_LANES, digit);
    unsigned below = __popc(same & ((1u << lane) - 1));
    rank[k] = seen[digit] + below;
    __syncwarp();
    if (below == 0) {
      seen[digit] += __popc(same);
    }
    __syncwarp();
  }
  __syncthreads();
  unsigned count[SORT_WARPS];
  unsigned total = 0;
#pragma unroll
  for (int w = 0; w < SORT_WARPS; w++) {
    count[w] = shared.seen[w][threadIdx.x];
    total += count[w];
  }
  unsigned before = block_sum_before(shared, total);
  shared.start[threadIdx.x] = before;
#pragma unroll
  for (int w = 0; w < SORT_WARPS; w++) {
    shared.seen[w][threadIdx.x] = (unsigned short)before;
    before += count[w];
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    unsigned digit = (unsigned)(key[k] >> shift) % DIGITS;
    rank[k] += seen[digit];
  }
}

/** Room for the block's keys to change places in. */
template <int ITEMS, class K> struct Exchange {
  K key[ITEMS * SORTERS];
  unsigned short from[ITEMS * SORTERS];
};

/** Sorts the block's keys by their lower `bits`; from[k] is what goes with a key. */
template <int ITEMS, class K>
__device__ void sort_in_block(RadixShared& shared, Exchange<ITEMS, K>& exchange, K (&key)[ITEMS],
                              unsigned short (&from)[ITEMS], int bits) {
  for (int shift = 0; shift < bits; shift += 8) {
    unsigned rank[ITEMS];
    rank_digits(shared, key, shift, rank);
#pragma unroll
    for (int k = 0; k < ITEMS; k++) {
      exchange.key[rank[k]] = key[k];
      exchange.from[rank[k]] = from[k];
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < ITEMS; k++) {
      key[k] = exchange.key[standing<ITEMS>(k)];
      from[k] = exchange.from[standing<ITEMS>(k)];
    }
    __syncthreads();
  }
}
