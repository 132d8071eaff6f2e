// The calls that g++'s -fsanitize=thread puts before each load and store of a kernel.
#include <cstddef>

#include "grid.h"

namespace emu {

static inline void access(const void*, size_t, bool, const void*) {}

}  // namespace emu

using emu::access;

#define VISIBLE extern "C" __attribute__((visibility("default"))) void
#define AT __builtin_return_address(0)
#define ACCESSES(n)                                                            \
  VISIBLE __tsan_read##n(void* p) { access(p, n, false, AT); }                 \
  VISIBLE __tsan_write##n(void* p) { access(p, n, true, AT); }                 \
  VISIBLE __tsan_unaligned_read##n(void* p) { access(p, n, false, AT); }       \
  VISIBLE __tsan_unaligned_write##n(void* p) { access(p, n, true, AT); }       \
  VISIBLE __tsan_volatile_read##n(void* p) { access(p, n, false, AT); }        \
  VISIBLE __tsan_volatile_write##n(void* p) { access(p, n, true, AT); }

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
VISIBLE __tsan_read_range(void* p, size_t n) { access(p, n, false, AT); }
VISIBLE __tsan_write_range(void* p, size_t n) { access(p, n, true, AT); }
VISIBLE __tsan_init() {}
VISIBLE __tsan_func_entry(void*) {}
VISIBLE __tsan_func_exit() {}
VISIBLE __tsan_vptr_update(void**, void*) {}

void emu_access(const void* address, size_t bytes, bool write) { access(address, bytes, write, AT); }
