// The tensor cores' instructions and the copies that go on by themselves, each as a function.
//
// A tile belongs to a whole warp: every lane holds a few of its elements, and all 32 lanes must make
// the call. With group = lane / 4 and t = lane % 4, a lane holds of
//
//   C [16, 8]  of f32:   rows group, group + 8, columns 2t, 2t + 1:    c[0] c[1], c[2] c[3]
//   A [16, 16] of bf16:  rows as C, columns 2t, 2t + 1, and 8 more:    a[0], a[1] (rows + 8),
//                        two elements in each word                     a[2], a[3] (columns + 8)
//   B [16, 8]  of bf16:  rows 2t, 2t + 1, and 8 more, column group:    b[0], b[1]
//   A [16, 8]  of tf32:  rows as C, columns t, t + 4:                  a[0], a[1] (rows + 8),
//                                                                      a[2], a[3] (columns + 4)
//   B [8, 8]   of tf32:  rows t, t + 4, column group:                  b[0], b[1]
#pragma once
#include "common.cuh"

#ifndef __CUDACC__
#include "tensorcores.h"  // the emulator's
#else

/** C += A · B: [16, 16] × [16, 8] of bf16, sums in f32. */
__device__ __forceinline__ void mma_bf16(float (&c)[4], const unsigned (&a)[4],
                                         const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/** The same of f16. */
__device__ __forceinline__ void mma_f16(float (&c)[4], const unsigned (&a)[4],
                                        const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/** C += A · B: [16, 8] × [8, 8] of tf32, sums in f32. */
__device__ __forceinline__ void mma_tf32(float (&c)[4], const unsigned (&a)[4],
                                         const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/** The nearest number of tf32, which keeps 10 bits of the fraction; unrounded, mma cuts them off. */
__device__ __forceinline__ unsigned to_tf32(float value) {
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
  return bits;
}

/**
 * Four matrices [8, 8] of 16-bit elements, from shared memory. Lane i names row i % 8 of matrix
 * i / 8, 16 bytes that are aligned to 16; each lane gets elements 2t, 2t + 1 of row `group` of each.
 */
__device__ __forceinline__ void load_matrices(unsigned (&r)[4], const void* row) {
  unsigned address = (unsigned)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

/** The same, each matrix transposed. */
__device__ __forceinline__ void load_matrices_transposed(unsigned (&r)[4], const void* row) {
  unsigned address = (unsigned)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

/**
 * Begins to copy 4, 8 or 16 bytes to shared memory, past the registers. Of these only the first
 * `count` are read, and zeros take the place of the others. Both addresses are aligned to BYTES.
 */
template <int BYTES>
__device__ __forceinline__ void copy_async(void* to, const void* from, int count = BYTES) {
  unsigned address = (unsigned)__cvta_generic_to_shared(to);
  if (BYTES == 16) {  // past the L1 cache as well
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
                 "r"(count)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(address), "l"(from),
                 "n"(BYTES), "r"(count)
                 : "memory");
  }
}

/** Makes a group of this thread's copies since the last call. */
__device__ __forceinline__ void copy_async_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

/**
 * Waits until at most LEFT groups of this thread's copies are under way, the latest ones. A barrier
 * must follow before other threads read what came.
 */
template <int LEFT>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
}

#endif

/** C += A · B of bf16 or f16, as the last argument tells. */
__device__ __forceinline__ void mma_halves(float (&c)[4], const unsigned (&a)[4],
                                           const unsigned (&b)[2], bf16) {
  mma_bf16(c, a, b);
}
__device__ __forceinline__ void mma_halves(float (&c)[4], const unsigned (&a)[4],
                                           const unsigned (&b)[2], f16) {
  mma_f16(c, a, b);
}

/** Two numbers, rounded, as a word of a factor. */
__device__ __forceinline__ unsigned word_of(float low, float high, bf16) {
  unsigned word;
  __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  memcpy(&word, &both, sizeof word);
  return word;
}
__device__ __forceinline__ unsigned word_of(float low, float high, f16) {
  unsigned word;
  __half2 both = __floats2half2_rn(low, high);
  memcpy(&word, &both, sizeof word);
  return word;
}
