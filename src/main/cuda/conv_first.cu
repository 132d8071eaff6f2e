// Convolution of images with few channels, as the first layer of a network has it: C = 1 or 3, square
// windows, one group, no dilation. A GEMM has little to work on there, since its inner size is C·K²;
// what counts is to read each pixel once and to keep the multipliers fed.
//
//   forward      A block loads a patch of an image into shared memory and goes through the filters,
//                eight at a time. A thread computes 4 neighbouring outputs for 8 filters, in 32
//                registers: a row of the window costs it 2 to 4 wide reads of pixels, which neighbours
//                read side by side, and for each tap 2 wide reads of weights, which all threads share;
//                that is one read for 8 to 10 multiplications.
//   weight_grad  A block goes through stages: some rows of an image and of dy in shared memory. A
//                thread has the weights of 4 filters in one row of the window, in 4·K registers, and
//                moves along the rows 4 outputs at a time. Where weights are few, threads share out
//                the rows and are added up at the end. Each block leaves its sums, and conv_join adds
//                the blocks': so the order of additions is fixed.
#include "number.cuh"

/** Sizes by value. Patches and weights lie in shared memory as floats. */
struct First {
  long long images, channels, filters;
  long long height, width;   // of x
  long long rows, columns;   // of y
  long long above, left;     // padding
  long long band, tile;      // rows and columns of y that a block takes at a time; tile % 4 = 0
  long long bands, tiles;    // how many of these an image has
  long long pitch;           // floats from one row of a patch to the next
  long long plane;           // floats from one filter's part of dy in shared memory to the next
  long long units, splits;   // threads with weights of their own, and how often they are repeated
};

constexpr int COLUMNS = 4; // outputs of a thread, side by side
constexpr int FILTERS = 8;

template <class T> struct alignas(4 * sizeof(T)) Quad {
  T element[4];
};

/** Pixels that 4 neighbouring outputs see in one row, in whole float4s. */
template <int K, int S> constexpr int REACH = ((COLUMNS - 1) * S + K + 3) / 4 * 4;

/** Fills [channels, lines, pitch] with the pixels from (top, start) on; what is outside is 0. */
template <class T>
__device__ void load_patch(
    const First& a, const T* image, int top, int start, int lines, float* patch) {
  int pitch = (int)a.pitch;
  int height = (int)a.height, width = (int)a.width;
  int all = (int)a.channels * lines;
  int warps = blockDim.x / 32;
  for (int line = threadIdx.x / 32; line < all; line += warps) {
    int channel = line / lines;
    int row = top + line - channel * lines;
    bool inside = row >= 0 && row < height;
    const T* from = image + ((long long)channel * height + row) * width;
    for (int i = threadIdx.x % 32; i < pitch; i += 32) {
      int column = start + i;
      patch[line * pitch + i] =
          inside && column >= 0 && column < width ? (float)widen(from[column]) : 0.f;
    }
  }
}

template <int N> __device__ inline void read(const float* from, float (&to)[N]) {
#pragma unroll
  for (int i = 0; i < N; i += 4) {
    float4 four = *(const float4*)(from + i);
    to[i] = four.x;
    to[i + 1] = four.y;
    to[i + 2] = four.z;
    to[i + 3] = four.w;
  }
}

// Block (image · bands · tiles, share of filters), 1 thread for 4 columns of a row of its tile.
template <class T, int K, int S>
__device__ void conv_first(First a, const T* x, const T* w, const T* b, T* y) {
  float* weights = dynamic_shared<float>(); // [channels · K · K, 8]
  int channels = (int)a.channels;
  int taps = channels * K * K;
  float* patch = weights + taps * FILTERS;
  long long block = blockIdx.x;
  int tile = (int)(block % a.tiles);
  block /= a.tiles;
  int band = (int)(block % a.bands);
  long long image = block / a.bands;
  int lines = ((int)a.band - 1) * S + K;
  int top = band * (int)a.band;
  int start = tile * (int)a.tile;
  load_patch(a, x + image * channels * a.height * a.width, top * S - (int)a.above,
             start * S - (int)a.left, lines, patch);

  int across = (int)a.tile / COLUMNS;
  int row = threadIdx.x / across;
  int column = threadIdx.x % across * COLUMNS;
  bool active = row < a.band && top + row < a.rows && start + column < a.columns;
  int pitch = (int)a.pitch;
  const float* mine = patch + (active ? row * S * pitch + column * S : 0);
  int left = (int)a.columns - start - column; // outputs of this thread in the row, at most 4
  bool wide = a.columns % COLUMNS == 0;

  for (int f = blockIdx.y * FILTERS; f < a.filters; f += gridDim.y * FILTERS) {
    __syncthreads(); // the last weights have been used
    for (int i = threadIdx.x; i < taps * FILTERS; i += blockDim.x) {
      int tap = i / FILTERS;
      int filter = f + i % FILTERS;
      weights[i] = filter < a.filters ? (float)widen(w[(long long)filter * taps + tap]) : 0.f;
    }
    __syncthreads();
    float sum[FILTERS][COLUMNS];
#pragma unroll
    for (int k = 0; k < FILTERS; k++) {
      float bias = b && f + k < a.filters ? (float)widen(b[f + k]) : 0.f;
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) sum[k][j] = bias;
    }
    for (int c = 0; c < channels; c++) {
#pragma unroll 1
      for (int r = 0; r < K; r++) {
        float pixel[REACH<K, S>];
        read(mine + (c * lines + r) * pitch, pixel);
        const float* weight = weights + (c * K + r) * K * FILTERS;
#pragma unroll
        for (int k = 0; k < K; k++) {
          float factor[FILTERS];
          read(weight + k * FILTERS, factor);
#pragma unroll
          for (int j = 0; j < COLUMNS; j++) {
#pragma unroll
            for (int i = 0; i < FILTERS; i++) sum[i][j] += factor[i] * pixel[j * S + k];
          }
        }
      }
    }
    if (!active) continue;
    T* to = y + ((image * a.filters + f) * a.rows + top + row) * a.columns + start + column;
#pragma unroll
    for (int i = 0; i < FILTERS; i++) {
      if (f + i >= a.filters) break;
      T* line = to + i * a.rows * a.columns;
      if (wide) {
        Quad<T> out;
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) out.element[j] = Narrow<T>::of(sum[i][j]);
        *(Quad<T>*)line = out;
      } else {
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
          if (j < left) line[j] = Narrow<T>::of(sum[i][j]);
        }
      }
    }
  }
}

constexpr int SHARE = 4; // filters of a thread of the weights' gradient

// Block (part, share of units): of gridDim.x parts, each takes every gridDim.x-th stage, which is a
// band of an image. partial [parts, filters · taps + filters]; a.tile covers a whole row of y.
template <class T, int K, int S>
__device__ void conv_first_weight_grad(First a, const T* x, const T* dy, float* partial) {
  float* patch = dynamic_shared<float>();
  int channels = (int)a.channels;
  int lines = ((int)a.band - 1) * S + K;
  int pitch = (int)a.pitch;
  int plane = (int)a.plane;
  int tile = (int)a.tile;
  float* slope = patch + channels * lines * pitch; // [filters, plane]
  int filters = (int)a.filters;
  int columns = (int)a.columns;

  // A unit is a row of the window in a channel, for 4 filters: those of one unit lie `groups` apart,
  // so that neighbouring threads read neighbouring filters, whose planes begin in different banks.
  int groups = (filters + SHARE - 1) / SHARE;
  int units = groups * channels * K;
  int unit = threadIdx.x % (int)a.units + blockIdx.y * (int)a.units;
  int split = threadIdx.x / (int)a.units;
  bool active = unit < units && split < a.splits;
  int group = unit % groups;
  int window = unit / groups; // row of the window in a channel
  int c = active ? window / K : 0;
  int r = active ? window % K : 0;

  float sum[SHARE][K];
  float bias[SHARE];
#pragma unroll
  for (int i = 0; i < SHARE; i++) {
    bias[i] = 0;
#pragma unroll
    for (int k = 0; k < K; k++) sum[i][k] = 0;
  }
  for (long long stage = blockIdx.x; stage < a.images * a.bands; stage += gridDim.x) {
    long long image = stage / a.bands;
    int top = (int)(stage % a.bands) * (int)a.band;
    int rows = (int)a.rows - top < a.band ? (int)a.rows - top : (int)a.band;
    __syncthreads(); // the last stage has been used
    load_patch(a, x + image * channels * a.height * a.width, top * S - (int)a.above,
               -(int)a.left, lines, patch);
    for (int line = threadIdx.x / 32; line < filters * rows; line += blockDim.x / 32) {
      int filter = line / rows;
      int row = line - filter * rows;
      const T* from = dy + ((image * filters + filter) * a.rows + top + row) * columns;
      for (int i = threadIdx.x % 32; i < tile; i += 32) {
        slope[filter * plane + row * tile + i] = i < columns ? (float)widen(from[i]) : 0.f;
      }
    }
    __syncthreads();
    for (int row = split; active && row < rows; row += (int)a.splits) {
      const float* pixels = patch + (c * lines + row * S + r) * pitch;
      for (int column = 0; column < tile; column += COLUMNS) {
        float pixel[REACH<K, S>];
        read(pixels + column * S, pixel);
#pragma unroll
        for (int i = 0; i < SHARE; i++) {
          int filter = group + i * groups;
          if (filter >= filters) break;
          float grad[COLUMNS];
          read(slope + filter * plane + row * tile + column, grad);
#pragma unroll
          for (int j = 0; j < COLUMNS; j++) {
            if (column + j >= columns) break; // 0 · ∞ would not vanish
            bias[i] += grad[j];
#pragma unroll
            for (int k = 0; k < K; k++) sum[i][k] += grad[j] * pixel[j * S + k];
          }
        }
      }
    }
  }
  // The splits of a unit, through shared memory, in order.
  __syncthreads();
  constexpr int EACH = SHARE * (K + 1);
  float* all = dynamic_shared<float>(); // [EACH, blockDim.x]
#pragma unroll
  for (int i = 0; i < SHARE; i++) {
    all[(i * (K + 1) + K) * blockDim.x + threadIdx.x] = bias[i];
#pragma unroll
    for (int k = 0; k < K; k++) all[(i * (K + 1) + k) * blockDim.x + threadIdx.x] = sum[i][k];
  }
  __syncthreads();
  if (!active || split > 0) return;
  int taps = channels * K * K;
  float* to = partial + blockIdx.x * ((long long)filters * taps + filters);
  for (int i = 0; i < EACH; i++) {
    int filter = group + i / (K + 1) * groups;
    if (filter >= filters) break;
    float total = 0;
    for (int s = 0; s < a.splits; s++) {
      total += all[i * blockDim.x + threadIdx.x + s * (int)a.units];
    }
    int k = i % (K + 1);
    if (k < K) {
      to[(long long)filter * taps + window * K + k] = total;
    } else if (window == 0) {
      to[(long long)filters * taps + filter] = total;
    }
  }
}

#define ENTRIES(K, S, suffix, T)                                                               \
  extern "C" __global__ void __launch_bounds__(256, 2) conv_first_k##K##s##S##_##suffix(          \
      First a, const T* x, const T* w, const T* b, T* y) {                                     \
    conv_first<T, K, S>(a, x, w, b, y);                                                        \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(256, 2) conv_first_weight_grad_k##K##s##S##_##suffix( \
      First a, const T* x, const T* dy, float* partial) {                                      \
    conv_first_weight_grad<T, K, S>(a, x, dy, partial);                                        \
  }
#define SIZES(suffix, T)   \
  ENTRIES(3, 1, suffix, T) \
  ENTRIES(3, 2, suffix, T) \
  ENTRIES(5, 1, suffix, T) \
  ENTRIES(5, 2, suffix, T) \
  ENTRIES(7, 1, suffix, T) \
  ENTRIES(7, 2, suffix, T)
SIZES(f32, float)
SIZES(bf16, __nv_bfloat16)
