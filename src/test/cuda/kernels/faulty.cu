// Kernels with one planted fault each. The line that an error must name is marked with the kernel's
// name behind two slashes and an arrow.
#include "common.cuh"

// Reads one element past the end.
extern "C" __global__ void shifted_read(const float* x, float* y, int n) {
  int i = (int)first();
  if (i < n) y[i] = x[i + 1];  // <- shifted_read
}

// Lacks the guard for the last block.
extern "C" __global__ void unguarded(const float* x, float* y, int n) {
  int i = (int)first();
  float value = x[min(i, n - 1)];
  y[i] = value;  // <- unguarded
}

extern "C" __global__ void before_the_start(float* x) {
  x[(int)threadIdx.x - 1] = 1;  // <- before_the_start
}

// The host frees y before the launch.
extern "C" __global__ void freed(float* y) {
  y[threadIdx.x] = 1;  // <- freed
}

extern "C" __global__ void beyond_the_tile(const float* x, float* y) {
  __shared__ float tile[32], other[32];
  tile[threadIdx.x] = x[threadIdx.x];
  other[threadIdx.x] = 0;
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x + 1] + other[threadIdx.x];  // <- beyond_the_tile
}

extern "C" __global__ void beyond_dynamic(float* y) {
  float* row = dynamic_shared<float>();
  row[threadIdx.x] = 1;  // <- beyond_dynamic
  y[threadIdx.x] = 1;
}

// Nothing wrote x.
extern "C" __global__ void unwritten(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];  // <- unwritten
}

// Writes only half of the array that it reads.
extern "C" __global__ void unwritten_shared(float* y) {
  __shared__ float tile[64];
  if (threadIdx.x % 2 == 0) tile[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x];  // <- unwritten_shared
}

extern "C" __global__ void missing_barrier(const float* x, float* y) {
  __shared__ float tile[256];
  tile[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = tile[255 - threadIdx.x];  // <- missing_barrier
}

// The second barrier of a loop is missing: a quick warp writes what a slow one has yet to read.
extern "C" __global__ void missing_second_barrier(const float* x, float* y, int rounds) {
  __shared__ float tile[256];
  float sum = 0;
  for (int i = 0; i < rounds; i++) {
    tile[threadIdx.x] = x[i * 256 + threadIdx.x];  // <- missing_second_barrier
    __syncthreads();
    sum += tile[(threadIdx.x + 32) % 256];  // <- missing_second_barrier
  }
  y[threadIdx.x] = sum;
}

extern "C" __global__ void missing_syncwarp(const float* x, float* y) {
  __shared__ float values[32];
  values[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = values[31 - threadIdx.x];  // <- missing_syncwarp
}

// Two blocks write one place.
extern "C" __global__ void race_of_blocks(float* y) {
  if (threadIdx.x == 0) y[blockIdx.x / 2] = (float)blockIdx.x;  // <- race_of_blocks
}

// In place, with a neighbour that belongs to the next block.
extern "C" __global__ void race_in_place(float* x, int n) {
  int i = (int)first();
  if (i + 1 < n) x[i] = x[i] + x[i + 1];  // <- race_in_place
}

extern "C" __global__ void sum_without_atomic(const float* x, float* sum) {
  *sum += x[first()];  // <- sum_without_atomic
}

// One thread resets what the others already add to.
extern "C" __global__ void reset_too_late(unsigned* bins) {
  __shared__ unsigned count;
  if (threadIdx.x == 40) count = 0;
  atomicAdd(&count, 1u);  // <- reset_too_late
  __syncthreads();
  if (threadIdx.x == 0) bins[blockIdx.x] = count;
}

// The last block reads what others wrote, but nobody called __threadfence.
extern "C" __global__ void missing_fence(float* partial, unsigned* ticket, float* total) {
  if (threadIdx.x != 0) return;
  partial[blockIdx.x] = (float)blockIdx.x;
  if (atomicInc(ticket, gridDim.x - 1) != gridDim.x - 1) return;
  float sum = 0;
  for (unsigned i = 0; i < gridDim.x; i++) sum += partial[i];  // <- missing_fence
  *total = sum;
}

extern "C" __global__ void divergent_barrier(float* y) {
  if (threadIdx.x < 100) __syncthreads();  // <- divergent_barrier
  y[threadIdx.x] = 1;
}

// Who has nothing to do leaves before the barrier.
extern "C" __global__ void early_return(const float* x, float* y, int n) {
  if ((int)threadIdx.x >= n) return;
  y[threadIdx.x] = x[threadIdx.x];
  __syncthreads();  // <- early_return
}

extern "C" __global__ void two_barriers(float* y) {
  if (threadIdx.x < 32) {
    __syncthreads();  // <- two_barriers
    y[threadIdx.x] = 1;
  } else {
    __syncthreads();  // <- two_barriers
    y[threadIdx.x] = 2;
  }
}

// Only half of the lanes come to a shuffle of all.
extern "C" __global__ void divergent_shuffle(float* y) {
  float value = (float)threadIdx.x;
  if (threadIdx.x < 16) value = __shfl_down_sync(ALL_LANES, value, 1);  // <- divergent_shuffle
  __syncwarp();  // <- divergent_shuffle
  y[threadIdx.x] = value;
}

extern "C" __global__ void wrong_mask(float* y) {
  y[threadIdx.x] = __shfl_xor_sync(0xffffu, (float)threadIdx.x, 16);  // <- wrong_mask
}

// The mask is right, but reaches over to lanes that it does not name.
extern "C" __global__ void wrong_lane(float* y) {
  unsigned half = threadIdx.x < 16 ? 0xffffu : 0xffff0000u;
  y[threadIdx.x] = __shfl_xor_sync(half, (float)threadIdx.x, 16);  // <- wrong_lane
}

extern "C" __global__ void misaligned(const float* x, float4* y) {
  y[threadIdx.x] = *(const float4*)(x + 4 * threadIdx.x + 1);  // <- misaligned
}

// A float4 wants more alignment than an array of floats has.
extern "C" __global__ void misaligned_shared(float4* y) {
  __shared__ float row[128];
  row[threadIdx.x] = 1;
  __syncthreads();
  if (threadIdx.x < 32) y[threadIdx.x] = *(float4*)(row + 4 * threadIdx.x);  // <- misaligned_shared
}

extern "C" __global__ void endless(float* y, int n) {
  for (int i = 0; i < n; i += blockDim.x - 32) y[i % 32] = 1;  // <- endless
}

extern "C" __global__ void divided_by_zero(int* y, int n) {
  y[threadIdx.x] = 100 / (n - (int)threadIdx.x);  // <- divided_by_zero
}

extern "C" __global__ void grid_sync_of_some(float* y) {
  if (blockIdx.x) grid_sync();  // <- grid_sync_of_some
  y[first()] = 1;
}

// 128 KiB of local memory: more than a fibre's stack.
extern "C" __global__ void deep_stack(float* y, int n) {  // <- deep_stack
  float local[32768];
  for (int i = 0; i < n; i++) local[i * 37 % 32768] = (float)i;
  y[threadIdx.x] = local[n / 2];
}
