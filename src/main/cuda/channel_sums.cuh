// Sums of parts of each channel of x [N, C, inner], and the sums of these: what channel_norm.cu and
// channel_norm_grad.cu find first where a channel is too long to be held.
//
// of.begin(j, c) says that lane j will see channel c, of.take(i) adds elements i to i + V − 1, one a
// lane, of.level(j) is what lane j measures from, and of.total(j, level) what it found, measured
// from `level`. What threads found together of `count` elements is measured from the channel's first
// element, i, by of.total(sum, count, level, i).
#pragma once
#include "channels.cuh"

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
