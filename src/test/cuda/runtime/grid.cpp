// The scheduler: in which order the warps of a block and the blocks of a grid run.
#include "grid.h"

#include <sys/mman.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "counters.h"
#include "fibre.h"
#include "modules.h"
#include "mutants.h"
#include "order.h"
#include "settings.h"
#include "shadow.h"
#include "signals.h"

EmuWhere emu_where;

namespace emu {

Launch* launch;
Block* block;
Lane* lane;

namespace {

constexpr size_t STACK = 64 << 10;
constexpr unsigned MOST_THREADS = 1024;

void* scheduler;  // its stack pointer, while a lane runs
uint64_t launches;

/** Room for blocks that are resident at once; kept from launch to launch. */
struct Slot {
  Block block;
  char* stacks = nullptr;
  unsigned capacity = 0;
};
std::vector<std::unique_ptr<Slot>> slots;

void reserve(Slot& slot, unsigned threads) {
  if (slot.capacity >= threads) return;
  if (slot.stacks) munmap(slot.stacks, slot.capacity * STACK);
  void* stacks = mmap(nullptr, threads * STACK, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stacks == MAP_FAILED) {
    fprintf(stderr, "emulator: no room for the stacks of %u threads\n", threads);
    abort();
  }
  slot.stacks = static_cast<char*>(stacks);
  slot.capacity = threads;
  // The lowest page of each stack is a fence, unless that makes more mappings than Linux allows.
  if (slots.size() <= 4) {
    for (unsigned i = 0; i < threads; i++) mprotect(slot.stacks + i * STACK, 4096, PROT_NONE);
  }
}

/** The first and last function on a lane's stack. */
void lane_main() {
  launch->spec->function->entry->call(launch->arguments.data());
  Lane& self = *lane;
  self.state = State::ENDED;
  lane_ended(self);
  abandon();
}

EmuIndex unfold(uint64_t number, const EmuIndex& size) {
  return {static_cast<unsigned>(number % size.x), static_cast<unsigned>(number / size.x % size.y),
          static_cast<unsigned>(number / size.x / size.y)};
}

/** Makes the block of that number ready to run in a slot. */
void open(unsigned slot_number, uint64_t number) {
  const LaunchSpec& spec = *launch->spec;
  Slot& slot = *slots[slot_number];
  Block& b = slot.block;
  b.launch = launch;
  b.number = number;
  b.index = unfold(number, spec.grid);
  b.threads = spec.block.x * spec.block.y * spec.block.z;
  b.ended = b.at_barrier = b.at_grid_barrier = b.barriers = 0;
  b.first_at_barrier = nullptr;
  b.votes[0] = b.votes[1] = 0;
  if (b.lanes.size() < b.threads) b.lanes.resize(b.threads);
  unsigned warps = (b.threads + 31) / 32;
  b.ready = static_cast<uint32_t>((1ull << warps) - 1);
  EmuIndex at{0, 0, 0};
  for (unsigned i = 0; i < b.threads; i++) {
    Lane& l = b.lanes[i];
    l.index = at;
    l.id = static_cast<uint16_t>(i);
    l.number = i % 32;
    l.state = State::READY;
    l.warp = &b.warps[i / 32];
    l.at = nullptr;
    l.pauses = 0;
    l.fenced = false;
    l.copies.clear();
    l.copy_group = 0;
    l.stack_low = slot.stacks + i * STACK;
    // Not all stacks begin at the same place of a page, or they would crowd one set of the cache.
    l.stack_high = l.stack_low + STACK - i % 61 * 64;
    l.stack = fresh_stack(l.stack_high, lane_main);
    if (++at.x == spec.block.x) {
      at.x = 0;
      if (++at.y == spec.block.y) {
        at.y = 0;
        at.z++;
      }
    }
  }
  for (unsigned w = 0; w < warps; w++) {
    unsigned size = b.threads - w * 32 < 32 ? b.threads - w * 32 : 32;
    uint32_t all = static_cast<uint32_t>((1ull << size) - 1);
    b.warps[w] = {&b, &b.lanes[w * 32], w, all, all, 0, false};
  }
  open_shared(b, slot_number);
  if (launch->checked) order_block(b);
}

void run_lane(Lane& l) {
  lane = &l;
  emu_where.thread = l.index;
  emu_switch(&scheduler, l.stack);
  lane = nullptr;
}

/** Runs a warp until none of its lanes can go on, or one has paused. */
void run_warp(Warp& warp) {
  bool backwards = launch->random.flip();
  while (warp.ready && !warp.paused) {
    for (uint32_t turn = warp.ready; turn;) {
      int number = backwards ? 31 - __builtin_clz(turn) : __builtin_ctz(turn);
      turn &= ~(1u << number);
      if (!(warp.ready >> number & 1)) continue;
      run_lane(warp.lanes[number]);
      if (launch->fault.code) return;
    }
  }
  warp.paused = false;
}

/** Runs a block until it ends or all its warps are blocked, or, if `pausable`, one has paused. */
void run_block(Block& b, bool pausable) {
  block = &b;
  emu_where.block = b.index;
  while (b.ready) {
    uint32_t pick = b.ready;
    for (uint64_t skip = launch->random.below(__builtin_popcount(pick)); skip; skip--) {
      pick &= pick - 1;
    }
    Warp& warp = b.warps[__builtin_ctz(pick)];
    run_warp(warp);
    if (launch->fault.code) return;
    if (!warp.ready) {
      b.ready &= ~(1u << warp.number);
    } else if (pausable) {
      return;
    }
  }
}

bool stuck(const Block& b) { return b.ended < b.threads; }

/** Blocks one after another: in which order is nobody's business, so it is drawn. */
void run_in_turn() {
  Shuffled order(launch->blocks, launch->random);
  for (uint64_t i = 0; i < launch->blocks && !launch->fault.code; i++) {
    open(0, order[i]);
    Block& b = slots[0]->block;
    launch->resident[0] = &b;
    run_block(b, false);
    if (!launch->fault.code && stuck(b)) explain_stall();
    if (settings.counting) count_block(b);
  }
}

/** All blocks at once, for a launch whose blocks may wait for each other. */
void run_together() {
  for (uint64_t i = 0; i < launch->blocks; i++) {
    open(static_cast<unsigned>(i), i);
    launch->resident[i] = &slots[i]->block;
  }
  std::vector<Block*> ready;
  do {
    ready.clear();
    for (Block* b : launch->resident) {
      if (b->ready) ready.push_back(b);
    }
    for (size_t left = ready.size(); left && !launch->fault.code; left--) {
      std::swap(ready[launch->random.below(left)], ready[left - 1]);
      run_block(*ready[left - 1], true);
    }
  } while (!ready.empty() && !launch->fault.code);
  for (Block* b : launch->resident) {
    if (!launch->fault.code && stuck(*b)) explain_stall();
    if (settings.counting) count_block(*b);
  }
}

void note(Fault& fault, const Block& b, const Lane& l, CUresult code, const char* format,
          va_list arguments) {
  char what[1024];
  vsnprintf(what, sizeof what, format, arguments);
  fault.code = code;
  fault.what = what;
  fault.at = l.at;
  fault.block = b.index;
  fault.thread = l.index;
}

}  // namespace

void restart_schedules() { launches = 0; }

CUresult run(const LaunchSpec& spec) {
  Launch now;
  now.spec = &spec;
  for (size_t offset : spec.offsets) {
    now.arguments.push_back(const_cast<char*>(spec.arguments.data()) + offset);
  }
  now.random = Random(settings.seed * 0x2545f4914f6cdd1du + launches++);
  now.blocks = static_cast<uint64_t>(spec.grid.x) * spec.grid.y * spec.grid.z;
  now.resident.resize(spec.cooperative ? now.blocks : 1);
  while (slots.size() < now.resident.size()) slots.push_back(std::make_unique<Slot>());
  for (size_t i = 0; i < now.resident.size(); i++) {
    reserve(*slots[i], spec.block.x * spec.block.y * spec.block.z);
  }
  now.checked = spec.function->entry->checked;
  if (now.checked) {
    start_tracking();
    order_launch();
  }
  emu_where.block_dim = spec.block;
  emu_where.grid_dim = spec.grid;
  launch = &now;
  watch_mutants(*spec.function->entry);
  if (settings.counting) count_launch();
  {
    Guarded guarded;
    spec.cooperative ? run_together() : run_in_turn();
  }
  lane = nullptr;
  block = nullptr;
  launch = nullptr;
  if (!now.checked) written_by_the_unseen();
  if (now.fault.code) report(spec, now.fault);
  return now.fault.code;
}

void wait_for_others(State state, const void* at) {
  Lane& self = *lane;
  self.state = state;
  self.at = at;
  if (state != State::READY) self.warp->ready &= ~(1u << self.number);
  emu_switch(&self.stack, scheduler);
}

void let_others_run(const void* at) {
  lane->warp->paused = true;
  wait_for_others(State::READY, at);
}

void abandon() {
  void* never;
  emu_switch(&never, scheduler);
  __builtin_unreachable();
}

void fail(CUresult code, const void* at, const char* format, ...) {
  lane->at = at;
  va_list arguments;
  va_start(arguments, format);
  note(launch->fault, *block, *lane, code, format, arguments);
  va_end(arguments);
  abandon();
}

void fault(const Block& b, const Lane& l, CUresult code, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  note(launch->fault, b, l, code, format, arguments);
  va_end(arguments);
}

}  // namespace emu
