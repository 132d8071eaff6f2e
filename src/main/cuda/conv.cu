// Convolution of x [N, C, I…] with w [F, C / groups, K…] to y [N, F, O…], and its two gradients, for
// any number of axes: the sums as they are defined, and the pieces by which they become a product of
// matrices. What is quicker still is in conv_first.cu.
//
//   naive   an element of the result a thread, or a warp where sums are long and results few (dw);
//           every factor comes from memory each time it is used
//   im2col  the cells that each output sees, side by side as the columns of a matrix: the convolution
//           is then w · columns, dw = dy · columnsᵀ and the columns' gradient wᵀ · dy, all done at the
//           speed of a GEMM; col2im adds that up, a cell a thread that asks all taps which may have
//           seen it, so that no two threads add to one place
//
// cuDNN (not here) does the latter without ever writing the columns down.
#include "number.cuh"
#include "walk.cuh"
#include "window.cuh"

/** Images, groups, and channels and filters of one group. */
struct Many {
  long long images, groups, channels, filters;
};

/** All taps of the window of an output, in order, with the cell that each sees. */
struct Taps {
  int axes;
  long long input[MAX_SPATIAL], kernel[MAX_SPATIAL], dilation[MAX_SPATIAL];
  long long corner[MAX_SPATIAL], tap[MAX_SPATIAL];

  __device__ Taps(const Window& w, long long o) {
    axes = (int)w.axes;
    for (int axis = axes - 1; axis >= 0; axis--) {
      input[axis] = w.input[axis];
      kernel[axis] = w.kernel[axis];
      dilation[axis] = w.dilation[axis];
      corner[axis] = o % w.output[axis] * w.stride[axis] - w.padding[axis];
      o /= w.output[axis];
      tap[axis] = 0;
    }
  }

  /** The flat index of the cell; -1 in the padding. */
  __device__ long long cell() const {
    long long flat = 0;
    for (int axis = 0; axis < axes; axis++) {
      long long at = corner[axis] + tap[axis] * dilation[axis];
      if (at < 0 || at >= input[axis]) return -1;
      flat = flat * input[axis] + at;
    }
    return flat;
  }

  __device__ void next() {
    for (int axis = axes - 1; axis >= 0; axis--) {
      if (++tap[axis] < kernel[axis]) return;
      tap[axis] = 0;
    }
  }
};

/** The cell that tap k of output o sees; -1 in the padding. */
__device__ inline long long cell_of(const Window& w, long long o, long long k) {
  long long flat = 0;
  long long inner = 1;
  for (int axis = (int)w.axes - 1; axis >= 0; axis--) {
    long long at = o % w.output[axis] * w.stride[axis] - w.padding[axis] +
                   k % w.kernel[axis] * w.dilation[axis];
    if (at < 0 || at >= w.input[axis]) return -1;
    flat += at * inner;
    inner *= w.input[axis];
    o /= w.output[axis];
    k /= w.kernel[axis];
  }
  return flat;
}

/** The output whose tap k sees cell i; -1 if there is none. */
__device__ inline long long output_of(const Window& w, long long i, long long k) {
  long long flat = 0;
  long long inner = 1;
  for (int axis = (int)w.axes - 1; axis >= 0; axis--) {
    long long from = i % w.input[axis] + w.padding[axis] - k % w.kernel[axis] * w.dilation[axis];
    long long at = from / w.stride[axis];
    if (from < 0 || at * w.stride[axis] != from || at >= w.output[axis]) return -1;
    flat += at * inner;
    inner *= w.output[axis];
    i /= w.input[axis];
    k /= w.kernel[axis];
  }
  return flat;
}

/** x, or the 0 of the padding, which an infinite weight does not let vanish. */
template <class T> __device__ inline typename Wide<T>::type padded(const T* x, long long i) {
  return i < 0 ? 0 : widen(x[i]);
}

// ---------------------------------------------------------------------------------------- naive

// b is null where there is no bias.
template <class T>
__device__ void conv_naive(
    Window win, Many m, long long n, const T* x, const T* w, const T* b, T* y) {
  long long inputs = win.inputs(), outputs = win.outputs(), taps = win.taps();
  for (long long i = first(); i < n; i += step()) {
    long long f = i / outputs % (m.groups * m.filters);
    long long image = i / outputs / (m.groups * m.filters);
    const T* planes = x + (image * m.groups + f / m.filters) * m.channels * inputs;
    const T* weights = w + f * m.channels * taps;
    typename Wide<T>::type sum = 0;
    Taps tap(win, i % outputs);
    for (long long k = 0; k < taps; k++, tap.next()) {
      long long cell = tap.cell();
      for (long long c = 0; c < m.channels; c++) {
        sum += padded(planes + c * inputs, cell) * widen(weights[c * taps + k]);
      }
    }
    y[i] = Narrow<T>::of(b ? sum + widen(b[f]) : sum);
  }
}

template <class T>
__device__ void conv_input_grad_naive(
    Window win, Many m, long long n, const T* dy, const T* w, T* dx) {
  long long inputs = win.inputs(), outputs = win.outputs(), taps = win.taps();
  for (long long i = first(); i < n; i += step()) {
    long long c = i / inputs % m.channels;
    long long group = i / inputs / m.channels; // of all images
    const T* planes = dy + group * m.filters * outputs;
    const T* weights = w + (group % m.groups * m.filters * m.channels + c) * taps;
    typename Wide<T>::type sum = 0;
    for (long long k = 0; k < taps; k++) {
      long long o = output_of(win, i % inputs, k);
      if (o < 0) continue;
      for (long long f = 0; f < m.filters; f++) {
        sum += widen(planes[f * outputs + o]) * widen(weights[f * m.channels * taps + k]);
      }
    }
    dx[i] = Narrow<T>::of(sum);
  }
}

// A warp for each of the n weights.
template <class T>
__device__ void conv_weight_grad_naive(
    Window win, Many m, long long n, const T* x, const T* dy, T* dw) {
  long long inputs = win.inputs(), outputs = win.outputs(), taps = win.taps();
  int lane = threadIdx.x % 32;
  for (long long i = first() / 32; i < n; i += step() / 32) {
    long long k = i % taps;
    long long c = i / taps % m.channels;
    long long f = i / taps / m.channels;
    typename Wide<T>::type sum = 0;
    for (long long at = lane; at < m.images * outputs; at += 32) {
      long long o = at % outputs;
      long long image = at / outputs;
      const T* plane = x + ((image * m.groups + f / m.filters) * m.channels + c) * inputs;
      sum += padded(plane, cell_of(win, o, k)) *
             widen(dy[(image * m.groups * m.filters + f) * outputs + o]);
    }
    sum = warp_sum(sum);
    if (lane == 0) dw[i] = Narrow<T>::of(sum);
  }
}

// ---------------------------------------------------------------------- the gradient of the bias

// db[f] = Σ dy[n, f, o], by block (f, part): each sums a share of the images, and parts are joined
// afterwards, so that a few filters keep the whole device busy.
template <class T>
__device__ void conv_bias_grad(
    long long images, long long outputs, const T* dy, typename Wide<T>::type* partial) {
  long long filters = gridDim.x;
  typename Wide<T>::type sum = 0;
  for (long long image = blockIdx.y; image < images; image += gridDim.y) {
    const T* plane = dy + (image * filters + blockIdx.x) * outputs;
    for (long long o = threadIdx.x; o < outputs; o += blockDim.x) sum += widen(plane[o]);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.y * filters + blockIdx.x] = sum;
}

// Σ partial[part, i] for i < n, of `length` in a row: the first `weights` are dw, the others db. A warp
// for each sum.
template <class T>
__device__ void conv_join(
    long long parts, long long length, long long n, const typename Wide<T>::type* partial,
    long long weights, T* dw, T* db) {
  int lane = threadIdx.x % 32;
  for (long long i = first() / 32; i < n; i += step() / 32) {
    typename Wide<T>::type sum = 0;
    for (long long part = lane; part < parts; part += 32) sum += partial[part * length + i];
    sum = warp_sum(sum);
    if (lane == 0) {
      T* to = i < weights ? dw + i : db + (i - weights);
      *to = Narrow<T>::of(sum);
    }
  }
}

// --------------------------------------------------------------------------------------- im2col

// columns [N / beside, C, K, beside, O] of x [N, C, I], n elements: `beside` images share a matrix.
template <class T>
__device__ void im2col(
    Window win, long long beside, long long channels, long long n, const T* x, T* columns) {
  long long inputs = win.inputs(), outputs = win.outputs(), taps = win.taps();
  for (long long i = first(); i < n; i += step()) {
    long long row = i / outputs / beside; // of the columns' matrices, below each other
    long long image = row / taps / channels * beside + i / outputs % beside;
    long long cell = cell_of(win, i % outputs, row % taps);
    columns[i] = cell < 0 ? Narrow<T>::of(0.f)
                          : x[(image * channels + row / taps % channels) * inputs + cell];
  }
}

// y = b, for each image and place; n elements.
template <class T>
__device__ void conv_bias(long long n, long long outputs, long long filters, const T* b, T* y) {
  for (long long i = first(); i < n; i += step()) y[i] = b[i / outputs % filters];
}

// dx [N, C, I] of columns [N, C, K, O]; n elements of dx.
template <class T>
__device__ void col2im(Window win, long long n, const T* columns, T* dx) {
  long long inputs = win.inputs(), outputs = win.outputs(), taps = win.taps();
  for (long long i = first(); i < n; i += step()) {
    const T* plane = columns + i / inputs * taps * outputs;
    typename Wide<T>::type sum = 0;
    for (long long k = 0; k < taps; k++) {
      long long o = output_of(win, i % inputs, k);
      if (o >= 0) sum += widen(plane[k * outputs + o]);
    }
    dx[i] = Narrow<T>::of(sum);
  }
}

// -------------------------------------------------------------------------------------- entries

#define ENTRIES(suffix, T)                                                                       \
  extern "C" __global__ void conv_naive_##suffix(                                                \
      Window win, Many m, long long n, const T* x, const T* w, const T* b, T* y) {               \
    conv_naive(win, m, n, x, w, b, y);                                                           \
  }                                                                                              \
  extern "C" __global__ void conv_input_grad_naive_##suffix(                                     \
      Window win, Many m, long long n, const T* dy, const T* w, T* dx) {                         \
    conv_input_grad_naive(win, m, n, dy, w, dx);                                                 \
  }                                                                                              \
  extern "C" __global__ void conv_weight_grad_naive_##suffix(                                    \
      Window win, Many m, long long n, const T* x, const T* dy, T* dw) {                         \
    conv_weight_grad_naive(win, m, n, x, dy, dw);                                                \
  }                                                                                              \
  extern "C" __global__ void conv_bias_grad_##suffix(                                            \
      long long images, long long outputs, const T* dy, Wide<T>::type* partial) {                \
    conv_bias_grad(images, outputs, dy, partial);                                                \
  }                                                                                              \
  extern "C" __global__ void conv_join_##suffix(                                                 \
      long long parts, long long length, long long n, const Wide<T>::type* partial,              \
      long long weights, T* dw, T* db) {                                                         \
    conv_join(parts, length, n, partial, weights, dw, db);                                       \
  }                                                                                              \
  extern "C" __global__ void im2col_##suffix(                                                    \
      Window win, long long beside, long long channels, long long n, const T* x, T* columns) {   \
    im2col(win, beside, channels, n, x, columns);                                                \
  }                                                                                              \
  extern "C" __global__ void conv_bias_##suffix(                                                 \
      long long n, long long outputs, long long filters, const T* b, T* y) {                     \
    conv_bias(n, outputs, filters, b, y);                                                        \
  }                                                                                              \
  extern "C" __global__ void col2im_##suffix(Window win, long long n, const T* columns, T* dx) { \
    col2im(win, n, columns, dx);                                                                 \
  }
ENTRIES(f64, double)
ENTRIES(f32, float)
ENTRIES(bf16, __nv_bfloat16)
ENTRIES(f16, __half)
