// Pooling: the largest element, or the mean, of each window; and the gradients of both.
//
//   naive  one output a thread; any number of axes and elements
//   plane  the same for at most two axes, in 32-bit arithmetic and without arrays of positions, which
//          lie in slow local memory: what is left is waiting for memory, where neighbours' windows
//          meet in the cache
//   whole  windows that are whole planes: a warp for each, whose lanes read side by side
//   pairs  2 × 2 windows side by side: 16 bytes of two rows a thread and access, each read once
//
// Gradients do not scatter. A thread owns a cell of dx and asks the windows that may see it, in
// order; so no two threads add to one place, every cell is written once, and bits repeat.
#include "fault.cuh"
#include "number.cuh"
#include "walk.cuh"
#include "window.cuh"

/** A maximum and where it was: the first of equals, but a NaN before all, and the last of NaNs. */
template <class C, class I> struct Largest {
  C value;
  I index;

  __device__ Largest() : value(0), index(-1) {}
  __device__ void add(C x, I i) {
    if (index < 0 || x > value || x != x) {
      value = x;
      index = i;
    }
  }
  __device__ void join(C x, I i) {
    if (i < 0) return;
    bool later = i > index;
    bool wins = index < 0 || x > value || (x != x && (value == value || later)) ||
                (x == value && !later);
    if (wins) {
      value = x;
      index = i;
    }
  }
};

/** A sum as exact as in twice the digits: the rounding errors are summed as well (Knuth, TwoSum). */
template <class C> struct Total {
  C sum, rest;

  __device__ Total() : sum(0), rest(0) {}
  __device__ void add(C x) {
    C next = sum + x;
    C got = next - sum;
    rest += (sum - (next - got)) + (x - got);
    sum = next;
  }
  __device__ C value() const {
    C all = sum + rest;
    return all == all ? all : sum; // where the sum is infinite, its error is not a number
  }
};

/** Doubles are digits enough. */
template <> struct Total<double> {
  double sum, rest;

  __device__ Total() : sum(0), rest(0) {}
  __device__ void add(double x) { sum += x; }
  __device__ double value() const { return sum; }
};

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

/** A place in one of many planes of `rows` by `columns`. */
struct Place {
  unsigned plane, row, column;

  __device__ Place(unsigned i, unsigned rows, unsigned columns) {
    unsigned line = i / columns;
    column = i - line * columns;
    plane = line / rows;
    row = line - plane * rows;
  }
};

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

// ---------------------------------------------------------------------------------------- whole

// Blocks are (32, planes); inputs < 2³¹ is the size of a plane.

template <class T>
__device__ void max_pool_whole(
    int inputs, long long planes, const T* x, T* y, long long* index) {
  for (long long p = (long long)blockIdx.x * blockDim.y + threadIdx.y; p < planes;
       p += (long long)gridDim.x * blockDim.y) {
    const T* plane = x + p * inputs;
    Largest<typename Wide<T>::type, int> best;
    for (int i = threadIdx.x; i < inputs; i += 32) best.add(widen(plane[i]), i);
    for (int lane = 16; lane > 0; lane /= 2) {
      typename Wide<T>::type other = __shfl_xor_sync(0xffffffffu, best.value, lane);
      int at = __shfl_xor_sync(0xffffffffu, best.index, lane);
      best.join(other, at);
    }
    if (threadIdx.x == 0) {
      y[p] = Narrow<T>::of(best.value);
      index[p] = best.index;
    }
  }
}

template <class T>
__device__ void avg_pool_whole(int inputs, long long planes, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  C count = (C)inputs;
  for (long long p = (long long)blockIdx.x * blockDim.y + threadIdx.y; p < planes;
       p += (long long)gridDim.x * blockDim.y) {
    const T* plane = x + p * inputs;
    Total<C> sum;
    for (int i = threadIdx.x; i < inputs; i += 32) sum.add(widen(plane[i]) / count);
    for (int lane = 16; lane > 0; lane /= 2) {
      C other = __shfl_xor_sync(0xffffffffu, sum.sum, lane);
      C rest = __shfl_xor_sync(0xffffffffu, sum.rest, lane);
      sum.add(other);
      sum.rest += rest;
    }
    if (threadIdx.x == 0) y[p] = Narrow<T>::of(sum.value());
  }
}

// ---------------------------------------------------------------------------------------- pairs

// One thread takes a pack of columns of the two rows that an output row sees, n of them in all;
// columns is a multiple of the pack, and rows may be odd: the last is then seen by nobody.

/** The outputs of a pack of columns. */
template <class T> struct alignas(8) Half {
  static constexpr int SIZE = Pack<T>::SIZE / 2;
  T element[SIZE];
};

template <class T>
__device__ void max_pool_pairs(
    int rows, int columns, unsigned n, const T* x, T* y, long long* index) {
  constexpr int SIZE = Half<T>::SIZE;
  unsigned packs = columns / Pack<T>::SIZE;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    const Pack<T>* from = (const Pack<T>*)x + ((long long)o.plane * rows + 2 * o.row) * packs;
    Pack<T> upper = from[o.column];
    Pack<T> lower = from[o.column + packs];
    Half<T> values;
    Pack<long long> places[SIZE / 2];
    int corner = 2 * o.row * columns + o.column * Pack<T>::SIZE;
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      Largest<typename Wide<T>::type, int> best;
      best.add(widen(upper.element[2 * k]), corner + 2 * k);
      best.add(widen(upper.element[2 * k + 1]), corner + 2 * k + 1);
      best.add(widen(lower.element[2 * k]), corner + columns + 2 * k);
      best.add(widen(lower.element[2 * k + 1]), corner + columns + 2 * k + 1);
      values.element[k] = Narrow<T>::of(best.value);
      places[k / 2].element[k % 2] = best.index;
    }
    ((Half<T>*)y)[i] = values;
#pragma unroll
    for (int k = 0; k < SIZE / 2; k++) {
      ((Pack<long long>*)index)[(long long)i * (SIZE / 2) + k] = places[k];
    }
  }
}

/** Writes what two rows of dx get, and zeros to the odd last row below. */
template <class T>
__device__ void write_pairs(
    T* dx, const Place& o, int rows, unsigned packs, const Pack<T>& upper, const Pack<T>& lower) {
  Pack<T>* to = (Pack<T>*)dx + ((long long)o.plane * rows + 2 * o.row) * packs + o.column;
  to[0] = upper;
  to[packs] = lower;
  if (2 * (int)o.row + 3 == rows) {
    Pack<T> zeros;
    for (int k = 0; k < Pack<T>::SIZE; k++) zeros.element[k] = Narrow<T>::of(0.f);
    to[2 * packs] = zeros;
  }
}

template <class T>
__device__ void max_pool_input_grad_pairs(
    int rows, int columns, unsigned n, const T* dy, const long long* index, T* dx, Fault* fault,
    int op) {
  constexpr int SIZE = Half<T>::SIZE;
  unsigned packs = columns / Pack<T>::SIZE;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    Half<T> values = ((const Half<T>*)dy)[i];
    Pack<T> upper, lower;
    int corner = 2 * o.row * columns + o.column * Pack<T>::SIZE;
#pragma unroll
    for (int k = 0; k < SIZE / 2; k++) {
      Pack<long long> places = ((const Pack<long long>*)index)[(long long)i * (SIZE / 2) + k];
#pragma unroll
      for (int half = 0; half < 2; half++) {
        int at = 2 * (2 * k + half);
        in_range(fault, op, places.element[half], (long long)i * SIZE + 2 * k + half,
                 (long long)rows * columns);
        int place = (int)places.element[half] - corner - at;
        T value = values.element[2 * k + half];
        T zero = Narrow<T>::of(0.f);
        upper.element[at] = place == 0 ? value : zero;
        upper.element[at + 1] = place == 1 ? value : zero;
        lower.element[at] = place == columns ? value : zero;
        lower.element[at + 1] = place == columns + 1 ? value : zero;
      }
    }
    write_pairs(dx, o, rows, packs, upper, lower);
  }
}

template <class T>
__device__ void avg_pool_pairs(int rows, int columns, unsigned n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  unsigned packs = columns / Pack<T>::SIZE;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    const Pack<T>* from = (const Pack<T>*)x + ((long long)o.plane * rows + 2 * o.row) * packs;
    Pack<T> upper = from[o.column];
    Pack<T> lower = from[o.column + packs];
    Half<T> values;
#pragma unroll
    for (int k = 0; k < Half<T>::SIZE; k++) {
      Total<C> sum;
      sum.add(widen(upper.element[2 * k]) / 4);
      sum.add(widen(upper.element[2 * k + 1]) / 4);
      sum.add(widen(lower.element[2 * k]) / 4);
      sum.add(widen(lower.element[2 * k + 1]) / 4);
      values.element[k] = Narrow<T>::of(sum.value());
    }
    ((Half<T>*)y)[i] = values;
  }
}

template <class T>
__device__ void avg_pool_input_grad_pairs(int rows, int columns, unsigned n, const T* dy, T* dx) {
  unsigned packs = columns / Pack<T>::SIZE;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    Half<T> values = ((const Half<T>*)dy)[i];
    Pack<T> both;
#pragma unroll
    for (int k = 0; k < Half<T>::SIZE; k++) {
      both.element[2 * k] = Narrow<T>::of(widen(values.element[k]) / 4);
      both.element[2 * k + 1] = both.element[2 * k];
    }
    write_pairs(dx, o, rows, packs, both, both);
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
  }                                                                                             \
  extern "C" __global__ void max_pool_whole_##suffix(                                           \
      int inputs, long long planes, const T* x, T* y, long long* index) {                       \
    max_pool_whole(inputs, planes, x, y, index);                                                \
  }                                                                                             \
  extern "C" __global__ void avg_pool_whole_##suffix(                                           \
      int inputs, long long planes, const T* x, T* y) {                                         \
    avg_pool_whole(inputs, planes, x, y);                                                       \
  }                                                                                             \
  extern "C" __global__ void max_pool_pairs_##suffix(                                           \
      int rows, int columns, unsigned n, const T* x, T* y, long long* index) {                  \
    max_pool_pairs(rows, columns, n, x, y, index);                                              \
  }                                                                                             \
  extern "C" __global__ void max_pool_input_grad_pairs_##suffix(                                \
      int rows, int columns, unsigned n, const T* dy, const long long* index, T* dx,            \
      Fault* fault, int op) {                                                                   \
    max_pool_input_grad_pairs(rows, columns, n, dy, index, dx, fault, op);                      \
  }                                                                                             \
  extern "C" __global__ void avg_pool_pairs_##suffix(                                           \
      int rows, int columns, unsigned n, const T* x, T* y) {                                    \
    avg_pool_pairs(rows, columns, n, x, y);                                                     \
  }                                                                                             \
  extern "C" __global__ void avg_pool_input_grad_pairs_##suffix(                                \
      int rows, int columns, unsigned n, const T* dy, T* dx) {                                  \
    avg_pool_input_grad_pairs(rows, columns, n, dy, dx);                                        \
  }
FAST(f32, float)
FAST(bf16, __nv_bfloat16)
