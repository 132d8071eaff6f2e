// The gradient of cross-entropy (nll.cu), of x and of each row's maximum and logarithm, which were
// kept: dx = (exp(x − max − log) − smoothing / n) · dy, less (1 − smoothing) · dy at the label.
//
//   naive    a thread an element
//   columns  inner > 1: threads side by side take neighbouring rows, those of one threadIdx.x share
//            a row
//   rows     inner = 1: a part of a warp or a block a row, 16 bytes an access, from the row's first
//            whole sector on
//   tile     inner = 1, n ≤ 32: 32 rows a warp, which reads and writes them as one stretch of memory
#include "nll.cuh"

/** What a row's gradient is made of. */
template <class C> struct Slope {
  C max, log, dy, even, right;

  /** dy of row r is at r · stride. */
  template <class T>
  static __device__ Slope of(const Task& task, long long row, double smoothing, const C* max,
                             const C* log, const T* dy, long long stride) {
    C g = widen(dy[row * stride]);
    return {max[row], log[row], g, smoothing > 0 ? (C)(smoothing / task.n) * g : C(0),
            (C)(1 - smoothing) * g};
  }

  __device__ C at(C x, bool is_label) const {
    C dx = exp_of(x - max - log) * dy;
    dx -= even;
    return is_label ? dx - right : dx;
  }
};

// ---- naive

template <class T, class I, class C>
__device__ void backward_naive(const Task& task, double smoothing, const T* x, const I* labels,
                               const C* max, const C* log, const T* dy, long long stride, T* dx,
                               Fault* fault, int op) {
  for (long long i = first(); i < task.rows * task.n; i += step()) {
    long long row = i / task.inner / task.n * task.inner + i % task.inner;
    long long k = i / task.inner % task.n;
    long long label = class_of(task, labels, row, fault, op, k == 0);
    C slope = 0;
    if (label >= 0) {
      slope = Slope<C>::of(task, row, smoothing, max, log, dy, stride)
                  .at((C)widen(x[i]), k == label);
    }
    dx[i] = Narrow<T>::of(slope);
  }
}

// ---- columns

template <class T, class I, class C>
__device__ void backward_columns(const Task& task, double smoothing, const T* x, const I* labels,
                                 const C* max, const C* log, const T* dy, long long stride, T* dx,
                                 Fault* fault, int op) {
  Column<1> column(task.rows / task.inner, task.inner);
  if (!column.inside) {
    return;
  }
  long long row = column.outer * task.inner + column.i;
  long long start = column.outer * task.n * task.inner + column.i;
  long long label = class_of(task, labels, row, fault, op, threadIdx.y == 0);
  Slope<C> slope = Slope<C>::of(task, row, smoothing, max, log, dy, stride);
  for (long long k = threadIdx.y; k < task.n; k += blockDim.y) {
    long long at = start + k * task.inner;
    C value = label < 0 ? C(0) : slope.at((C)widen(x[at]), k == label);
    dx[at] = Narrow<T>::of(value);
  }
}

// ---- rows: blockDim.x threads a row, blockDim.y rows a block

/** Writes the gradient of a row. */
template <class T, class C> struct Sloping {
  Slope<C> slope;
  long long label;
  const T* x;
  T* dx;

  template <int V> __device__ void at(long long i) {
    C few[V];
    read_few<V>(x + i, few);
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] = label < 0 ? C(0) : slope.at(few[j], i + j == label);
    }
    write_few<V>(few, dx + i);
  }
};

template <class T, class I, class C>
__device__ void backward_rows(const Task& task, double smoothing, const T* x, const I* labels,
                              const C* max, const C* log, const T* dy, long long stride, T* dx,
                              Fault* fault, int op) {
  long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= task.rows) {
    return;
  }
  long long label = class_of(task, labels, row, fault, op, threadIdx.x == 0);
  const T* from = x + row * task.n;
  Sloping<T, C> sloping = {Slope<C>::of(task, row, smoothing, max, log, dy, stride), label, from,
                           dx + row * task.n};
  if (aligned(x)) {  // as dx is
    each_few<Pack<T>::SIZE>(from, task.n, sloping);
  } else {
    each_few<1>(from, task.n, sloping);
  }
}

// ---- tile: a block is a warp, and has a row for each thread

template <class T, class I, class C>
__device__ void backward_tile(const Task& task, double smoothing, const T* x, const I* labels,
                              const C* max, const C* log, const T* dy, long long stride, T* dx,
                              Fault* fault, int op) {
  __shared__ Slope<C> slopes[TILE];
  __shared__ int classes[TILE];
  int n = task.n;
  long long start = (long long)blockIdx.x * TILE;
  long long row = start + threadIdx.x;
  if (row < task.rows) {
    classes[threadIdx.x] = class_of(task, labels, row, fault, op, true);
    slopes[threadIdx.x] = Slope<C>::of(task, row, smoothing, max, log, dy, stride);
  }
  __syncthreads();
  int count = min(task.rows - start, (long long)TILE) * n;
#pragma unroll 4
  for (int i = threadIdx.x; i < count; i += TILE) {
    int of = i / n;
    C value = widen(x[start * n + i]);
    value = classes[of] < 0 ? C(0) : slopes[of].at(value, i - of * n == classes[of]);
    dx[start * n + i] = Narrow<T>::of(value);
  }
}

#define NLL(way, threads, suffix, T, index, I)                                                     \
  extern "C" __global__ void __launch_bounds__(threads) nll_grad_##way##_##index##_##suffix(       \
      Task task, double smoothing, const T* x, const I* labels, const Wide<T>::type* max,          \
      const Wide<T>::type* log, const T* dy, long long stride, T* dx, Fault* fault, int op) {      \
    backward_##way(task, smoothing, x, labels, max, log, dy, stride, dx, fault, op);               \
  }
#define NLLS(suffix, T)                        \
  NLL(naive, 256, suffix, T, i64, long long)   \
  NLL(naive, 256, suffix, T, i32, int)         \
  NLL(columns, 256, suffix, T, i64, long long) \
  NLL(columns, 256, suffix, T, i32, int)       \
  NLL(rows, 512, suffix, T, i64, long long)    \
  NLL(rows, 512, suffix, T, i32, int)          \
  NLL(tile, 32, suffix, T, i64, long long)     \
  NLL(tile, 32, suffix, T, i32, int)
EACH_FLOATING(NLLS)
