// Sorting along an axis. Equals keep their order; NaN comes after all numbers. A line is what is
// sorted: element k of line l, of `inner` lines beside one another, lies at
// ((l / inner) · n + k) · inner + l mod inner.
//
//   rank   a thread an element: counts who comes before it, n² comparisons; up to 16384 elements
//   warp   up to 32 elements: a warp a line, bitonic, in registers
//   block  up to 4096 elements: a block a line; by digits, which takes a step for each byte of a key
//          instead of log² n; keys stay in registers and shared memory
//   tiles  longer lines: keys are written, sorted by bytes through memory (radix.cu), and read again
//
// A key tells its element, so elements are read once, side by side, and not fetched again from where
// they were, 32 bytes for each. So warp and block move x, the sorted elements and the indices once
// (1.00 times the bytes; 1.15 where lines of odd length begin anywhere in a sector), and tiles of keys
// of four bytes 8.0 times: 129 bytes an element for 16, of which 101 are the passes of radix.cu.
//
// Bank conflicts are those of chance: keys go to where they belong, anywhere in shared memory, and
// count up digits that may be any. Of 32 random banks the fullest is asked for 3.5 words on average;
// 32 keys take 7 turns more than without conflicts for each byte, 59,104 in all at [64, 1000]. No
// padding helps.
#include "order.cuh"
#include "radix.cuh"
#include "walk.cuh"

/** Where a line begins. */
__device__ inline long long line_at(long long line, long long n, long long inner) {
  return line / inner * n * inner + line % inner;
}

// ---- whole lines ---------------------------------------------------------------------------

template <class T>
__device__ void sort_rank(long long count, const T* x, T* y, long long* index, long long n,
                          long long inner, int falling) {
  for (long long e = first(); e < count; e += step()) {
    long long line = e / n;
    long long i = e % n;
    long long at = line_at(line, n, inner);
    T element = x[at + i * inner];
    typename Order<T>::K key = key_of(element, falling);
    long long rank = 0;
    for (long long k = 0; k < n; k++) {
      typename Order<T>::K other = key_of(x[at + k * inner], falling);
      rank += other < key || (other == key && k < i);
    }
    y[at + rank * inner] = element;
    index[at + rank * inner] = i;
  }
}

template <class T>
__device__ void sort_warp(long long lines, const T* x, T* y, long long* index, int n,
                          long long inner, int falling) {
  typedef typename Order<T>::K K;
  int lane = threadIdx.x % WARP;
  // All lanes of a warp have the same line.
  for (long long line = first() / WARP; line < lines; line += step() / WARP) {
    long long at = line_at(line, n, inner);
    K key = lane < n ? key_of(x[at + lane * inner], falling) : ~K(0);
    int from = lane;
    for (int size = 2; size <= WARP; size *= 2) {
      for (int apart = size / 2; apart > 0; apart /= 2) {
        K other = __shfl_xor_sync(ALL_LANES, key, apart);
        int other_from = __shfl_xor_sync(ALL_LANES, from, apart);
        bool less = other < key || (other == key && other_from < from);
        bool wants_less = ((lane & apart) == 0) == ((lane & size) == 0);
        if (less == wants_less) {
          key = other;
          from = other_from;
        }
      }
    }
    if (lane < n) {
      y[at + lane * inner] = element_of(key, falling, &x[at + from * inner]);
      index[at + lane * inner] = from;
    }
  }
}

template <class T, int ITEMS>
__device__ void sort_block(const T* x, T* y, long long* index, int n, long long inner,
                           int falling) {
  typedef typename Order<T>::K K;
  __shared__ RadixShared shared;
  __shared__ Exchange<ITEMS, K> exchange;
  long long at = line_at(blockIdx.x, n, inner);
  K key[ITEMS];
  unsigned short from[ITEMS];
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    int i = standing<ITEMS>(k);
    from[k] = (unsigned short)i;
    key[k] = i < n ? key_of(x[at + i * inner], falling) : ~K(0);
  }
  sort_in_block(shared, exchange, key, from, 8 * (int)sizeof(T));
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    int i = standing<ITEMS>(k);
    if (i < n) {
      y[at + i * inner] = element_of(key[k], falling, &x[at + from[k] * inner]);
      index[at + i * inner] = from[k];
    }
  }
}

// ---- keys, and where they came from --------------------------------------------------------

// Line by line, one behind the other.
template <class T>
__device__ void sort_keys(long long count, const T* x, typename Order<T>::K* key /* [lines, n] */,
                          long long n, long long inner, int falling) {
  for (long long e = first(); e < count; e += step()) {
    key[e] = key_of(x[line_at(e / n, n, inner) + e % n * inner], falling);
  }
}

template <class T>
__device__ void sort_result(long long count, const T* x,
                            const typename Order<T>::K* key /* [lines, n] */,
                            const unsigned* from /* [lines, n] */, T* y, long long* index,
                            long long n, long long inner, int falling) {
  for (long long e = first(); e < count; e += step()) {
    long long at = line_at(e / n, n, inner);
    long long to = at + e % n * inner;
    y[to] = element_of(key[e], falling, &x[at + from[e] * inner]);
    index[to] = from[e];
  }
}

// ---- entries -------------------------------------------------------------------------------

#define BLOCK(items, suffix, T)                                                               \
  extern "C" __global__ void __launch_bounds__(SORTERS) sort_block##items##_##suffix(         \
      const T* x, T* y, long long* index, int n, long long inner, int falling) {              \
    sort_block<T, items>(x, y, index, n, inner, falling);                                     \
  }
#define SORT(suffix, T)                                                                       \
  extern "C" __global__ void sort_rank_##suffix(                                              \
      long long count, const T* x, T* y, long long* index, long long n, long long inner,      \
      int falling) {                                                                          \
    sort_rank(count, x, y, index, n, inner, falling);                                         \
  }                                                                                           \
  extern "C" __global__ void sort_warp_##suffix(                                              \
      long long lines, const T* x, T* y, long long* index, int n, long long inner,            \
      int falling) {                                                                          \
    sort_warp(lines, x, y, index, n, inner, falling);                                         \
  }                                                                                           \
  BLOCK(1, suffix, T)                                                                         \
  BLOCK(4, suffix, T)                                                                         \
  BLOCK(16, suffix, T)                                                                        \
  extern "C" __global__ void sort_keys_##suffix(                                              \
      long long count, const T* x, Order<T>::K* key, long long n, long long inner,            \
      int falling) {                                                                          \
    sort_keys(count, x, key, n, inner, falling);                                              \
  }                                                                                           \
  extern "C" __global__ void sort_result_##suffix(                                            \
      long long count, const T* x, const Order<T>::K* key, const unsigned* from, T* y,        \
      long long* index, long long n, long long inner, int falling) {                          \
    sort_result(count, x, key, from, y, index, n, inner, falling);                            \
  }
SORT(f64, double)
SORT(f32, float)
SORT(bf16, __nv_bfloat16)
SORT(f16, __half)
SORT(i64, long long)
SORT(i32, int)
SORT(u8, u8)
