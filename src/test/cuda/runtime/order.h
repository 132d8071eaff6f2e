// What precedes what, in a launch: the question behind every race.
//
// An access precedes another one if
//  - a launch, or a barrier of the whole grid, ended in between;
//  - both are of one block, and a barrier lies between them: their phases differ;
//  - both are of one thread;
//  - both are of one warp, and its lanes met in __syncwarp in between: the later lane has seen the
//    clock of the earlier one;
//  - after the first, its thread called __threadfence and then updated a word atomically; and
//    before the second, its thread, or another one before a barrier, updated the same word.
// Whatever else two threads do to one byte, a plain write among it, is a race.
#pragma once
#include <cstdint>

#include "grid.h"
#include "shadow.h"

namespace emu {

void order_launch();
void order_block(Block& block);
void order_barrier(Block& block);
void order_grid_barrier();
void order_warp(Warp& warp, uint32_t mask);

/** The lane has called __threadfence. */
void order_fence();
/** The running lane updates a word atomically: it learns what was released there, or releases. */
void order_atomic(const void* address);

/** What precedes the launch and the last barrier of its whole grid: phases below this one. */
extern uint64_t settled;

/** The cell of the running lane as it is now. */
inline Cell cell_of_now() {
  const Clocks& c = block->clocks[lane->warp->number];
  return cell_of(block->phase, lane->id, c.used ? c.now[lane->number] : 0);
}

/** True if the access that a cell tells of precedes what the running lane does now. */
bool precedes(Cell cell);

/** The same for all accesses of some lanes of one warp, up to a clock. */
bool all_precede(Cell cell, uint32_t lanes);

/** True if the running lane knows of all other blocks what they did so far. */
bool knows_all_blocks();

/** The block that a phase of this launch is of. */
uint64_t block_of(uint64_t phase);

}  // namespace emu
