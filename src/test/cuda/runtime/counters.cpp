#include "counters.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "settings.h"

namespace emu {
namespace {

constexpr uintptr_t SECTOR = 32;
constexpr unsigned BANKS = 32;

/** What the lanes of a warp asked for in one execution of an instruction. */
struct Request {
  uint32_t lanes = 0;
  uint32_t bytes = 0;
  Use use = Use::READ;
  bool shared = false;
  uint32_t allocation = 0;
  uintptr_t address[32];
};

/** An instruction on one allocation, as one warp has executed it since the last barrier. */
struct Site {
  uint32_t executions[32] = {};
  std::vector<Request> requests;
};

/** Of one allocation, in all launches that are counted. */
struct Touched {
  Traffic traffic[2] = {};
  std::vector<bool> bytes[2];                      // that this launch has loaded, stored
  std::unordered_set<uintptr_t> block_sectors[2];  // of the block that runs
};

Counters total;
std::unordered_map<const Warp*, std::unordered_map<uintptr_t, Site>> sites;
std::unordered_map<uint32_t, Touched> touched;

/** Turns that the banks need for some lanes: each serves one word of 4 bytes in a turn. */
unsigned turns(const Request& r, unsigned from, unsigned to) {
  std::vector<uintptr_t> words[BANKS];
  size_t most = 0;
  for (unsigned lane = from; lane < to; lane++) {
    if (!(r.lanes >> lane & 1)) continue;
    for (uintptr_t word = r.address[lane] / 4; word <= (r.address[lane] + r.bytes - 1) / 4; word++) {
      std::vector<uintptr_t>& bank = words[word % BANKS];
      if (std::find(bank.begin(), bank.end(), word) == bank.end()) bank.push_back(word);
      most = std::max(most, bank.size());
    }
  }
  return static_cast<unsigned>(most);
}

void add_shared(const Request& r) {
  // All lanes at once if 4 bytes are enough for each; half of them, a quarter, if not.
  unsigned group = r.bytes <= 4 ? 32 : r.bytes <= 8 ? 16 : 8;
  total.shared_requests++;
  for (unsigned from = 0; from < 32; from += group) {
    unsigned needed = turns(r, from, from + group);
    total.shared_turns += needed;
    total.shared_ideal += needed ? 1 : 0;
  }
}

void add(Traffic& traffic, uint64_t bytes, uint64_t sectors, uint64_t block_sectors,
         uint64_t unique_bytes) {
  traffic.requests++;
  traffic.bytes += bytes;
  traffic.sectors += sectors;
  traffic.block_sectors += block_sectors;
  traffic.unique_bytes += unique_bytes;
}

void add_global(const Request& r, bool store) {
  Touched& t = touched[r.allocation];
  const Allocation& a = allocations[r.allocation];
  std::vector<bool>& seen = t.bytes[store];
  if (seen.empty()) seen.resize(a.bytes);
  std::vector<uintptr_t> sectors;
  uint64_t bytes = 0, unique = 0, fresh = 0;
  for (uint32_t rest = r.lanes; rest; rest &= rest - 1) {
    uintptr_t address = r.address[__builtin_ctz(rest)];
    bytes += r.bytes;
    sectors.push_back(address / SECTOR);
    sectors.push_back((address + r.bytes - 1) / SECTOR);
    for (unsigned i = 0; i < r.bytes; i++) {
      size_t offset = address + i - reinterpret_cast<uintptr_t>(a.base);
      if (!seen[offset]) unique++;
      seen[offset] = true;
    }
  }
  std::sort(sectors.begin(), sectors.end());
  sectors.erase(std::unique(sectors.begin(), sectors.end()), sectors.end());
  for (uintptr_t sector : sectors) fresh += t.block_sectors[store].insert(sector).second;
  add(store ? total.store : total.load, bytes, sectors.size(), fresh, unique);
  add(t.traffic[store], bytes, sectors.size(), fresh, unique);
}

void flush(const Warp& warp) {
  auto found = sites.find(&warp);
  if (found == sites.end()) return;
  for (auto& site : found->second) {
    for (const Request& r : site.second.requests) {
      if (r.shared) {
        add_shared(r);
      } else {
        if (r.use != Use::WRITE) add_global(r, false);
        if (r.use != Use::READ) add_global(r, true);
      }
    }
  }
  found->second.clear();
}

void flush(const Block& b) {
  for (unsigned w = 0; w * 32 < b.threads; w++) flush(b.warps[w]);
}

}  // namespace

void set_counting(bool on) {
  settings.counting = on;
  if (!on) return;
  total = {};
  touched.clear();
  sites.clear();
}

const Counters& counters() { return total; }

const Traffic* traffic_of(const Allocation& a) {
  auto found = touched.find(static_cast<uint32_t>(a.number));
  return found == touched.end() ? nullptr : found->second.traffic;
}

void count_launch() {
  const EmuIndex& b = launch->spec->block;
  total.launches++;
  total.blocks += launch->blocks;
  total.threads += launch->blocks * b.x * b.y * b.z;
  sites.clear();
  for (auto& one : touched) {
    for (bool store : {false, true}) one.second.bytes[store].clear();
  }
}

void count_access(const void* address, size_t bytes, Use use, const Allocation& a, const void* at) {
  if (use == Use::ATOMIC) total.atomics++;
  // A function that is not inlined has one address for what it reads of several operands.
  uintptr_t key = reinterpret_cast<uintptr_t>(at) ^ static_cast<uintptr_t>(a.number) << 48;
  Site& site = sites[lane->warp][key];
  uint32_t execution = site.executions[lane->number]++;
  if (site.requests.size() <= execution) site.requests.resize(execution + 1);
  Request& r = site.requests[execution];
  r.lanes |= 1u << lane->number;
  r.bytes = static_cast<uint32_t>(bytes);
  r.use = use;
  r.shared = a.kind == Kind::SHARED;
  r.allocation = static_cast<uint32_t>(a.number);
  r.address[lane->number] = reinterpret_cast<uintptr_t>(address);
}

void count_barrier(Block& b) {
  total.barriers++;
  flush(b);
}

void count_warp_call() { total.warp_calls++; }

void count_block(Block& b) {
  flush(b);
  for (auto& one : touched) {
    for (bool store : {false, true}) one.second.block_sectors[store].clear();
  }
}

}  // namespace emu
