// The gradients of softmax and of its logarithm, of their result y and of dy: each is one sum over a
// row, and then an element for each of y and dy. The steps are those of softmax.cu and
// softmax_rows.cu, where a row is of both:
//
//   naive    one thread a row, which it reads twice; the sum is taken in double
//   columns  inner > 1: threads side by side take neighbouring rows, those of one threadIdx.x share
//            a row, and read it twice
//   strip    as columns, but read once: a row stays in registers
//   reread   inner = 1: one block a row, 16 bytes an access; read twice
//   shared   as reread, but read from shared memory the second time; the logarithm's sum is of dy
//            alone, so that this is all it keeps
//   half     softmax, of rows of which both do not fit: dy is kept, and y read again, 1.33 times what
//            must be moved
//   held     read once: a row stays in registers, of a part of a warp (variant warp) or of a block
//            (variant block)
#include "edges.cuh"

struct softmax_grad_ {
  static constexpr bool SUMS_Y = true;
  template <class C> static __device__ C term(C y, C dy) { return y * dy; }
  template <class C> static __device__ C dx(C y, C dy, C sum) { return y * (dy - sum); }
};
struct log_softmax_grad_ {
  static constexpr bool SUMS_Y = false;
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

template <class F, class T>
__device__ void grad_strip(
    long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  Column<1> column(rows / inner, inner);
  long long at = column.outer * n * inner + column.i;
  int taken = column.inside ? n : 0;
  C a[HELD<C>];
  C b[HELD<C>];
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    int k = threadIdx.y + e * blockDim.y;
    a[e] = k < taken ? (C)widen(y[at + k * inner]) : C(0);
    b[e] = k < taken ? (C)widen(dy[at + k * inner]) : C(0);
  }
  Total<C> found = Total<C>::none();
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    found.sum += F::term(a[e], b[e]);
  }
  C sum = column_share<COLUMN_THREADS>(found).sum;
#pragma unroll
  for (int e = 0; e < HELD<C>; e++) {
    int k = threadIdx.y + e * blockDim.y;
    if (k < taken) {
      dx[at + k * inner] = Narrow<T>::of(F::dx(a[e], b[e], sum));
    }
  }
}

/** Adds up the terms of a row, and keeps what there is room for. */
template <class F, class T> struct Adding {
  typedef typename Wide<T>::type C;
  const T* y;
  const T* dy;
  T* kept_y;
  T* kept_dy;
  Sums<C, Pack<T>::SIZE> found;

  template <int V> __device__ void at(long long i) {
    C a[V] = {};
    C b[V];
    if constexpr (F::SUMS_Y) {
      read_few<V>(y + i, a);
    }
    read_few<V>(dy + i, b);
    if (kept_y) {
      write_few<V>(a, kept_y + i);
    }
    if (kept_dy) {
      write_few<V>(b, kept_dy + i);
    }
#pragma unroll
    for (int j = 0; j < V; j++) {
      found.sum[j] += F::term(a[j], b[j]);
    }
  }
};

/** Writes the gradient of a row. */
template <class F, class T> struct Sloping {
  typedef typename Wide<T>::type C;
  const T* y;
  const T* dy;
  T* dx;
  C sum;

  template <int V> __device__ void at(long long i) {
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
};

template <class F, bool KEEPS_Y, bool KEEPS_DY, int V, class T>
__device__ void grad_reread_row(long long n, const T* y, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  T* kept_dy = kept_row<KEEPS_DY>(dy);
  T* kept_y = KEEPS_Y ? kept_dy + (n / Pack<T>::SIZE + 1) * Pack<T>::SIZE : (T*)nullptr;
  Adding<F, T> adding = {y, dy, kept_y, kept_dy, {}};
  each_few<V>(y, n, adding);
  C sum = 0;
#pragma unroll
  for (int j = 0; j < Pack<T>::SIZE; j++) {
    sum += adding.found.sum[j];
  }
  sum = row_merge(Total<C>{sum}).sum;
  Sloping<F, T> sloping = {KEEPS_Y ? kept_y : y, KEEPS_DY ? kept_dy : dy, dx, sum};
  each_few<V, 2>(y, n, sloping);
}

template <class F, bool KEEPS_Y, bool KEEPS_DY, class T>
__device__ void grad_reread(long long n, const T* y, const T* dy, T* dx) {
  long long at = blockIdx.x * n;
  if (aligned(y) && aligned(dy)) {
    grad_reread_row<F, KEEPS_Y, KEEPS_DY, Pack<T>::SIZE>(n, y + at, dy + at, dx + at);
  } else {
    grad_reread_row<F, KEEPS_Y, KEEPS_DY, 1>(n, y + at, dy + at, dx + at);
  }
}

template <class F, int V, class T>
__device__ void grad_held_row(int n, const T* y, const T* dy, T* dx) {
  typedef typename Wide<T>::type C;
  constexpr int HAS = HELD<C> + 1;
  C a[HAS];
  C b[HAS];
  Share<V> share = Share<V>::of(y, n);
  share.read(y, C(0), a);
  share.read(dy, C(0), b);
  C sum = 0;
#pragma unroll
  for (int e = 0; e < HAS; e++) {
    sum += F::term(a[e], b[e]);
  }
  sum = row_merge(Total<C>{sum}).sum;
#pragma unroll
  for (int e = 0; e < HAS; e++) {
    a[e] = F::dx(a[e], b[e], sum);
  }
  share.write(a, dx);
}

template <class F, class T>
__device__ void grad_held(long long rows, long long n, const T* y, const T* dy, T* dx) {
  long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
  bool inside = row < rows;
  long long at = inside ? row * n : 0;
  int width = inside ? n : -1;
  if (shares_packs(n, y) && aligned(dy)) {
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
    grad_columns<name##_>(rows, n, inner, y, dy, dx);                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) name##_strip_##suffix(                  \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_strip<name##_>(rows, n, inner, y, dy, dx);                                         \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_reread_##suffix(                \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_reread<name##_, false, false>(n, y, dy, dx);                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_shared_##suffix(                 \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_reread<name##_, name##_::SUMS_Y, true>(n, y, dy, dx);                              \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(512) name##_held_##suffix(                  \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_held<name##_>(rows, n, y, dy, dx);                                                 \
  }
#define GRADIENTS(suffix, T)                                                                \
  GRADIENT(softmax_grad, suffix, T)                                                         \
  GRADIENT(log_softmax_grad, suffix, T)                                                     \
  extern "C" __global__ void __launch_bounds__(512) softmax_grad_half_##suffix(             \
      long long rows, long long n, long long inner, const T* y, const T* dy, T* dx) {       \
    grad_reread<softmax_grad_, false, true>(n, y, dy, dx);                                  \
  }
EACH_FLOATING(GRADIENTS)
