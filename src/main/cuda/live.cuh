// Numbers that a step is given anew each time, though it was recorded once: org.adjoint.backend.cuda.Live.
#pragma once
#include "common.cuh"

/** What the host knew when it launched the kernel, or what it writes to `where` before each replay. */
template <class T>
struct Live {
  T value;
  const T* where;

  __device__ T now() const { return where ? *where : value; }
};
