// What is known of each byte of the arena: who wrote it last, and who has read it since.
//
// For each byte there are two cells of 64 bits and a mask of lanes. A cell holds
//
//   phase (37 bits) | two flags | thread in the block (10) | clock of the thread (15)
//
// A phase is a stretch of one block's run between two barriers; phases are numbered through the life
// of the process, so an old cell never has to be wiped out. A thread's clock counts the meetings
// with other lanes of its warp (__syncwarp) within a phase. See order.h for what precedes what.
#pragma once
#include <cstddef>
#include <cstdint>

#include "memory.h"

namespace emu {

using Cell = uint64_t;

constexpr int PHASE_SHIFT = 27, THREAD_SHIFT = 15;
constexpr Cell CLOCK = (1u << THREAD_SHIFT) - 1;
constexpr Cell NEVER = 0;                           // was not written, was not read
constexpr Cell HOST = Cell(1) << PHASE_SHIFT;       // was written by no kernel

// Flags of a cell for writing.
constexpr Cell ATOMIC = 1 << 26;
constexpr Cell UNDER_WAY = 1 << 25;  // by cp.async, which has not been waited for

// A cell for reading knows one reader, or that there were several: in one warp (the mask says which
// lanes, the thread which warp), in one block, in several blocks.
constexpr Cell READERS = 3 << 25, ONE = 0, WARP = 1 << 25, BLOCK = 2 << 25, BLOCKS = 3 << 25;

inline uint64_t phase_of(Cell cell) { return cell >> PHASE_SHIFT; }
inline unsigned thread_of(Cell cell) { return cell >> THREAD_SHIFT & 1023; }
inline unsigned clock_of(Cell cell) { return cell & CLOCK; }
inline Cell cell_of(uint64_t phase, unsigned thread, unsigned clock) {
  return phase << PHASE_SHIFT | Cell(thread) << THREAD_SHIFT | clock;
}

extern Cell* written;       // a cell for each byte of the arena; null while nothing is tracked
extern Cell* read_cells;
extern uint32_t* read_masks;

/** From now on accesses are tracked; what is in memory already counts as written. */
void start_tracking();

/** The host, a copy or a library wrote these bytes. */
void written_by_host(const void* address, size_t bytes);
/** A kernel without instrumentation ran: it may have written anything. */
void written_by_the_unseen();
/** The bytes are as if never written. */
void forget(const void* address, size_t bytes);
/** What is known of `from` holds of `to` as well. */
void copy_knowledge(const void* to, const void* from, size_t bytes);
/** The first of these bytes that nothing has written, or null. */
const char* first_unwritten(const void* address, size_t bytes);

}  // namespace emu
