// y = x · σ(βx) and its gradient dx = dy · (σ + z σ (1 − σ)), where z = βx and σ = 1 / (1 + e⁻ᶻ).
// Each element is read once and written once, so what counts is how the bytes are fetched.
//
//   naive  one element a thread: a warp fetches 128 bytes by one access
//   wide   four floats a thread, 16 bytes, by one access: a quarter of the accesses for the same
//          bytes; it wants operands that begin at a multiple of 16 bytes
//
// number.cuh has Pack, walk.cuh has first() and step(): a thread's first element, and the way to
// its next, so that a grid of any size does all.
#include "number.cuh"
#include "walk.cuh"

template <class T>
__device__ T swish(T x, T beta) {
  return x / (1 + exp(-beta * x));
}

template <class T>
__device__ T swish_grad(T x, T dy, T beta) {
  T z = beta * x;
  T s = 1 / (1 + exp(-z));
  return dy * (s + z * s * (1 - s));
}

// x[n], y[n]
template <class T>
__device__ void naive(const T* x, T* y, long long n, T beta) {
  for (long long i = first(); i < n; i += step()) {
    y[i] = swish(x[i], beta);
  }
}

// x[n], dy[n], dx[n]
template <class T>
__device__ void grad_naive(const T* x, const T* dy, T* dx, long long n, T beta) {
  for (long long i = first(); i < n; i += step()) {
    dx[i] = swish_grad(x[i], dy[i], beta);
  }
}

#define NAIVE(suffix, T)                                                                          \
  extern "C" __global__ void swish_naive_##suffix(const T* x, T* y, long long n, double beta) {   \
    naive<T>(x, y, n, beta);                                                                      \
  }                                                                                               \
  extern "C" __global__ void swish_grad_naive_##suffix(                                           \
      const T* x, const T* dy, T* dx, long long n, double beta) {                                 \
    grad_naive<T>(x, dy, dx, n, beta);                                                            \
  }
NAIVE(f32, float)
NAIVE(f64, double)

// x[n], y[n]; the last n % 4 elements, which fill no pack, go to the first threads.
extern "C" __global__ void swish_wide_f32(const float* x, float* y, long long n, double beta) {
  for (long long i = first(); i < n / 4; i += step()) {
    Pack<float> some = ((const Pack<float>*)x)[i];
    for (int k = 0; k < 4; k++) {
      some.element[k] = swish(some.element[k], (float)beta);
    }
    ((Pack<float>*)y)[i] = some;
  }
  long long last = n - n % 4 + first();
  if (last < n) {
    y[last] = swish(x[last], (float)beta);
  }
}

// x[n], dy[n], dx[n]
extern "C" __global__ void swish_grad_wide_f32(
    const float* x, const float* dy, float* dx, long long n, double beta) {
  for (long long i = first(); i < n / 4; i += step()) {
    Pack<float> some = ((const Pack<float>*)x)[i];
    Pack<float> by = ((const Pack<float>*)dy)[i];
    for (int k = 0; k < 4; k++) {
      some.element[k] = swish_grad(some.element[k], by.element[k], (float)beta);
    }
    ((Pack<float>*)dx)[i] = some;
  }
  long long last = n - n % 4 + first();
  if (last < n) {
    dx[last] = swish_grad(x[last], dy[last], (float)beta);
  }
}

// Another way to an operation that Adjoint has: x[n], y[n].
extern "C" __global__ void sigmoid_mine_f32(const float* x, float* y, long long n) {
  for (long long i = first(); i < n; i += step()) {
    y[i] = 1 / (1 + exp(-x[i]));
  }
}
