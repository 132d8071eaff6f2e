#include "counters.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "settings.h"

namespace emu {
namespace {

constexpr uintptr_t SECTOR = 32;
constexpr size_t ACCESS = 16;     // bytes of a lane that one request takes at most
constexpr size_t REQUEST = 512;   // and of a warp
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

struct Range {
  uintptr_t from, to;
};

Counters total;
std::vector<Range> broadcast;
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

bool is_broadcast(uintptr_t sector) {
  for (const Range& r : broadcast) {
    if ((sector + 1) * SECTOR > r.from && sector * SECTOR < r.to) return true;
  }
  return false;
}

void operator+=(Traffic& sum, const Traffic& more) {
  sum.requests += more.requests;
  sum.bytes += more.bytes;
  sum.sectors += more.sectors;
  sum.ideal += more.ideal;
  sum.cached += more.cached;
  sum.block_sectors += more.block_sectors;
  sum.unique_bytes += more.unique_bytes;
}

void add(Touched& t, bool store, const Traffic& more) {
  (store ? total.store : total.load) += more;
  t.traffic[store] += more;
}

/** Notes bytes of an allocation; returns how many this launch had not loaded, or stored, before. */
uint64_t note_bytes(Touched& t, const Allocation& a, bool store, uintptr_t address, size_t bytes) {
  std::vector<bool>& seen = t.bytes[store];
  if (seen.empty()) seen.resize(a.bytes);
  size_t offset = address - reinterpret_cast<uintptr_t>(a.base);
  uint64_t fresh = 0;
  for (size_t i = offset; i < offset + bytes; i++) {
    if (!seen[i]) fresh++;
    seen[i] = true;
  }
  return fresh;
}

void keep_different(std::vector<uintptr_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

void add_global(const Request& r, uint64_t block_number, bool store) {
  Touched& t = touched[r.allocation];
  Traffic more = {};
  more.requests = 1;
  std::vector<uintptr_t> addresses, sectors;
  for (uint32_t rest = r.lanes; rest; rest &= rest - 1) {
    uintptr_t address = r.address[__builtin_ctz(rest)];
    more.bytes += r.bytes;
    addresses.push_back(address);
    sectors.push_back(address / SECTOR);
    sectors.push_back((address + r.bytes - 1) / SECTOR);
    more.unique_bytes += note_bytes(t, allocations[r.allocation], store, address, r.bytes);
  }
  keep_different(addresses);
  keep_different(sectors);
  more.sectors = sectors.size();
  more.ideal = (addresses.size() * r.bytes + SECTOR - 1) / SECTOR;
  for (uintptr_t sector : sectors) {
    // Blocks of one launch may run at the same time; a sector's number has 42 bits.
    bool fresh = t.block_sectors[store].insert(sector ^ block_number << 42).second;
    more.block_sectors += fresh;
    more.cached += fresh || !is_broadcast(sector);
  }
  add(t, store, more);
}

void flush(const Warp& warp, uint64_t block_number) {
  auto found = sites.find(&warp);
  if (found == sites.end()) return;
  for (auto& site : found->second) {
    for (const Request& r : site.second.requests) {
      if (r.shared) {
        add_shared(r);
      } else {
        if (r.use != Use::WRITE) add_global(r, block_number, false);
        if (r.use != Use::READ) add_global(r, block_number, true);
      }
    }
  }
  found->second.clear();
}

void flush(const Block& b) {
  for (unsigned w = 0; w * 32 < b.threads; w++) flush(b.warps[w], b.number);
}

}  // namespace

void set_counting(bool on) {
  settings.counting = on;
  if (!on) return;
  total = {};
  broadcast.clear();
  touched.clear();
  sites.clear();
}

void add_broadcast(const void* from, size_t bytes) {
  auto address = reinterpret_cast<uintptr_t>(from);
  broadcast.push_back({address, address + bytes});
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
    for (bool store : {false, true}) {
      one.second.bytes[store].clear();
      one.second.block_sectors[store].clear();
    }
  }
}

void count_access(const void* address, size_t bytes, Use use, const Allocation& a, const void* at) {
  if (use == Use::ATOMIC) total.atomics++;
  // A struct of 12 bytes is aligned to 4, one of 32 to 16 at most: it comes in pieces as large.
  size_t piece = std::min(bytes & -bytes, ACCESS);
  for (size_t i = 0; i < bytes; i += piece) {
    // A function that is not inlined has one address for what it reads of several operands.
    uintptr_t key = reinterpret_cast<uintptr_t>(at) ^ a.number << 48 ^ i * 0x9e3779b97f4a7c15u;
    Site& site = sites[lane->warp][key];
    uint32_t execution = site.executions[lane->number]++;
    if (site.requests.size() <= execution) site.requests.resize(execution + 1);
    Request& r = site.requests[execution];
    r.lanes |= 1u << lane->number;
    r.bytes = static_cast<uint32_t>(piece);
    r.use = use;
    r.shared = a.kind == Kind::SHARED;
    r.allocation = static_cast<uint32_t>(a.number);
    r.address[lane->number] = reinterpret_cast<uintptr_t>(address) + i;
  }
}

void count_barrier(Block& b) {
  total.barriers++;
  flush(b);
}

void count_warp_call() { total.warp_calls++; }

void count_block(Block& b) {
  flush(b);
  if (launch->spec->cooperative) return;  // other blocks have not ended
  for (auto& one : touched) {
    for (bool store : {false, true}) one.second.block_sectors[store].clear();
  }
}

void count_transfer(const void* address, size_t bytes, bool store) {
  const Allocation* a = bytes ? owner(address) : nullptr;
  if (!a) return;
  auto from = reinterpret_cast<uintptr_t>(address);
  uint64_t sectors = (from + bytes - 1) / SECTOR - from / SECTOR + 1;
  Traffic more = {(bytes + REQUEST - 1) / REQUEST, bytes, sectors, sectors, sectors, sectors, bytes};
  add(touched[static_cast<uint32_t>(a->number)], store, more);
}

}  // namespace emu
