// How x [N, C, inner] is given to threads channel by channel: a channel to a group of threads that
// hold it, or each element to be done something to with the numbers of its channel.
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

/** What a C lacks of x; 0 where the C is no number. */
template <class C> __device__ double lost(double x) {
  C near = (C)x;
  return near - near == 0 ? x - near : 0;
}

/** Elements of an access. */
template <int V> struct Width {
  static constexpr int ELEMENTS = V;
};

/** Calls `work` with a Width of `pack` elements: of 16 bytes, or of 8, or of one. */
template <class T, class W> __device__ __forceinline__ void by_packs(int pack, W work) {
  constexpr int MOST = Pack<T>::SIZE;
  if (pack == MOST) {
    work(Width<MOST>());
  } else if (pack == MOST / 2) {
    work(Width<MOST / 2>());
  } else {
    work(Width<1>());
  }
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

  __device__ C scaled(C x) const { return fma_of(centred(x), by, rest); }
};

// ---- a channel that a group of threads holds in registers, as rows.cuh has it of rows

/** Where V elements at a time are that threads hold of their group's channel. */
template <int V> struct Held {
  Sizes size;
  Divider inner;
  long long at;  // the channel
  int n;         // its elements; none if the group has no channel

  __device__ Held(Sizes size, Divider inner)
      : size(size), inner(inner), at((long long)blockIdx.x * blockDim.y + threadIdx.y) {
    n = at < size.channels ? size.count() : 0;
  }

  /** Whether the group has a channel; without one it goes through the motions. */
  __device__ bool exists() const { return n > 0; }

  /** Whether there is an element for register k. */
  __device__ bool has(int k) const { return column<V>(k / V) < n; }

  __device__ long long place(int k) const {
    unsigned i = column<V>(k / V);
    unsigned run = inner.quotient(i);
    return (run * size.channels + at) * size.inner + inner.rest(i, run);
  }

  /** Reads what this thread holds; what is past the end is 0. */
  template <class T, class C> __device__ void read(const T* x, C (&held)[HELD<C>]) const {
#pragma unroll
    for (int k = 0; k < HELD<C>; k += V) {
      if (has(k)) {
        read_few<V>(x + place(k), held + k);
      } else {
#pragma unroll
        for (int j = 0; j < V; j++) {
          held[k + j] = 0;
        }
      }
    }
  }

  template <class T, class C> __device__ void write(const C (&held)[HELD<C>], T* x) const {
#pragma unroll
    for (int k = 0; k < HELD<C>; k += V) {
      if (has(k)) {
        write_few<V>(held + k, x + place(k));
      }
    }
  }
};

/** What the first thread of a group has, in each of up to 32 groups; all of the block call, once. */
template <class F> __device__ F of_first(F mine) {
  __shared__ F found[WARP];
  if (threadIdx.x == 0) {
    found[threadIdx.y] = mine;
  }
  __syncthreads();
  return found[threadIdx.y];
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

/**
 * A thread has every blockDim.y-th row of a column. If these are a multiple of eight apart, they
 * begin equally far into eight elements, a sector of F32, and the columns of their warp are counted
 * from there; those before the first are the last.
 */
template <int V, class F, class O>
__device__ void each_column(Sizes size, Divider inner, const F* factors, O of) {
  constexpr int EIGHT = 8;
  long long columns = size.columns();
  Column<V> column((size.outer + size.part - 1) / size.part, columns);
  long long row = column.outer * size.part + threadIdx.y;
  long long to = min((column.outer + 1) * size.part, size.outer);
  long long i = column.i;
  if (V == 1 && blockDim.x >= EIGHT && blockDim.y % EIGHT == 0) {
    i -= row * columns % EIGHT;
    i += i < 0 ? (columns + blockDim.x - 1) / blockDim.x * blockDim.x : 0;
  }
  bool inside = i < columns;
  F f[V];
  unsigned last = 0;
#pragma unroll
  for (int j = 0; j < V; j++) {
    unsigned channel = inner.quotient(inside ? i + j : 0);
    if (j == 0 || channel != last) {
      f[j] = factors[channel];
    } else {
      f[j] = f[j - 1];
    }
    last = channel;
  }
#pragma unroll 4
  for (; inside && row < to; row += blockDim.y) {
    of.at(row * columns + i, f);
  }
}
