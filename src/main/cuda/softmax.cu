// Softmax along an axis, its logarithm, and ln Σ eˣ: rows of n elements, which lie `inner` apart,
// outer · inner of them. All are bound by memory: what counts is how often a row is read, and how.
//
//   naive    one thread a row: it reads it three times, a stretch of n elements away from its
//            neighbours (but side by side with them where inner > 1); so many terms in a row are
//            summed in double
//   columns  inner > 1: threads side by side take neighbouring rows, those of one threadIdx.x share
//            a row; maximum and sum come from one reading, so that a row is read twice
//   strip    as columns, but a row is read once, and stays in registers of the threads that share
//            it: up to 128 elements, and more if inner < 32
//
// softmax_rows.cu goes on with inner = 1, where a row lies in order; softmax_grad.cu has the gradients,
// by the same steps.
#include "softmax.cuh"

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
  }
EACH_FLOATING(MASKED)
