// Softmax and its kin, of softmax.cu, for rows that lie in order: they are read 16 bytes an access.
//
//   online   one block a row; maximum and sum come from one reading, so that a row is read twice
//   shared   as online, but what is read is kept in shared memory, and read there the second time
//   held     a row is read once, and stays in registers; a part of a warp (variant warp) or a block
//            (variant block) has a row
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
#include "softmax.cuh"

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
  extern "C" __global__ void __launch_bounds__(512) name##_online_##suffix(                 \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    online<name##_, false>(Open(), n, x, y);                                                \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_shared_##suffix(                 \
      long long rows, long long n, long long inner, const T* x, T* y) {                     \
    online<name##_, true>(Open(), n, x, y);                                                 \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_held_##suffix(                   \
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
  extern "C" __global__ void __launch_bounds__(512) masked_softmax_online_##suffix(         \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    online<softmax_, false>(Masked{walk, mask, stride}, n, x, y);                           \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) masked_softmax_shared_##suffix(         \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    online<softmax_, true>(Masked{walk, mask, stride}, n, x, y);                            \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) masked_softmax_held_##suffix(           \
      Walk<1> walk, long long rows, long long stride, long long n, long long inner,         \
      const u8* mask, const T* x, T* y) {                                                   \
    held<softmax_>(Masked{walk, mask, stride}, rows, n, x, y);                              \
  }
EACH_FLOATING(MASKED)
