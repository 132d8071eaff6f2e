// What a kernel does about an index that is out of range: it notes it, and goes on without.
#pragma once
#include "common.cuh"

/** The first fault since the host looked; op is 0 if there was none. */
struct Fault {
  unsigned long long op;
  long long index;
  long long element;
  long long size;
};

/** Whether 0 ≤ index < size; if not, it is noted as element's, of the operation numbered op. */
__device__ inline bool in_range(Fault* fault, int op, long long index, long long element,
                                long long size) {
  if (index >= 0 && index < size) {
    return true;
  }
  if (atomicCAS(&fault->op, 0ull, (unsigned long long)op) == 0) {
    fault->index = index;
    fault->element = element;
    fault->size = size;
  }
  return false;
}

/** Notes that an index names a place that another one, before it, has named. */
__device__ inline void taken_twice(Fault* fault, int op, long long index, long long element) {
  if (atomicCAS(&fault->op, 0ull, (unsigned long long)op) == 0) {
    fault->index = index;
    fault->element = element;
    fault->size = -1;
  }
}
