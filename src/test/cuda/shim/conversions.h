// Between float and the numbers of 16 bits, rounding to nearest even.
#pragma once
#include <math.h>
#include <stdint.h>

namespace emu {

EMU_INLINE uint32_t float_bits(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  return bits;
}
EMU_INLINE float bits_float(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

/** The upper half of a float, after adding half a unit of the last place that stays. */
EMU_INLINE uint16_t to_bfloat16(float value) {
  uint32_t bits = float_bits(value);
  if (value != value) return 0x7fff;
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
EMU_INLINE float from_bfloat16(uint16_t bits) { return bits_float((uint32_t)bits << 16); }

inline uint16_t to_half(float value) {
  uint32_t bits = float_bits(value);
  uint16_t sign = (uint16_t)((bits >> 16) & 0x8000);
  uint32_t size = bits & 0x7fffffff;
  if (size > 0x7f800000) return 0x7fff;           // NaN, which has lost its sign in CUDA too
  if (size >= 0x477ff000) return sign | 0x7c00;   // 65520 and more round to infinity
  if (size < 0x38800000) {                        // below 2^-14: in units of 2^-24
    return sign | (uint16_t)lrintf(bits_float(size) * 16777216.0f);
  }
  return sign | (uint16_t)((size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13);
}

inline float from_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, size = half & 0x7fff;
  if (size >= 0x7c00) return bits_float(sign | 0x7f800000 | (size & 0x3ff) << 13);
  if (size < 0x400) return bits_float(sign | float_bits((float)size * 5.9604644775390625e-8f));
  return bits_float(sign | ((size << 13) + 0x38000000));
}

}  // namespace emu
