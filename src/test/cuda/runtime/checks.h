// What is checked of a kernel whose accesses can be seen. Everything here is for the running lane.
#pragma once
#include <cstddef>

#include "grid.h"

namespace emu {

enum class Use : uint8_t { READ, WRITE, ATOMIC };

/**
 * An access of the running lane, about to happen: that the memory is there, aligned, written before
 * it is read, and that no other thread races. Ends the launch if not.
 */
void check(const void* address, size_t bytes, Use use, const void* at);

/** The bytes are on their way, by cp.async. */
void check_under_way(const void* address, size_t bytes, const void* at);
/** They have arrived, and count as written by the running lane now. */
void arrive(const void* address, size_t bytes, const void* at);

}  // namespace emu
