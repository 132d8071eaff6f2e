// Shared memory: a window for each resident block. Static arrays lie at its beginning, each with a
// gap behind it; dynamic memory lies at its end, where the next byte is on a page of its own.
#include <cstdio>
#include <cstring>

#include "grid.h"
#include "memory.h"
#include "modules.h"

namespace emu {
namespace {

constexpr size_t STATIC_LIMIT = 48 << 10;
constexpr size_t GAP = 256;  // an index that is off by a row still ends there
constexpr size_t WINDOW = (128 << 10) + (256 << 10);

std::vector<Allocation*> windows;

void complain(const char* what) {
  fprintf(stderr, "emulator: a declaration with %s must stand inside a function\n", what);
}

}  // namespace

void open_shared(Block& b, unsigned slot) {
  while (windows.size() <= slot) windows.push_back(allocate(WINDOW, Kind::SHARED));
  b.window = windows[slot]->base;
  b.shared.clear();
  b.shared_end = b.window;
  b.static_bytes = 0;
  unsigned bytes = launch->spec->dynamic_bytes;
  b.dynamic = b.window + WINDOW - (bytes + 15) / 16 * 16;
  memset(b.dynamic, 0xff, bytes);
}

}  // namespace emu

using namespace emu;

void* emu_static_shared(const void* key, size_t bytes, size_t alignment, const char* name) {
  if (!block) {
    complain("__shared__");
    return nullptr;
  }
  Block& b = *block;
  for (const SharedArray& array : b.shared) {
    if (array.key == key) return array.base;
  }
  b.static_bytes = (b.static_bytes + alignment - 1) / alignment * alignment + bytes;
  if (b.static_bytes > STATIC_LIMIT) {
    fail(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, __builtin_return_address(0),
         "%zu bytes of __shared__ arrays, and 48 KiB is the most", b.static_bytes);
  }
  const Function& function = *launch->spec->function;
  if (b.static_bytes > function.static_bytes) {
    function.static_bytes = static_cast<unsigned>(b.static_bytes);
  }
  // No more alignment than was asked for: who needs 16 bytes for a float4 must say __align__(16).
  size_t offset = b.shared_end - b.window + (b.shared.empty() ? 0 : GAP);
  offset = (offset + alignment - 1) / alignment * alignment;
  if (offset % (2 * alignment) == 0) offset += alignment;
  char* base = b.window + offset;
  memset(base, 0xff, bytes);
  b.shared.push_back({key, name, base, bytes});
  b.shared_end = base + bytes;
  return base;
}

void* emu_dynamic_shared() {
  if (block) return block->dynamic;
  complain("extern __shared__");
  return nullptr;
}
