// CUDA's intrinsics. The fast, inexact ones are the exact functions here.
#pragma once

#define CUDART_INF_F (__builtin_inff())
#define CUDART_INF (__builtin_inf())
#define CUDART_NAN_F (__builtin_nanf(""))
#define CUDART_NAN (__builtin_nan(""))
#define CUDART_PI_F 3.141592654f
#define CUDART_PI 3.1415926535897931
#define CUDART_MAX_NORMAL_F 3.402823466e38f

// Loads and stores with a hint for the caches, which an emulator has none of.
template <typename T>
EMU_INLINE T __ldg(const T* address) { return *address; }
template <typename T>
EMU_INLINE T __ldcs(const T* address) { return *address; }
template <typename T>
EMU_INLINE T __ldcg(const T* address) { return *address; }
template <typename T>
EMU_INLINE T __ldca(const T* address) { return *address; }
template <typename T>
EMU_INLINE void __stcs(T* address, T value) { *address = value; }
template <typename T>
EMU_INLINE void __stcg(T* address, T value) { *address = value; }
template <typename T>
EMU_INLINE void __stwt(T* address, T value) { *address = value; }

EMU_INLINE float rsqrtf(float x) { return 1.0f / sqrtf(x); }
EMU_INLINE double rsqrt(double x) { return 1.0 / sqrt(x); }
EMU_INLINE float __frsqrt_rn(float x) { return (float)(1.0 / sqrt((double)x)); }
EMU_INLINE float __fsqrt_rn(float x) { return sqrtf(x); }
EMU_INLINE float __frcp_rn(float x) { return 1.0f / x; }
EMU_INLINE float __fdividef(float x, float y) { return x / y; }
EMU_INLINE float __fdiv_rn(float x, float y) { return x / y; }
EMU_INLINE float __fadd_rn(float x, float y) { return x + y; }
EMU_INLINE float __fsub_rn(float x, float y) { return x - y; }
EMU_INLINE float __fmul_rn(float x, float y) { return x * y; }
EMU_INLINE float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
EMU_INLINE double __dadd_rn(double x, double y) { return x + y; }
EMU_INLINE double __dmul_rn(double x, double y) { return x * y; }
EMU_INLINE double __fma_rn(double x, double y, double z) { return fma(x, y, z); }
EMU_INLINE float __expf(float x) { return expf(x); }
EMU_INLINE float __exp10f(float x) { return powf(10.0f, x); }
EMU_INLINE float __logf(float x) { return logf(x); }
EMU_INLINE float __log2f(float x) { return log2f(x); }
EMU_INLINE float __log10f(float x) { return log10f(x); }
EMU_INLINE float __powf(float x, float y) { return powf(x, y); }
EMU_INLINE float __sinf(float x) { return sinf(x); }
EMU_INLINE float __cosf(float x) { return cosf(x); }
EMU_INLINE float __tanf(float x) { return tanf(x); }
EMU_INLINE void __sincosf(float x, float* s, float* c) { sincosf(x, s, c); }
EMU_INLINE float __tanhf(float x) { return tanhf(x); }
EMU_INLINE float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
EMU_INLINE float normcdff(float x) { return 0.5f * erfcf(-0.70710678f * x); }
EMU_INLINE double normcdf(double x) { return 0.5 * erfc(-0.70710678118654752 * x); }
EMU_INLINE float rcbrtf(float x) { return 1.0f / cbrtf(x); }
EMU_INLINE float sinpif(float x) { return (float)sin(3.1415926535897931 * x); }
EMU_INLINE float cospif(float x) { return (float)cos(3.1415926535897931 * x); }

EMU_INLINE int __float2int_rn(float x) { return (int)lrintf(x); }
EMU_INLINE int __float2int_rz(float x) { return (int)x; }
EMU_INLINE int __float2int_rd(float x) { return (int)floorf(x); }
EMU_INLINE int __float2int_ru(float x) { return (int)ceilf(x); }
EMU_INLINE float __int2float_rn(int x) { return (float)x; }
EMU_INLINE float __uint2float_rn(unsigned x) { return (float)x; }
EMU_INLINE float __double2float_rn(double x) { return (float)x; }
EMU_INLINE int __double2int_rz(double x) {
  return x >= 2147483647.0 ? 2147483647 : x > -2147483648.0 ? (int)x : -2147483647 - 1;
}
EMU_INLINE long long __double2ll_rz(double x) {
  constexpr double END = 9223372036854775808.0;
  return x >= END ? 0x7fffffffffffffffLL : x > -END ? (long long)x : -0x7fffffffffffffffLL - 1;
}

#define EMU_REINTERPRET(name, To, From)            \
  EMU_INLINE To name(From value) {                 \
    To bits;                                       \
    static_assert(sizeof(To) == sizeof(From), ""); \
    __builtin_memcpy(&bits, &value, sizeof(To));   \
    return bits;                                   \
  }
EMU_REINTERPRET(__float_as_int, int, float)
EMU_REINTERPRET(__float_as_uint, unsigned, float)
EMU_REINTERPRET(__int_as_float, float, int)
EMU_REINTERPRET(__uint_as_float, float, unsigned)
EMU_REINTERPRET(__double_as_longlong, long long, double)
EMU_REINTERPRET(__longlong_as_double, double, long long)

EMU_INLINE float __double2float_rz(double x) {
  float nearest = (float)x;
  bool beyond = x > 0 ? nearest > x : nearest < x;
  return beyond ? __int_as_float(__float_as_int(nearest) - 1) : nearest;
}

EMU_INLINE unsigned __umulhi(unsigned a, unsigned b) {
  return (unsigned)((unsigned long long)a * b >> 32);
}
EMU_INLINE int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
EMU_INLINE unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
EMU_INLINE long long __mul64hi(long long a, long long b) {
  return (long long)((__int128)a * b >> 64);
}
EMU_INLINE int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
EMU_INLINE int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
EMU_INLINE int __popc(unsigned x) { return __builtin_popcount(x); }
EMU_INLINE int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
EMU_INLINE int __ffs(int x) { return __builtin_ffs(x); }
EMU_INLINE int __ffsll(long long x) { return __builtin_ffsll(x); }
EMU_INLINE unsigned __brev(unsigned x) {
  unsigned y = 0;
  for (int i = 0; i < 32; i++) y |= (x >> i & 1u) << (31 - i);
  return y;
}
EMU_INLINE unsigned __funnelshift_l(unsigned lo, unsigned hi, unsigned by) {
  return (unsigned)((((unsigned long long)hi << 32 | lo) << (by & 31)) >> 32);
}
EMU_INLINE unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned by) {
  return (unsigned)(((unsigned long long)hi << 32 | lo) >> (by & 31));
}

// min and max of two types meet in their common type, where NaN loses, as in fmin and fmax.
template <typename A, typename B>
EMU_INLINE std::enable_if_t<std::is_arithmetic_v<A> && std::is_arithmetic_v<B>,
                            std::common_type_t<A, B>>
min(A first, B second) {
  std::common_type_t<A, B> a = first, b = second;
  return a < b || b != b ? a : b;
}
template <typename A, typename B>
EMU_INLINE std::enable_if_t<std::is_arithmetic_v<A> && std::is_arithmetic_v<B>,
                            std::common_type_t<A, B>>
max(A first, B second) {
  std::common_type_t<A, B> a = first, b = second;
  return a > b || b != b ? a : b;
}

using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;
