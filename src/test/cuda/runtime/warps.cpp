// What the lanes of a warp do together: shuffles, votes, reductions, and calls like mma's.
//
// A lane says what it brings and waits. The last lane that the mask names does the work for all of
// them; so nobody reads a value before it is there.
#include <cstring>

#include "counters.h"
#include "grid.h"
#include "lines.h"
#include "order.h"
#include "settings.h"

namespace emu {
namespace {

const char* const NAMES[] = {
    "__shfl_sync",       "__shfl_up_sync",    "__shfl_down_sync",  "__shfl_xor_sync",
    "__ballot_sync",     "__any_sync",        "__all_sync",        "__match_any_sync",
    "__reduce_add_sync", "__reduce_min_sync", "__reduce_max_sync", "__reduce_min_sync",
    "__reduce_max_sync", "__reduce_and_sync", "__reduce_or_sync",  "__reduce_xor_sync",
};

constexpr int SYNC = -1;  // __syncwarp, which brings and takes nothing

/** The lane whose value a shuffle takes home: as in PTX, its own where there is none. */
unsigned source(unsigned self, const Together& t) {
  unsigned first = self & ~(t.width - 1u), end = first + t.width;
  unsigned argument = static_cast<unsigned>(t.argument);
  switch (t.op) {
    case EMU_SHUFFLE_INDEX:
      return first + (argument & (t.width - 1u));
    case EMU_SHUFFLE_UP:
      return self >= first + argument ? self - argument : self;
    case EMU_SHUFFLE_DOWN:
      return self + argument < end ? self + argument : self;
    default:
      return (self ^ argument) < end ? self ^ argument : self;
  }
}

uint64_t reduced(const Warp& warp, uint32_t mask, int op) {
  uint32_t total = op == EMU_REDUCE_AND || op == EMU_REDUCE_MIN_UNSIGNED ? ~0u : 0;
  if (op == EMU_REDUCE_MIN) total = 0x7fffffff;
  if (op == EMU_REDUCE_MAX) total = 0x80000000;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    uint32_t value = static_cast<uint32_t>(warp.lanes[__builtin_ctz(rest)].together.value);
    int32_t with = static_cast<int32_t>(value), so_far = static_cast<int32_t>(total);
    switch (op) {
      // clang-format off
      case EMU_REDUCE_ADD: total += value; break;
      case EMU_REDUCE_AND: total &= value; break;
      case EMU_REDUCE_OR: total |= value; break;
      case EMU_REDUCE_XOR: total ^= value; break;
      case EMU_REDUCE_MIN: total = with < so_far ? value : total; break;
      case EMU_REDUCE_MAX: total = with > so_far ? value : total; break;
      case EMU_REDUCE_MIN_UNSIGNED: total = value < total ? value : total; break;
      case EMU_REDUCE_MAX_UNSIGNED: total = value > total ? value : total; break;
        // clang-format on
    }
  }
  return total;
}

uint32_t ballot(const Warp& warp, uint32_t mask) {
  uint32_t yes = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned i = __builtin_ctz(rest);
    if (warp.lanes[i].together.value) yes |= 1u << i;
  }
  return yes;
}

/** What the lane numbered `self` takes home. */
uint64_t result(const Warp& warp, uint32_t mask, unsigned self) {
  const Together& mine = warp.lanes[self].together;
  if (mine.op <= EMU_SHUFFLE_XOR) {
    unsigned from = source(self, mine);
    if (!(mask >> from & 1)) {
      bool named = from < 32 && mine.mask >> from & 1;
      fault(*warp.block, warp.lanes[self], CUDA_ERROR_LAUNCH_FAILED,
            named ? "%s with mask 0x%08x reads lane %u, which has ended or does not exist"
                  : "%s with mask 0x%08x reads lane %u, which the mask does not name",
            mine.name, mine.mask, from);
      return 0;
    }
    return warp.lanes[from].together.value;
  }
  switch (mine.op) {
    case EMU_BALLOT:
      return ballot(warp, mask);
    case EMU_ANY:
      return ballot(warp, mask) != 0;
    case EMU_ALL:
      return ballot(warp, mask) == mask;
    case EMU_MATCH_ANY: {
      uint32_t same = 0;
      for (uint32_t rest = mask; rest; rest &= rest - 1) {
        unsigned i = __builtin_ctz(rest);
        if (warp.lanes[i].together.value == mine.value) same |= 1u << i;
      }
      return same;
    }
    default:
      return reduced(warp, mask, mine.op);
  }
}

/** All named lanes that live are here: does what they came for. */
void complete(Warp& warp, uint32_t mask, const Lane& asks) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const Lane& other = warp.lanes[__builtin_ctz(rest)];
    if (other.together.mask != asks.together.mask) {
      fault(*warp.block, asks, CUDA_ERROR_LAUNCH_FAILED,
            "%s with mask 0x%08x, but lane %u came %s with mask 0x%08x", asks.together.name,
            asks.together.mask, other.number, line_of(other.at).c_str(), other.together.mask);
      return;
    }
    if (other.together.op != asks.together.op ||
        (other.at != asks.at && !same_line(other.at, asks.at))) {
      fault(*warp.block, asks, CUDA_ERROR_LAUNCH_FAILED,
            "%s waits for lane %u of its warp, which is in %s %s", asks.together.name,
            other.number, other.together.name, line_of(other.at).c_str());
      return;
    }
  }
  if (settings.counting) count_warp_call();
  int op = asks.together.op;
  if (op == SYNC) {
    if (launch->checked) order_warp(warp, mask);
  } else if (op == EMU_TOGETHER) {
    if (mask != ~0u) {
      fault(*warp.block, asks, CUDA_ERROR_LAUNCH_FAILED,
            "%s needs all 32 lanes of a warp; this one has 0x%08x", asks.together.name, mask);
      return;
    }
    void* brought[32];
    for (unsigned i = 0; i < 32; i++) {
      brought[i] = mask >> i & 1 ? reinterpret_cast<void*>(warp.lanes[i].together.value) : nullptr;
    }
    asks.together.function(brought);
  } else {
    bool one_for_all = op >= EMU_BALLOT && op != EMU_MATCH_ANY;
    uint64_t shared = one_for_all ? result(warp, mask, asks.number) : 0;
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
      Lane& l = warp.lanes[__builtin_ctz(rest)];
      l.together.result = one_for_all ? shared : result(warp, mask, l.number);
    }
  }
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    warp.lanes[__builtin_ctz(rest)].state = State::READY;
  }
  warp.waiting &= ~mask;
  warp.ready |= mask;
  warp.block->ready |= 1u << warp.number;
}

uint64_t wait(const void* at, unsigned mask, Together brings) {
  Lane& self = *lane;
  Warp& warp = *self.warp;
  uint32_t bit = 1u << self.number;
  brings.mask = mask;
  self.together = brings;
  self.at = at;
  if (!(mask & bit)) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at, "%s with mask 0x%08x, which does not name lane %u that calls it",
         brings.name, mask, self.number);
  }
  warp.waiting |= bit;
  uint32_t named = mask & warp.live;
  if ((warp.waiting & named) == named) {
    warp.ready &= ~bit;
    complete(warp, named, self);
    if (launch->fault.code) abandon();
  } else {
    wait_for_others(State::WITH_WARP, at);
  }
  return self.together.result;
}

}  // namespace

/** A lane that has ended is waited for no longer. */
void lane_ended(Lane& l) {
  Warp& warp = *l.warp;
  warp.live &= ~(1u << l.number);
  warp.ready &= ~(1u << l.number);
  block->ended++;
  for (uint32_t rest = warp.waiting; rest; rest &= rest - 1) {
    const Lane& other = warp.lanes[__builtin_ctz(rest)];
    uint32_t named = other.together.mask & warp.live;
    if (warp.waiting >> other.number & 1 && (warp.waiting & named) == named) {
      complete(warp, named, other);
      if (launch->fault.code) return;
    }
  }
}

}  // namespace emu

using namespace emu;

uint64_t emu_warp(unsigned mask, int op, uint64_t value, int argument, int width) {
  const void* at = __builtin_return_address(0);
  if (width < 1 || width > 32 || (width & (width - 1))) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at, "%s of width %d: a power of 2 up to 32 is needed", NAMES[op],
         width);
  }
  return wait(at, mask, {0, op, argument, width, value, 0, nullptr, NAMES[op]});
}

void emu::together(const void* at, const char* name, void* mine, void (*function)(void**)) {
  wait(at, ~0u, {0, EMU_TOGETHER, 0, 32, reinterpret_cast<uint64_t>(mine), 0, function, name});
}

void emu_syncwarp(unsigned mask) {
  wait(__builtin_return_address(0), mask, {0, SYNC, 0, 32, 0, 0, nullptr, "__syncwarp"});
}

unsigned emu_activemask() { return lane->warp->live; }
