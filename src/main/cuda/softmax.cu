// Softmax along an axis, its logarithm, and ln Σ eˣ: rows of n elements, which lie `inner` apart,
// outer · inner of them. All are bound by memory: what counts is how often a row is read, and how.
// softmax_grad.cu has the gradients, by the same steps.
//
//   naive    one thread a row: it reads it three times, a stretch of n elements away from its
//            neighbours (but side by side with them where inner > 1); so many terms in a row are
//            summed in double
//   columns  inner > 1: threads side by side take neighbouring rows, those of one threadIdx.x share
//            a row; maximum and sum come from one reading, so that a row is read twice
//   strip    as columns, but a row is read once, and stays in registers of the threads that share
//            it: up to 128 elements, and more if inner < 32
//   online   inner = 1: one block a row, 16 bytes an access; read twice, as above
//   shared   as online, but what is read is kept in shared memory, and read there the second time
//   held     a row is read once, 16 bytes an access, and stays in registers; a part of a warp
//            (variant warp) or a block (variant block) has a row
//
// A row of odd length begins within a sector: its packs of 16 bytes are those from the first whole
// sector on, and the edges, the few elements before and after, are read one by one. Sectors at the
// ends of a row are moved for its neighbour too: that is 1.02 times what must be moved of 1,023
// floats, 1.06 of 197, and up to 1.7 of fewer than 32.
//
// A mask is read by as many bytes as x by elements, where these begin at a multiple of as many. Its
// rows are four times as short, so more of them is edge. online and shared read it twice, which
// makes 1.11 times what must be moved of F32, 1.20 of BF16.
#include "edges.cuh"
#include "online.cuh"

// The functions of a row: of its maximum and sum follows a number, and of that each element. OF_EXP:
// an element follows from exp(x − max), rather than from x. A_ROW: there is one result a row.
struct softmax_ {
  static constexpr bool OF_EXP = true;
  static constexpr bool A_ROW = false;
  template <class C> static __device__ C prepare(C max, C sum) { return 1 / sum; }
  template <class C> static __device__ C y(C e, C max, C scale) { return e * scale; }
};
struct log_softmax_ {
  static constexpr bool OF_EXP = false;
  static constexpr bool A_ROW = false;
  template <class C> static __device__ C prepare(C max, C sum) { return log_of(sum); }
  template <class C> static __device__ C y(C x, C max, C log) { return x - max - log; }
};
struct logsumexp_ {
  static constexpr bool OF_EXP = false;
  static constexpr bool A_ROW = true;
  // An infinite maximum is the result; subtracted from itself it would be NaN.
  template <class C> static __device__ C prepare(C max, C sum) {
    return max - max != 0 && max == max ? max : max + log_of(sum);
  }
  template <class C> static __device__ C y(C x, C max, C result) { return result; }
};

/** All elements are seen. */
struct Open {
  static constexpr bool ALL = true;
  __device__ Open of(long long row) const { return *this; }
  /** Of V elements from k on, a bit for each that is seen. */
  template <int V> __device__ unsigned seen(long long k) const { return (1u << V) - 1; }
};

/** Those elements are seen where a mask is not 0, however it lies: it is often one for many rows. */
struct Masked {
  static constexpr bool ALL = false;
  const Walk<1>& walk;
  const u8* mask;
  long long stride;
  __device__ Masked of(long long row) const {
    long long at[1];
    walk.find(row, at);
    return Masked{walk, mask + at[0], stride};
  }
  template <int V> __device__ unsigned seen(long long k) const {
    unsigned bits = 0;
    if (V > 1 && stride == 1 && (unsigned long long)(mask + k) % V == 0) {
      Few<u8, V> few = *(const Few<u8, V>*)(mask + k);
#pragma unroll
      for (int j = 0; j < V; j++) {
        bits |= (few.element[j] ? 1u : 0u) << j;
      }
    } else {
#pragma unroll
      for (int j = 0; j < V; j++) {
        bits |= (mask[(k + j) * stride] ? 1u : 0u) << j;
      }
    }
    return bits;
  }
};

/** Takes what is not seen of V elements for −∞, which adds nothing to Σ eˣ. */
template <int V, class C> __device__ void hide(unsigned seen, C* x) {
#pragma unroll
  for (int j = 0; j < V; j++) {
    x[j] = seen >> j & 1 ? x[j] : -infinity<C>();
  }
}

// ---- naive

template <class F, class T, class M>
__device__ void naive(
    M mask, long long rows, long long n, long long inner,
    const T* x,  // [outer, n, inner]
    T* y) {      // as x; [outer, 1, inner] if A_ROW
  typedef typename Wide<T>::type C;
  for (long long row = first(); row < rows; row += step()) {
    M m = mask.of(row);
    long long at = row / inner * n * inner + row % inner;
    C max = -infinity<C>();
    for (long long k = 0; k < n; k++) {
      max = m.template seen<1>(k) ? larger(max, (C)widen(x[at + k * inner])) : max;
    }
    double sum = 0;
    for (long long k = 0; k < n; k++) {
      sum += m.template seen<1>(k) ? exp_of((C)widen(x[at + k * inner]) - max) : C(0);
    }
    C ready = F::prepare(max, (C)sum);
    if constexpr (F::A_ROW) {
      y[row] = Narrow<T>::of(ready);
    } else {
      for (long long k = 0; k < n; k++) {
        C value = widen(x[at + k * inner]);
        C result = F::y(F::OF_EXP ? exp_of(value - max) : value, max, ready);
        y[at + k * inner] = Narrow<T>::of(m.template seen<1>(k) ? result : C(0));
      }
    }
  }
}

// ---- columns

template <class F, class T, class M>
__device__ void columns(M mask, long long rows, long long n, long long inner, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  Column<1> column(rows / inner, inner);
  bool inside = column.inside;
  long long row = column.outer * inner + column.i;
  long long at = column.outer * n * inner + column.i;
  M m = mask.of(row);
  Online<C> found = Online<C>::none();
  for (long long k = threadIdx.y; inside && k < n; k += blockDim.y) {
    if (m.template seen<1>(k)) {
      C value = widen(x[at + k * inner]);
      found.template see<1>(&value);
    }
  }
  found = column_share<COLUMN_THREADS>(found);
  C ready = F::prepare(found.max, found.sum_of());
  if constexpr (F::A_ROW) {
    if (inside && threadIdx.y == 0) {
      y[row] = Narrow<T>::of(ready);
    }
  } else {
    for (long long k = threadIdx.y; inside && k < n; k += blockDim.y) {
      C value = widen(x[at + k * inner]);
      C result = F::y(F::OF_EXP ? exp_of(value - found.max) : value, found.max, ready);
      y[at + k * inner] = Narrow<T>::of(m.template seen<1>(k) ? result : C(0));
    }
  }
}

// ---- strip: threadIdx.y takes each blockDim.y-th element of a row, HELD of them at most

template <class F, class T, class M>
__device__ void strip(M mask, long long rows, long long n, long long inner, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  Column<1> column(rows / inner, inner);
  long long row = column.outer * inner + column.i;
  long long at = column.outer * n * inner + column.i;
  int taken = column.inside ? n : 0;
  M m = mask.of(row);
  C held[HELD<C>];
  unsigned seen = 0;
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    int k = threadIdx.y + e * blockDim.y;
    held[e] = k < taken ? (C)widen(x[at + k * inner]) : C(0);
  }
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    int k = threadIdx.y + e * blockDim.y;
    seen |= k < taken ? m.template seen<1>(k) << e : 0;
  }
  hide<HELD<C>>(seen, held);
  Online<C> found = Online<C>::none();
  found.template see<HELD<C>>(held);
  found = column_share<COLUMN_THREADS>(found);
  C ready = F::prepare(found.max, found.sum_of());
  if constexpr (F::A_ROW) {
    if (column.inside && threadIdx.y == 0) {
      y[row] = Narrow<T>::of(ready);
    }
  } else {
#pragma unroll
    for (int e = 0; e < HELD<C>; e++) {
      int k = threadIdx.y + e * blockDim.y;
      if (k < taken) {
        C result = F::y(F::OF_EXP ? exp_of(held[e] - found.max) : held[e], found.max, ready);
        y[at + k * inner] = Narrow<T>::of(seen >> e & 1 ? result : C(0));
      }
    }
  }
}

// ---- online and shared: one block a row

/** Sees a row, and keeps it if there is room. */
template <class T, class M> struct Seeing {
  typedef typename Wide<T>::type C;
  M mask;
  const T* x;
  T* kept;
  Online<C> found;

  template <int V> __device__ void at(long long i) {
    C few[V];
    read_few<V>(x + i, few);
    if (kept) {
      write_few<V>(few, kept + i);
    }
    hide<V>(mask.template seen<V>(i), few);
    found.template see<V>(few);
  }
};

/** Writes the results of a row. */
template <class F, class T, class M> struct Making {
  typedef typename Wide<T>::type C;
  M mask;
  const T* x;
  T* y;
  C max;
  C ready;

  template <int V> __device__ void at(long long i) {
    C few[V];
    read_few<V>(x + i, few);
    unsigned seen = mask.template seen<V>(i);
#pragma unroll
    for (int j = 0; j < V; j++) {
      C result = F::y(F::OF_EXP ? exp_of(few[j] - max) : few[j], max, ready);
      few[j] = seen >> j & 1 ? result : C(0);
    }
    write_few<V>(few, y + i);
  }
};

template <class F, bool KEEPS, int V, class T, class M>
__device__ void online_row(M m, long long n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  Seeing<T, M> seeing = {m, x, kept_row<KEEPS>(x), Online<C>::none()};
  each_few<V, M::ALL ? 4 : 2>(x, n, seeing);  // so many loads at a time, or twice as many
  Online<C> found = row_merge(seeing.found);
  C ready = F::prepare(found.max, found.sum_of());
  if constexpr (F::A_ROW) {
    if (threadIdx.x == 0) {
      *y = Narrow<T>::of(ready);
    }
  } else {  // a thread reads what it has kept itself
    Making<F, T, M> making = {m, KEEPS ? seeing.kept : x, y, found.max, ready};
    each_few<V, M::ALL ? 2 : 1>(x, n, making);
  }
}

template <class F, bool KEEPS, class T, class M>
__device__ void online(M mask, long long n, const T* x, T* y) {
  long long row = blockIdx.x;
  const T* from = x + row * n;
  T* to = F::A_ROW ? y + row : y + row * n;
  if (aligned(x)) {  // as y is
    online_row<F, KEEPS, Pack<T>::SIZE>(mask.of(row), n, from, to);
  } else {
    online_row<F, KEEPS, 1>(mask.of(row), n, from, to);
  }
}

// ---- held: blockDim.x threads a row, blockDim.y rows a block

template <class F, int V, class T, class M>
__device__ void held_row(M m, int n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  constexpr int HAS = HELD<C> + 1;
  C held[HAS];
  Share<V> share = Share<V>::of(x, n);
  share.read(x, -infinity<C>(), held);
  unsigned seen = share.edge < n ? m.template seen<1>(share.edge) << HELD<C> : 0;
#pragma unroll
  for (int k = 0; k < HELD<C> / V; k++) {
    int at = column<V>(k);
    seen |= at < share.packed ? m.template seen<V>(share.begin + at) << k * V : 0;
  }
  hide<HAS>(seen, held);
  C max = -infinity<C>();
#pragma unroll
  for (int e = 0; e < HAS; e++) {
    max = larger(max, held[e]);
  }
  max = row_merge(Top<C>{max}).max;
  C sum = 0;
#pragma unroll
  for (int e = 0; e < HAS; e++) {
    C power = seen >> e & 1 ? exp_of(held[e] - max) : C(0);
    sum += power;
    held[e] = F::OF_EXP ? power : held[e];
  }
  sum = row_merge(Total<C>{sum}).sum;
  C ready = F::prepare(max, sum);
  if constexpr (F::A_ROW) {
    if (n >= 0 && threadIdx.x == 0) {
      *y = Narrow<T>::of(ready);
    }
  } else {
#pragma unroll
    for (int e = 0; e < HAS; e++) {
      held[e] = seen >> e & 1 ? F::y(held[e], max, ready) : C(0);
    }
    share.write(held, y);
  }
}

template <class F, class T, class M>
__device__ void held(M mask, long long rows, long long n, const T* x, T* y) {
  long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = row < rows;
  row = inside ? row : 0;
  int width = inside ? n : -1;  // without a row of its own, a group goes through the motions
  const T* from = x + row * n;
  T* to = F::A_ROW ? y + row : y + row * n;
  if (shares_packs(n, x)) {
    held_row<F, Pack<T>::SIZE>(mask.of(row), width, from, to);
  } else {
    held_row<F, 1>(mask.of(row), width, from, to);
  }
}

#define FORWARD(name, suffix, T)                                                            \
  extern "C" __global__ void name##_naive_##suffix(                                         \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    naive<name##_>(Open(), rows, n, inner, x, y);                                           \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) name##_columns_##suffix(                \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    columns<name##_>(Open(), rows, n, inner, x, y);                                         \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) name##_strip_##suffix(                  \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    strip<name##_>(Open(), rows, n, inner, x, y);                                           \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_online_##suffix(                \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    online<name##_, false>(Open(), n, x, y);                                                \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_shared_##suffix(                 \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    online<name##_, true>(Open(), n, x, y);                                                 \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_held_##suffix(                  \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    held<name##_>(Open(), rows, n, x, y);                                                   \
  }
#define FORWARDS(suffix, T)        \
  FORWARD(softmax, suffix, T)      \
  FORWARD(log_softmax, suffix, T)  \
  FORWARD(logsumexp, suffix, T)
EACH_FLOATING(FORWARDS)

// The mask of row r begins at element r of the walk and goes on by stride.
#define MASKED(suffix, T)                                                                   \
  extern "C" __global__ void masked_softmax_naive_##suffix(                                 \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    naive<softmax_>(Masked{walk, mask, stride}, rows, n, inner, x, y);                      \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) masked_softmax_columns_##suffix(        \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    columns<softmax_>(Masked{walk, mask, stride}, rows, n, inner, x, y);                    \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) masked_softmax_strip_##suffix(          \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    strip<softmax_>(Masked{walk, mask, stride}, rows, n, inner, x, y);                      \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) masked_softmax_online_##suffix(        \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    online<softmax_, false>(Masked{walk, mask, stride}, n, x, y);                           \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) masked_softmax_shared_##suffix(         \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    online<softmax_, true>(Masked{walk, mask, stride}, n, x, y);                            \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) masked_softmax_held_##suffix(          \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    held<softmax_>(Masked{walk, mask, stride}, rows, n, x, y);                              \
  }
EACH_FLOATING(MASKED)
