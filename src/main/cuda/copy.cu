// Moving elements: copies of views, conversions, constants, choices. None computes anything.
#include "number.cuh"
#include "walk.cuh"

// Elements of one size are copied alike, whatever they mean.
template <class T>
__device__ void copy_strided(Walk<2> walk, long long n, const T* x, T* y) {
  for (long long i = first(); i < n; i += step()) {
    long long at[2];
    walk.find(i, at);
    y[at[1]] = x[at[0]];
  }
}

// y = a where the mask holds, else b.
template <class T>
__device__ void where_strided(
    Walk<4> walk, long long n, const u8* mask, const T* a, const T* b, T* y) {
  for (long long i = first(); i < n; i += step()) {
    long long at[4];
    walk.find(i, at);
    y[at[3]] = mask[at[0]] ? a[at[1]] : b[at[2]];
  }
}

#define SIZED(bytes, T)                                                                     \
  extern "C" __global__ void copy_strided_##bytes(                                          \
      Walk<2> walk, long long n, const T* x, T* y) {                                        \
    copy_strided(walk, n, x, y);                                                            \
  }                                                                                         \
  extern "C" __global__ void where_strided_##bytes(                                         \
      Walk<4> walk, long long n, const u8* mask, const T* a, const T* b, T* y) {            \
    where_strided(walk, n, mask, a, b, y);                                                  \
  }
SIZED(1, unsigned char)
SIZED(2, unsigned short)
SIZED(4, unsigned)
SIZED(8, unsigned long long)

template <class T, class R>
__device__ void cast_strided(Walk<2> walk, long long n, const T* x, R* y) {
  for (long long i = first(); i < n; i += step()) {
    long long at[2];
    walk.find(i, at);
    y[at[1]] = Narrow<R>::of(widen(x[at[0]]));
  }
}

#define CAST(from, T, to, R)                                                                \
  extern "C" __global__ void cast_strided_##from##_##to(                                    \
      Walk<2> walk, long long n, const T* x, R* y) {                                        \
    cast_strided<T, R>(walk, n, x, y);                                                      \
  }
#define CASTS(from, T)                     \
  CAST(from, T, f64, double)               \
  CAST(from, T, f32, float)                \
  CAST(from, T, bf16, __nv_bfloat16)       \
  CAST(from, T, f16, __half)               \
  CAST(from, T, i64, long long)            \
  CAST(from, T, i32, int)                  \
  CAST(from, T, u8, u8)                    \
  CAST(from, T, bool, truth)
CASTS(f64, double)
CASTS(f32, float)
CASTS(bf16, __nv_bfloat16)
CASTS(f16, __half)
CASTS(i64, long long)
CASTS(i32, int)
CASTS(u8, u8)
CASTS(bool, truth)

#define FILL(suffix, T)                                                                     \
  extern "C" __global__ void fill_##suffix(long long n, double value, T* y) {               \
    for (long long i = first(); i < n; i += step()) {                                       \
      y[i] = Narrow<T>::of(value);                                                          \
    }                                                                                       \
  }
FILL(f64, double)
FILL(f32, float)
FILL(bf16, __nv_bfloat16)
FILL(f16, __half)
FILL(i64, long long)
FILL(i32, int)
FILL(u8, u8)
FILL(bool, truth)
