// What all kernels share.
//
// nvcc compiles them for a GPU. g++ compiles the same text for the emulator (src/test/cuda), whose
// headers stand in for CUDA's: so a kernel takes what it needs of CUDA's headers through this one.
#pragma once

#ifdef __CUDACC__
#include <cooperative_groups.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <math_constants.h>
#else
#include "emulated.h"
#endif

using bf16 = __nv_bfloat16;
using f16 = __half;

constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xffffffffu;

/** x, of which the compiler cannot know that it is x: so it does not keep it, but asks again. */
__device__ __forceinline__ unsigned hidden(unsigned x) {
  asm volatile("" : "+r"(x));
  return x;
}

/** This block's dynamic shared memory, as an array of T. */
template <typename T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char dynamic_bytes[];
  return reinterpret_cast<T*>(dynamic_bytes);
}

/** Waits for all threads of the grid, in a cooperative launch. */
__device__ __forceinline__ void grid_sync() { cooperative_groups::this_grid().sync(); }

/** The first element of a thread that takes every gridDim · blockDim-th one. */
__device__ inline long long first() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }

/** How far it is to the thread's next element. */
__device__ inline long long step() { return (long long)gridDim.x * blockDim.x; }

/** The sum of a value over the lanes of a warp, in each of them. */
template <typename T>
__device__ __forceinline__ T warp_sum(T value) {
  for (int lanes = WARP / 2; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(ALL_LANES, value, lanes);
  }
  return value;
}

/** The largest value of the lanes of a warp, in each of them; NaN if one is NaN. */
template <typename T>
__device__ __forceinline__ T warp_max(T value) {
  for (int lanes = WARP / 2; lanes > 0; lanes /= 2) {
    T other = __shfl_xor_sync(ALL_LANES, value, lanes);
    value = other > value || other != other ? other : value;
  }
  return value;
}

/**
 * The sum of a value over the threads of a block of one dimension, in each of them. The block has a
 * multiple of 32 threads; all must call. The order of the additions is fixed.
 */
template <typename T>
__device__ __forceinline__ T block_sum(T value) {
  __shared__ T sums[WARP];
  value = warp_sum(value);
  __syncthreads();  // the sums of an earlier call have been read
  if (threadIdx.x % WARP == 0) sums[threadIdx.x / WARP] = value;
  __syncthreads();
  return warp_sum(threadIdx.x % WARP < blockDim.x / WARP ? sums[threadIdx.x % WARP] : T(0));
}
