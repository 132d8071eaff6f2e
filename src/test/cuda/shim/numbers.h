// half and bfloat16: 16 bits in memory, float in arithmetic, rounded to nearest even.
#pragma once

#include "conversions.h"

namespace emu {

/** A number of 16 bits, known by how it is made of a float and made into one. */
template <uint16_t (*to)(float), float (*from)(uint16_t)>
struct Number {
  uint16_t bits;

  Number() = default;
  EMU_INLINE Number(float value) : bits(to(value)) {}
  EMU_INLINE explicit Number(double value) : bits(to((float)value)) {}
  EMU_INLINE explicit Number(int value) : bits(to((float)value)) {}
  EMU_INLINE operator float() const { return from(bits); }

  friend EMU_INLINE Number operator+(Number a, Number b) { return (float)a + (float)b; }
  friend EMU_INLINE Number operator-(Number a, Number b) { return (float)a - (float)b; }
  friend EMU_INLINE Number operator*(Number a, Number b) { return (float)a * (float)b; }
  friend EMU_INLINE Number operator/(Number a, Number b) { return (float)a / (float)b; }
  friend EMU_INLINE Number operator-(Number a) { return -(float)a; }
  friend EMU_INLINE Number& operator+=(Number& a, Number b) { return a = a + b; }
  friend EMU_INLINE Number& operator-=(Number& a, Number b) { return a = a - b; }
  friend EMU_INLINE Number& operator*=(Number& a, Number b) { return a = a * b; }
  friend EMU_INLINE Number& operator/=(Number& a, Number b) { return a = a / b; }
  friend EMU_INLINE bool operator==(Number a, Number b) { return (float)a == (float)b; }
  friend EMU_INLINE bool operator!=(Number a, Number b) { return (float)a != (float)b; }
  friend EMU_INLINE bool operator<(Number a, Number b) { return (float)a < (float)b; }
  friend EMU_INLINE bool operator>(Number a, Number b) { return (float)a > (float)b; }
  friend EMU_INLINE bool operator<=(Number a, Number b) { return (float)a <= (float)b; }
  friend EMU_INLINE bool operator>=(Number a, Number b) { return (float)a >= (float)b; }
};

/** Two of them, read and written in one access. */
template <typename T>
struct alignas(4) Pair {
  T x, y;

  Pair() = default;
  EMU_INLINE Pair(T x, T y) : x(x), y(y) {}
  EMU_INLINE Pair(const Pair& other) { __builtin_memcpy(this, &other, 4); }
  EMU_INLINE Pair& operator=(const Pair& other) {
    __builtin_memcpy(this, &other, 4);
    return *this;
  }
};

}  // namespace emu

typedef emu::Number<emu::to_bfloat16, emu::from_bfloat16> __nv_bfloat16;
typedef emu::Number<emu::to_half, emu::from_half> __half;
typedef emu::Pair<__nv_bfloat16> __nv_bfloat162;
typedef emu::Pair<__half> __half2;
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;
typedef __half half;
typedef __half2 half2;

EMU_INLINE __nv_bfloat16 __float2bfloat16(float value) { return __nv_bfloat16(value); }
EMU_INLINE __nv_bfloat16 __float2bfloat16_rn(float value) { return __nv_bfloat16(value); }
EMU_INLINE __nv_bfloat16 __double2bfloat16(double value) { return __nv_bfloat16((float)value); }
EMU_INLINE float __bfloat162float(__nv_bfloat16 value) { return (float)value; }
EMU_INLINE __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {x, y}; }
EMU_INLINE __nv_bfloat162 __float22bfloat162_rn(float2 v) { return {v.x, v.y}; }
EMU_INLINE float2 __bfloat1622float2(__nv_bfloat162 v) { return {(float)v.x, (float)v.y}; }
EMU_INLINE __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
EMU_INLINE unsigned short __bfloat16_as_ushort(__nv_bfloat16 value) { return value.bits; }
EMU_INLINE __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) {
  __nv_bfloat16 value;
  value.bits = bits;
  return value;
}

EMU_INLINE __half __float2half(float value) { return __half(value); }
EMU_INLINE __half __float2half_rn(float value) { return __half(value); }
EMU_INLINE __half __double2half(double value) { return __half((float)value); }
EMU_INLINE float __half2float(__half value) { return (float)value; }
EMU_INLINE __half2 __floats2half2_rn(float x, float y) { return {x, y}; }
EMU_INLINE float2 __half22float2(__half2 v) { return {(float)v.x, (float)v.y}; }
EMU_INLINE __half2 __halves2half2(__half x, __half y) { return {x, y}; }
EMU_INLINE unsigned short __half_as_ushort(__half value) { return value.bits; }
EMU_INLINE __half __ushort_as_half(unsigned short bits) {
  __half value;
  value.bits = bits;
  return value;
}
