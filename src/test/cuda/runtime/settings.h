// What the environment, and the calls in controls.cpp, set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emu {

struct Settings {
  uint64_t seed = 1;                // ADJOINT_EMULATOR_SEED: which schedule
  size_t memory = size_t(4) << 30;  // ADJOINT_EMULATOR_MEMORY: bytes the device seems to have
  double seconds = 60;              // ADJOINT_EMULATOR_SECONDS: of CPU time that a launch may take
  bool quiet = false;               // ADJOINT_EMULATOR_QUIET: reports are kept, not printed
  bool counting = false;            // counters are kept
};

extern Settings settings;

}  // namespace emu
