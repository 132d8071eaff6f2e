// What the driver package's own tests launch: one kernel per thing that can go wrong on the way.

#include "common.cuh"

/** y[i] += a · x[i]. */
extern "C" __global__ void saxpy_f32(long long n, float a, const float* x, float* y) {
  long long i = first();
  if (i < n) y[i] += a * x[i];
}

/** Members of several sizes, so that a wrong offset is seen. */
struct Mixed {
  int rank;
  long long sizes[3];
  float scale;
  double shift;
  int last;
};

/** Writes down what arrived. */
extern "C" __global__ void arguments_f64(const char* nothing, Mixed mixed, int tail, double* out) {
  out[0] = mixed.rank;
  out[1] = (double)mixed.sizes[0];
  out[2] = (double)mixed.sizes[1];
  out[3] = (double)mixed.sizes[2];
  out[4] = mixed.scale;
  out[5] = mixed.shift;
  out[6] = mixed.last;
  out[7] = tail;
  out[8] = nothing == nullptr ? 1 : 0;
}

/** The grid's shape as a kernel sees it: [x, y, z] of the grid and of the block. */
extern "C" __global__ void shape_i32(int* out) {
  if (blockIdx.x == gridDim.x - 1 && blockIdx.y == gridDim.y - 1 && blockIdx.z == gridDim.z - 1 &&
      threadIdx.x == 0 && threadIdx.y == 0 && threadIdx.z == 0) {
    out[0] = gridDim.x;
    out[1] = gridDim.y;
    out[2] = gridDim.z;
    out[3] = blockDim.x;
    out[4] = blockDim.y;
    out[5] = blockDim.z;
  }
}

/** y = x [n] backwards, one block, by way of dynamic shared memory. */
extern "C" __global__ void reverse_f32(const float* x, float* y, int n) {
  float* row = dynamic_shared<float>();
  for (int i = threadIdx.x; i < n; i += blockDim.x) row[i] = x[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = row[n - 1 - i];
}

/** Each block writes its number, waits for all, and adds up what the others wrote. */
extern "C" __global__ void together_i32(int* numbers, int* sums) {
  if (threadIdx.x == 0) numbers[blockIdx.x] = blockIdx.x;
  grid_sync();
  if (threadIdx.x == 0) {
    int sum = 0;
    for (int i = 0; i < gridDim.x; i++) sum += numbers[i];
    sums[blockIdx.x] = sum;
  }
}
