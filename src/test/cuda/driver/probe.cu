// What the driver package's own tests launch: one kernel per thing that can go wrong on the way.

#include <cstdint>

/** y[i] = a · x[i] + y[i]. */
extern "C" __global__ void saxpy_f32(int64_t n, float a, const float *x, float *y) {
  int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x;
  if (i < n) {
    y[i] += a * x[i];
  }
}

/** Members of several sizes, so that a wrong offset is seen. */
struct Mixed {
  int32_t rank;
  int64_t sizes[3];
  float scale;
  double shift;
  int32_t last;
};

/** Writes down what arrived. */
extern "C" __global__ void arguments_f64(int8_t *unused, Mixed mixed, int32_t tail, double *out) {
  out[0] = mixed.rank;
  out[1] = (double)mixed.sizes[0];
  out[2] = (double)mixed.sizes[1];
  out[3] = (double)mixed.sizes[2];
  out[4] = mixed.scale;
  out[5] = mixed.shift;
  out[6] = mixed.last;
  out[7] = tail;
  out[8] = (double)sizeof(Mixed);
  out[9] = unused == nullptr ? 1 : 0;
}

/** y = x reversed within a block, by way of dynamic shared memory. */
extern "C" __global__ void reverse_f32(const float *x, float *y, int n) {
  extern __shared__ float row[];
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    row[i] = x[(int64_t)blockIdx.x * n + i];
  }
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    y[(int64_t)blockIdx.x * n + i] = row[n - 1 - i];
  }
}
