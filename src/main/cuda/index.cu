// Elements that an index chooses: taken (gather, index_select) or written (scatter); scatter.cu adds
// them up. They are only moved, so they go by their size alone.
//
//   strided  one element a thread, found by its place in every operand: any view, any size
//   flat     contiguous, below 2³¹ elements: no 64-bit division, four elements in flight a thread
//   rows     index_select alone: whole rows by 16 bytes a thread and access; a row's index is read
//            by all threads of the row, so that it comes from the cache
//
// What is moved beyond what must be: a single element costs the sector that it lies in, 32 bytes for
// four, so that gather moves 2.5 times its bytes; where many are taken from few, or from one line, they
// come from the cache. A row of 63 floats begins anywhere in a sector, and all its warps ask for its
// index: 1.7 times by request where each row is taken twice, 1.4 if a block reads nothing twice.
#include "divide.cuh"
#include "fault.cuh"
#include "walk.cuh"

// ---- taking --------------------------------------------------------------------------------

// y[…] = x[… index[…] …]: x's walk stays at the axis's first element, `stride` leads along it.
template <class I, class T>
__device__ void take_strided(Walk<3> walk, long long n, const I* index, const T* x, T* y,
                             long long size, long long stride, Fault* fault, int op) {
  for (long long i = first(); i < n; i += step()) {
    long long at[3];
    walk.find(i, at);
    long long chosen = index[at[0]];
    if (in_range(fault, op, chosen, at[0], size)) {
      y[at[2]] = x[at[1] + chosen * stride];
    }
  }
}

constexpr int FLIGHT = 4;  // accesses of a thread that do not wait for each other

// y[o, k, i] = x[o, index[o, k, i], i], all contiguous; slab = count · inner.
template <class I, class T>
__device__ void take_flat(unsigned n, const I* index /* [outer, count, inner] */,
                          const T* x /* [outer, size, inner] */,
                          T* y /* [outer, count, inner] */, Divider slab, Divider inner,
                          long long size, Fault* fault, int op) {
  unsigned begin = blockIdx.x * (FLIGHT * blockDim.x) + threadIdx.x;
  long long chosen[FLIGHT];
  T element[FLIGHT];
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    chosen[k] = i < n ? (long long)index[i] : -1;
  }
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    if (i < n && in_range(fault, op, chosen[k], i, size)) {
      unsigned o = slab.quotient(i);
      unsigned lane = inner.rest(i, inner.quotient(i));
      element[k] = x[(o * size + chosen[k]) * inner.size + lane];
    } else {
      element[k] = T();
    }
  }
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    if (i < n) {
      y[i] = element[k];
    }
  }
}

// y[o, k, :] = x[o, index[k], :], rows of `row.size` units; n units in all, `slab` = count · row.
template <class I, class U>
__device__ void take_rows(unsigned n, const I* index /* [count] */,
                          const U* x /* [outer, size, row] */, U* y /* [outer, count, row] */,
                          Divider slab, Divider row, long long size, Fault* fault, int op) {
  unsigned begin = blockIdx.x * (FLIGHT * blockDim.x) + threadIdx.x;
  long long chosen[FLIGHT];
  U unit[FLIGHT];
  bool found[FLIGHT];
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    if (i < n) {
      chosen[k] = index[row.quotient(slab.rest(i, slab.quotient(i)))];
    }
  }
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    found[k] = false;
    if (i < n) {
      unsigned o = slab.quotient(i);
      unsigned in_slab = slab.rest(i, o);
      unsigned at = row.quotient(in_slab);
      if (in_range(fault, op, chosen[k], at, size)) {
        unit[k] = x[(o * size + chosen[k]) * row.size + row.rest(in_slab, at)];
        found[k] = true;
      }
    }
  }
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    if (found[k]) {
      y[begin + k * blockDim.x] = unit[k];
    }
  }
}

// ---- writing -------------------------------------------------------------------------------

// y[… index[…] …] = s[…]; y is contiguous and holds x. A bit for each element of y tells who comes
// second to a place, which none may.
template <class I, class T>
__device__ void put_strided(Walk<3> walk, long long n, const I* index, const T* s, T* y,
                            unsigned* written, long long size, long long stride, long long count,
                            Fault* fault, int op) {
  for (long long i = first(); i < n; i += step()) {
    long long at[3];
    walk.find(i, at);
    long long chosen = index[at[0]];
    if (!in_range(fault, op, chosen, at[0], size)) {
      continue;
    }
    long long to = at[2] + chosen * stride;
    unsigned bit = 1u << (to & 31);
    if ((atomicOr(&written[to >> 5], bit) & bit) == 0) {
      y[to] = s[at[1]];
      continue;
    }
    // Whoever it is that comes second, the message names the second in order.
    long long k = i / stride % count;
    long long other = i - k * stride;
    int seen = 0;
    for (; seen < 2; other += stride) {
      seen += index[other] == chosen;
    }
    taken_twice(fault, op, chosen, other - stride);
  }
}

// ---- entries -------------------------------------------------------------------------------

#define TAKE(bytes, T, suffix, I)                                                             \
  extern "C" __global__ void take_strided_##bytes##_##suffix(                                 \
      Walk<3> walk, long long n, const I* index, const T* x, T* y, long long size,            \
      long long stride, Fault* fault, int op) {                                               \
    take_strided(walk, n, index, x, y, size, stride, fault, op);                              \
  }                                                                                           \
  extern "C" __global__ void take_flat_##bytes##_##suffix(                                    \
      int n, const I* index, const T* x, T* y, Divider slab, Divider inner, long long size,   \
      Fault* fault, int op) {                                                                 \
    take_flat((unsigned)n, index, x, y, slab, inner, size, fault, op);                        \
  }                                                                                           \
  extern "C" __global__ void put_strided_##bytes##_##suffix(                                  \
      Walk<3> walk, long long n, const I* index, const T* s, T* y, unsigned* written,         \
      long long size, long long stride, long long count, Fault* fault, int op) {              \
    put_strided(walk, n, index, s, y, written, size, stride, count, fault, op);               \
  }
#define ROWS(bytes, U, suffix, I)                                                             \
  extern "C" __global__ void take_rows_##bytes##_##suffix(                                    \
      int n, const I* index, const U* x, U* y, Divider slab, Divider row, long long size,     \
      Fault* fault, int op) {                                                                 \
    take_rows((unsigned)n, index, x, y, slab, row, size, fault, op);                          \
  }
#define INDEXED(suffix, I)                      \
  TAKE(1, unsigned char, suffix, I)             \
  TAKE(2, unsigned short, suffix, I)            \
  TAKE(4, unsigned, suffix, I)                  \
  TAKE(8, unsigned long long, suffix, I)        \
  ROWS(1, unsigned char, suffix, I)             \
  ROWS(2, unsigned short, suffix, I)            \
  ROWS(4, unsigned, suffix, I)                  \
  ROWS(8, unsigned long long, suffix, I)        \
  ROWS(16, uint4, suffix, I)
INDEXED(i64, long long)
INDEXED(i32, int)
