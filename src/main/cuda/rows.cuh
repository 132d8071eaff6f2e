// What kernels share that give each row of a matrix to a group of threads.
//
// A group is the blockDim.x threads of one threadIdx.y. Up to 32 of them, a power of two, are a part
// of a warp and need shuffles alone; more are a multiple of 32, and their warps meet in shared memory.
//
// Rows of odd length begin in the midst of a sector of 32 bytes, so a warp's 128 bytes of F32 lie in
// five sectors for four: rows of 1,023 move 1.22 times their bytes, unless a cache still has the
// sector that two requests share. edges.cuh has what reads rows from a whole sector on, at the price
// of one more bound on every access of every row.
#pragma once
#include "number.cuh"
#include "walk.cuh"

#define OF_FLOAT_AND_DOUBLE(name, single, twice)              \
  __device__ inline float name(float x) { return single(x); } \
  __device__ inline double name(double x) { return twice(x); }
OF_FLOAT_AND_DOUBLE(exp_of, expf, exp)
OF_FLOAT_AND_DOUBLE(log_of, logf, log)
OF_FLOAT_AND_DOUBLE(root_of, sqrtf, sqrt)
__device__ inline float fma_of(float a, float b, float c) { return fmaf(a, b, c); }
__device__ inline double fma_of(double a, double b, double c) { return fma(a, b, c); }

template <class C> __device__ C infinity() { return (C)INFINITY; }

/** The larger of two numbers; NaN if one is. */
template <class C> __device__ C larger(C a, C b) { return b > a || b != b ? b : a; }

/** x, or 0 if it is no number to measure from. */
template <class C> __device__ C finite_or_zero(C x) { return x - x == 0 ? x : C(0); }

/** What a thread holds of a row at most, in registers: 64 bytes. */
template <class C> constexpr int HELD = 64 / sizeof(C);

/** Reads V elements from `from`, a multiple of V elements away from a multiple of 16 bytes. */
template <int V, class T, class C> __device__ void read_few(const T* from, C* to) {
  Few<T, V> few = *(const Few<T, V>*)from;
#pragma unroll
  for (int j = 0; j < V; j++) {
    to[j] = widen(few.element[j]);
  }
}

template <int V, class T, class C> __device__ void write_few(const C* from, T* to) {
  Few<T, V> few;
#pragma unroll
  for (int j = 0; j < V; j++) {
    few.element[j] = Narrow<T>::of(from[j]);
  }
  *(Few<T, V>*)to = few;
}

/** The column of the first of the V elements that are the k-th such of this thread. */
template <int V> __device__ int column(int k) {
#ifdef FROM_ROW_TO_ROW
  unsigned thread = hidden(threadIdx.x);  // columns kept for all rows take more registers than a row
#else
  unsigned thread = threadIdx.x;
#endif
  return (k * (int)blockDim.x + (int)thread) * V;
}

/** Reads this thread's part of a row of n elements; columns past the end are `rest`. */
template <int V, class T, class C, int N>
__device__ void read_row(const T* row, int n, C rest, C (&held)[N]) {
#pragma unroll
  for (int k = 0; k < HELD<C> / V; k++) {
    if (column<V>(k) < n) {
      read_few<V>(row + column<V>(k), held + k * V);
    } else {
#pragma unroll
      for (int j = 0; j < V; j++) {
        held[k * V + j] = rest;
      }
    }
  }
}

template <int V, class T, class C, int N>
__device__ void write_row(const C (&held)[N], T* row, int n) {
#pragma unroll
  for (int k = 0; k < HELD<C> / V; k++) {
    if (column<V>(k) < n) {
      write_few<V>(held + k * V, row + column<V>(k));
    }
  }
}

/**
 * Whether rows of n elements, the first of which are here, all begin at multiples of 16 bytes. Those
 * of results do if n allows: a result begins where its memory does.
 */
template <class T> __device__ bool wide_rows(long long n, const T* a) {
  return n % Pack<T>::SIZE == 0 && aligned(a);
}

// What is found of a row, a part at a time: none() is what nothing gives, merge takes in what
// another part gave, and across(lane) is what the thread gave whose lane differs in that bit. merge
// is symmetric to the bit, so all threads of a group find the same.

template <class C> __device__ C other_lane(C value, int lane) {
  return __shfl_xor_sync(ALL_LANES, value, lane);
}

/** A sum. */
template <class C> struct Total {
  C sum;
  static __device__ Total none() { return {C(0)}; }
  __device__ void merge(Total other) { sum += other.sum; }
  __device__ Total across(int lane) const { return {other_lane(sum, lane)}; }
};

/** Two sums. */
template <class C> struct alignas(2 * sizeof(C)) Totals {
  C first;
  C second;
  static __device__ Totals none() { return {C(0), C(0)}; }
  __device__ void merge(Totals other) {
    first += other.first;
    second += other.second;
  }
  __device__ Totals across(int lane) const {
    return {other_lane(first, lane), other_lane(second, lane)};
  }
};

/** Some sums, of threads that column_merge brings together. */
template <class C, int V> struct alignas(V * sizeof(C) < 16 ? V * sizeof(C) : 16) Sums {
  C sum[V];
  __device__ void merge(const Sums& other) {
#pragma unroll
    for (int j = 0; j < V; j++) {
      sum[j] += other.sum[j];
    }
  }
};

/** A maximum. */
template <class C> struct Top {
  C max;
  static __device__ Top none() { return {-infinity<C>()}; }
  __device__ void merge(Top other) { max = larger(max, other.max); }
  __device__ Top across(int lane) const { return {other_lane(max, lane)}; }
};

/** What as many neighbouring lanes found together, a power of two, in each of them. */
template <class S> __device__ S lane_merge(S mine, int lanes) {
  for (int lane = lanes / 2; lane > 0; lane /= 2) {
    mine.merge(mine.across(lane));
  }
  return mine;
}

/**
 * What the threads of a group found together, in each of them. All threads of the block call. What
 * one call leaves in shared memory may still be read during the next, so where two follow each other
 * with the same S, they have a TURN each.
 */
template <int TURN = 0, class S> __device__ S row_merge(S mine) {
  mine = lane_merge(mine, min(blockDim.x, WARP));
  if (blockDim.x > WARP) {
    __shared__ S of_warp[WARP];
    int warps = blockDim.x / WARP;
    const S* of_group = of_warp + threadIdx.y * warps;
    if (threadIdx.x % WARP == 0) {
      of_warp[threadIdx.y * warps + threadIdx.x / WARP] = mine;
    }
    __syncthreads();
    mine = threadIdx.x % WARP < warps ? of_group[threadIdx.x % WARP] : S::none();
    mine = lane_merge(mine, WARP);
  }
  return mine;
}

// A block for columns, of x [outer, n, inner]: threads of neighbouring threadIdx.x have neighbouring
// columns, those that differ in threadIdx.y share one, and those that differ in threadIdx.z have
// another outer index. blockDim.y is a power of two, and the block has COLUMN_THREADS at most.

constexpr int COLUMN_THREADS = 256;

/** The column of a thread, of V neighbouring ones. */
template <int V> struct Column {
  long long outer;
  long long i;
  bool inside;

  __device__ Column(long long outers, long long inner) {
    long long width = blockDim.x * V;
    long long tiles = (inner + width - 1) / width;
    outer = blockIdx.x / tiles * blockDim.z + threadIdx.z;
    i = blockIdx.x % tiles * width + threadIdx.x * V;
    inside = outer < outers && i < inner;
  }
};

/**
 * What the threads of a column found together, in that of threadIdx.y = 0. All threads of the block
 * call; it has at most THREADS. They meet before they call it again with the same S.
 */
template <int THREADS, class S> __device__ S column_merge(S mine) {
  __shared__ S found[THREADS];
  int at = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  found[at] = mine;
  for (int half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.y < half) {
      mine.merge(found[at + half * blockDim.x]);
      found[at] = mine;
    }
  }
  return mine;
}

/** The same of sums, whose k-th ones lie side by side: neighbours do not meet in a bank. */
template <int THREADS, class C, int V> __device__ Sums<C, V> column_merge(Sums<C, V> mine) {
  __shared__ C found[V][THREADS];
  int at = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
#pragma unroll
  for (int k = 0; k < V; k++) {
    found[k][at] = mine.sum[k];
  }
  for (int half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.y < half) {
#pragma unroll
      for (int k = 0; k < V; k++) {
        mine.sum[k] += found[k][at + half * blockDim.x];
        found[k][at] = mine.sum[k];
      }
    }
  }
  return mine;
}

/** As column_merge, but in all threads of the column. */
template <int THREADS, class S> __device__ S column_share(S mine) {
  __shared__ S found[THREADS];
  int at = threadIdx.z * blockDim.x + threadIdx.x;
  mine = column_merge<THREADS>(mine);
  if (threadIdx.y == 0) {
    found[at] = mine;
  }
  __syncthreads();
  return found[at];
}

// The floating types, and what computes with them.
#define EACH_FLOATING(ENTRY)   \
  ENTRY(f64, double)           \
  ENTRY(f32, float)            \
  ENTRY(bf16, __nv_bfloat16)   \
  ENTRY(f16, __half)
