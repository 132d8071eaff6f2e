// The device's memory, pinned memory and shared memory: one large range of addresses, in which every
// allocation ends at a page that cannot be touched, and freed addresses stay dead for a long time.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emu {

enum class Kind : uint8_t { DEVICE, PINNED, SHARED };

struct Allocation {
  char* base;
  size_t bytes;
  Kind kind;
  bool live;
  uint64_t number;  // 1, 2, … in the order of allocation

  bool holds(const void* address, size_t count) const {
    size_t offset = static_cast<const char*>(address) - base;
    return offset <= bytes && count <= bytes - offset;
  }
};

constexpr size_t ARENA = size_t(256) << 30;
constexpr size_t PAGE = 4096;

extern char* arena;  // the lowest address, or null before the first allocation
extern uint32_t* page_owner;
extern Allocation* allocations;

inline bool in_arena(const void* address) {
  return static_cast<size_t>(static_cast<const char*>(address) - arena) < ARENA && arena;
}

/** The allocation, live or dead, on whose pages an address of the arena lies, or null. */
inline Allocation* owner(const void* address) {
  uint32_t number = page_owner[(static_cast<const char*>(address) - arena) / PAGE];
  return number ? &allocations[number] : nullptr;
}

/** Memory filled with 0xff, which is NaN in every floating type, or null if there is no room. */
Allocation* allocate(size_t bytes, Kind kind);
void release(Allocation& allocation);

/** The live allocation of that kind that begins at an address, or null. */
Allocation* beginning_at(const void* address, Kind kind);

/** True if bytes lie whole in one live allocation of that kind. */
bool inside(const void* address, size_t bytes, Kind kind);

/** Bytes of device memory in live allocations. */
size_t memory_in_use();
size_t memory_limit();

void for_each_live(void (*visit)(const Allocation&));

/** Where an address lies, for a message: "3 bytes past the end of …". */
struct Place {
  char text[160];
};
Place place_of(const void* address, size_t bytes);

}  // namespace emu
