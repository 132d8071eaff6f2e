// Numbers as unsigned keys of the same order, and back. NaN comes after all numbers.
#pragma once
#include "number.cuh"

/** The key of a floating-point number's bits, whose sign is `top`: larger numbers have larger keys. */
template <class K> __device__ K ordered(K bits, K top) { return bits & top ? ~bits : bits | top; }

/** The bits of a key. */
template <class K> __device__ K unordered(K key, K top) { return key & top ? key ^ top : ~key; }

template <class T> struct Order;
template <> struct Order<double> {
  typedef unsigned long long K;
  static constexpr K TOP = 1ull << 63;
  static __device__ K key(double x) {
    return x != x ? ~0ull : ordered((K)__double_as_longlong(x == 0 ? 0.0 : x), TOP);
  }
  static __device__ double element(K key) { return __longlong_as_double(unordered(key, TOP)); }
};
template <> struct Order<float> {
  typedef unsigned K;
  static constexpr K TOP = 1u << 31;
  static __device__ K key(float x) {
    return x != x ? ~0u : ordered((K)__float_as_int(x == 0 ? 0.0f : x), TOP);
  }
  static __device__ float element(K key) { return __int_as_float((int)unordered(key, TOP)); }
};
// Every bfloat16 is the upper half of a float; a half has no such float, but its 16 bits do.
template <> struct Order<__nv_bfloat16> {
  typedef unsigned K;
  static __device__ K key(__nv_bfloat16 x) { return Order<float>::key(widen(x)) >> 16; }
  static __device__ __nv_bfloat16 element(K key) {
    return __float2bfloat16(__int_as_float((int)(unordered(key, 1u << 15) << 16)));
  }
};
template <> struct Order<__half> {
  typedef unsigned K;
  static __device__ K key(__half x) {
    float wide = widen(x);
    if (wide != wide) return 0xffff;
    return ordered(wide == 0 ? 0u : (K)__half_as_ushort(x), 1u << 15) & 0xffff;
  }
  static __device__ __half element(K key) {
    return __ushort_as_half((unsigned short)unordered(key, 1u << 15));
  }
};
template <> struct Order<long long> {
  typedef unsigned long long K;
  static __device__ K key(long long x) { return (K)x ^ 1ull << 63; }
  static __device__ long long element(K key) { return (long long)(key ^ 1ull << 63); }
};
template <> struct Order<int> {
  typedef unsigned K;
  static __device__ K key(int x) { return (K)x ^ 1u << 31; }
  static __device__ int element(K key) { return (int)(key ^ 1u << 31); }
};
template <> struct Order<u8> {
  typedef unsigned K;
  static __device__ K key(u8 x) { return x; }
  static __device__ u8 element(K key) { return (u8)key; }
};

/** The key by which x is sorted: turned round for a falling order, where NaN comes first. */
template <class T> __device__ typename Order<T>::K key_of(T x, int falling) {
  typename Order<T>::K key = Order<T>::key(x);
  return falling ? ~key : key;
}

/** What has the key: only of zero it does not know the sign, and asks where it came from. */
template <class T>
__device__ __forceinline__ T element_of(typename Order<T>::K key, int falling, const T* origin) {
  T element = Order<T>::element(falling ? ~key : key);
  return widen(element) == 0 ? *origin : element;
}
