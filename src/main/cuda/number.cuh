// The element types of tensors, and what kernels compute with: rounded once, on the way out.
#pragma once
#include "common.cuh"

typedef unsigned char u8;

/** A truth value in memory: a byte, 0 or 1. */
struct truth {
  unsigned char byte;
};

/** What arithmetic on T is done in: double for integers, as everywhere in Adjoint. */
template <class T> struct Wide { typedef double type; };
template <> struct Wide<float> { typedef float type; };
template <> struct Wide<__half> { typedef float type; };
template <> struct Wide<__nv_bfloat16> { typedef float type; };

__device__ inline double widen(double x) { return x; }
__device__ inline float widen(float x) { return x; }
__device__ __forceinline__ float widen(__half x) { return __half2float(x); }
__device__ __forceinline__ float widen(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ inline double widen(long long x) { return (double)x; }
__device__ inline double widen(int x) { return x; }
__device__ inline double widen(u8 x) { return x; }
__device__ inline double widen(truth x) { return x.byte; }

/** A product that is rounded: not by a part of a fused multiply-add. */
__device__ inline float product(float a, float b) { return __fmul_rn(a, b); }
__device__ inline double product(double a, double b) { return __dmul_rn(a, b); }

/**
 * The float next to x whose last bit is odd, unless x is a float: rounded again, to fewer bits, it
 * gives what one rounding of x would have given (Boldo and Melquiond, Emulation of FMA and correctly
 * rounded sums: proved algorithms using rounding to odd, 2008). NaN stays NaN.
 */
__device__ inline float round_to_odd(double x) {
  float cut = __double2float_rz(x);
  return (double)cut == x ? cut : __int_as_float(__float_as_int(cut) | 1);
}

/**
 * Writes a value as T: rounded to nearest, integers cut and held within their range, as the
 * conversions of the device do; but for NaN, which is 0.
 */
template <class T> struct Narrow;
template <> struct Narrow<double> {
  static __device__ double of(double x) { return x; }
};
template <> struct Narrow<float> {
  static __device__ float of(float x) { return x; }
  static __device__ float of(double x) { return (float)x; }
};
template <> struct Narrow<__half> {
  static __device__ __forceinline__ __half of(float x) { return __float2half(x); }
  static __device__ __forceinline__ __half of(double x) { return __float2half(round_to_odd(x)); }
};
template <> struct Narrow<__nv_bfloat16> {
  static __device__ __forceinline__ __nv_bfloat16 of(float x) { return __float2bfloat16(x); }
  static __device__ __forceinline__ __nv_bfloat16 of(double x) { return __float2bfloat16(round_to_odd(x)); }
};
template <> struct Narrow<long long> {
  static __device__ long long of(double x) { return x != x ? 0 : __double2ll_rz(x); }
};
template <> struct Narrow<int> {
  static __device__ int of(double x) { return x != x ? 0 : __double2int_rz(x); }
};
template <> struct Narrow<u8> {
  static __device__ u8 of(double x) { return !(x > 0) ? 0 : x >= 255 ? 255 : (u8)x; }
};
template <> struct Narrow<truth> {
  static __device__ truth of(double x) { return truth{(unsigned char)(x != 0)}; }
};

/** N elements that one thread reads or writes by one access, of 16 bytes at most. */
template <class T, int N> struct alignas(N * sizeof(T)) Few {
  static constexpr int SIZE = N;
  T element[N];
};

/** As many as 16 bytes hold. */
template <class T> using Pack = Few<T, 16 / sizeof(T)>;

__device__ inline bool aligned(const void* p) { return ((unsigned long long)p & 15) == 0; }
