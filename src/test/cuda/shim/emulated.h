// Stands in for CUDA's headers when g++ compiles a kernel for the emulator.
//
// Three words are left to be rewritten in the preprocessed text, where their whole declaration can
// be seen (org.adjoint.emulator.KernelSource): __global__, __shared__ and __launch_bounds__.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cstdio>
#include <limits>
#include <type_traits>
#include <utility>

#include "abi.h"

#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __builtin_align__(bytes) __attribute__((aligned(bytes)))
#define __grid_constant__
#define __cluster_dims__(...)

#define EMU_INLINE inline __attribute__((always_inline))

#include "vectors.h"

// An index is read by a line of assembly, which the checks' instrumentation leaves alone.
#define EMU_READ(field)                                                          \
  ({                                                                             \
    unsigned value;                                                              \
    asm("movl %1, %0" : "=r"(value) : "m"(emu_where.field));                     \
    value;                                                                       \
  })
#define EMU_READ3(field) (uint3{EMU_READ(field.x), EMU_READ(field.y), EMU_READ(field.z)})
#define threadIdx EMU_READ3(thread)
#define blockIdx EMU_READ3(block)
#define blockDim EMU_READ3(block_dim)
#define gridDim EMU_READ3(grid_dim)
static constexpr int warpSize = 32;

#include "atomics.h"
#include "entry.h"
#include "maths.h"
#include "numbers.h"
#include "warp.h"
