#include "complaints.h"

#include "order.h"

namespace emu {
namespace {

const char* verb(Use use) {
  return use == Use::READ ? "reads" : use == Use::WRITE ? "writes" : "updates";
}

/** "byte 12 of 400 bytes of memory (allocation 3)": where an address lies. */
std::string place(const void* address) {
  const Allocation* a = owner(address);
  if (a->kind != Kind::SHARED) return place_of(address, 1).text;
  auto* byte = static_cast<const char*>(address);
  for (const SharedArray& array : block->shared) {
    if (byte >= array.base && byte < array.base + array.bytes) {
      return "byte " + std::to_string(byte - array.base) + " of the shared array " + array.name;
    }
  }
  return "byte " + std::to_string(byte - block->dynamic) + " of dynamic shared memory";
}

/** Whose access it was that a cell tells of. */
std::string who(Cell cell) {
  uint64_t other = block_of(phase_of(cell));
  const EmuIndex &g = launch->spec->grid, &b = launch->spec->block;
  unsigned t = thread_of(cell);
  std::string thread = "thread " + text({t % b.x, t / b.x % b.y, t / b.x / b.y});
  if (other == block->number) return thread;
  return thread + " of block " +
         text({unsigned(other % g.x), unsigned(other / g.x % g.y), unsigned(other / g.x / g.y)});
}

}  // namespace

void complain_address(const void* address, size_t bytes, Use use, const void* at) {
  fail(CUDA_ERROR_ILLEGAL_ADDRESS, at, "%s %zu bytes: %s", verb(use), bytes,
       place_of(address, bytes).text);
}

void complain_shared(const void* address, size_t bytes, Use use, const Allocation& window,
                     const void* at) {
  auto* from = static_cast<const char*>(address);
  if (window.base != block->window) {
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, at, "%s shared memory of another block", verb(use));
  }
  const SharedArray* nearest = nullptr;
  ptrdiff_t least = 0;
  for (const SharedArray& array : block->shared) {
    const char* end = array.base + array.bytes;
    ptrdiff_t distance = from < array.base ? array.base - from : from > end ? from - end : 0;
    if (!nearest || distance < least) {
      nearest = &array;
      least = distance;
    }
  }
  if (nearest && from < block->shared_end + 4096) {
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, at, "%s bytes %td to %td of the %zu of the shared array %s",
         verb(use), from - nearest->base, from - nearest->base + bytes - 1, nearest->bytes,
         nearest->name);
  }
  fail(CUDA_ERROR_ILLEGAL_ADDRESS, at, "%s bytes %td to %td of the %u of dynamic shared memory",
       verb(use), from - block->dynamic, from - block->dynamic + bytes - 1,
       launch->spec->dynamic_bytes);
}

void complain_alignment(const void* address, size_t bytes, Use use, const void* at) {
  fail(CUDA_ERROR_MISALIGNED_ADDRESS, at, "%s %zu bytes at %s: not a multiple of %zu", verb(use),
       bytes, place(address).c_str(), bytes);
}

void complain_unwritten(const void* address, Use use, const void* at) {
  bool shared = owner(address)->kind == Kind::SHARED;
  fail(CUDA_ERROR_LAUNCH_FAILED, at, "%s %s, which nothing has written%s", verb(use),
       place(address).c_str(), shared ? " yet: is a barrier missing?" : "");
}

void complain_race(const void* address, Use use, Cell cell, bool was_read, const void* at) {
  bool same_block = block_of(phase_of(cell)) == block->number;
  Cell readers = was_read ? cell & READERS : ONE;
  std::string whom = readers == BLOCKS  ? "threads of several blocks have"
                     : readers == BLOCK ? "several threads have"
                     : readers == WARP  ? "several lanes of a warp have"
                                        : who(cell) + " has";
  fail(CUDA_ERROR_LAUNCH_FAILED, at, "race: %s %s, which %s %s with no %s in between", verb(use),
       place(address).c_str(), whom.c_str(),
       was_read ? "read" : cell & ATOMIC ? "updated atomically" : "written",
       same_block && readers != BLOCKS ? "barrier" : "barrier of the grid");
}

void complain_under_way(const void* address, Use use, Cell cell, const void* at) {
  fail(CUDA_ERROR_LAUNCH_FAILED, at,
       "race: %s %s, which cp.async of %s is still copying: who copies must wait for it", verb(use),
       place(address).c_str(), who(cell).c_str());
}

}  // namespace emu
