// Elements that are added up where an index says (gather.scatter_add, index_select.add): each place by
// one thread and without atomics on floats, so the same bits each time.
//
//   lines    one thread follows a line along the axis and adds in order: good if lines are many, and
//            short, for each element is added to memory, which was set to zero before
//   held     a warp has a line along the last axis: its sums are in shared memory until all is added,
//            so that x and the index are read once, y written once. Equal places take turns
//   sorted   the places are sorted first, and each is written once (scatter_sorted.cu)
//
// What `lines` moves beyond x, the index and y is a read and a write for each element added: of few
// rows among many little, of 16 among 1000 rows 1.03 times the bytes, and no sort goes before it.
#include "fault.cuh"
#include "number.cuh"
#include "walk.cuh"

constexpr int FLIGHT = 4;  // accesses of a thread that do not wait for each other

// y[o, index[…], i] += x[o, k, i] in the order of k, y zeroed; a thread a line (o, i). The index is
// [outer, count, inner], or [count] if `shared`. Where lines are long, sums are doubles: in order, the
// errors of equal terms go one way, and come to far more than those of a tree.
template <class I, class T, class C>
__device__ void add_lines(long long lines, const T* x /* [outer, count, inner] */, const I* index,
                          C* y /* [outer, size, inner] */, long long count, long long size,
                          long long inner, int shared, Fault* fault, int op) {
  for (long long line = first(); line < lines; line += step()) {
    long long o = line / inner;
    long long i = line % inner;
    const T* from = x + o * count * inner + i;
    C* to = y + o * size * inner + i;
    for (long long k = 0; k < count; k++) {
      long long at = shared ? k : (o * count + k) * inner + i;
      long long chosen = index[at];
      if (in_range(fault, op, chosen, at, size)) {
        to[chosen * inner] += (C)widen(from[k * inner]);
      }
    }
  }
}

// The same for inner = 1: blocks are (32, lines), each with `size` doubles of shared memory.
template <class I, class T>
__device__ void add_held(long long lines, const T* x /* [lines, count] */,
                         const I* index /* [lines, count] */, T* y /* [lines, size] */, int count,
                         int size, Fault* fault, int op) {
  double* sums = dynamic_shared<double>() + threadIdx.y * size;
  int lane = threadIdx.x;
  for (long long line = blockIdx.x * (long long)blockDim.y + threadIdx.y; line < lines;
       line += gridDim.x * (long long)blockDim.y) {
    for (int i = lane; i < size; i += WARP) {
      sums[i] = 0;
    }
    __syncwarp();
    long long at = line * count;
    // Warps begin where sectors do. All lanes go through it alike.
    for (int begin = -(int)(at % WARP); begin < count; begin += FLIGHT * WARP) {
      long long chosen[FLIGHT];
      T value[FLIGHT];
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        int k = begin + f * WARP + lane;
        chosen[f] = -1;
        if (k >= 0 && k < count) {
          chosen[f] = index[at + k];
          value[f] = x[at + k];
          if (!in_range(fault, op, chosen[f], at + k, size)) {
            chosen[f] = -1;
          }
        }
      }
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        unsigned same = __match_any_sync(ALL_LANES, (int)chosen[f]);
        int turn = chosen[f] < 0 ? -1 : __popc(same & ((1u << lane) - 1));
        for (int now = 0; __any_sync(ALL_LANES, turn >= now); now++) {
          if (turn == now) {
            sums[chosen[f]] += widen(value[f]);
          }
          __syncwarp();
        }
      }
    }
    at = line * size;
    for (int i = lane - (int)(at % WARP); i < size; i += WARP) {
      if (i >= 0) {
        y[at + i] = Narrow<T>::of(sums[i]);
      }
    }
    __syncwarp();
  }
}

#define LINES(name, C, i, I, suffix, T)                                                       \
  extern "C" __global__ void name##_##i##_##suffix(                                           \
      long long lines, const T* x, const I* index, C* y, long long count, long long size,     \
      long long inner, int shared, Fault* fault, int op) {                                    \
    add_lines(lines, x, index, y, count, size, inner, shared, fault, op);                     \
  }
#define HELD(i, I, suffix, T)                                                                 \
  extern "C" __global__ void add_held_##i##_##suffix(                                         \
      long long lines, const T* x, const I* index, T* y, int count, int size, Fault* fault,   \
      int op) {                                                                               \
    add_held(lines, x, index, y, count, size, fault, op);                                     \
  }
#define ADDED(suffix, T)                                          \
  LINES(add_lines, Wide<T>::type, i64, long long, suffix, T)      \
  LINES(add_lines, Wide<T>::type, i32, int, suffix, T)            \
  HELD(i64, long long, suffix, T)                                 \
  HELD(i32, int, suffix, T)
#define LONG_LINES(suffix, T)                                     \
  LINES(add_long_lines, double, i64, long long, suffix, T)        \
  LINES(add_long_lines, double, i32, int, suffix, T)
ADDED(f64, double)
ADDED(f32, float)
ADDED(bf16, __nv_bfloat16)
ADDED(f16, __half)
ADDED(i64, long long)
ADDED(i32, int)
ADDED(u8, u8)
LONG_LINES(f32, float)
LONG_LINES(bf16, __nv_bfloat16)
LONG_LINES(f16, __half)
