// Figures of memory traffic: what decides the speed of a kernel that is bound by memory.
#pragma once
#include "checks.h"
#include "memory.h"

namespace emu {

void count(const void* address, size_t bytes, Use use, const Allocation& allocation, const void* at);

}  // namespace emu
