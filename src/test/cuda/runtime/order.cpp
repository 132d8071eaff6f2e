#include "order.h"

#include <cstring>
#include <unordered_map>

namespace emu {

uint64_t settled;

namespace {

uint64_t next_phase = 2;               // 0 is never, 1 is the host
uint64_t first_phase;                  // of the launch
std::vector<uint64_t> blocks;          // of each phase of the launch

/** Who has seen it knows all that the thread did up to then, and its block before that phase. */
struct Release {
  uint64_t block, phase;
  unsigned thread, clock;

  bool covers(uint64_t of_block, Cell cell) const {
    if (block != of_block) return false;
    if (phase_of(cell) != phase) return phase_of(cell) < phase;
    return thread_of(cell) == thread && clock_of(cell) <= clock;
  }
};

Clocks& clocks(const Warp& warp) { return warp.block->clocks[warp.number]; }

}  // namespace

/** A word that is updated atomically, and all that was released there, in order. */
struct Word {
  /** The thread of a release knew so much of another word. */
  struct Link {
    size_t release;
    const Word* word;
    size_t count;
  };

  std::vector<Release> releases;
  std::unordered_map<uint64_t, std::vector<size_t>> of_block;
  std::vector<Link> links;

  /** True if one of the first releases, or what their threads knew, covers an access. */
  bool covers(size_t count, uint64_t block, Cell cell, int depth = 0) const {
    auto found = of_block.find(block);
    if (found != of_block.end()) {
      for (size_t i : found->second) {
        if (i < count && releases[i].covers(block, cell)) return true;
      }
    }
    for (const Link& link : links) {
      if (link.release < count && depth < 4 &&
          link.word->covers(link.count, block, cell, depth + 1)) {
        return true;
      }
    }
    return false;
  }
};

namespace {

std::unordered_map<const void*, Word> words;

/** What a block has learned is known to the thread at once, to the others after a barrier. */
bool usable(const Known& known) {
  if (known.phase < block->phase || known.learner == lane->id) return true;
  return known.learner / 32 == lane->id / 32u &&
         clocks(*lane->warp).seen[lane->number][known.learner % 32] > known.clock;
}

bool learned(Cell cell) {
  uint64_t of_block = block_of(phase_of(cell));
  for (const Known& known : block->known) {
    if (usable(known) && known.word->covers(known.count, of_block, cell)) return true;
  }
  return false;
}

void begin_phase(Block& b) {
  b.phase = next_phase++;
  blocks.push_back(b.number);
  for (unsigned w = 0; w * 32 < b.threads; w++) {
    if (b.clocks[w].used) memset(&b.clocks[w], 0, sizeof(Clocks));
  }
}

}  // namespace

void order_launch() {
  settled = first_phase = next_phase;
  blocks.clear();
  words.clear();
}

void order_block(Block& b) {
  if (b.clocks.empty()) b.clocks.resize(32);
  b.known.clear();
  b.first_phase = next_phase;
  begin_phase(b);
}

void order_barrier(Block& b) { begin_phase(b); }

void order_grid_barrier() {
  settled = next_phase;
  for (Block* b : launch->resident) begin_phase(*b);
}

void order_warp(Warp& warp, uint32_t mask) {
  Clocks& c = clocks(warp);
  c.used = true;
  uint32_t seen[32] = {}, latest = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned l = __builtin_ctz(rest);
    for (unsigned i = 0; i < 32; i++) seen[i] = c.seen[l][i] > seen[i] ? c.seen[l][i] : seen[i];
    if (c.now[l] > latest) latest = c.now[l];
  }
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned l = __builtin_ctz(rest);
    seen[l] = c.now[l] + 1;
  }
  if (latest < CLOCK) latest++;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned l = __builtin_ctz(rest);
    memcpy(c.seen[l], seen, sizeof seen);
    c.now[l] = latest;
  }
}

void order_fence() { lane->fenced = true; }

void order_atomic(const void* address) {
  auto found = words.find(address);
  if (found == words.end() && !lane->fenced) return;
  Word& word = found != words.end() ? found->second : words[address];
  Clocks& c = clocks(*lane->warp);
  uint32_t& now = c.now[lane->number];
  if (lane->fenced) {
    for (const Known& known : block->known) {
      if (known.word != &word && usable(known)) {
        word.links.push_back({word.releases.size(), known.word, known.count});
      }
    }
  }
  Known learns{&word, word.releases.size(), lane->id, now, block->phase};
  if (lane->fenced) {
    word.of_block[block->number].push_back(word.releases.size());
    word.releases.push_back({block->number, block->phase, lane->id, now});
    c.used = true;
    if (now < CLOCK) now++;  // what follows was not released
  }
  for (Known& known : block->known) {
    if (known.word == &word && known.learner == lane->id && known.phase == block->phase) {
      known = learns;
      return;
    }
  }
  if (learns.count) block->known.push_back(learns);
}

bool precedes(Cell cell) {
  uint64_t phase = phase_of(cell);
  if (phase < settled) return true;
  if (phase == block->phase) {
    unsigned thread = thread_of(cell);
    if (thread == lane->id) return true;
    if (thread / 32 == lane->id / 32u &&
        clocks(*lane->warp).seen[lane->number][thread % 32] > clock_of(cell)) {
      return true;
    }
  } else if (block_of(phase) == block->number) {
    return true;
  }
  return !block->known.empty() && learned(cell);
}

bool all_precede(Cell cell, uint32_t lanes) {
  if (phase_of(cell) == block->phase && !clocks(*lane->warp).used && block->known.empty()) {
    return thread_of(cell) / 32 == lane->id / 32u && lanes == 1u << lane->number;
  }
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    unsigned thread = thread_of(cell) / 32 * 32 + __builtin_ctz(rest);
    if (!precedes(cell_of(phase_of(cell), thread, clock_of(cell)))) return false;
  }
  return true;
}

bool knows_all_blocks() {
  std::vector<bool> known(launch->blocks);
  known[block->number] = true;
  for (const Known& k : block->known) {
    if (!usable(k)) continue;
    for (size_t i = 0; i < k.count; i++) known[k.word->releases[i].block] = true;
  }
  for (bool one : known) {
    if (!one) return false;
  }
  return true;
}

uint64_t block_of(uint64_t phase) { return blocks[phase - first_phase]; }

}  // namespace emu
