// Rows that are added up where an index says, sorted (scatter.cu has other ways). The places are sorted,
// equals in order (radix.cu), and laid beside those of y (places.cuh). A thread adds up a chunk's rows
// in registers and writes each place that ends within it, zeros too; so nothing is cleared before, and
// each row of x and y is moved once. Only places of more rows than a chunk has, which are 32 to 64, or
// 8 to 32 of rows of less than 32 packs, are torn, and joined afterwards: two partial sums a chunk.
//
// What determinism costs, beside x, the index and y, is the sort of four-byte keys: 24 bytes a row up to
// 4096 rows, 60 for two bytes of key beyond. Of GPT-2's 8192 × 768 floats that is 0.3 %, 0.5 MB beside
// 180 for x and y. What else is above the bytes that must be moved:
//
//   rows of 63 floats       1.36  begin anywhere in a sector, as do the warps that have half of one
//   2042 rows of 64 to 128  1.16  9 % the sort; of places of 16 rows each some are torn
//   a line of elements      5.8   the sort is six times x, whose elements cost 32 bytes each
#include "divide.cuh"
#include "fault.cuh"
#include "number.cuh"
#include "places.cuh"
#include "walk.cuh"

constexpr int FLIGHT = 4;         // accesses of a thread that do not wait for each other
constexpr int MOST_CHUNKS = 128;  // of a block

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
ADD(single, 1, f64, double)
ADD(single, 1, f32, float)
ADD(single, 1, bf16, __nv_bfloat16)
ADD(single, 1, f16, __half)
ADD(single, 1, i64, long long)
ADD(single, 1, i32, int)
ADD(single, 1, u8, u8)
ADD(packed, 2, f64, double)
ADD(packed, 4, f32, float)
ADD(packed, 8, bf16, __nv_bfloat16)
ADD(packed, 8, f16, __half)
