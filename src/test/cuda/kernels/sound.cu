// Kernels without a fault: they must pass under every schedule, and compute what they say.
#include "common.cuh"

extern "C" __global__ void add_f32(const float* a, const float* b, float* c, long long n) {
  for (long long i = first(); i < n; i += step()) c[i] = a[i] + b[i];
}

// 16 bytes at a time.
extern "C" __global__ void add_f32x4(const float4* a, const float4* b, float4* c, int n) {
  int i = (int)first();
  if (i >= n) return;
  float4 x = a[i], y = b[i];
  c[i] = make_float4(x.x + y.x, x.y + y.y, x.z + y.z, x.w + y.w);
}

// [n, n] × [n, n] in tiles of 16 × 16.
extern "C" __global__ void __launch_bounds__(256)
    tiled_f32(const float* a, const float* b, float* c, int n) {
  __shared__ float as[16][16], bs[16][16];
  int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    as[threadIdx.y][threadIdx.x] = a[row * n + k + threadIdx.x];
    bs[threadIdx.y][threadIdx.x] = b[(k + threadIdx.y) * n + column];
    __syncthreads();
    for (int i = 0; i < 16; i++) sum += as[threadIdx.y][i] * bs[i][threadIdx.x];
    __syncthreads();
  }
  c[row * n + column] = sum;
}

// The sum of each row, by dynamic shared memory, a halving tree, and the lanes of a warp at the end.
extern "C" __global__ void row_sum_f32(const float* x, float* y, int columns) {
  float* partial = dynamic_shared<float>();
  int t = threadIdx.x;
  float sum = 0;
  for (int i = t; i < columns; i += blockDim.x) sum += x[(long long)blockIdx.x * columns + i];
  partial[t] = sum;
  __syncthreads();
  for (int half = blockDim.x / 2; half >= WARP; half /= 2) {
    if (t < half) partial[t] += partial[t + half];
    __syncthreads();
  }
  if (t < WARP) {
    sum = warp_sum(partial[t]);
    if (t == 0) y[blockIdx.x] = sum;
  }
}

// The same by common.cuh's block_sum, twice, so that its array is used again.
extern "C" __global__ void row_moments_f32(const float* x, float* y, int columns) {
  float value = threadIdx.x < columns ? x[(long long)blockIdx.x * columns + threadIdx.x] : 0;
  float sum = block_sum(value);
  float squares = block_sum(value * value);
  if (threadIdx.x == 0) {
    y[blockIdx.x * 2] = sum;
    y[blockIdx.x * 2 + 1] = squares;
  }
}

// Lanes hand on what they wrote, with __syncwarp for a barrier.
extern "C" __global__ void rotate_warp(const float* x, float* y) {
  __shared__ float values[256];
  int t = threadIdx.x, neighbour = t / WARP * WARP + (t + 1) % WARP;
  values[t] = x[t];
  __syncwarp();
  float next = values[neighbour];
  __syncwarp();
  values[t] = next + 1;
  __syncwarp();
  y[t] = values[neighbour];
}

extern "C" __global__ void histogram(const int* x, unsigned* bins, int n) {
  __shared__ unsigned own[16];
  if (threadIdx.x < 16) own[threadIdx.x] = 0;
  __syncthreads();
  for (int i = (int)first(); i < n; i += (int)step()) atomicAdd(&own[x[i]], 1u);
  __syncthreads();
  if (threadIdx.x < 16) atomicAdd(&bins[threadIdx.x], own[threadIdx.x]);
}

// The block that comes last adds up what the others left: a fence and a ticket order them.
extern "C" __global__ void last_block_sum(const float* x, float* partial, unsigned* ticket,
                                          float* total, int n) {
  __shared__ bool last;
  float sum = 0;
  for (int i = (int)first(); i < n; i += (int)step()) sum += x[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
    __threadfence();
    last = atomicInc(ticket, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last) {
    sum = block_sum(threadIdx.x < gridDim.x ? partial[threadIdx.x] : 0.0f);
    if (threadIdx.x == 0) *total = sum;
  }
}

// A cooperative launch: each block reads what the next one wrote before the grid's barrier.
extern "C" __global__ void pass_round(float* x, float* y, int rounds) {
  for (int round = 0; round < rounds; round++) {
    if (threadIdx.x == 0) x[blockIdx.x] = (round ? y[blockIdx.x] : blockIdx.x) + 1.0f;
    grid_sync();
    if (threadIdx.x == 0) y[blockIdx.x] = x[(blockIdx.x + 1) % gridDim.x];
    grid_sync();
  }
}

// A cooperative launch whose blocks wait for their turn, by a word that they watch.
extern "C" __global__ void take_turns(unsigned* turn, float* x) {
  if (threadIdx.x == 0) {
    while (atomicAdd(turn, 0u) != blockIdx.x) {
    }
    __threadfence();
    *x = *x * 2 + blockIdx.x;
    __threadfence();
    atomicAdd(turn, 1u);
  }
}

// What the lanes of a warp do together, one result each.
extern "C" __global__ void warp_words(unsigned* out) {
  unsigned lane = threadIdx.x;
  unsigned* mine = out + lane * 8;
  mine[0] = __shfl_sync(ALL_LANES, lane, (int)lane + 33);
  mine[1] = __shfl_up_sync(ALL_LANES, lane, 3);
  mine[2] = __shfl_down_sync(ALL_LANES, lane, 3, 8);
  mine[3] = __shfl_xor_sync(ALL_LANES, lane, 5);
  mine[4] = __ballot_sync(ALL_LANES, lane % 3 == 0);
  mine[5] = (unsigned)(__any_sync(ALL_LANES, lane == 7) * 2 + __all_sync(ALL_LANES, lane == 7));
  mine[6] = __match_any_sync(ALL_LANES, lane % 4);
  mine[7] = lane < 16 ? __reduce_max_sync(0xffffu, lane) : __reduce_add_sync(0xffff0000u, lane);
}

// A barrier that counts, and numbers of 16 bits on their way through memory.
extern "C" __global__ void odd_values(const bf16* x, f16* y, int* count) {
  float value = __bfloat162float(x[threadIdx.x]);
  int odd = __syncthreads_count((int)value % 2 != 0);
  y[threadIdx.x] = __float2half(value / 2);
  if (threadIdx.x == 0) *count = odd;
}

struct Strides {
  int sizes[8];
  long long strides[8];
};

extern "C" __global__ void gather(const double* x, double* y, Strides s, double scale) {
  for (int i = threadIdx.x; i < s.sizes[0]; i += blockDim.x) y[i] = scale * x[i * s.strides[0]];
}

extern "C" __global__ void barriers(int n) {
  for (int i = 0; i < n; i++) __syncthreads();
}

// Which block came when.
extern "C" __global__ void arrivals(int* x, int* ticket) {
  if (threadIdx.x == 0) x[blockIdx.x] = atomicAdd(ticket, 1);
}

// One number from each `stride`, and one from a table that all blocks read.
extern "C" __global__ void strided_copy(const float* x, const float* table, float* y, int stride) {
  int i = (int)first();
  y[i] = x[i * stride] + table[threadIdx.x % 8];
}

// A transpose through shared memory: reading a column conflicts, unless rows are one longer.
template <int pad>
__device__ void transpose(const float* x, float* y) {
  __shared__ float tile[32][32 + pad];
  tile[threadIdx.y][threadIdx.x] = x[threadIdx.y * 32 + threadIdx.x];
  __syncthreads();
  y[threadIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}
extern "C" __global__ void transpose_plain(const float* x, float* y) { transpose<0>(x, y); }
extern "C" __global__ void transpose_padded(const float* x, float* y) { transpose<1>(x, y); }
