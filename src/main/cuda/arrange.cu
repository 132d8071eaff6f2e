// Joining tensors along an axis, parting one, and putting one in its place among zeros. The elements
// are moved in units of up to 16 bytes, whatever they are, as long as all lies at multiples of that.
//
//   copies  a copy for each part, of any layout (copy.cu)
//   units   all parts in one launch, four units in flight a thread; neighbouring threads write (or
//           read) neighbours, whatever part they belong to. An embedding writes its zeros and its
//           elements in one pass.
#include "divide.cuh"

typedef unsigned char u8;

constexpr int FLIGHT = 4;
constexpr int MOST_PARTS = 64;

/** Parts of a row that lie one after the other, in units. */
struct Parts {
  long long count;
  long long address[MOST_PARTS];
  long long start[MOST_PARTS + 1];  // and the end of the last

  /** The part that unit `at` of a row belongs to. */
  __device__ int holding(long long at) const {
    int low = 0;
    int high = (int)count - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (start[middle] <= at) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
};

// whole[o, before + r] = part[o, r − start], or the other way round; n units of [outer, width].
template <bool JOIN, class U>
__device__ void move_parts(const Parts& parts, unsigned n, Divider width,
                           U* whole /* [outer, row] */, long long row, long long before) {
  unsigned begin = blockIdx.x * (FLIGHT * blockDim.x) + threadIdx.x;
  U* to[FLIGHT];
  U unit[FLIGHT];
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    to[k] = nullptr;
    if (i < n) {
      unsigned o = width.quotient(i);
      unsigned r = width.rest(i, o);
      int p = parts.holding(r);
      long long size = parts.start[p + 1] - parts.start[p];
      U* in_part = (U*)parts.address[p] + (o * size + r - parts.start[p]);
      U* in_whole = whole + (o * row + before + r);
      unit[k] = JOIN ? *in_part : *in_whole;
      to[k] = JOIN ? in_whole : in_part;
    }
  }
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    if (to[k] != nullptr) {
      *to[k] = unit[k];
    }
  }
}

// y[o, start + k · step, c] = x[o, k, c], 0 elsewhere; n units of [outer, row], `cell` of them for
// each k; step is `by` in the direction `sign`.
template <class U>
__device__ void embed(unsigned n, const U* x /* [outer, count, cell] */, U* y, Divider row,
                      Divider cell, Divider by, long long start, long long count, int sign) {
  unsigned begin = blockIdx.x * (FLIGHT * blockDim.x) + threadIdx.x;
  U unit[FLIGHT];
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    unit[k] = U();
    if (i < n) {
      unsigned o = row.quotient(i);
      unsigned in_row = row.rest(i, o);
      unsigned at = cell.quotient(in_row);
      // Before the start this wraps around: to no multiple of the step, or to one past the last.
      unsigned away = (unsigned)(sign * (at - start));
      unsigned chosen = by.quotient(away);
      if (by.rest(away, chosen) == 0 && chosen < count) {
        unit[k] = x[(o * count + chosen) * cell.size + cell.rest(in_row, at)];
      }
    }
  }
#pragma unroll
  for (int k = 0; k < FLIGHT; k++) {
    unsigned i = begin + k * blockDim.x;
    if (i < n) {
      y[i] = unit[k];
    }
  }
}

#define UNITS(bytes, U)                                                                       \
  extern "C" __global__ void join_##bytes(const __grid_constant__ Parts parts, int n,         \
                                          Divider width, U* whole, long long row,             \
                                          long long before) {                                 \
    move_parts<true, U>(parts, (unsigned)n, width, whole, row, before);                       \
  }                                                                                           \
  extern "C" __global__ void part_##bytes(const __grid_constant__ Parts parts, int n,         \
                                          Divider width, U* whole, long long row,             \
                                          long long before) {                                 \
    move_parts<false, U>(parts, (unsigned)n, width, whole, row, before);                      \
  }                                                                                           \
  extern "C" __global__ void embed_##bytes(int n, const U* x, U* y, Divider row,              \
                                           Divider cell, Divider by, long long start,         \
                                           long long count, int sign) {                       \
    embed((unsigned)n, x, y, row, cell, by, start, count, sign);                              \
  }
UNITS(1, u8)
UNITS(2, unsigned short)
UNITS(4, unsigned)
UNITS(8, unsigned long long)
UNITS(16, uint4)
