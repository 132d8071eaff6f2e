// Cross-entropy: softmax along the second axis of x [outer, n, inner], and of it the negative logarithm
// at a label, in one kernel; its gradient is another, in nll_grad.cu. Softmax, logarithm, choice, and
// their gradients one by one pass over six matrices of x's size; here it is three: x is read twice, dx
// written once. The probabilities are never stored, but each row's maximum and ln Σ exp(x − max) are.
//
//   naive    a thread a row, which it reads three times, adding up in double
//   columns  inner > 1: threads side by side take neighbouring rows, those of one threadIdx.x share
//            a row; maximum and sum come from one reading
//   rows     inner = 1: a part of a warp or a block a row; maximum and sum come from one reading, 16
//            bytes an access: from a row's first whole sector on, since a row of 50,257 elements
//            begins anywhere
//   tile     inner = 1, n ≤ 32: 32 rows a warp, which reads them as the one stretch of memory that
//            they are; losses and labels of a row are a thread's, and lie side by side
//
// Except by tile, rows whose label is ignored are not read. A label that is no class is noted
// (fault.cuh).
//
// By rows, the element at the label is read again, a sector for it alone, and the labels and results
// of so few rows as a warp has are less than a sector each: of 64 floats a row that makes 1.16 times
// what must be moved, of 1,000 it makes 1.04; of 16 bits, where the same sectors are twice the share,
// 1.32 and 1.10. Rows of 100 to 200 that begin within a sector, and whose edges are read by turns,
// make 1.2 to 1.3, and 1.3 to 1.4 of 16 bits; their gradient, 1.1 to 1.2. By tile, elements at the
// labels may lie in one bank.
#include "nll.cuh"
#include "online.cuh"

/** What is found of a row: its maximum, Σ exp(x − max), and Σ x, which smoothing asks for. */
template <class C> struct alignas(16) Found {
  Online<C> online;
  C total;

  static __device__ Found none() { return {Online<C>::none(), C(0)}; }
  __device__ void merge(Found other) {
    online.merge(other.online);
    total += other.total;
  }
  __device__ Found across(int lane) const {
    return {online.across(lane), other_lane(total, lane)};
  }
  template <int V> __device__ void see(const C* x) {
    online.template see<V>(x);
#pragma unroll
    for (int j = 0; j < V; j++) {
      total += x[j];
    }
  }
};

/** Where the results of rows go. */
template <class T> struct Losses {
  typedef typename Wide<T>::type C;
  T* loss;
  C* max;
  C* log;

  /** x is the element at the label; the mean is that of all. */
  __device__ void write(long long row, C x, C max, C sum, C mean, double smoothing) const {
    C log = log_of(sum);
    C value = log - (x - max);
    if (smoothing > 0) {
      value = (C)(1 - smoothing) * value + (C)smoothing * (log - (mean - max));
    }
    this->loss[row] = Narrow<T>::of(value);
    this->max[row] = max;
    this->log[row] = log;
  }

  /** Of a row that counts nothing. */
  __device__ void write_nothing(long long row) const {
    loss[row] = Narrow<T>::of(C(0));
    max[row] = 0;
    log[row] = 0;
  }
};

// ---- naive

template <class T, class I, class C>
__device__ void forward_naive(const Task& task, double smoothing,
                              const T* x,          // [outer, n, inner]
                              const I* labels,     // [outer, inner]
                              Losses<T> to, C, Fault* fault, int op) {
  for (long long row = first(); row < task.rows; row += step()) {
    long long label = class_of(task, labels, row, fault, op, true);
    if (label < 0) {
      to.write_nothing(row);
      continue;
    }
    const T* from = x + row / task.inner * task.n * task.inner + row % task.inner;
    C max = -infinity<C>();
    for (long long k = 0; k < task.n; k++) {
      max = larger(max, (C)widen(from[k * task.inner]));
    }
    double sum = 0;
    double total = 0;
    for (long long k = 0; k < task.n; k++) {
      C value = widen(from[k * task.inner]);
      sum += exp_of(value - max);
      total += value;
    }
    C right = widen(from[label * task.inner]);
    to.write(row, right, max, (C)sum, (C)(total / task.n), smoothing);
  }
}

// ---- columns

template <class T, class I, class C>
__device__ void forward_columns(const Task& task, double smoothing, const T* x, const I* labels,
                                Losses<T> to, C, Fault* fault, int op) {
  __shared__ C at_label[COLUMN_THREADS];
  Column<1> column(task.rows / task.inner, task.inner);
  long long row = column.outer * task.inner + column.i;
  C& right = at_label[threadIdx.z * blockDim.x + threadIdx.x];
  const T* from = x + column.outer * task.n * task.inner + column.i;
  bool leads = column.inside && threadIdx.y == 0;
  long long label = column.inside ? class_of(task, labels, row, fault, op, leads) : -1;
  Found<C> found = Found<C>::none();
  for (long long k = threadIdx.y; label >= 0 && k < task.n; k += blockDim.y) {
    C value = widen(from[k * task.inner]);
    found.template see<1>(&value);
    if (k == label) {
      right = value;
    }
  }
  found = column_merge<COLUMN_THREADS>(found);  // the threads of a column meet there
  if (leads && label >= 0) {
    to.write(row, right, found.online.max, found.online.sum_of(), found.total / task.n,
             smoothing);
  } else if (leads) {
    to.write_nothing(row);
  }
}

// ---- rows: blockDim.x threads a row, blockDim.y rows a block

/** Sees a row. */
template <class T, class C> struct Seeing {
  const T* x;
  Found<C> found;

  template <int V> __device__ void at(long long i) {
    C few[V];
    read_few<V>(x + i, few);
    found.template see<V>(few);
  }
};

template <class T, class I, class C>
__device__ void forward_rows(const Task& task, double smoothing, const T* x, const I* labels,
                             Losses<T> to, C, Fault* fault, int op) {
  long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = row < task.rows;
  bool leads = inside && threadIdx.x == 0;
  long long label = inside ? class_of(task, labels, row, fault, op, leads) : -1;
  const T* from = x + (inside ? row : 0) * task.n;
  long long n = label < 0 ? 0 : task.n;  // without a label, a group goes through the motions
  Seeing<T, C> seeing = {from, Found<C>::none()};
  each_few<Pack<T>::SIZE>(from, n, seeing);
  Found<C> found = row_merge(seeing.found);
  if (leads && label >= 0) {
    to.write(row, widen(from[label]), found.online.max, found.online.sum_of(),
             found.total / task.n, smoothing);
  } else if (leads) {
    to.write_nothing(row);
  }
}

// ---- tile: a block is a warp, and has a row for each thread

template <class T, class I, class C>
__device__ void forward_tile(const Task& task, double smoothing, const T* x, const I* labels,
                             Losses<T> to, C, Fault* fault, int op) {
  // Rows n apart would begin in the same bank as one before; where they do, a place is left out.
  __shared__ C tile[TILE * (TILE + 1)];
  constexpr int BANKS = 128 / sizeof(C);
  int n = task.n;
  int same_bank = n * BANKS / min(n & -n, BANKS);
  long long start = (long long)blockIdx.x * TILE;
  long long row = start + threadIdx.x;
  bool inside = row < task.rows;
  long long label = inside ? class_of(task, labels, row, fault, op, true) : -1;
  int count = min(task.rows - start, (long long)TILE) * n;
#pragma unroll 8
  for (int i = threadIdx.x; i < count; i += TILE) {
    tile[i + i / same_bank] = widen(x[start * n + i]);
  }
  __syncthreads();
  if (label < 0) {
    if (inside) {
      to.write_nothing(row);
    }
    return;
  }
  int at = threadIdx.x * n;
  const C* mine = tile + at + at / same_bank;
  C max = -infinity<C>();
  for (int k = 0; k < n; k++) {
    max = larger(max, mine[k]);
  }
  C sum = 0;
  C total = 0;
  for (int k = 0; k < n; k++) {
    sum += exp_of(mine[k] - max);
    total += mine[k];
  }
  to.write(row, mine[label], max, sum, total / n, smoothing);
}

#define NLL(way, threads, suffix, T, index, I)                                                     \
  extern "C" __global__ void __launch_bounds__(threads) nll_##way##_##index##_##suffix(            \
      Task task, double smoothing, const T* x, const I* labels, T* loss, Wide<T>::type* max,       \
      Wide<T>::type* log, Fault* fault, int op) {                                                  \
    forward_##way(task, smoothing, x, labels, Losses<T>{loss, max, log}, Wide<T>::type(), fault,   \
                  op);                                                                             \
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
