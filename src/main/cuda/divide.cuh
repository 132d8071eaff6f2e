// Dividing by a number that is the same for all threads: a multiplication instead of the twenty
// instructions that a division takes, since kernels that move elements have none to spare.
#pragma once
#include "common.cuh"

/**
 * Divides by `size`, from 1 to 2³¹ − 1, any number below 2³¹: Granlund and Montgomery, Division by
 * invariant integers using multiplication, 1994. The host computes magic and shift.
 */
struct Divider {
  unsigned size;
  unsigned magic;
  unsigned shift;

  __device__ unsigned quotient(unsigned n) const { return (__umulhi(n, magic) + n) >> shift; }
  __device__ unsigned rest(unsigned n, unsigned quotient) const { return n - quotient * size; }
};
