// Poolings whose windows share no cell: each is read once, straight into registers.
//
//   whole  windows that are whole planes: a warp for each, whose lanes read side by side
//   pairs  2 × 2 windows side by side: 16 bytes of two rows a thread and access (8 of 16-bit numbers
//          where places of 8 bytes go with each window, which are then written without gaps). Only
//          for rows of whole sectors of 32 bytes: of others two warps ask for the same sector
//
// What `whole` asks for beyond the cells: a plane of 7 × 7 floats begins anywhere in a sector and ends
// anywhere in another, and its one result is less than one. That is 1.4 times the bytes by request,
// or 1.5 with the place of a maximum; but what two warps of a block share comes from the cache.
#include "fault.cuh"
#include "pool.cuh"

// ---------------------------------------------------------------------------------------- whole

// Blocks are (32, planes); inputs < 2³¹ is the size of a plane.

template <class T>
__device__ void max_pool_whole(
    int inputs, long long planes, const T* x, T* y, long long* index) {
  for (long long p = (long long)blockIdx.x * blockDim.y + threadIdx.y; p < planes;
       p += (long long)gridDim.x * blockDim.y) {
    const T* plane = x + p * inputs;
    Largest<typename Wide<T>::type, int> best;
    for (int i = threadIdx.x; i < inputs; i += 32) best.add(widen(plane[i]), i);
    for (int lane = 16; lane > 0; lane /= 2) {
      typename Wide<T>::type other = __shfl_xor_sync(0xffffffffu, best.value, lane);
      int at = __shfl_xor_sync(0xffffffffu, best.index, lane);
      best.join(other, at);
    }
    if (threadIdx.x == 0) {
      y[p] = Narrow<T>::of(best.value);
      index[p] = best.index;
    }
  }
}

template <class T>
__device__ void avg_pool_whole(int inputs, long long planes, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  C count = (C)inputs;
  for (long long p = (long long)blockIdx.x * blockDim.y + threadIdx.y; p < planes;
       p += (long long)gridDim.x * blockDim.y) {
    const T* plane = x + p * inputs;
    Total<C> sum;
    for (int i = threadIdx.x; i < inputs; i += 32) sum.add(widen(plane[i]) / count);
    for (int lane = 16; lane > 0; lane /= 2) {
      C other = __shfl_xor_sync(0xffffffffu, sum.sum, lane);
      C rest = __shfl_xor_sync(0xffffffffu, sum.rest, lane);
      sum.add(other);
      sum.rest += rest;
    }
    if (threadIdx.x == 0) y[p] = Narrow<T>::of(sum.value());
  }
}

// ---------------------------------------------------------------------------------------- pairs

// One thread takes a pack of columns of the two rows that an output row sees, n of them in all;
// columns is a multiple of the pack, and rows may be odd: the last is then seen by nobody.

/** The outputs of a pack of columns: of 16 bytes, or of four columns where places go with them. */
template <class T> using Half = Few<T, Pack<T>::SIZE / 2>;
template <class T> using Four = Few<T, 4>;
template <class T> using Two = Few<T, 2>;

template <class T>
__device__ void max_pool_pairs(
    int rows, int columns, unsigned n, const T* x, T* y, long long* index) {
  unsigned packs = columns / 4;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    const Four<T>* from = (const Four<T>*)x + ((long long)o.plane * rows + 2 * o.row) * packs;
    Four<T> upper = from[o.column];
    Four<T> lower = from[o.column + packs];
    Two<T> values;
    Two<long long> places;
    int corner = 2 * o.row * columns + o.column * 4;
#pragma unroll
    for (int k = 0; k < 2; k++) {
      Largest<typename Wide<T>::type, int> best;
      best.add(widen(upper.element[2 * k]), corner + 2 * k);
      best.add(widen(upper.element[2 * k + 1]), corner + 2 * k + 1);
      best.add(widen(lower.element[2 * k]), corner + columns + 2 * k);
      best.add(widen(lower.element[2 * k + 1]), corner + columns + 2 * k + 1);
      values.element[k] = Narrow<T>::of(best.value);
      places.element[k] = best.index;
    }
    ((Two<T>*)y)[i] = values;
    ((Two<long long>*)index)[i] = places;
  }
}

/** Writes what two rows of dx get, and zeros to the odd last row below. */
template <class T, int SIZE>
__device__ void write_pairs(T* dx, const Place& o, int rows, unsigned packs,
                            const Few<T, SIZE>& upper, const Few<T, SIZE>& lower) {
  Few<T, SIZE>* to =
      (Few<T, SIZE>*)dx + ((long long)o.plane * rows + 2 * o.row) * packs + o.column;
  to[0] = upper;
  to[packs] = lower;
  if (2 * (int)o.row + 3 == rows) {
    Few<T, SIZE> zeros;
    for (int k = 0; k < SIZE; k++) zeros.element[k] = Narrow<T>::of(0.f);
    to[2 * packs] = zeros;
  }
}

template <class T>
__device__ void max_pool_input_grad_pairs(
    int rows, int columns, unsigned n, const T* dy, const long long* index, T* dx, Fault* fault,
    int op) {
  unsigned packs = columns / 4;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    Two<T> values = ((const Two<T>*)dy)[i];
    Two<long long> places = ((const Two<long long>*)index)[i];
    Four<T> upper, lower;
    int corner = 2 * o.row * columns + o.column * 4;
#pragma unroll
    for (int k = 0; k < 2; k++) {
      in_range(fault, op, places.element[k], 2 * (long long)i + k, (long long)rows * columns);
      int place = (int)places.element[k] - corner - 2 * k;
      T value = values.element[k];
      T zero = Narrow<T>::of(0.f);
      upper.element[2 * k] = place == 0 ? value : zero;
      upper.element[2 * k + 1] = place == 1 ? value : zero;
      lower.element[2 * k] = place == columns ? value : zero;
      lower.element[2 * k + 1] = place == columns + 1 ? value : zero;
    }
    write_pairs(dx, o, rows, packs, upper, lower);
  }
}

template <class T>
__device__ void avg_pool_pairs(int rows, int columns, unsigned n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  unsigned packs = columns / Pack<T>::SIZE;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    const Pack<T>* from = (const Pack<T>*)x + ((long long)o.plane * rows + 2 * o.row) * packs;
    Pack<T> upper = from[o.column];
    Pack<T> lower = from[o.column + packs];
    Half<T> values;
#pragma unroll
    for (int k = 0; k < Half<T>::SIZE; k++) {
      Total<C> sum;
      sum.add(widen(upper.element[2 * k]) / 4);
      sum.add(widen(upper.element[2 * k + 1]) / 4);
      sum.add(widen(lower.element[2 * k]) / 4);
      sum.add(widen(lower.element[2 * k + 1]) / 4);
      values.element[k] = Narrow<T>::of(sum.value());
    }
    ((Half<T>*)y)[i] = values;
  }
}

template <class T>
__device__ void avg_pool_input_grad_pairs(int rows, int columns, unsigned n, const T* dy, T* dx) {
  unsigned packs = columns / Pack<T>::SIZE;
  for (unsigned i = (unsigned)first(); i < n; i += (unsigned)step()) {
    Place o(i, rows / 2, packs);
    Half<T> values = ((const Half<T>*)dy)[i];
    Pack<T> both;
#pragma unroll
    for (int k = 0; k < Half<T>::SIZE; k++) {
      both.element[2 * k] = Narrow<T>::of(widen(values.element[k]) / 4);
      both.element[2 * k + 1] = both.element[2 * k];
    }
    write_pairs(dx, o, rows, packs, both, both);
  }
}

// -------------------------------------------------------------------------------------- entries

#define POOL(suffix, T)                                                                         \
  extern "C" __global__ void max_pool_whole_##suffix(                                           \
      int inputs, long long planes, const T* x, T* y, long long* index) {                       \
    max_pool_whole(inputs, planes, x, y, index);                                                \
  }                                                                                             \
  extern "C" __global__ void avg_pool_whole_##suffix(                                           \
      int inputs, long long planes, const T* x, T* y) {                                         \
    avg_pool_whole(inputs, planes, x, y);                                                       \
  }                                                                                             \
  extern "C" __global__ void max_pool_pairs_##suffix(                                           \
      int rows, int columns, unsigned n, const T* x, T* y, long long* index) {                  \
    max_pool_pairs(rows, columns, n, x, y, index);                                              \
  }                                                                                             \
  extern "C" __global__ void max_pool_input_grad_pairs_##suffix(                                \
      int rows, int columns, unsigned n, const T* dy, const long long* index, T* dx,            \
      Fault* fault, int op) {                                                                   \
    max_pool_input_grad_pairs(rows, columns, n, dy, index, dx, fault, op);                      \
  }                                                                                             \
  extern "C" __global__ void avg_pool_pairs_##suffix(                                           \
      int rows, int columns, unsigned n, const T* x, T* y) {                                    \
    avg_pool_pairs(rows, columns, n, x, y);                                                     \
  }                                                                                             \
  extern "C" __global__ void avg_pool_input_grad_pairs_##suffix(                                \
      int rows, int columns, unsigned n, const T* dy, T* dx) {                                  \
    avg_pool_input_grad_pairs(rows, columns, n, dy, dx);                                        \
  }
POOL(f32, float)
POOL(bf16, __nv_bfloat16)
