// Where threads wait for each other: __syncthreads and its kin, and the whole grid's barrier.
#include "counters.h"
#include "grid.h"
#include "lines.h"
#include "order.h"
#include "settings.h"

namespace emu {
namespace {

/** Lets all lanes of a block go on. */
void release(Block& b) {
  for (unsigned w = 0; w * 32 < b.threads; w++) {
    Warp& warp = b.warps[w];
    warp.ready = warp.live;
    b.ready |= 1u << w;
    for (unsigned i = 0; i < 32 && w * 32 + i < b.threads; i++) {
      if (warp.live >> i & 1) warp.lanes[i].state = State::READY;
    }
  }
}

std::string where(const Lane& l) {
  switch (l.state) {
    case State::ENDED:
      return "has ended";
    case State::AT_BARRIER:
      return "waits at the barrier " + line_of(l.at);
    case State::AT_GRID_BARRIER:
      return "waits for the grid " + line_of(l.at);
    case State::WITH_WARP:
      return std::string("waits in ") + l.together.name + " " + line_of(l.at);
    default:
      return "can go on";
  }
}

/** The first lane of a block that is not in that state, or null. */
const Lane* other_than(const Block& b, State state) {
  for (unsigned i = 0; i < b.threads; i++) {
    if (b.lanes[i].state != state) return &b.lanes[i];
  }
  return nullptr;
}

/** A warp's call that waits for a lane which is not going to come. */
bool explain_warp(const Block& b) {
  for (unsigned i = 0; i < b.threads; i++) {
    const Lane& l = b.lanes[i];
    if (l.state != State::WITH_WARP) continue;
    uint32_t missing = l.together.mask & l.warp->live & ~l.warp->waiting;
    if (!missing) continue;
    const Lane& absent = l.warp->lanes[__builtin_ctz(missing)];
    fault(b, l, CUDA_ERROR_LAUNCH_FAILED,
          "%s with mask 0x%08x waits for lane %u of its warp, thread %s, which %s", l.together.name,
          l.together.mask, absent.number, text(absent.index).c_str(), where(absent).c_str());
    return true;
  }
  return false;
}

}  // namespace

void explain_stall() {
  // What waits for its warp explains why others wait at a barrier, so it is named first.
  for (Block* b : launch->resident) {
    if (explain_warp(*b)) return;
  }
  for (Block* b : launch->resident) {
    for (unsigned i = 0; i < b->threads; i++) {
      const Lane& l = b->lanes[i];
      if (l.state != State::AT_BARRIER) continue;
      const Lane* absent = other_than(*b, State::AT_BARRIER);
      fault(*b, l, CUDA_ERROR_LAUNCH_FAILED,
            "barrier reached by %u of the block's %u threads: thread %s %s", b->at_barrier,
            b->threads, text(absent->index).c_str(), where(*absent).c_str());
      return;
    }
  }
  unsigned waiting = 0;
  for (Block* b : launch->resident) waiting += b->at_grid_barrier == b->threads;
  for (Block* b : launch->resident) {
    for (unsigned i = 0; i < b->threads; i++) {
      if (b->lanes[i].state != State::AT_GRID_BARRIER) continue;
      fault(*b, b->lanes[i], CUDA_ERROR_LAUNCH_FAILED,
            "the grid's barrier was reached by all threads of only %u of %zu blocks", waiting,
            launch->resident.size());
      return;
    }
  }
}

}  // namespace emu

using namespace emu;

int emu_barrier(int op, int value) {
  const void* at = __builtin_return_address(0);
  Block& b = *block;
  if (b.at_barrier == 0) {
    b.first_at_barrier = lane;
    b.barrier_op = op;
    lane->at = at;
  } else if ((b.first_at_barrier->at != at && !same_line(b.first_at_barrier->at, at)) ||
             b.barrier_op != op) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at,
         "a barrier of which other threads do not know: thread %s %s",
         text(b.first_at_barrier->index).c_str(), where(*b.first_at_barrier).c_str());
  }
  unsigned turn = b.barriers % 2;
  b.votes[turn] += value;
  if (++b.at_barrier == b.threads) {
    b.at_barrier = 0;
    b.barriers++;
    b.votes[b.barriers % 2] = 0;
    lane->state = State::AT_BARRIER;
    if (launch->checked) order_barrier(b);
    if (settings.counting) count_barrier(b);
    release(b);
    wait_for_others(State::READY, at);
  } else {
    wait_for_others(State::AT_BARRIER, at);
  }
  int votes = b.votes[turn];
  switch (op) {
    case EMU_BARRIER_COUNT:
      return votes;
    case EMU_BARRIER_AND:
      return votes == static_cast<int>(b.threads);
    default:
      return votes != 0;
  }
}

void emu_grid_sync() {
  const void* at = __builtin_return_address(0);
  if (!launch->spec->cooperative) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at, "the grid's barrier needs a cooperative launch");
  }
  block->at_grid_barrier++;
  bool all = true;
  for (Block* b : launch->resident) all &= b->at_grid_barrier == b->threads;
  if (!all) {
    wait_for_others(State::AT_GRID_BARRIER, at);
    return;
  }
  if (launch->checked) order_grid_barrier();
  for (Block* b : launch->resident) {
    b->at_grid_barrier = 0;
    release(*b);
  }
  wait_for_others(State::READY, at);
}
