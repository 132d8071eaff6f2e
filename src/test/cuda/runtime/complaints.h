// What is said of an access that must not be. Each ends the launch, with the running lane to blame.
#pragma once
#include "checks.h"
#include "memory.h"
#include "shadow.h"

namespace emu {

[[noreturn]] void complain_address(const void* address, size_t bytes, Use use, const void* at);
[[noreturn]] void complain_shared(const void* address, size_t bytes, Use use,
                                  const Allocation& window, const void* at);
[[noreturn]] void complain_alignment(const void* address, size_t bytes, Use use, const void* at);
[[noreturn]] void complain_unwritten(const void* address, Use use, const void* at);

/** Of a race with the access, or the accesses, that a cell tells of. */
[[noreturn]] void complain_race(const void* address, Use use, Cell cell, bool was_read,
                                const void* at);
[[noreturn]] void complain_under_way(const void* address, Use use, Cell cell, const void* at);

}  // namespace emu
