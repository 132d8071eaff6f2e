// Numbers of 16 bits, TF32, and typed access to raw memory, for the libraries.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#define EMU_INLINE inline
#include "../shim/conversions.h"

namespace emu {

/** TF32 keeps 10 bits of the fraction; a tie goes away from zero, as cvt.rna does. */
inline float round_tf32(float value) {
  if (!std::isfinite(value)) return value;
  return bits_float((float_bits(value) + 0x1000) & 0xffffe000);
}

template <typename T>
T read_as(const void* from, int64_t i) {
  T value;
  memcpy(&value, static_cast<const char*>(from) + i * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
void write_as(void* to, int64_t i, T value) {
  memcpy(static_cast<char*>(to) + i * sizeof(T), &value, sizeof(T));
}

}  // namespace emu
