// How x [N, C, inner] is given to threads channel by channel: sums of parts of each channel, and
// something done to each element with the numbers of its channel.
//
// A channel lies in N runs of `inner` elements. Long ones are walked run by run; short ones as
// columns of the matrix [N, C · inner], of which there are fewer than 2³¹.
#pragma once
#include "divide.cuh"
#include "rows.cuh"

/** The sizes of x, and how much of a channel, or of a column, is a part. */
struct Sizes {
  long long outer;
  long long channels;
  long long inner;
  long long part;

  __device__ long long count() const { return outer * inner; }
  __device__ long long columns() const { return channels * inner; }
  /** The place of element `k` of a channel. */
  __device__ long long at(long long channel, long long k) const {
    return (k / inner * channels + channel) * inner + k % inner;
  }
};

/** x, or 0 if it is no number to measure from. */
template <class C> __device__ C finite_or_zero(C x) { return x - x == 0 ? x : C(0); }

/** What a C lacks of x; 0 where the C is no number. */
template <class C> __device__ double lost(double x) {
  C near = (C)x;
  return near - near == 0 ? x - near : 0;
}

/** The numbers of (x − mean) ⊙ by + rest, for a channel. */
template <class C> struct alignas(16) Factors {
  C shift;  // the mean
  C off;    // and what it lacks
  C by;
  C rest;

  static __device__ Factors of(double mean, double by, double rest) {
    return {(C)mean, (C)lost<C>(mean), (C)by, (C)rest};
  }

  __device__ C centred(C x) const { return x - shift - off; }
};

// ---- sums: of.begin(j, c) says that lane j will see channel c, of.take(i) adds elements i to
// i + V − 1, one a lane, of.level(j) is what lane j measures from, and of.total(j, level) what it
// found, measured from `level`. What threads found together of `count` elements is measured from the
// channel's first element, i, by of.total(sum, count, level, i)

/** By a block for each part, which is a multiple of V elements. parts is [parts, C]. */
template <int V, class S>
__device__ void sum_runs(Sizes size, S of, Totals<double>* parts) {
  long long c = blockIdx.x % size.channels;
  long long from = blockIdx.x / size.channels * size.part;
  long long to = min(from + size.part, size.count());
  long long at = from + threadIdx.x * V;
  long long step = blockDim.x * V;
  long long run = at / size.inner;
  long long i = at % size.inner;
  long long runs = step / size.inner;
  long long more = step % size.inner;
#pragma unroll
  for (int j = 0; j < V; j++) {
    of.begin(j, c);
  }
#pragma unroll 4
  for (; at < to; at += step) {
    of.take((run * size.channels + c) * size.inner + i);
    run += runs;
    i += more;
    if (i >= size.inner) {
      i -= size.inner;
      run++;
    }
  }
  __shared__ typename S::C level;
  if (threadIdx.x == 0) {
    level = of.level(0);
  }
  __syncthreads();
  Totals<double> all = Totals<double>::none();
#pragma unroll
  for (int j = 0; j < V; j++) {
    all.merge(of.total(j, level));
  }
  all = row_merge(all);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = of.total(all, to - from, level, c * size.inner);
  }
}

/** By threads for V columns each; a part is some rows. parts is [parts, C · inner]. */
template <int V, class S>
__device__ void sum_columns(Sizes size, Divider inner, S of, Totals<double>* parts) {
  long long columns = size.columns();
  Column<V> column((size.outer + size.part - 1) / size.part, columns);
  long long from = column.outer * size.part;
  long long to = min(from + size.part, size.outer);
  long long first = column.inside ? column.i : 0;
#pragma unroll
  for (int j = 0; j < V; j++) {
    of.begin(j, inner.quotient(first + j));
  }
#pragma unroll 4
  for (long long k = from + threadIdx.y; column.inside && k < to; k += blockDim.y) {
    of.take(k * columns + column.i);
  }
  // Those of threadIdx.y = 0 have seen a row, if there is one.
  __shared__ typename S::C levels[V][COLUMN_THREADS];
  int at = threadIdx.z * blockDim.x + threadIdx.x;
  if (threadIdx.y == 0) {
#pragma unroll
    for (int j = 0; j < V; j++) {
      levels[j][at] = of.level(j);
    }
  }
  __syncthreads();
  Sums<double, 2 * V> all;
#pragma unroll
  for (int j = 0; j < V; j++) {
    Totals<double> one = of.total(j, levels[j][at]);
    all.sum[2 * j] = one.first;
    all.sum[2 * j + 1] = one.second;
  }
  all = column_merge<COLUMN_THREADS>(all);
  if (threadIdx.y == 0 && column.inside) {
#pragma unroll
    for (int j = 0; j < V; j++) {
      long long origin = inner.quotient(column.i + j) * size.inner;
      parts[column.outer * columns + column.i + j] =
          of.total({all.sum[2 * j], all.sum[2 * j + 1]}, to - from, levels[j][at], origin);
    }
  }
}

template <int V, class S>
__device__ void sum_parts(Sizes size, Divider inner, int runs, S of, Totals<double>* parts) {
  if (runs) {
    sum_runs<V>(size, of, parts);
  } else {
    sum_columns<V>(size, inner, of, parts);
  }
}

/** What all parts found of a channel, in each thread of its group, of a warp at most. */
__device__ inline Totals<double> add_parts(
    Sizes size, int runs, long long channel, const Totals<double>* parts) {
  long long whole = runs ? size.count() : size.outer;
  long long each = runs ? 1 : size.inner;
  long long count = channel < size.channels ? (whole + size.part - 1) / size.part * each : 0;
  Totals<double> all = Totals<double>::none();
  for (long long k = threadIdx.x; k < count; k += blockDim.x) {
    all.merge(parts[(k / each * size.channels + channel) * each + k % each]);
  }
  return lane_merge(all, blockDim.x);
}

// ---- something done to each element: of.at(i, f) does it to elements i to i + V − 1, with the
// numbers f[0] to f[V − 1]

/** As many of one as are asked for. */
template <class F> struct Same {
  F one;

  __device__ const F& operator[](int) const { return one; }
};

/** How runs are cut into pieces, each for a group of threads; there are fewer than 2³¹. */
struct Pieces {
  long long count;
  long long inner;
  long long piece;  // elements
};

template <int V, class F, class O>
__device__ void each_run(
    Pieces pieces, Divider channels, Divider per_run, const F* factors, O of) {
  unsigned at = blockIdx.x * blockDim.y + threadIdx.y;
  if (at >= pieces.count) {
    return;
  }
  unsigned run = per_run.quotient(at);
  long long from = per_run.rest(at, run) * pieces.piece;
  long long to = min(from + pieces.piece, pieces.inner);
  Same<F> f = {factors[channels.rest(run, channels.quotient(run))]};
#pragma unroll 4
  for (long long i = from + threadIdx.x * V; i < to; i += blockDim.x * V) {
    of.at(run * pieces.inner + i, f);
  }
}

template <int V, class F, class O>
__device__ void each_column(Sizes size, Divider inner, const F* factors, O of) {
  long long columns = size.columns();
  Column<V> column((size.outer + size.part - 1) / size.part, columns);
  long long to = min((column.outer + 1) * size.part, size.outer);
  long long first = column.inside ? column.i : 0;
  F f[V];
#pragma unroll
  for (int j = 0; j < V; j++) {
    f[j] = factors[inner.quotient(first + j)];
  }
#pragma unroll 4
  for (long long k = column.outer * size.part + threadIdx.y; column.inside && k < to;
       k += blockDim.y) {
    of.at(k * columns + column.i, f);
  }
}
