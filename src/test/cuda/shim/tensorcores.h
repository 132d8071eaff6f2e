// The functions of tensorcore.cuh for the emulator; that file says what they do.
#pragma once

EMU_INLINE void mma_bf16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  emu_mma(EMU_MMA_BF16, c, a, b);
}
EMU_INLINE void mma_f16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  emu_mma(EMU_MMA_F16, c, a, b);
}
EMU_INLINE void mma_tf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  emu_mma(EMU_MMA_TF32, c, a, b);
}

/** A tie goes away from zero. */
EMU_INLINE unsigned to_tf32(float value) {
  if (value != value || value - value != 0) return emu::float_bits(value);
  return (emu::float_bits(value) + 0x1000) & 0xffffe000;
}

EMU_INLINE void load_matrices(unsigned (&r)[4], const void* row) {
  emu_load_matrices(r, row, false);
}
EMU_INLINE void load_matrices_transposed(unsigned (&r)[4], const void* row) {
  emu_load_matrices(r, row, true);
}

template <int BYTES>
EMU_INLINE void copy_async(void* to, const void* from, int count = BYTES) {
  static_assert(BYTES == 4 || BYTES == 8 || BYTES == 16, "cp.async copies 4, 8 or 16 bytes");
  emu_copy_async(to, from, BYTES, count);
}
EMU_INLINE void copy_async_commit() { emu_copy_commit(); }
template <int LEFT>
EMU_INLINE void copy_async_wait() {
  emu_copy_wait(LEFT);
}
