// Convolution as a product of matrices whose columns are never written down: y [F, P] = w [F, C·K] ·
// columns [C·K, P], where P counts the places of all images. For two axes and F32.
//
//   implicit  A block computes 64 or 128 filters for 128 places, a thread 4 or 8 for 8, in registers;
//             a step takes 8 channels of one tap. Tap by tap, a thread that loads pixels works out once
//             where its place sees this tap; from channel to channel only a stride is added. Weights
//             come as [K, C, F], so that a step's are read side by side. The next step's values are on
//             their way while this one's are multiplied, from the other half of shared memory.
#include "number.cuh"

/** Sizes by value; channels and filters are those of one group. */
struct Implicit {
  long long images, groups, channels, filters;
  long long height, width, rows, columns;
  long long taps_down, taps_across, stride_down, stride_across;
  long long above, left, apart_down, apart_across; // padding and dilation
};

constexpr int DEPTH = 8;
constexpr int PLACES = 128;
constexpr int THREADS = 256;

__device__ inline void read4(const float* from, float* to) {
  float4 four = *(const float4*)from;
  to[0] = four.x;
  to[1] = four.y;
  to[2] = four.z;
  to[3] = four.w;
}

// Block (places / 128, filters / (16 · M), group); M filters a thread. w [groups, K, C, F].
template <int M>
__device__ void conv_implicit(
    const Implicit& a, const float* x, const float* w, const float* b, float* y) {
  constexpr int ROWS = 16 * M; // filters of a block
  constexpr int EACH = ROWS / 32; // weights that a thread loads in a step
  __shared__ __align__(16) float weights[2][DEPTH][ROWS];
  __shared__ __align__(16) float pixels[2][DEPTH][PLACES];

  int channels = (int)a.channels, filters = (int)a.filters;
  unsigned plane = (unsigned)(a.rows * a.columns);
  unsigned places = (unsigned)a.images * plane;
  long long group = blockIdx.z;
  int first_filter = blockIdx.y * ROWS;

  // What this thread loads: weights of channel `deep`, pixels of one place and 4 channels.
  int deep = threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  int slot = threadIdx.x % PLACES;
  int four = threadIdx.x / PLACES * 4;
  unsigned place = blockIdx.x * PLACES + slot;
  bool real = place < places;
  unsigned image = place / plane;
  unsigned within = place - image * plane;
  int corner_down = (int)(within / a.columns * a.stride_down - a.above);
  int corner_across = (int)(within % a.columns * a.stride_across - a.left);
  long long size = a.height * a.width;
  const float* seen = x + (image * a.groups + group) * channels * size;

  // The step that is being loaded.
  int down = 0, across = 0, channel = 0;
  const float* tap = w + group * a.taps_down * a.taps_across * channels * filters;
  long long cell = -1;
  float next_weights[EACH];
  float next_pixels[4];

  auto find = [&]() {
    int row = corner_down + down * (int)a.apart_down;
    int column = corner_across + across * (int)a.apart_across;
    bool inside = real && row >= 0 && row < a.height && column >= 0 && column < a.width;
    cell = inside ? row * a.width + column : -1;
  };
  auto load = [&]() {
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      int filter = first_filter + lane + 32 * i;
      bool there = filter < filters && channel + deep < channels;
      next_weights[i] = there ? tap[(long long)(channel + deep) * filters + filter] : 0.f;
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int c = channel + four + i;
      next_pixels[i] = cell >= 0 && c < channels ? seen[c * size + cell] : 0.f;
    }
    channel += DEPTH;
    if (channel >= channels) {
      channel = 0;
      tap += (long long)channels * filters;
      if (++across == a.taps_across) {
        across = 0;
        down++;
      }
      find();
    }
  };
  auto keep = [&](int half) {
#pragma unroll
    for (int i = 0; i < EACH; i++) weights[half][deep][lane + 32 * i] = next_weights[i];
#pragma unroll
    for (int i = 0; i < 4; i++) pixels[half][four + i][slot] = next_pixels[i];
  };

  // What this thread computes: M filters from `mine` on, places in two runs of 4.
  int mine = threadIdx.x / 16 * M;
  int run = threadIdx.x % 16 * 4;
  float sum[M][8];
#pragma unroll
  for (int i = 0; i < M; i++) {
#pragma unroll
    for (int j = 0; j < 8; j++) sum[i][j] = 0;
  }
  int steps = (int)(a.taps_down * a.taps_across) * ((channels + DEPTH - 1) / DEPTH);
  find();
  load();
  keep(0);
  __syncthreads();
  for (int step = 0; step < steps; step++) {
    int half = step % 2;
    if (step + 1 < steps) load();
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
      float left[M], right[8];
#pragma unroll
      for (int i = 0; i < M; i += 4) read4(&weights[half][k][mine + i], left + i);
      read4(&pixels[half][k][run], right);
      read4(&pixels[half][k][run + PLACES / 2], right + 4);
#pragma unroll
      for (int i = 0; i < M; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) sum[i][j] += left[i] * right[j];
      }
    }
    if (step + 1 < steps) keep(1 - half);
    __syncthreads();
  }

  bool wide = plane % 4 == 0; // then 4 places are of one image
#pragma unroll
  for (int part = 0; part < 2; part++) {
    unsigned p = blockIdx.x * PLACES + run + part * (PLACES / 2);
#pragma unroll
    for (int i = 0; i < M; i++) {
      int filter = first_filter + mine + i;
      if (filter >= filters) break;
      float bias = b ? b[group * filters + filter] : 0.f;
      if (wide && p < places) {
        unsigned n = p / plane;
        float* to = y + ((n * a.groups + group) * filters + filter) * plane + (p - n * plane);
        *(float4*)to = make_float4(sum[i][part * 4] + bias, sum[i][part * 4 + 1] + bias,
                                   sum[i][part * 4 + 2] + bias, sum[i][part * 4 + 3] + bias);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          if (p + j >= places) break;
          unsigned n = (p + j) / plane;
          y[((n * a.groups + group) * filters + filter) * plane + (p + j - n * plane)] =
              sum[i][part * 4 + j] + bias;
        }
      }
    }
  }
}

#define ENTRY(filters, M)                                                          \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv_implicit_##filters##_f32( \
      Implicit a, const float* x, const float* w, const float* b, float* y) {      \
    conv_implicit<M>(a, x, w, b, y);                                               \
  }
ENTRY(64, 4)
ENTRY(128, 8)
