#include "shadow.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace emu {

Cell* written;
Cell* read_cells;
uint32_t* read_masks;

namespace {

template <typename T>
T* reserve() {
  void* range = mmap(nullptr, ARENA * sizeof(T), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) {
    fprintf(stderr, "emulator: no addresses for its shadow memory: is there a limit (ulimit -v)?\n");
    abort();
  }
  return static_cast<T*>(range);
}

/** Where the cells of an address are. */
size_t index(const void* address) { return static_cast<const char*>(address) - arena; }

/** Whole pages of cells go back to the system, and read as zeros. */
template <typename T>
void drop(T* cells, const void* address, size_t bytes) {
  auto from = reinterpret_cast<uintptr_t>(cells + index(address));
  auto to = reinterpret_cast<uintptr_t>(cells + index(address) + bytes);
  uintptr_t first = (from + PAGE - 1) / PAGE * PAGE, last = to / PAGE * PAGE;
  if (first >= last) {
    std::fill(cells + index(address), cells + index(address) + bytes, T(0));
    return;
  }
  std::fill(cells + index(address), reinterpret_cast<T*>(first), T(0));
  std::fill(reinterpret_cast<T*>(last), cells + index(address) + bytes, T(0));
  madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace

void start_tracking() {
  if (written) return;
  written = reserve<Cell>();
  read_cells = reserve<Cell>();
  read_masks = reserve<uint32_t>();
  written_by_the_unseen();
}

void written_by_host(const void* address, size_t bytes) {
  if (written) std::fill_n(written + index(address), bytes, HOST);
}

void written_by_the_unseen() {
  if (!written) return;
  for_each_live([](const Allocation& a) {
    if (a.kind != Kind::SHARED) written_by_host(a.base, a.bytes);
  });
}

void forget(const void* address, size_t bytes) {
  if (!written) return;
  drop(written, address, bytes);
  drop(read_cells, address, bytes);
}

void copy_knowledge(const void* to, const void* from, size_t bytes) {
  if (!written) return;
  for (size_t i = 0; i < bytes; i++) {
    written[index(to) + i] = written[index(from) + i] ? HOST : NEVER;
  }
}

const char* first_unwritten(const void* address, size_t bytes) {
  if (!written) return nullptr;
  const Cell* from = written + index(address);
  const Cell* found = std::find(from, from + bytes, NEVER);
  return found == from + bytes ? nullptr : static_cast<const char*>(address) + (found - from);
}

}  // namespace emu
