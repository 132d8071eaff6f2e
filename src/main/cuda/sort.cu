// Sorting along an axis, and the order of keys that scatter.cu asks for. Equals keep their order; NaN
// comes after all numbers. A line is what is sorted: element k of line l, of `inner` lines beside one
// another, lies at ((l / inner) · n + k) · inner + l mod inner.
//
//   rank   a thread an element: counts who comes before it, n² comparisons; up to 16384 elements
//   warp   up to 32 elements: a warp a line, bitonic, in registers
//   block  up to 4096 elements: a block a line; by digits, which takes a step for each byte of a key
//          instead of log² n; keys stay in registers and shared memory
//   tiles  longer lines: for each byte the tiles of 2048 keys are counted, the counts summed, and the
//          keys moved: three launches, each key read twice and written once
#include "number.cuh"
#include "radix.cuh"
#include "walk.cuh"

// ---- numbers as unsigned keys of the same order --------------------------------------------

template <class T> struct Order;
template <> struct Order<double> {
  typedef unsigned long long K;
  static __device__ K key(double x) {
    if (x != x) return ~0ull;
    K bits = (K)__double_as_longlong(x == 0 ? 0.0 : x);
    return bits >> 63 ? ~bits : bits | 1ull << 63;
  }
};
template <> struct Order<float> {
  typedef unsigned K;
  static __device__ K key(float x) {
    if (x != x) return ~0u;
    K bits = (K)__float_as_int(x == 0 ? 0.0f : x);
    return bits >> 31 ? ~bits : bits | 1u << 31;
  }
};
// Every bfloat16 is the upper half of a float; a half has no such float, but its 16 bits do.
template <> struct Order<__nv_bfloat16> {
  typedef unsigned K;
  static __device__ K key(__nv_bfloat16 x) { return Order<float>::key(widen(x)) >> 16; }
};
template <> struct Order<__half> {
  typedef unsigned K;
  static __device__ K key(__half x) {
    float wide = widen(x);
    if (wide != wide) return 0xffff;
    K bits = wide == 0 ? 0 : __half_as_ushort(x);
    return bits >> 15 ? ~bits & 0xffff : bits | 1u << 15;
  }
};
template <> struct Order<long long> {
  typedef unsigned long long K;
  static __device__ K key(long long x) { return (K)x ^ 1ull << 63; }
};
template <> struct Order<int> {
  typedef unsigned K;
  static __device__ K key(int x) { return (K)x ^ 1u << 31; }
};
template <> struct Order<u8> {
  typedef unsigned K;
  static __device__ K key(u8 x) { return x; }
};

/** The key by which x is sorted: turned round for a falling order, where NaN comes first. */
template <class T> __device__ typename Order<T>::K key_of(T x, int falling) {
  typename Order<T>::K key = Order<T>::key(x);
  return falling ? ~key : key;
}

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
    T element = T();
    K key = ~K(0);
    int from = lane;
    if (lane < n) {
      element = x[at + lane * inner];
      key = key_of(element, falling);
    }
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
      y[at + lane * inner] = x[at + from * inner];
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
      y[at + i * inner] = x[at + from[k] * inner];
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
__device__ void sort_result(long long count, const T* x, const unsigned* from /* [lines, n] */,
                            T* y, long long* index, long long n, long long inner) {
  for (long long e = first(); e < count; e += step()) {
    long long at = line_at(e / n, n, inner);
    long long to = at + e % n * inner;
    y[to] = x[at + from[e] * inner];
    index[to] = from[e];
  }
}

// One block: up to 4096 keys at once.
template <int ITEMS>
__device__ void radix_block(const unsigned* key, unsigned* sorted, unsigned* from, int n,
                            int bits) {
  __shared__ RadixShared shared;
  __shared__ Exchange<ITEMS, unsigned> exchange;
  unsigned mine[ITEMS];
  unsigned short origin[ITEMS];
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    int i = standing<ITEMS>(k);
    origin[k] = (unsigned short)i;
    mine[k] = i < n ? key[i] : ~0u;
  }
  sort_in_block(shared, exchange, mine, origin, bits);
#pragma unroll
  for (int k = 0; k < ITEMS; k++) {
    int i = standing<ITEMS>(k);
    if (i < n) {
      sorted[i] = mine[k];
      from[i] = origin[k];
    }
  }
}

constexpr int TILE_ITEMS = 8;
constexpr int TILE = TILE_ITEMS * SORTERS;

// counts[line, tile, digit] = how many keys of a tile have a digit. A block a tile.
template <class K>
__device__ void radix_count(const K* key /* [lines, n] */, unsigned* counts, long long n,
                            long long tiles, int shift) {
  __shared__ unsigned count[DIGITS];
  count[threadIdx.x] = 0;
  __syncthreads();
  long long line = blockIdx.x / tiles;
  long long tile = blockIdx.x % tiles;
  key += line * n;
  for (int k = 0; k < TILE_ITEMS; k++) {
    long long i = tile * TILE + k * SORTERS + threadIdx.x;
    if (i < n) {
      atomicAdd(&count[(unsigned)(key[i] >> shift) % DIGITS], 1u);
    }
  }
  __syncthreads();
  counts[blockIdx.x * (long long)DIGITS + threadIdx.x] = count[threadIdx.x];
}

// A digit's counts become how many of it there are in the tiles before; totals[line, digit] is how
// many there are in all. Of many tiles a block takes one line and digit, of few one line.
__device__ inline void radix_scan(unsigned* counts, unsigned* totals, long long tiles) {
  __shared__ RadixShared shared;
  long long line = blockIdx.x / DIGITS;
  int digit = blockIdx.x % DIGITS;
  counts += line * tiles * DIGITS + digit;
  unsigned before = 0;
  for (long long begin = 0; begin < tiles; begin += SORTERS) {
    long long tile = begin + threadIdx.x;
    unsigned count = tile < tiles ? counts[tile * DIGITS] : 0;
    unsigned sum = before + block_sum_before(shared, count);
    if (tile < tiles) {
      counts[tile * DIGITS] = sum;
    }
    if (threadIdx.x == SORTERS - 1) {
      shared.start[0] = sum + count;
    }
    __syncthreads();
    before = shared.start[0];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    totals[blockIdx.x] = before;
  }
}

__device__ inline void radix_scan_few(unsigned* counts, unsigned* totals, long long tiles) {
  counts += blockIdx.x * tiles * DIGITS + threadIdx.x;
  unsigned before = 0;
  for (long long tile = 0; tile < tiles; tile++) {
    unsigned count = counts[tile * DIGITS];
    counts[tile * DIGITS] = before;
    before += count;
  }
  totals[blockIdx.x * (long long)DIGITS + threadIdx.x] = before;
}

// Moves each key of a tile behind those with a lower digit, and those with the same before it. A
// block a tile; `from` is null at first, when each key is where it came from.
template <class K>
__device__ void radix_move(const K* key, const unsigned* from, K* key_out, unsigned* from_out,
                           const unsigned* counts, const unsigned* totals, long long n,
                           long long tiles, int shift) {
  __shared__ RadixShared shared;
  __shared__ unsigned base[DIGITS];
  long long line = blockIdx.x / tiles;
  long long tile = blockIdx.x % tiles;
  K mine[TILE_ITEMS];
  unsigned origin[TILE_ITEMS];
#pragma unroll
  for (int k = 0; k < TILE_ITEMS; k++) {
    long long i = tile * TILE + standing<TILE_ITEMS>(k);
    mine[k] = i < n ? key[line * n + i] : ~K(0);
    origin[k] = i >= n || from == nullptr ? (unsigned)i : from[line * n + i];
  }
  unsigned rank[TILE_ITEMS];
  rank_digits(shared, mine, shift, rank);
  int digit = threadIdx.x;
  unsigned lower = block_sum_before(shared, totals[line * DIGITS + digit]);
  unsigned before = counts[blockIdx.x * (long long)DIGITS + digit];
  base[digit] = lower + before - shared.start[digit];
  __syncthreads();
#pragma unroll
  for (int k = 0; k < TILE_ITEMS; k++) {
    if (tile * TILE + standing<TILE_ITEMS>(k) < n) {
      long long to = line * n + (unsigned)(base[(unsigned)(mine[k] >> shift) % DIGITS] + rank[k]);
      key_out[to] = mine[k];
      from_out[to] = origin[k];
    }
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
      long long count, const T* x, const unsigned* from, T* y, long long* index, long long n, \
      long long inner) {                                                                      \
    sort_result(count, x, from, y, index, n, inner);                                          \
  }
SORT(f64, double)
SORT(f32, float)
SORT(bf16, __nv_bfloat16)
SORT(f16, __half)
SORT(i64, long long)
SORT(i32, int)
SORT(u8, u8)

#define RADIX_BLOCK(items)                                                                    \
  extern "C" __global__ void __launch_bounds__(SORTERS) radix_block##items(                   \
      const unsigned* key, unsigned* sorted, unsigned* from, int n, int bits) {               \
    radix_block<items>(key, sorted, from, n, bits);                                           \
  }
RADIX_BLOCK(1)
RADIX_BLOCK(4)
RADIX_BLOCK(16)

#define RADIX(bits, K)                                                                        \
  extern "C" __global__ void __launch_bounds__(SORTERS) radix_count_##bits(                   \
      const K* key, unsigned* counts, long long n, long long tiles, int shift) {              \
    radix_count(key, counts, n, tiles, shift);                                                \
  }                                                                                           \
  extern "C" __global__ void __launch_bounds__(SORTERS) radix_move_##bits(                    \
      const K* key, const unsigned* from, K* key_out, unsigned* from_out,                     \
      const unsigned* counts, const unsigned* totals, long long n, long long tiles,           \
      int shift) {                                                                            \
    radix_move(key, from, key_out, from_out, counts, totals, n, tiles, shift);                \
  }
RADIX(32, unsigned)
RADIX(64, unsigned long long)

extern "C" __global__ void __launch_bounds__(SORTERS) radix_scan_32(
    unsigned* counts, unsigned* totals, long long tiles) {
  radix_scan(counts, totals, tiles);
}
extern "C" __global__ void __launch_bounds__(SORTERS) radix_scan_few_32(
    unsigned* counts, unsigned* totals, long long tiles) {
  radix_scan_few(counts, totals, tiles);
}
