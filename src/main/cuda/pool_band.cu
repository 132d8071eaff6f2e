// Pooling by bands: a block has some rows of results, of one plane or of several whole ones. The rows
// of cells that its windows look at lie side by side in memory; the block copies them to shared
// memory, all of it whole sectors, and the windows look there. So each cell is read from memory once,
// however many windows share it, but for the rows that two bands share: of 112 × 112 cells and 3 × 3
// windows that move by two, a band is 14 rows of 56 windows that look at 29 rows of cells, 28 of them
// its own: 1.02 times the bytes. A gradient's cells look at results in the same way.
//
// Windows that move by two look at every second word: two lanes on one bank, as in each of these
// reads. An SM then takes 18 turns for the reads of a warp of 3 × 3 windows, while memory takes 60 to
// bring the 900 bytes that they need.
#include "fault.cuh"
#include "pool.cuh"

/** How the results' rows, of all planes one behind another, are cut: the host's PoolBands. */
struct Bands {
  long long rows;    // of all planes
  long long group;   // rows of the planes that a block does not look beyond
  long long bands;   // of a group
  long long length;  // rows of a band, but for a group's last
  long long cells;   // that a band looks at, at most
};

/** A block's rows of results, `begin` to before `end`, and the rows `from` to before `to` it reads. */
struct Band {
  int rows, columns;        // of a plane of results
  int in_rows, in_columns;  // of a plane of what they look at
  int begin, end, from, to;

  /** Results lie in planes of size `of`; look (Seen or Seers) finds what they see in those of `in`. */
  template <class F>
  __device__ Band(const Bands& b, const Window& w, const long long* of, const long long* in, F look)
      : rows((int)of[0]), columns((int)of[1]), in_rows((int)in[0]), in_columns((int)in[1]) {
    long long group = blockIdx.x / b.bands * b.group;
    long long first_row = group + blockIdx.x % b.bands * b.length;
    long long limit = group + b.group < b.rows ? group + b.group : b.rows;
    begin = (int)first_row;
    end = (int)(first_row + b.length < limit ? first_row + b.length : limit);
    from = begin / rows * in_rows + (int)look(w, 0, begin % rows).from;
    to = (end - 1) / rows * in_rows + (int)look(w, 0, (end - 1) % rows).to;
  }

  /** Calls take(i, x[i], k) for the k-th cell that it looks at; warps begin where sectors do. */
  template <class T, class F> __device__ void read(const T* x, F take) const {
    constexpr int FLIGHT = 4;
    int before = from * in_columns;
    int count = (to - from) * in_columns;
    for (int at = (int)threadIdx.x - before % WARP; at < count; at += FLIGHT * blockDim.x) {
      T few[FLIGHT];
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        int k = at + f * blockDim.x;
        if (k >= 0 && k < count) few[f] = x[before + k];
      }
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        int k = at + f * blockDim.x;
        if (k >= 0 && k < count) take(before + k, few[f], k);
      }
    }
  }

  /** Calls give(i, where, k) for each result i; its plane's first cell is the k-th of those read. */
  template <class F> __device__ void each(F give) const {
    int stop = end * columns;
    for (int i = begin * columns / WARP * WARP + threadIdx.x; i < stop; i += blockDim.x) {
      if (i >= begin * columns) {
        Place at((unsigned)i, rows, columns);
        give(i, at, ((int)at.plane * in_rows - from) * in_columns);
      }
    }
  }
};

template <class T>
__device__ void max_pool_band(
    const Window& w, const Bands& b, const T* x, T* y, long long* index) {
  typedef typename Wide<T>::type C;
  C* cells = dynamic_shared<C>();
  Band band(b, w, w.output, w.input, Seen());
  band.read(x, [&](int, T value, int k) { cells[k] = widen(value); });
  __syncthreads();
  band.each([&](int i, const Place& at, int plane) {
    Span<int> v = seen<int>(w, 0, at.row);
    Span<int> h = seen<int>(w, 1, at.column);
    Largest<C, int> best;
    for (int r = v.from; r < v.to; r += v.step) {
      for (int c = h.from; c < h.to; c += h.step) {
        int cell = r * band.in_columns + c;
        best.add(cells[plane + cell], cell);
      }
    }
    y[i] = Narrow<T>::of(best.value);
    index[i] = best.index;
  });
}

template <class T>
__device__ void max_pool_input_grad_band(
    const Window& w, const Bands& b, const T* dy, const long long* index, T* dx, Fault* fault,
    int op) {
  typedef typename Wide<T>::type C;
  C* gradients = dynamic_shared<C>();
  int* places = (int*)(gradients + b.cells);
  int inputs = (int)(w.input[0] * w.input[1]);
  Band band(b, w, w.input, w.output, Seers());
  band.read(dy, [&](int, T value, int k) { gradients[k] = widen(value); });
  band.read(index, [&](int o, long long place, int k) {
    places[k] = in_range(fault, op, place, o, inputs) ? (int)place : -1;
  });
  __syncthreads();
  band.each([&](int i, const Place& at, int plane) {
    Span<int> v = seers<int>(w, 0, at.row);
    Span<int> h = seers<int>(w, 1, at.column);
    int cell = at.row * band.columns + at.column;
    C sum = 0;
    for (int r = v.from; r < v.to; r++) {
      for (int c = h.from; c < h.to; c++) {
        int k = plane + r * band.in_columns + c;
        if (places[k] == cell) sum += gradients[k];
      }
    }
    dx[i] = Narrow<T>::of(sum);
  });
}

/** What the mean at a place divides by. */
template <class C>
__device__ inline C divisor_at(const Window& w, const Place& at, int count_padding) {
  return (C)divisor<int>(w, 0, at.row, count_padding) *
         (C)divisor<int>(w, 1, at.column, count_padding);
}

template <class T>
__device__ void avg_pool_band(
    const Window& w, const Bands& b, int count_padding, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  C* cells = dynamic_shared<C>();
  Band band(b, w, w.output, w.input, Seen());
  band.read(x, [&](int, T value, int k) { cells[k] = widen(value); });
  __syncthreads();
  band.each([&](int i, const Place& at, int plane) {
    Span<int> v = seen<int>(w, 0, at.row);
    Span<int> h = seen<int>(w, 1, at.column);
    C count = divisor_at<C>(w, at, count_padding);
    Total<C> sum;
    for (int r = v.from; r < v.to; r++) {
      for (int c = h.from; c < h.to; c++) sum.add(cells[plane + r * band.in_columns + c] / count);
    }
    y[i] = Narrow<T>::of(sum.value());
  });
}

template <class T>
__device__ void avg_pool_input_grad_band(
    const Window& w, const Bands& b, int count_padding, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  C* shares = dynamic_shared<C>();
  Band band(b, w, w.input, w.output, Seers());
  band.read(dy, [&](int o, T value, int k) {
    Place at((unsigned)o, band.in_rows, band.in_columns);
    shares[k] = widen(value) / divisor_at<C>(w, at, count_padding);
  });
  __syncthreads();
  band.each([&](int i, const Place& at, int plane) {
    Span<int> v = seers<int>(w, 0, at.row);
    Span<int> h = seers<int>(w, 1, at.column);
    Total<C> sum;
    for (int r = v.from; r < v.to; r++) {
      for (int c = h.from; c < h.to; c++) sum.add(shares[plane + r * band.in_columns + c]);
    }
    dx[i] = Narrow<T>::of(sum.value());
  });
}

#define POOL(suffix, T)                                                                         \
  extern "C" __global__ void max_pool_band_##suffix(                                            \
      Window w, Bands b, const T* x, T* y, long long* index) {                                  \
    max_pool_band(w, b, x, y, index);                                                           \
  }                                                                                             \
  extern "C" __global__ void max_pool_input_grad_band_##suffix(                                 \
      Window w, Bands b, const T* dy, const long long* index, T* dx, Fault* fault, int op) {    \
    max_pool_input_grad_band(w, b, dy, index, dx, fault, op);                                   \
  }                                                                                             \
  extern "C" __global__ void avg_pool_band_##suffix(                                            \
      Window w, Bands b, int count_padding, const T* x, T* y) {                                 \
    avg_pool_band(w, b, count_padding, x, y);                                                   \
  }                                                                                             \
  extern "C" __global__ void avg_pool_input_grad_band_##suffix(                                 \
      Window w, Bands b, int count_padding, const T* dy, T* dx) {                               \
    avg_pool_input_grad_band(w, b, count_padding, dy, dx);                                      \
  }
POOL(f32, float)
POOL(bf16, __nv_bfloat16)
