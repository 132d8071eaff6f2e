// Element i of the result from element i of each operand: two ways to walk, for any function.
//
//   strided  one element a thread, found by its index in every operand: any view, any broadcast
//   vector   contiguous operands: 16 bytes a thread and access, and no index to compute; all of
//            these are bound by memory, and want few, wide accesses
//
// A function is a struct with a static template f(x…, p, q), where p and q are the operation's
// parameters, such as the slope of a leaky ReLU. It computes in the type Wide<T>.
#pragma once
#include "number.cuh"
#include "walk.cuh"

template <class F, class T, class R>
__device__ void unary_strided(Walk<2> walk, long long n, const T* x, R* y, double p, double q) {
  typedef typename F::template In<T>::type C;
  for (long long i = first(); i < n; i += step()) {
    long long at[2];
    walk.find(i, at);
    y[at[1]] = Narrow<R>::of(F::template f<C>((C)widen(x[at[0]]), (C)p, (C)q));
  }
}

template <class F, class T, class R>
__device__ void binary_strided(
    Walk<3> walk, long long n, const T* a, const T* b, R* y, double p, double q) {
  typedef typename F::template In<T>::type C;
  for (long long i = first(); i < n; i += step()) {
    long long at[3];
    walk.find(i, at);
    y[at[2]] = Narrow<R>::of(
        F::template f<C>((C)widen(a[at[0]]), (C)widen(b[at[1]]), (C)p, (C)q));
  }
}

template <class F, class T>
__device__ void unary_vector(long long n, const T* x, T* y, double p, double q) {
  typedef typename F::template In<T>::type C;
  constexpr int SIZE = Pack<T>::SIZE;
  const Pack<T>* from = (const Pack<T>*)x;
  Pack<T>* to = (Pack<T>*)y;
  for (long long i = first(); i < n / SIZE; i += step()) {
    Pack<T> in = from[i];
    Pack<T> out;
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      out.element[k] = Narrow<T>::of(F::template f<C>((C)widen(in.element[k]), (C)p, (C)q));
    }
    to[i] = out;
  }
  long long tail = n - n % SIZE + first();
  if (tail < n) {
    y[tail] = Narrow<T>::of(F::template f<C>((C)widen(x[tail]), (C)p, (C)q));
  }
}

template <class F, class T>
__device__ void binary_vector(long long n, const T* a, const T* b, T* y, double p, double q) {
  typedef typename F::template In<T>::type C;
  constexpr int SIZE = Pack<T>::SIZE;
  const Pack<T>* left = (const Pack<T>*)a;
  const Pack<T>* right = (const Pack<T>*)b;
  Pack<T>* to = (Pack<T>*)y;
  for (long long i = first(); i < n / SIZE; i += step()) {
    Pack<T> l = left[i];
    Pack<T> r = right[i];
    Pack<T> out;
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      out.element[k] = Narrow<T>::of(
          F::template f<C>((C)widen(l.element[k]), (C)widen(r.element[k]), (C)p, (C)q));
    }
    to[i] = out;
  }
  long long tail = n - n % SIZE + first();
  if (tail < n) {
    y[tail] = Narrow<T>::of(F::template f<C>((C)widen(a[tail]), (C)widen(b[tail]), (C)p, (C)q));
  }
}

/** Functions that compute in Wide<T>. */
struct Native {
  template <class T> struct In { typedef typename Wide<T>::type type; };
};

/** Functions whose parameter need not be a float, and which must err by no more than a rounding. */
struct Exact {
  template <class T> struct In { typedef double type; };
};

// The element types that an operation takes. A family defines STRIDED(name, suffix, T, R), its entry
// for operands of T and a result of R, and VECTOR(name, suffix, T).
#define FLOATING(name)                                \
  STRIDED(name, f64, double, double)                  \
  STRIDED(name, f32, float, float)                    \
  STRIDED(name, bf16, __nv_bfloat16, __nv_bfloat16)   \
  STRIDED(name, f16, __half, __half)                  \
  VECTOR(name, f32, float)                            \
  VECTOR(name, bf16, __nv_bfloat16)
#define INTEGERS(name)                      \
  STRIDED(name, i64, long long, long long)  \
  STRIDED(name, i32, int, int)              \
  STRIDED(name, u8, u8, u8)
#define TRUTHS(name)                        \
  STRIDED(name, f64, double, truth)         \
  STRIDED(name, f32, float, truth)          \
  STRIDED(name, bf16, __nv_bfloat16, truth) \
  STRIDED(name, f16, __half, truth)         \
  STRIDED(name, i64, long long, truth)      \
  STRIDED(name, i32, int, truth)            \
  STRIDED(name, u8, u8, truth)              \
  STRIDED(name, bool, truth, truth)
