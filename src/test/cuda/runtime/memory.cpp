#include "memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>

#include "settings.h"
#include "shadow.h"

namespace emu {

char* arena;
uint32_t* page_owner;
Allocation* allocations;

namespace {

constexpr size_t MOST = size_t(1) << 26;          // allocations in the life of a process
constexpr size_t QUARANTINE = size_t(512) << 20;  // bytes whose addresses stay dead after a free
constexpr size_t ALIGNMENT = 256;                 // of cuMemAlloc

uint32_t made;
size_t in_use;
char* fresh;                          // addresses from here on were never used
std::map<char*, size_t> holes;        // addresses that may be used again
std::deque<Allocation*> quarantined;  // freed, oldest first
size_t quarantined_bytes;

void* reserve(size_t bytes, int protection) {
  void* range = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) {
    fprintf(stderr, "emulator: no %zu GiB of addresses: is there a limit (ulimit -v)?\n", bytes >> 30);
    abort();
  }
  return range;
}

size_t round_up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

char* first_page(const Allocation& a) {
  return arena + (a.base - arena) / PAGE * PAGE;
}

/** Pages of an allocation with the fence behind them. */
size_t span(const Allocation& a) {
  return round_up(round_up(a.bytes, ALIGNMENT), PAGE) + PAGE;
}

void make_hole(char* from, size_t bytes) {
  auto next = holes.lower_bound(from);
  if (next != holes.end() && from + bytes == next->first) {
    bytes += next->second;
    next = holes.erase(next);
  }
  if (next != holes.begin() && std::prev(next)->first + std::prev(next)->second == from) {
    std::prev(next)->second += bytes;
  } else {
    holes[from] = bytes;
  }
}

char* find_room(size_t bytes) {
  for (auto hole = holes.begin(); hole != holes.end(); ++hole) {
    if (hole->second < bytes) continue;
    char* room = hole->first;
    size_t rest = hole->second - bytes;
    holes.erase(hole);
    if (rest) holes[room + bytes] = rest;
    return room;
  }
  if (static_cast<size_t>(arena + ARENA - fresh) < bytes) return nullptr;
  char* room = fresh;
  fresh += bytes;
  return room;
}

}  // namespace

Allocation* allocate(size_t bytes, Kind kind) {
  if (!arena) {
    arena = static_cast<char*>(reserve(ARENA, PROT_NONE));
    page_owner = static_cast<uint32_t*>(
        reserve(ARENA / PAGE * sizeof(uint32_t), PROT_READ | PROT_WRITE));
    allocations =
        static_cast<Allocation*>(reserve(MOST * sizeof(Allocation), PROT_READ | PROT_WRITE));
    fresh = arena + PAGE;
  }
  if (bytes > ARENA / 4 || made + 1 == MOST) return nullptr;
  if (kind == Kind::DEVICE && bytes > settings.memory - in_use) return nullptr;
  size_t pages = round_up(round_up(bytes, ALIGNMENT), PAGE);
  char* room = find_room(pages + PAGE);
  if (!room || mprotect(room, pages, PROT_READ | PROT_WRITE)) return nullptr;
  uint32_t number = ++made;
  Allocation& a = allocations[number];
  a = {room + pages - round_up(bytes, ALIGNMENT), bytes, kind, true, number};
  for (size_t page = 0; page <= pages / PAGE; page++) {
    page_owner[(room - arena) / PAGE + page] = number;
  }
  if (kind == Kind::DEVICE) in_use += bytes;
  if (kind != Kind::SHARED) memset(a.base, 0xff, bytes);
  return &a;
}

void release(Allocation& a) {
  a.live = false;
  if (a.kind == Kind::DEVICE) in_use -= a.bytes;
  forget(a.base, a.bytes);
  // The pages go back to the system; their addresses stay, and touching them is an error.
  mmap(first_page(a), span(a) - PAGE, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  quarantined.push_back(&a);
  quarantined_bytes += span(a);
  while (quarantined_bytes > QUARANTINE) {
    Allocation& oldest = *quarantined.front();
    quarantined.pop_front();
    quarantined_bytes -= span(oldest);
    make_hole(first_page(oldest), span(oldest));
  }
}

Allocation* beginning_at(const void* address, Kind kind) {
  Allocation* a = in_arena(address) ? owner(address) : nullptr;
  return a && a->live && a->kind == kind && a->base == address ? a : nullptr;
}

bool inside(const void* address, size_t bytes, Kind kind) {
  Allocation* a = in_arena(address) ? owner(address) : nullptr;
  return a && a->live && a->kind == kind && a->holds(address, bytes);
}

size_t memory_in_use() { return in_use; }

size_t memory_limit() { return settings.memory; }

void for_each_live(void (*visit)(const Allocation&)) {
  for (uint32_t i = 1; i <= made; i++) {
    if (allocations[i].live) visit(allocations[i]);
  }
}

Place place_of(const void* address, size_t bytes) {
  Place place;
  char* text = place.text;
  const size_t room = sizeof place.text;
  Allocation* a = in_arena(address) ? owner(address) : nullptr;
  if (!a) {
    // Before the first byte of an allocation lies the fence of another one, or nothing.
    snprintf(text, room, "no memory of the device (%p)", address);
    return place;
  }
  long offset = static_cast<const char*>(address) - a->base;
  long size = static_cast<long>(a->bytes);
  const char* what = a->kind == Kind::PINNED ? "pinned memory" : "memory";
  if (!a->live) {
    snprintf(text, room, "byte %ld of %ld bytes of %s that were freed (allocation %lu)", offset, size,
             what, a->number);
  } else if (offset < 0) {
    snprintf(text, room, "%ld bytes before %ld bytes of %s (allocation %lu)", -offset, size, what,
             a->number);
  } else if (offset >= size) {
    snprintf(text, room, "%ld bytes past the end of %ld bytes of %s (allocation %lu)", offset - size,
             size, what, a->number);
  } else if (offset + static_cast<long>(bytes) > size) {
    snprintf(text, room, "bytes %ld to %ld of only %ld bytes of %s (allocation %lu)", offset,
             offset + static_cast<long>(bytes) - 1, size, what, a->number);
  } else {
    snprintf(text, room, "byte %ld of %ld bytes of %s (allocation %lu)", offset, size, what,
             a->number);
  }
  return place;
}

}  // namespace emu
