// What tests ask of the emulator beyond CUDA's API; and the report of an error.
#include <cstdio>
#include <cstdlib>

#include "counters.h"
#include "device.h"
#include "grid.h"
#include "lines.h"
#include "memory.h"
#include "modules.h"
#include "settings.h"
#include "streams.h"

#define CONTROL extern "C" __attribute__((visibility("default")))

namespace emu {
namespace {

double environment(const char* name, double otherwise) {
  const char* value = getenv(name);
  return value && *value ? atof(value) : otherwise;
}

Settings from_environment() {
  Settings s;
  s.seed = static_cast<uint64_t>(environment("ADJOINT_EMULATOR_SEED", 1));
  s.memory = static_cast<size_t>(environment("ADJOINT_EMULATOR_MEMORY", double(s.memory)));
  s.seconds = environment("ADJOINT_EMULATOR_SECONDS", s.seconds);
  s.quiet = environment("ADJOINT_EMULATOR_QUIET", 0) != 0;
  return s;
}

}  // namespace

Settings settings = from_environment();

void report(const LaunchSpec& spec, const Fault& fault) {
  std::string line = fault.at ? " " + line_of(fault.at) : "";
  device.report = std::string(spec.function->entry->name) + line + ", block " + text(fault.block) +
                  ", thread " + text(fault.thread) + ": " + fault.what;
  if (!settings.quiet) fprintf(stderr, "emulator: %s\n", device.report.c_str());
}

}  // namespace emu

using namespace emu;

/** What went wrong first since the last reset, or "". Valid until the next call. */
CONTROL const char* adjoint_emulator_report() {
  Call call(NOTHING);
  return device.report.c_str();
}

/** Makes the device usable again after an error; pending work and captures are dropped. */
CONTROL void adjoint_emulator_reset() {
  Call call(NOTHING);
  drop_all();
  device.fault = CUDA_SUCCESS;
  device.report.clear();
}

/** Chooses the schedule of the launches that follow: equal seeds, equal schedules. */
CONTROL void adjoint_emulator_seed(uint64_t seed) {
  Call call(NOTHING);
  settings.seed = seed;
  restart_schedules();
}

/** The memory that the device seems to have, in bytes. */
CONTROL void adjoint_emulator_memory(uint64_t bytes) {
  Call call(NOTHING);
  settings.memory = bytes;
}

/** The CPU time that a launch may take, in seconds; 0 for any. */
CONTROL void adjoint_emulator_seconds(double seconds) {
  Call call(NOTHING);
  settings.seconds = seconds;
}

/** Whether reports are only kept (1), or printed to stderr as well (0). */
CONTROL void adjoint_emulator_quiet(int quiet) {
  Call call(NOTHING);
  settings.quiet = quiet != 0;
}

/** Begins to count, from zero, or stops. Only kernels of the checked build are seen. */
CONTROL void adjoint_emulator_count(int on) {
  Call call(NOTHING);
  set_counting(on != 0);
}

/** Since counting began: in `cached`, what all blocks read of these bytes counts once a block. */
CONTROL void adjoint_emulator_broadcast(const void* from, uint64_t bytes) {
  Call call(NOTHING);
  add_broadcast(from, bytes);
}

/** The figures since then; counters.h says what they are. */
CONTROL void adjoint_emulator_counters(Counters* to) {
  Call call(NOTHING);
  *to = counters();
}

/** Those of the allocation that holds an address: loads, then stores. */
CONTROL int adjoint_emulator_traffic(const void* address, Traffic* to) {
  Call call(NOTHING);
  const Allocation* a = in_arena(address) ? owner(address) : nullptr;
  if (!a) return CUDA_ERROR_INVALID_VALUE;
  const Traffic* found = traffic_of(*a);
  for (int i = 0; i < 2; i++) to[i] = found ? found[i] : Traffic{};
  return CUDA_SUCCESS;
}
