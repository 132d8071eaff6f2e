// Elements that are added up where an index says (gather.scatter_add, index_select.add): each place by
// one thread and without atomics on floats, so the same bits each time.
//
//   lines    one thread follows a line along the axis and adds in order: good if lines are many
//   held     a warp has a line along the last axis: its sums are in shared memory until all is added,
//            so that x and the index are read once, y written once. Equal places take turns
//   sorted   the places are sorted, equals in order (sort.cu), and laid beside those of y as one merges
//            two lists (Merrill and Garland, Merge-based parallel sparse matrix-vector multiplication,
//            2016): chunks of equal length have the same work, however often a place occurs or none
//            does. A thread adds up a chunk's rows in registers and writes each place that ends
//            within it, zeros too; so nothing is cleared before, and each row is moved once. Only
//            places of more rows than a chunk has are torn, and joined afterwards
//
// What determinism costs, beside x, the index and y: the sort of four-byte keys (sort.cu), 24 bytes a
// row up to 4096 rows, 60 for two bytes of key beyond; 0.8 % or less of rows of 768 floats, but
// several times the four bytes of single elements (gather.scatter_add of one line), which are also
// taken one by one from x: 32 bytes moved for 4.
#include "divide.cuh"
#include "fault.cuh"
#include "number.cuh"
#include "walk.cuh"

constexpr int FLIGHT = 4;          // accesses of a thread that do not wait for each other
constexpr int MOST_CHUNKS = 128;  // of a block

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

/** SIZE neighbours of T, and their sums; among partial sums these lie `apart`. */
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
  __device__ void add(const C* partial, long long apart) {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      sum[k] += partial[k * apart];
    }
  }
  __device__ void keep(C* partial, long long apart) const {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      partial[k * apart] = sum[k];
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

/** A boundary between chunks: the key and the place that come next. */
struct Cut {
  long long key;
  long long place;
  bool torn;  // whether keys of that place lie before
};

/** The chunk that a place ends in, which began in chunk `first`; or −1. */
struct alignas(8) Torn {
  int first;
  unsigned place;
};

/**
 * What both steps of the sorted sum know: keys and places in one order, where each place comes behind
 * its keys, in chunks of `length` of both. A row has `packs` packs of SIZE elements.
 */
struct Sorted {
  long long count;   // of keys
  long long places;  // in y
  long long outer;
  long long packs;
  long long length;
  long long chunks;

  /** Columns of packs that a chunk's rows have: those of all outer blocks. */
  __device__ long long columns() const { return outer * packs; }
  /** Where a column begins in x or y, of `rows` rows: its further packs lie `packs` apart. */
  __device__ long long begin(long long column, long long rows) const {
    return column / packs * rows * packs + column % packs;
  }
  /** Where a chunk's sums of the place that ends in it (0), or goes on (1), are kept. */
  __device__ long long in_partials(long long chunk, int which, int size) const {
    return (chunk * 2 + which) * size * columns();
  }
  /** The first of the keys from `low` to before `high` that is at least `place`. */
  __device__ long long find(const unsigned* key, long long low, long long high,
                            long long place) const {
    while (low < high) {
      long long middle = (low + high) / 2;
      if (key[middle] < place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  /**
   * Where a chunk begins, which is between two other cuts: before the keys of a place of which it
   * would leave `length` or fewer behind.
   */
  __device__ Cut cut(const unsigned* key, long long chunk, const Cut& from, const Cut& to) const {
    long long before = chunk < chunks ? chunk * length : count + places;
    long long low = from.key;
    long long high = to.key < before ? to.key : before;
    while (low < high) {  // key k is number k + key[k] of all
      long long middle = (low + high) / 2;
      if (middle + key[middle] < before) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    // Where the cut behind was moved, so would this one be.
    long long place = before - low < to.place ? before - low : to.place;
    long long earliest = low - length > from.key ? low - length : from.key;
    bool torn = earliest > from.key ? key[earliest - 1] == place
                                    : from.torn && from.place == place;
    return Cut{torn ? low : find(key, earliest, low, place), place, torn};
  }
};

// Blocks are (columns, chunks): a thread sums one column of packs of one chunk. The keys of a block
// lie side by side, and are read once by all its threads.
template <class T, int SIZE>
__device__ void add_chunks(Sorted s, const unsigned* key /* [count], rising */,
                           const unsigned* row /* [count] */,
                           const T* x /* [outer, count, packs·SIZE] */,
                           T* y /* [outer, places, packs·SIZE] */,
                           typename Wide<T>::type* partials /* [chunks, 2, SIZE, columns] */,
                           Torn* torn /* [chunks] */) {
  typedef Sums<T, SIZE> S;
  typedef typename S::Elements E;
  __shared__ Cut cuts[MOST_CHUNKS + 1];
  unsigned* keys = dynamic_shared<unsigned>();  // [(chunks of the block + 1)·length]
  unsigned* rows = keys + (blockDim.y + 1) * s.length;
  int thread = threadIdx.y * blockDim.x + threadIdx.x;
  int threads = blockDim.x * blockDim.y;
  long long chunk = blockIdx.x * (long long)blockDim.y;
  int last = blockDim.y;
  for (int c = thread * last; c <= last; c += threads * last) {
    Cut begin{0, 0, false};
    Cut end{s.count, s.places, false};
    cuts[c] = s.cut(key, chunk + c < s.chunks ? chunk + c : s.chunks, begin, end);
  }
  __syncthreads();
  long long base = cuts[0].key;
  for (int j = thread; j < cuts[last].key - base; j += threads) {
    keys[j] = key[base + j];
    rows[j] = row[base + j];
  }
  __syncthreads();
  for (int c = 1 + thread; c < last; c += threads) {
    long long next = chunk + c < s.chunks ? chunk + c : s.chunks;
    cuts[c] = s.cut(keys - base, next, cuts[0], cuts[last]);
  }
  __syncthreads();
  chunk += threadIdx.y;
  Cut from = cuts[threadIdx.y];
  Cut to = cuts[threadIdx.y + 1];
  if (threadIdx.x == 0 && blockIdx.y == 0 && chunk < s.chunks) {
    bool joins = from.torn && from.place < to.place;
    // The first cut within its keys was moved to before them.
    long long first = joins ? s.find(key, 0, from.key, from.place) + from.place : 0;
    torn[chunk] = Torn{joins ? (int)(first / s.length + 1) : -1, (unsigned)from.place};
  }
  for (long long column = blockIdx.y * (long long)blockDim.x + threadIdx.x;
       column < s.columns() && chunk < s.chunks; column += gridDim.y * (long long)blockDim.x) {
    const E* in = (const E*)x + s.begin(column, s.count);
    E* out = (E*)y + s.begin(column, s.places);
    typename S::C* partial = partials + s.in_partials(chunk, 0, SIZE) + column;
    bool before = from.torn;
    long long place = from.place;
    S sums;
    sums.clear();
    auto end_places = [&](long long next) {
      for (; place < next; place++) {
        if (before) {
          sums.keep(partial, s.columns());
        } else {
          sums.write(out + place * s.packs);
        }
        before = false;
        sums.clear();
      }
    };
    int end = (int)(to.key - base);
    for (int j = (int)(from.key - base); j < end; j += FLIGHT) {
      E elements[FLIGHT];
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        if (j + f < end) {
          elements[f] = in[rows[j + f] * s.packs];
        }
      }
#pragma unroll
      for (int f = 0; f < FLIGHT; f++) {
        if (j + f < end) {
          end_places(keys[j + f]);
          sums.add(elements[f]);
        }
      }
    }
    end_places(to.place);
    if (to.torn) {
      sums.keep(partials + s.in_partials(chunk, 1, SIZE) + column, s.columns());
    }
  }
}

constexpr int JOIN_THREADS = 256;
constexpr int JOIN_CHUNKS = 8;

// A block joins the sums of places that end in one of its chunks and began before. Blocks are
// (columns, parts): `parts` threads a column take every so-many-th of the chunks that a place goes
// through.
template <class T, int SIZE>
__device__ void add_joins(Sorted s, const Torn* torn, T* y,
                          const typename Wide<T>::type* partials) {
  typedef Sums<T, SIZE> S;
  __shared__ typename S::C sum[SIZE][JOIN_THREADS];
  __shared__ Torn runs[JOIN_CHUNKS];
  int thread = threadIdx.y * blockDim.x + threadIdx.x;
  long long chunk = blockIdx.x * (long long)JOIN_CHUNKS;
  if (thread < JOIN_CHUNKS) {
    runs[thread] = chunk + thread < s.chunks ? torn[chunk + thread] : Torn{-1, 0};
  }
  __syncthreads();
  for (int k = 0; k < JOIN_CHUNKS; k++, chunk++) {
    Torn run = runs[k];
    for (long long begin = 0; run.first >= 0 && begin < s.columns(); begin += blockDim.x) {
      long long column = begin + threadIdx.x;
      S sums;
      sums.clear();
      if (column < s.columns()) {
#pragma unroll 4
        for (long long c = run.first + threadIdx.y; c < chunk; c += blockDim.y) {
          sums.add(partials + s.in_partials(c, 1, SIZE) + column, s.columns());
        }
      }
      sums.keep(&sum[0][thread], JOIN_THREADS);
      __syncthreads();
      if (threadIdx.y == 0 && column < s.columns()) {
        for (int p = 1; p < (int)blockDim.y; p++) {
          sums.add(&sum[0][p * blockDim.x + threadIdx.x], JOIN_THREADS);
        }
        sums.add(partials + s.in_partials(chunk, 0, SIZE) + column, s.columns());
        sums.write((typename S::Elements*)y + s.begin(column, s.places) + run.place * s.packs);
      }
      __syncthreads();
    }
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
#define HELD(i, I, suffix, T)                                                                 \
  extern "C" __global__ void add_held_##i##_##suffix(                                         \
      long long lines, const T* x, const I* index, T* y, int count, int size, Fault* fault,   \
      int op) {                                                                               \
    add_held(lines, x, index, y, count, size, fault, op);                                     \
  }
#define ADD(width, SIZE, suffix, T)                                                           \
  extern "C" __global__ void add_chunks_##width##_##suffix(                                   \
      Sorted s, const unsigned* key, const unsigned* row, const T* x, T* y,                   \
      Wide<T>::type* partials, Torn* torn) {                                                  \
    add_chunks<T, SIZE>(s, key, row, x, y, partials, torn);                                   \
  }                                                                                           \
  extern "C" __global__ void add_joins_##width##_##suffix(                                    \
      Sorted s, const Torn* torn, T* y, const Wide<T>::type* partials) {                      \
    add_joins<T, SIZE>(s, torn, y, partials);                                                 \
  }
#define ADDED(suffix, T)                                          \
  LINES(add_lines, Wide<T>::type, i64, long long, suffix, T)      \
  LINES(add_lines, Wide<T>::type, i32, int, suffix, T)            \
  HELD(i64, long long, suffix, T)                                 \
  HELD(i32, int, suffix, T)                                       \
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
