// Rows that begin anywhere, as those of odd length do: most of one is read in packs of 16 bytes, from
// its first whole sector on; the few elements before and after them are its edges, read one by one.
#pragma once
#include "rows.cuh"

/** What memory is moved by, in bytes. */
constexpr int SECTOR = 32;

/** Elements from the last multiple of 32 bytes, where a sector begins, to here. */
template <class T> __device__ int into_sector(const T* here) {
  return (unsigned long long)here % SECTOR / sizeof(T);
}

/** Room for a row in shared memory, as far into a pack as the row itself; or nothing. */
template <bool KEEPS, class T> __device__ T* kept_row(const T* row) {
  return KEEPS ? dynamic_shared<T>() + into_sector(row) % Pack<T>::SIZE : (T*)nullptr;
}

/** Which elements of a row are read in packs of V. The others are its edges. */
template <int V> struct Middle {
  long long begin;
  long long end;

  template <class T> static __device__ Middle of(const T* row, long long n) {
    int before = V == 1 || aligned(row) ? 0 : SECTOR / sizeof(T) - into_sector(row);
    long long begin = min((long long)before, n);
    return {begin, n - (n - begin) % V};
  }
  __device__ long long count() const { return end - begin; }
  /** The place of an edge; past the row if there are no more. */
  __device__ long long edge(long long e) const { return e < begin ? e : e + count(); }
};

/**
 * What a thread holds of a row: its part of the middle, and one edge at most, as the last element. A
 * group has a warp's threads at least, unless there are no edges.
 */
template <int V> struct Share {
  int n;
  int begin;
  int packed;
  int edge;

  template <class T> static __device__ Share of(const T* row, int n) {
    Middle<V> middle = Middle<V>::of(row, n);
    return {n, (int)middle.begin, (int)middle.count(), (int)middle.edge(threadIdx.x)};
  }
  template <class T, class C> __device__ void read(const T* row, C rest, C (&held)[HELD<C> + 1]) {
    read_row<V>(row + begin, packed, rest, held);
    held[HELD<C>] = rest;
    if (edge < n) {
      read_few<1>(row + edge, held + HELD<C>);
    }
  }
  template <class T, class C> __device__ void write(const C (&held)[HELD<C> + 1], T* row) {
    write_row<V>(held, row + begin, packed);
    if (edge < n) {
      write_few<1>(held + HELD<C>, row + edge);
    }
  }
};

/**
 * Whether a group is to share packs of rows of n elements, the first of which are here. What a warp
 * reads at once has no edges.
 */
template <class T> __device__ bool shares_packs(long long n, const T* a) {
  return aligned(a) && (n % Pack<T>::SIZE == 0 || (n > WARP && blockDim.x >= WARP));
}

/**
 * Goes along a row, the threads of a group in turns: of.at<V>(i) is called for elements i to
 * i + V − 1 of the middle, and of.at<1>(i) for an edge.
 */
template <int V, int UNROLL = 4, class T, class O>
__device__ void each_few(const T* row, long long n, O& of) {
  Middle<V> middle = Middle<V>::of(row, n);
#pragma unroll UNROLL
  for (long long i = middle.begin + threadIdx.x * V; i < middle.end; i += blockDim.x * V) {
    of.template at<V>(i);
  }
  for (long long e = threadIdx.x; middle.edge(e) < n; e += blockDim.x) {
    of.template at<1>(middle.edge(e));
  }
}
