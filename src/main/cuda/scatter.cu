// Elements that are added up where an index says (gather.scatter_add, index_select.add): each place by
// one thread and without atomics on floats, so the same bits each time.
//
//   lines    one thread follows a line along the axis and adds in order: good if lines are many
//   sorted   the places are sorted, equals in order (sort.cu), and cut into equal chunks, however
//            often a place occurs: a thread adds up a chunk's rows in registers and writes each place
//            that lies within the chunk; sums of places that go on beyond it are joined afterwards
#include "divide.cuh"
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

// key[e] = the place in y, an element or a row, that element e is added to; `places` if it has none.
template <class I>
__device__ void add_places(unsigned n, const I* index /* [outer, count, inner] */,
                           unsigned* key /* [n] */, Divider slab, Divider inner, long long size,
                           unsigned places, Fault* fault, int op) {
  for (long long i = first(); i < n; i += step()) {
    long long chosen = index[i];
    unsigned place = places;
    if (in_range(fault, op, chosen, i, size)) {
      unsigned o = slab.quotient((unsigned)i);
      unsigned lane = inner.rest((unsigned)i, inner.quotient((unsigned)i));
      place = (unsigned)((o * size + chosen) * inner.size + lane);
    }
    key[i] = place;
  }
}

/** SIZE neighbours of T, and their sums. */
template <class T, int SIZE> struct Sums {
  typedef typename Wide<T>::type C;
  typedef Few<T, SIZE> Elements;
  C sum[SIZE];

  __device__ void clear() {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      sum[k] = 0;
    }
  }
  __device__ void add(const Elements& x) {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      sum[k] += (C)widen(x.element[k]);
    }
  }
  __device__ void add(const C* partial) {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      sum[k] += partial[k];
    }
  }
  __device__ void keep(C* partial) const {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      partial[k] = sum[k];
    }
  }
  __device__ void write(Elements* y) const {
    Elements out;
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      out.element[k] = Narrow<T>::of(sum[k]);
    }
    *y = out;
  }
};

/** What both steps of the sorted sum know. A row has `packs` packs of SIZE elements. */
struct Sorted {
  long long count;   // of keys
  long long places;  // in y
  long long outer;
  long long packs;
  long long length;  // of a chunk
  long long chunks;

  /** Columns of packs that a chunk's rows have: those of all outer blocks. */
  __device__ long long columns() const { return outer * packs; }
  /** Where a column begins in x or y, of `rows` rows: its further packs lie `packs` apart. */
  __device__ long long begin(long long column, long long rows) const {
    return column / packs * rows * packs + column % packs;
  }
  /** Where the sum of a chunk's first run (0), begun before it, or last run (1) is kept. */
  __device__ long long in_partials(long long chunk, int which, long long column) const {
    return (chunk * 2 + which) * columns() + column;
  }
};

// A thread sums one column of packs of one chunk.
template <class T, int SIZE>
__device__ void add_chunks(Sorted s, const unsigned* key /* [count], rising */,
                           const unsigned* row /* [count] */,
                           const T* x /* [outer, count, packs·SIZE] */,
                           T* y /* [outer, places, packs·SIZE], zeroed */,
                           typename Wide<T>::type* partials /* [chunks, 2, columns, SIZE] */) {
  typedef Sums<T, SIZE> S;
  typedef typename S::Elements E;
  long long n = s.chunks * s.columns();
  for (long long t = first(); t < n; t += step()) {
    long long chunk = t / s.columns();
    long long column = t % s.columns();
    const E* from = (const E*)x + s.begin(column, s.count);
    E* to = (E*)y + s.begin(column, s.places);
    long long begin = chunk * s.length;
    long long end = begin + s.length < s.count ? begin + s.length : s.count;
    unsigned open = key[begin];
    bool before = begin > 0 && key[begin - 1] == open;
    S sums;
    sums.clear();
    for (long long j = begin; j < end; j += FLIGHT) {
      unsigned keys[FLIGHT];
      E rows[FLIGHT];
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        if (j + f < end) {
          keys[f] = key[j + f];
          rows[f] = from[row[j + f] * s.packs];
        }
      }
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        if (j + f < end) {
          if (keys[f] != open) {
            if (before) {
              sums.keep(partials + s.in_partials(chunk, 0, column) * SIZE);
            } else {
              sums.write(to + open * s.packs);  // below `places`, for a greater one follows
            }
            open = keys[f];
            before = false;
            sums.clear();
          }
          sums.add(rows[f]);
        }
      }
    }
    if (before) {
      sums.keep(partials + s.in_partials(chunk, 0, column) * SIZE);
    } else if (end < s.count && key[end] == open) {
      sums.keep(partials + s.in_partials(chunk, 1, column) * SIZE);
    } else if (open < s.places) {
      sums.write(to + open * s.packs);
    }
  }
}

constexpr int JOIN_COLUMNS = 32;
constexpr int JOIN_PARTS = 8;

// A block joins the sum of a run that begins in its chunk and goes on: JOIN_PARTS threads a column
// take every JOIN_PARTS-th of the chunks that the run goes through.
template <class T, int SIZE>
__device__ void add_joins(Sorted s, const unsigned* key, T* y,
                          const typename Wide<T>::type* partials) {
  typedef Sums<T, SIZE> S;
  typedef typename Wide<T>::type C;
  __shared__ C parts[JOIN_PARTS][JOIN_COLUMNS][SIZE];
  long long chunk = blockIdx.x;
  long long end = (chunk + 1) * s.length;
  unsigned open = key[end < s.count ? end - 1 : s.count - 1];
  // The same for all threads of the block.
  if (end >= s.count || key[end] != open || open >= s.places ||
      (key[chunk * s.length] == open && chunk > 0 && key[chunk * s.length - 1] == open)) {
    return;
  }
  // The last chunk that the run reaches.
  long long low = chunk + 1;
  long long high = s.chunks - 1;
  while (low < high) {
    long long middle = (low + high + 1) / 2;
    if (key[middle * s.length] == open) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  int lane = threadIdx.x % JOIN_COLUMNS;
  int part = threadIdx.x / JOIN_COLUMNS;
  for (long long begin = 0; begin < s.columns(); begin += JOIN_COLUMNS) {
    long long column = begin + lane;
    S sums;
    sums.clear();
    if (column < s.columns()) {
      if (part == 0) {
        sums.add(partials + s.in_partials(chunk, 1, column) * SIZE);
      }
#pragma unroll 4
      for (long long c = chunk + 1 + part; c <= low; c += JOIN_PARTS) {
        sums.add(partials + s.in_partials(c, 0, column) * SIZE);
      }
      sums.keep(parts[part][lane]);
    }
    __syncthreads();
    if (part == 0 && column < s.columns()) {
      for (int p = 1; p < JOIN_PARTS; p++) {
        sums.add(parts[p][lane]);
      }
      sums.write((typename S::Elements*)y + s.begin(column, s.places) + open * s.packs);
    }
    __syncthreads();
  }
}

#define PLACES(suffix, I)                                                                     \
  extern "C" __global__ void add_places_##suffix(                                             \
      int n, const I* index, unsigned* key, Divider slab, Divider inner, long long size,      \
      int places, Fault* fault, int op) {                                                     \
    add_places((unsigned)n, index, key, slab, inner, size, (unsigned)places, fault, op);      \
  }
PLACES(i64, long long)
PLACES(i32, int)

#define LINES(name, C, i, I, suffix, T)                                                       \
  extern "C" __global__ void name##_##i##_##suffix(                                           \
      long long lines, const T* x, const I* index, C* y, long long count, long long size,     \
      long long inner, int shared, Fault* fault, int op) {                                    \
    add_lines(lines, x, index, y, count, size, inner, shared, fault, op);                     \
  }
#define ADD(width, SIZE, suffix, T)                                                           \
  extern "C" __global__ void add_chunks_##width##_##suffix(                                   \
      Sorted s, const unsigned* key, const unsigned* row, const T* x, T* y,                   \
      Wide<T>::type* partials) {                                                              \
    add_chunks<T, SIZE>(s, key, row, x, y, partials);                                         \
  }                                                                                           \
  extern "C" __global__ void add_joins_##width##_##suffix(                                    \
      Sorted s, const unsigned* key, T* y, const Wide<T>::type* partials) {                   \
    add_joins<T, SIZE>(s, key, y, partials);                                                  \
  }
#define ADDED(suffix, T)                                          \
  LINES(add_lines, Wide<T>::type, i64, long long, suffix, T)      \
  LINES(add_lines, Wide<T>::type, i32, int, suffix, T)            \
  ADD(single, 1, suffix, T)
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
ADD(packed, 2, f64, double)
ADD(packed, 4, f32, float)
ADD(packed, 8, bf16, __nv_bfloat16)
ADD(packed, 8, f16, __half)
