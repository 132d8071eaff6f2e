// A kernel to be mutated: CampaignTest knows its sites, and what becomes of each.
#include "common.cuh"

// y[0] = the sum of the first n elements of x, if there are any; by one block.
extern "C" __global__ void __launch_bounds__(64) add_up_f32(int n, const float* x, float* y) {
  __shared__ float part[64];
  int count = n > 0 ? n : 0;
  float sum = 0;
  for (int i = threadIdx.x; i < count; i += 64) {
    sum += x[i];
  }
  part[threadIdx.x] = sum;
  __syncthreads();
  for (int half = 32; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      part[threadIdx.x] += part[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    y[0] = part[0];
  }
}
