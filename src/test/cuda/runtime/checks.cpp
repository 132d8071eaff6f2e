// The checks of each access. This is where the time goes, so the common cases come first: memory that
// is there; bytes of one word that have the same past; a past that lies before the last barrier.
#include "checks.h"

#include "complaints.h"
#include "counters.h"
#include "memory.h"
#include "modules.h"
#include "order.h"
#include "settings.h"
#include "shadow.h"
#include "signals.h"

// So that the loops over the bytes of an access are laid out for its size.
#define QUICK inline __attribute__((always_inline))

namespace emu {
namespace {

/** True for what this block did before its last barrier; false does not mean no. */
inline bool before_barrier(Cell cell) {
  return phase_of(cell) - block->first_phase < block->phase - block->first_phase &&
         !launch->spec->cooperative;
}

/** The last write of a byte, in this launch, as seen by an access that comes now. */
inline void after_write(Cell cell, const void* address, Use use, const void* at) {
  if (cell & UNDER_WAY) complain_under_way(address, use, cell, at);
  if (before_barrier(cell) || (cell & ATOMIC && use == Use::ATOMIC)) return;
  if (!precedes(cell)) complain_race(address, use, cell, false, at);
}

/** The reads of a byte since its last write, in this launch, as seen by a write that comes now. */
inline void after_reads(Cell cell, uint32_t lanes, const void* address, Use use, const void* at) {
  Cell readers = cell & READERS;
  if (readers != BLOCKS && before_barrier(cell)) return;
  bool ordered = false;
  switch (readers) {
    case ONE:
      ordered = precedes(cell);
      break;
    case WARP:
      ordered = all_precede(cell, lanes);
      break;
    case BLOCK:
      ordered = phase_of(cell) != block->phase && precedes(cell);
      break;
    case BLOCKS:
      ordered = knows_all_blocks();
      break;
  }
  if (!ordered) complain_race(address, use, cell, true, at);
}

/** That several threads of a block have read, in the phase of that cell. */
inline Cell several_of(Cell cell) { return cell_of(phase_of(cell), 0, 0) | BLOCK; }

/** Adds the running lane to those who have read a byte in this launch. */
void add_reader(Cell& cell, uint32_t& lanes, Cell now) {
  Cell readers = cell & READERS;
  if (readers == BLOCKS || (!before_barrier(cell) && block_of(phase_of(cell)) != block->number)) {
    cell = readers != BLOCKS && precedes(cell) ? now : (now & ~READERS) | BLOCKS;
    return;
  }
  if (phase_of(cell) != block->phase) {  // a barrier lies in between
    cell = now;
    return;
  }
  bool one_warp = thread_of(cell) / 32 == lane->id / 32u;
  if (readers == ONE ? precedes(cell) : one_warp && all_precede(cell, lanes)) {
    cell = now;
  } else if (one_warp) {
    if (readers == ONE) lanes = 1u << thread_of(cell) % 32;
    lanes |= 1u << lane->number;
    unsigned clock = clock_of(cell) > clock_of(now) ? clock_of(cell) : clock_of(now);
    cell = cell_of(block->phase, lane->id, clock) | WARP;
  } else {
    cell = several_of(now);
  }
}

/** True if cells that follow each other are all the same. */
QUICK bool alike(const Cell* cells, size_t count) {
  Cell differences = 0;
  for (size_t i = 1; i < count; i++) differences |= cells[i] ^ cells[0];
  return !differences;
}

QUICK void read_bytes(size_t index, size_t bytes, uint64_t began, Cell now) {
  const Cell several = several_of(now);
  Cell* reads = read_cells + index;
  uint32_t* masks = read_masks + index;
  if (alike(reads, bytes)) {
    if (reads[0] == now || reads[0] == several) return;
    if (phase_of(reads[0]) < began) {
      for (size_t i = 0; i < bytes; i++) reads[i] = now;
      return;
    }
  }
  Cell before = now, after = now;
  uint32_t lanes_before = 0, lanes_after = 0;
  for (size_t i = 0; i < bytes; i++) {
    Cell cell = reads[i];
    if (cell == now || cell == several) continue;
    if (phase_of(cell) < began) {
      reads[i] = now;
    } else if (cell == before && masks[i] == lanes_before) {
      reads[i] = after;
      masks[i] = lanes_after;
    } else {
      before = cell;
      lanes_before = masks[i];
      add_reader(reads[i], masks[i], now);
      after = reads[i];
      lanes_after = masks[i];
    }
  }
}

QUICK void check_order(const char* from, size_t bytes, Use use, bool shared, const void* at) {
  size_t index = from - arena;
  Cell now = cell_of_now();
  // Shared memory begins with the block, global memory with the launch: older cells are history.
  uint64_t began = shared && block->first_phase > settled ? block->first_phase : settled;
  Cell* writes = written + index;
  Cell last = ~Cell(0);
  for (size_t i = 0, count = alike(writes, bytes) ? 1 : bytes; i < count; i++) {
    if (writes[i] == last) continue;
    last = writes[i];
    if (phase_of(last) >= began) {
      after_write(last, from + i, use, at);
    } else if (use != Use::WRITE && (shared ? phase_of(last) < block->first_phase : last == NEVER)) {
      complain_unwritten(from + i, use, at);
    }
  }
  if (use == Use::READ) {
    read_bytes(index, bytes, began, now);
    return;
  }
  const Cell* reads = read_cells + index;
  for (size_t i = 0; i < bytes; i++) {
    if (phase_of(reads[i]) >= began) {
      after_reads(reads[i], read_masks[index + i], from + i, use, at);
    }
    writes[i] = use == Use::ATOMIC ? now | ATOMIC : now;
  }
  uint32_t line = place_number(at);
  for (size_t i = 0; i < bytes; i++) write_places[index + i] = line;
}

bool in_shared_array(const char* from, size_t bytes, const Allocation& window) {
  if (window.base != block->window) return false;
  for (const SharedArray& array : block->shared) {
    if (from >= array.base && from + bytes <= array.base + array.bytes) return true;
  }
  return from >= block->dynamic && from + bytes <= block->dynamic + launch->spec->dynamic_bytes;
}

QUICK void check_access(const void* address, size_t bytes, Use use, const void* at) {
  if (!lane) return;  // a library's own initialisation
  if (overdue) fail_overdue(at);
  auto* from = static_cast<const char*>(address);
  if (from >= lane->stack_low && from < lane->stack_high) return;
  if (!in_arena(address)) {
    if (!in_module(address)) complain_address(address, bytes, use, at);
    return;
  }
  const Allocation& a = allocations[page_owner[(from - arena) / PAGE]];
  if (!a.live || !a.holds(address, bytes)) complain_address(address, bytes, use, at);
  bool shared = a.kind == Kind::SHARED;
  if (shared && !in_shared_array(from, bytes, a)) complain_shared(address, bytes, use, a, at);
  bool whole = bytes <= 16 && !(bytes & (bytes - 1));  // and not a struct of several accesses
  if (whole && reinterpret_cast<uintptr_t>(address) & (bytes - 1)) {
    complain_alignment(address, bytes, use, at);
  }
  if (settings.counting) count_access(address, bytes, use, a, at);
  check_order(from, bytes, use, shared, at);
}

/**
 * A volatile access to global memory is how threads of different blocks watch a flag: it is taken
 * for an atomic one. In shared memory volatile orders nothing.
 */
void volatile_access(const void* address, size_t bytes, bool write, const void* at) {
  if (lane && in_arena(address) && inside(address, bytes, Kind::DEVICE)) {
    if (++lane->pauses % 64 == 0) let_others_run(at);
    check(address, bytes, Use::ATOMIC, at);
    order_atomic(address);
  } else {
    check(address, bytes, write ? Use::WRITE : Use::READ, at);
  }
}

}  // namespace

void check(const void* address, size_t bytes, Use use, const void* at) {
  check_access(address, bytes, use, at);
}

void check_under_way(const void* address, size_t bytes, const void* at) {
  check_access(address, bytes, Use::WRITE, at);
  Cell* cells = written + (static_cast<const char*>(address) - arena);
  for (size_t i = 0; i < bytes; i++) cells[i] |= UNDER_WAY;
}

void arrive(const void* address, size_t bytes, const void* at) {
  Cell* cells = written + (static_cast<const char*>(address) - arena);
  for (size_t i = 0; i < bytes; i++) cells[i] &= ~UNDER_WAY;
  check_access(address, bytes, Use::WRITE, at);
}

}  // namespace emu

using namespace emu;

// The calls that g++'s -fsanitize=thread puts before each load and store of a kernel. They are meant
// for the compiler's own library; here they lead to the checks.
#define VISIBLE extern "C" __attribute__((visibility("default"))) void
#define AT __builtin_return_address(0)
#define ACCESSES(n)                                                               \
  VISIBLE __tsan_read##n(void* p) { check_access(p, n, Use::READ, AT); }          \
  VISIBLE __tsan_write##n(void* p) { check_access(p, n, Use::WRITE, AT); }        \
  VISIBLE __tsan_unaligned_read##n(void* p) { check(p, n, Use::READ, AT); }       \
  VISIBLE __tsan_unaligned_write##n(void* p) { check(p, n, Use::WRITE, AT); }     \
  VISIBLE __tsan_volatile_read##n(void* p) { volatile_access(p, n, false, AT); }  \
  VISIBLE __tsan_volatile_write##n(void* p) { volatile_access(p, n, true, AT); }

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
VISIBLE __tsan_read_range(void* p, size_t n) { check(p, n, Use::READ, AT); }
VISIBLE __tsan_write_range(void* p, size_t n) { check(p, n, Use::WRITE, AT); }
VISIBLE __tsan_init() {}

// The call that -fsanitize=bounds puts before an index into an array of known size; so an index
// beyond a row of a tile, an array in a struct, or a local one is seen as well.
struct BoundsType {
  uint16_t kind, info;
  char name[1];
};
struct BoundsPlace {
  const char* file;
  uint32_t line, column;
  const BoundsType* array;
  const BoundsType* index;
};
VISIBLE __ubsan_handle_out_of_bounds_abort(BoundsPlace* place, uintptr_t index) {
  if (!lane) return;
  fail(CUDA_ERROR_ILLEGAL_ADDRESS, AT, "uses element %lld of an array %s",
       static_cast<long long>(index), place->array->name);
}
