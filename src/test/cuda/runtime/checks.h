// What the checks want to know of a launch as it runs.
#pragma once
#include "grid.h"

namespace emu {

/** All threads of the block have reached a barrier. */
void checks_barrier(Block& block);
/** All threads of the grid have. */
void checks_grid_barrier();
/** The lanes of the mask have met in __syncwarp. */
void checks_syncwarp(Warp& warp, uint32_t mask);
void checks_ended(Lane& lane);
void checks_fence();
void checks_atomic(const void* address, size_t bytes, const void* at);

}  // namespace emu
