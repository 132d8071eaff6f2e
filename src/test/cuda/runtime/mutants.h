// Kernels that were compiled with all their mutants, each behind a call: which of them is on, and
// which of them a launch came to.
#pragma once
#include "../shim/abi.h"

namespace emu {

/** A launch of this kernel begins. */
void watch_mutants(const EmuEntry& entry);

}  // namespace emu
