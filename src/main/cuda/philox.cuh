// Random numbers that are a function of where they stand: org.adjoint.Philox, to the bit.
#pragma once
#include "common.cuh"

/** Both halves of a · b by one instruction, which the compiler does not find by itself. */
__device__ inline void multiply(unsigned a, unsigned b, unsigned& high, unsigned& low) {
#ifdef __CUDACC__
  asm("{ .reg .b64 p; mul.wide.u32 p, %2, %3; mov.b64 {%0, %1}, p; }"
      : "=r"(low), "=r"(high)
      : "r"(a), "r"(b));
#else
  unsigned long long product = (unsigned long long)a * b;
  high = (unsigned)(product >> 32);
  low = (unsigned)product;
#endif
}

/** Philox 4x32-10 (Salmon et al., 2011): four words of the counter low, high under a key. */
__device__ inline void philox(unsigned long long low, unsigned long long high,
                              unsigned long long key, unsigned (&w)[4]) {
  w[0] = (unsigned)low;
  w[1] = (unsigned)(low >> 32);
  w[2] = (unsigned)high;
  w[3] = (unsigned)(high >> 32);
  unsigned k0 = (unsigned)key;
  unsigned k1 = (unsigned)(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    unsigned high0, low0, high1, low1;
    multiply(w[0], 0xD2511F53u, high0, low0);
    multiply(w[2], 0xCD9E8D57u, high1, low1);
    w[0] = high1 ^ w[1] ^ k0;
    w[1] = low1;
    w[2] = high0 ^ w[3] ^ k1;
    w[3] = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/** Uniform in [0, 1), of 24 bits and of 53. */
__device__ inline float uniform(unsigned high) { return (float)(high >> 8) * 0x1p-24f; }
__device__ inline double uniform(unsigned high, unsigned low) {
  return (double)(((unsigned long long)high << 32 | low) >> 11) * 0x1p-53;
}
