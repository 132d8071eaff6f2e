// Random numbers that are a function of where they stand: org.adjoint.Philox, to the bit.
#pragma once
#include "common.cuh"

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
    unsigned long long p0 = (unsigned long long)w[0] * 0xD2511F53u;
    unsigned long long p1 = (unsigned long long)w[2] * 0xCD9E8D57u;
    w[0] = (unsigned)(p1 >> 32) ^ w[1] ^ k0;
    w[1] = (unsigned)p1;
    w[2] = (unsigned)(p0 >> 32) ^ w[3] ^ k1;
    w[3] = (unsigned)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/** Uniform in [0, 1), of 24 bits and of 53. */
__device__ inline float uniform(unsigned high) { return (float)(high >> 8) * 0x1p-24f; }
__device__ inline double uniform(unsigned high, unsigned low) {
  return (double)(((unsigned long long)high << 32 | low) >> 11) * 0x1p-53;
}
