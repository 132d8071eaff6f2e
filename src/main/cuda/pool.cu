// Pooling: the largest element, or the mean, of each window; and the gradients of both. This is how
// it starts; pool_band.cu and pool_pairs.cu go on.
//
//   naive  one output a thread; any number of axes and elements
//   plane  the same for at most two axes, in 32-bit arithmetic and without arrays of positions, which
//          lie in slow local memory: what is left is waiting for memory, where neighbours' windows
//          meet in the cache
//   band   a block's windows look at cells in shared memory, which are read once (pool_band.cu)
//   whole  windows that are whole planes: a warp for each, whose lanes read side by side
//   pairs  2 × 2 windows side by side: 16 bytes of two rows a thread and access, each read once
//          (both in pool_pairs.cu)
//
// Gradients do not scatter. A thread owns a cell of dx and asks the windows that may see it, in
// order; so no two threads add to one place, every cell is written once, and bits repeat.
#include "fault.cuh"
#include "pool.cuh"

// ---------------------------------------------------------------------------------------- naive

template <class T>
__device__ void max_pool_naive(Window w, long long n, const T* x, T* y, long long* index) {
  long long outputs = w.outputs();
  for (long long i = first(); i < n; i += step()) {
    const T* plane = x + i / outputs * w.inputs();
    Largest<typename Wide<T>::type, long long> best;
    for (Box cells(w, w.output, w.input, i % outputs, Seen()); !cells.done; cells.next()) {
      best.add(widen(plane[cells.flat]), cells.flat);
    }
    y[i] = Narrow<T>::of(best.value);
    index[i] = best.index;
  }
}

template <class T>
__device__ void max_pool_input_grad_naive(
    Window w, long long n, const T* dy, const long long* index, T* dx, Fault* fault, int op) {
  long long inputs = w.inputs();
  for (long long i = first(); i < n; i += step()) {
    long long at = i / inputs * w.outputs();
    typename Wide<T>::type sum = 0;
    for (Box from(w, w.input, w.output, i % inputs, Seers()); !from.done; from.next()) {
      long long o = at + from.flat;
      if (in_range(fault, op, index[o], o, inputs) && index[o] == i % inputs) {
        sum += widen(dy[o]);
      }
    }
    dx[i] = Narrow<T>::of(sum);
  }
}

/** What the mean over an output divides by. */
__device__ inline long long divisors(const Window& w, long long o, bool count_padding) {
  long long count = 1;
  for (int axis = (int)w.axes - 1; axis >= 0; axis--) {
    count *= divisor<long long>(w, axis, o % w.output[axis], count_padding);
    o /= w.output[axis];
  }
  return count;
}

template <class T>
__device__ void avg_pool_naive(Window w, int count_padding, long long n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  long long outputs = w.outputs();
  for (long long i = first(); i < n; i += step()) {
    const T* plane = x + i / outputs * w.inputs();
    C count = (C)divisors(w, i % outputs, count_padding);
    Total<C> sum;
    for (Box cells(w, w.output, w.input, i % outputs, Seen()); !cells.done; cells.next()) {
      sum.add(widen(plane[cells.flat]) / count);
    }
    y[i] = Narrow<T>::of(sum.value());
  }
}

template <class T>
__device__ void avg_pool_input_grad_naive(
    Window w, int count_padding, long long n, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  long long inputs = w.inputs();
  for (long long i = first(); i < n; i += step()) {
    const T* plane = dy + i / inputs * w.outputs();
    Total<C> sum;
    for (Box from(w, w.input, w.output, i % inputs, Seers()); !from.done; from.next()) {
      sum.add(widen(plane[from.flat]) / (C)divisors(w, from.flat, count_padding));
    }
    dx[i] = Narrow<T>::of(sum.value());
  }
}

// ---------------------------------------------------------------------------------------- plane

template <class T>
__device__ void max_pool_plane(Window w, unsigned n, const T* x, T* y, long long* index) {
  int columns = (int)w.input[1];
  unsigned inputs = (unsigned)w.input[0] * columns;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, (unsigned)w.output[0], (unsigned)w.output[1]);
    Span<int> v = seen<int>(w, 0, o.row);
    Span<int> h = seen<int>(w, 1, o.column);
    const T* plane = x + (long long)o.plane * inputs;
    Largest<typename Wide<T>::type, int> best;
    for (int r = v.from; r < v.to; r += v.step) {
      for (int c = h.from; c < h.to; c += h.step) {
        best.add(widen(plane[r * columns + c]), r * columns + c);
      }
    }
    y[i] = Narrow<T>::of(best.value);
    index[i] = best.index;
  }
}

template <class T>
__device__ void max_pool_input_grad_plane(
    Window w, unsigned n, const T* dy, const long long* index, T* dx, Fault* fault, int op) {
  int inputs = (int)(w.input[0] * w.input[1]);
  int columns = (int)w.output[1];
  unsigned outputs = (unsigned)w.output[0] * columns;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place to(i, (unsigned)w.input[0], (unsigned)w.input[1]);
    Span<int> v = seers<int>(w, 0, to.row);
    Span<int> h = seers<int>(w, 1, to.column);
    long long plane = (long long)to.plane * outputs;
    int cell = to.row * (int)w.input[1] + to.column;
    typename Wide<T>::type sum = 0;
    for (int r = v.from; r < v.to; r++) {
      for (int c = h.from; c < h.to; c++) {
        long long o = plane + r * columns + c;
        if (in_range(fault, op, index[o], o, inputs) && index[o] == cell) sum += widen(dy[o]);
      }
    }
    dx[i] = Narrow<T>::of(sum);
  }
}

template <class T>
__device__ void avg_pool_plane(Window w, int count_padding, unsigned n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  int columns = (int)w.input[1];
  unsigned inputs = (unsigned)w.input[0] * columns;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, (unsigned)w.output[0], (unsigned)w.output[1]);
    Span<int> v = seen<int>(w, 0, o.row);
    Span<int> h = seen<int>(w, 1, o.column);
    C count = (C)divisor<int>(w, 0, o.row, count_padding) *
              (C)divisor<int>(w, 1, o.column, count_padding);
    const T* plane = x + (long long)o.plane * inputs;
    Total<C> sum;
    for (int r = v.from; r < v.to; r++) {
      for (int c = h.from; c < h.to; c++) sum.add(widen(plane[r * columns + c]) / count);
    }
    y[i] = Narrow<T>::of(sum.value());
  }
}

template <class T>
__device__ void avg_pool_input_grad_plane(
    Window w, int count_padding, unsigned n, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  int columns = (int)w.output[1];
  unsigned outputs = (unsigned)w.output[0] * columns;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place to(i, (unsigned)w.input[0], (unsigned)w.input[1]);
    Span<int> v = seers<int>(w, 0, to.row);
    Span<int> h = seers<int>(w, 1, to.column);
    const T* plane = dy + (long long)to.plane * outputs;
    Total<C> sum;
    for (int r = v.from; r < v.to; r++) {
      C rows = (C)divisor<int>(w, 0, r, count_padding);
      for (int c = h.from; c < h.to; c++) {
        sum.add(widen(plane[r * columns + c]) / (rows * (C)divisor<int>(w, 1, c, count_padding)));
      }
    }
    dx[i] = Narrow<T>::of(sum.value());
  }
}

// -------------------------------------------------------------------------------------- entries

#define NAIVE(suffix, T)                                                                        \
  extern "C" __global__ void max_pool_naive_##suffix(                                           \
      Window w, long long n, const T* x, T* y, long long* index) {                              \
    max_pool_naive(w, n, x, y, index);                                                          \
  }                                                                                             \
  extern "C" __global__ void max_pool_input_grad_naive_##suffix(                                \
      Window w, long long n, const T* dy, const long long* index, T* dx, Fault* fault,          \
      int op) {                                                                                 \
    max_pool_input_grad_naive(w, n, dy, index, dx, fault, op);                                  \
  }                                                                                             \
  extern "C" __global__ void avg_pool_naive_##suffix(                                           \
      Window w, int count_padding, long long n, const T* x, T* y) {                             \
    avg_pool_naive(w, count_padding, n, x, y);                                                  \
  }                                                                                             \
  extern "C" __global__ void avg_pool_input_grad_naive_##suffix(                                \
      Window w, int count_padding, long long n, const T* dy, T* dx) {                           \
    avg_pool_input_grad_naive(w, count_padding, n, dy, dx);                                     \
  }
NAIVE(f64, double)
NAIVE(f32, float)
NAIVE(bf16, __nv_bfloat16)
NAIVE(f16, __half)

#define FAST(suffix, T)                                                                         \
  extern "C" __global__ void max_pool_plane_##suffix(                                           \
      Window w, unsigned n, const T* x, T* y, long long* index) {                               \
    max_pool_plane(w, n, x, y, index);                                                          \
  }                                                                                             \
  extern "C" __global__ void max_pool_input_grad_plane_##suffix(                                \
      Window w, unsigned n, const T* dy, const long long* index, T* dx, Fault* fault, int op) { \
    max_pool_input_grad_plane(w, n, dy, index, dx, fault, op);                                  \
  }                                                                                             \
  extern "C" __global__ void avg_pool_plane_##suffix(                                           \
      Window w, int count_padding, unsigned n, const T* x, T* y) {                              \
    avg_pool_plane(w, count_padding, n, x, y);                                                  \
  }                                                                                             \
  extern "C" __global__ void avg_pool_input_grad_plane_##suffix(                                \
      Window w, int count_padding, unsigned n, const T* dy, T* dx) {                            \
    avg_pool_input_grad_plane(w, count_padding, n, dy, dx);                                     \
  }
FAST(f32, float)
FAST(bf16, __nv_bfloat16)
