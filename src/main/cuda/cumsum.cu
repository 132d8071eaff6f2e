// Running sums along an axis of [outer, n, inner].
//
//   each     one thread a row, which it reads and writes from end to end
//   rows     inner = 1: a group of threads a row, 16 bytes an access, as many at a time as threads
//            have packs; the few elements of a row that are no whole packs come first and last
//
// Few long rows are cut into parts: these are summed up (sum.cu), and the running sums of the sums
// are what the parts begin with.
//
// Moved over what must be, of F32: rows in whole packs 1.00. The sectors at the ends of other rows
// are moved for their neighbours too, which makes 1.02 of 1,023 elements, 1.06 of 197, and 1.3 of 33.
// Where x begins within 16 bytes, as y does not, packs of both do not meet: both are moved by
// elements, which makes up to 1.22. Each, along the last axis: 8.0, a sector an element.
#include "parts.cuh"

// ---- each

template <class T>
__device__ void cumsum_each(
    long long rows, long long n, long long inner, const T* x, T* y) {  // [outer, n, inner]
  for (long long row = first(); row < rows; row += step()) {
    long long at = row / inner * n * inner + row % inner;
    double sum = 0;
    for (long long k = 0; k < n; k++) {
      sum += widen(x[at + k * inner]);
      y[at + k * inner] = Narrow<T>::of(sum);
    }
  }
}

// ---- rows

/** What the threads of the group before this one gave, and what all gave. As in row_merge. */
template <class C> __device__ void sum_before(C mine, C& before, C& all) {
  int lane = threadIdx.x % WARP;
  int lanes = min(blockDim.x, WARP);
  C running = mine;
  for (int far = 1; far < lanes; far *= 2) {
    C other = __shfl_up_sync(ALL_LANES, running, far, lanes);
    running += lane >= far ? other : C(0);
  }
  before = __shfl_up_sync(ALL_LANES, running, 1, lanes);
  before = lane == 0 ? C(0) : before;
  all = __shfl_sync(ALL_LANES, running, lanes - 1, lanes);
  if (blockDim.x > WARP) {
    __shared__ C of_warp[WARP];
    __syncthreads();  // what an earlier call left has been read
    if (lane == 0) {
      of_warp[threadIdx.x / WARP] = all;
    }
    __syncthreads();
    all = 0;
    for (int warp = 0; warp < blockDim.x / WARP; warp++) {
      before += warp == threadIdx.x / WARP ? all : C(0);
      all += of_warp[warp];
    }
  }
}

/**
 * Goes on with a running sum, from element `from` to `to`, by V elements a thread. The threads of a
 * warp go together, whether their rows end or not, as do the warps of a row.
 */
template <int V, class T, class C>
__device__ void go_on(C& sum, const T* x, T* y, long long from, long long to) {
  for (long long base = from; __any_sync(ALL_LANES, base < to); base += blockDim.x * V) {
    long long i = base + threadIdx.x * V;
    C few[V] = {};
    if (i < to) {
      read_few<V>(x + i, few);
    }
#pragma unroll
    for (int j = 1; j < V; j++) {
      few[j] += few[j - 1];
    }
    C before;
    C all;
    sum_before(few[V - 1], before, all);
#pragma unroll
    for (int j = 0; j < V; j++) {
      few[j] += sum + before;
    }
    if (i < to) {
      write_few<V>(few, y + i);
    }
    sum += all;
  }
}

/** Begins each part but the first with what `sums` has of the part before. */
template <class T>
__device__ void cumsum_rows(
    long long rows, long long n, long long parts, long long part,
    const T* x,                            // [rows, n]
    const typename Wide<T>::type* sums,    // [rows, parts]: running sums of the parts; may be null
    T* y) {                                // [rows, n]
  typedef typename Wide<T>::type C;
  constexpr int V = Pack<T>::SIZE;
  Part mine(rows, n, parts, part);
  const T* from = x + mine.start(n);
  T* to = y + mine.start(n);
  C sum = mine.inside && mine.begin > 0 ? sums[mine.at - 1] : C(0);
  Middle<V> middle = {mine.count, mine.count};
  if (shares_packs(n, x)) {  // as y does
    middle = Middle<V>::of(from, mine.count);
  }
  go_on<1>(sum, from, to, 0, middle.begin);
  go_on<V>(sum, from, to, middle.begin, middle.end);
  go_on<1>(sum, from, to, middle.end, mine.count);
}

#define CUMSUM(suffix, T)                                                                  \
  extern "C" __global__ void cumsum_each_##suffix(                                         \
      long long rows, long long n, long long inner, const T* x, T* y) {                    \
    cumsum_each(rows, n, inner, x, y);                                                     \
  }                                                                                        \
  extern "C" __global__ void __launch_bounds__(512) cumsum_rows_##suffix(                  \
      long long rows, long long n, long long parts, long long part, const T* x,            \
      const Wide<T>::type* sums, T* y) {                                                   \
    cumsum_rows(rows, n, parts, part, x, sums, y);                                         \
  }
EACH_FLOATING(CUMSUM)
CUMSUM(i64, long long)
CUMSUM(i32, int)
CUMSUM(u8, u8)
