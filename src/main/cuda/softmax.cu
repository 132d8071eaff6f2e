// Softmax along an axis, its logarithm, ln Σ eˣ, and their gradients: rows of n elements, which lie
// `inner` apart, outer · inner of them. All are bound by memory: what counts is how often a row is
// read, and how.
//
//   naive    one thread a row: it reads it three times, a stretch of n elements away from its
//            neighbours (but side by side with them where inner > 1); so many terms in a row are
//            summed in double
//   columns  inner > 1: threads side by side take neighbouring rows, those of one threadIdx.x share
//            a row; maximum and sum come from one reading, so that a row is read twice
//   online   inner = 1: one block a row, 16 bytes an access; read twice, as above
//   shared   as online, but what is read is kept in shared memory, and read there the second time
//   held     a row is read once, 16 bytes an access, and stays in registers; a part of a warp
//            (variant warp) or a block (variant block) has a row
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
  __device__ bool seen(long long k) const { return true; }
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
  __device__ bool seen(long long k) const { return mask[k * stride]; }
};

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
      max = m.seen(k) ? larger(max, (C)widen(x[at + k * inner])) : max;
    }
    double sum = 0;
    for (long long k = 0; k < n; k++) {
      sum += m.seen(k) ? exp_of((C)widen(x[at + k * inner]) - max) : C(0);
    }
    C ready = F::prepare(max, (C)sum);
    if constexpr (F::A_ROW) {
      y[row] = Narrow<T>::of(ready);
    } else {
      for (long long k = 0; k < n; k++) {
        C value = widen(x[at + k * inner]);
        C result = F::y(F::OF_EXP ? exp_of(value - max) : value, max, ready);
        y[at + k * inner] = Narrow<T>::of(m.seen(k) ? result : C(0));
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
    if (m.seen(k)) {
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
      y[at + k * inner] = Narrow<T>::of(m.seen(k) ? result : C(0));
    }
  }
}

// ---- online and shared: one block a row

/** Room for the row in shared memory, or nothing. */
template <bool KEEPS, class T> __device__ T* kept_row() {
  return KEEPS ? dynamic_shared<T>() : (T*)nullptr;
}

template <class F, bool KEEPS, int V, class T, class M>
__device__ void online_row(M m, long long n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  T* kept = kept_row<KEEPS, T>();
  Online<C> found = Online<C>::none();
#pragma unroll 4
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C few[V];
    read_few<V>(x + i, few);
    if (KEEPS) {
      write_few<V>(few, kept + i);
    }
    if (M::ALL) {
      found.template see<V>(few);
    } else {
      for (int j = 0; j < V; j++) {
        if (m.seen(i + j)) {
          found.template see<1>(few + j);
        }
      }
    }
  }
  found = row_merge(found);
  C ready = F::prepare(found.max, found.sum_of());
  if constexpr (F::A_ROW) {
    if (threadIdx.x == 0) {
      *y = Narrow<T>::of(ready);
    }
  } else {
    const T* again = KEEPS ? kept : x;  // a thread reads what it has kept itself
#pragma unroll 2
    for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
      C few[V];
      read_few<V>(again + i, few);
#pragma unroll
      for (int j = 0; j < V; j++) {
        C result = F::y(F::OF_EXP ? exp_of(few[j] - found.max) : few[j], found.max, ready);
        few[j] = m.seen(i + j) ? result : C(0);
      }
      write_few<V>(few, y + i);
    }
  }
}

template <class F, bool KEEPS, class T, class M>
__device__ void online(M mask, long long n, const T* x, T* y) {
  long long row = blockIdx.x;
  const T* from = x + row * n;
  T* to = F::A_ROW ? y + row : y + row * n;
  if (wide_rows(n, x)) {
    online_row<F, KEEPS, Pack<T>::SIZE>(mask.of(row), n, from, to);
  } else {
    online_row<F, KEEPS, 1>(mask.of(row), n, from, to);
  }
}

// ---- held: blockDim.x threads a row, blockDim.y rows a block

template <class F, int V, class T, class M>
__device__ void held_row(M m, int n, const T* x, T* y) {
  typedef typename Wide<T>::type C;
  C held[HELD<C>];
  unsigned seen = 0;
  read_row<V>(x, n, -infinity<C>(), held);
  C max = -infinity<C>();
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    int at = column<V>(e / V) + e % V;
    if (at < n && m.seen(at)) {
      seen |= 1u << e;
      max = larger(max, held[e]);
    }
  }
  max = row_merge(Top<C>{max}).max;
  C sum = 0;
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
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
    for (int e = 0; e < HELD<C>; e++) {
      held[e] = seen >> e & 1 ? F::y(held[e], max, ready) : C(0);
    }
    write_row<V>(held, y, n);
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
  if (wide_rows(n, x)) {
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
    columns<name##_>(Open(), rows, n, inner, x, y);                                               \
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
    columns<softmax_>(Masked{walk, mask, stride}, rows, n, inner, x, y);                          \
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

// ---- gradients: of y and dy, by one sum over the row. As above; "reread" stands for online.

struct softmax_grad_ {
  template <class C> static __device__ C term(C y, C dy) { return y * dy; }
  template <class C> static __device__ C dx(C y, C dy, C sum) { return y * (dy - sum); }
};
struct log_softmax_grad_ {
  template <class C> static __device__ C term(C y, C dy) { return dy; }
  template <class C> static __device__ C dx(C y, C dy, C sum) { return dy - exp_of(y) * sum; }
};

template <class F, class T>
__device__ void grad_naive(
    long long rows, long long n, long long inner,
    const T* y, const T* dy, T* dx) {  // [outer, n, inner]
  typedef typename Wide<T>::type C;
  for (long long row = first(); row < rows; row += step()) {
    long long at = row / inner * n * inner + row % inner;
    double sum = 0;
    for (long long k = 0; k < n; k++) {
      sum += F::term((C)widen(y[at + k * inner]), (C)widen(dy[at + k * inner]));
    }
    for (long long k = 0; k < n; k++) {
      C result = F::dx((C)widen(y[at + k * inner]), (C)widen(dy[at + k * inner]), (C)sum);
      dx[at + k * inner] = Narrow<T>::of(result);
    }
  }
}

template <class F, class T>
__device__ void grad_columns(
    long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  Column<1> column(rows / inner, inner);
  long long at = column.outer * n * inner + column.i;
  Total<C> found = Total<C>::none();
  for (long long k = threadIdx.y; column.inside && k < n; k += blockDim.y) {
    found.sum += F::term((C)widen(y[at + k * inner]), (C)widen(dy[at + k * inner]));
  }
  C sum = column_share<COLUMN_THREADS>(found).sum;
  for (long long k = threadIdx.y; column.inside && k < n; k += blockDim.y) {
    C result = F::dx((C)widen(y[at + k * inner]), (C)widen(dy[at + k * inner]), sum);
    dx[at + k * inner] = Narrow<T>::of(result);
  }
}

template <class F, bool KEEPS, int V, class T>
__device__ void grad_reread_row(long long n, const T* y, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  T* kept = kept_row<KEEPS, T>();  // y, and then dy
  C sums[V] = {};
#pragma unroll 4
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C a[V];
    C b[V];
    read_few<V>(y + i, a);
    read_few<V>(dy + i, b);
    if (KEEPS) {
      write_few<V>(a, kept + i);
      write_few<V>(b, kept + n + i);
    }
#pragma unroll
    for (int j = 0; j < V; j++) {
      sums[j] += F::term(a[j], b[j]);
    }
  }
  C sum = 0;
#pragma unroll
  for (int j = 0; j < V; j++) {
    sum += sums[j];
  }
  sum = row_merge(Total<C>{sum}).sum;
  y = KEEPS ? kept : y;
  dy = KEEPS ? kept + n : dy;
#pragma unroll 2
  for (long long i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    C a[V];
    C b[V];
    read_few<V>(y + i, a);
    read_few<V>(dy + i, b);
#pragma unroll
    for (int j = 0; j < V; j++) {
      a[j] = F::dx(a[j], b[j], sum);
    }
    write_few<V>(a, dx + i);
  }
}

template <class F, bool KEEPS, class T>
__device__ void grad_reread(long long n, const T* y, const T* dy, T* dx) {
  long long at = blockIdx.x * n;
  if (wide_rows(n, y) && aligned(dy)) {
    grad_reread_row<F, KEEPS, Pack<T>::SIZE>(n, y + at, dy + at, dx + at);
  } else {
    grad_reread_row<F, KEEPS, 1>(n, y + at, dy + at, dx + at);
  }
}

template <class F, int V, class T>
__device__ void grad_held_row(int n, const T* y, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  C a[HELD<C>];
  C b[HELD<C>];
  read_row<V>(y, n, C(0), a);
  read_row<V>(dy, n, C(0), b);
  C sum = 0;
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    sum += F::term(a[e], b[e]);
  }
  sum = row_merge(Total<C>{sum}).sum;
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    a[e] = F::dx(a[e], b[e], sum);
  }
  write_row<V>(a, dx, n);
}

template <class F, class T>
__device__ void grad_held(long long rows, long long n, const T* y, const T* dy, T* dx) {
  long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = row < rows;
  long long at = inside ? row * n : 0;
  int width = inside ? n : -1;
  if (wide_rows(n, y) && aligned(dy)) {
    grad_held_row<F, Pack<T>::SIZE>(width, y + at, dy + at, dx + at);
  } else {
    grad_held_row<F, 1>(width, y + at, dy + at, dx + at);
  }
}

#define GRADIENT(name, suffix, T)                                                           \
  extern "C" __global__ void name##_naive_##suffix(                                         \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_naive<name##_>(rows, n, inner, y, dy, dx);                                         \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) name##_columns_##suffix(                \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_columns<name##_>(rows, n, inner, y, dy, dx);                                             \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_reread_##suffix(                \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_reread<name##_, false>(n, y, dy, dx);                                              \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_shared_##suffix(                 \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_reread<name##_, true>(n, y, dy, dx);                                               \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_held_##suffix(                  \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_held<name##_>(rows, n, y, dy, dx);                                                 \
  }
#define GRADIENTS(suffix, T)           \
  GRADIENT(softmax_grad, suffix, T)    \
  GRADIENT(log_softmax_grad, suffix, T)
EACH_FLOATING(GRADIENTS)
