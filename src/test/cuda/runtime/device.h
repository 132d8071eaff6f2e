// The one device, and what every call of the driver's API begins with.
#pragma once
#include <mutex>
#include <string>

#include "cuda.h"

#define CUDA_API extern "C" __attribute__((visibility("default"))) CUresult

namespace emu {

struct Context {
  int retained = 0;
};

struct Device {
  bool initialised = false;
  Context primary;
  CUresult fault = CUDA_SUCCESS;  // of a kernel: from then on every call fails with it, as in CUDA
  std::string report;             // what the first fault was, in words
};

extern Device device;
extern thread_local Context* current;  // also tells threads apart: each has its own

/** What a call needs before it makes sense. */
enum Need { NOTHING, INITIALISED, CONTEXT };

/** Held during a call: one call at a time. */
class Call {
 public:
  explicit Call(Need need);
  CUresult bad = CUDA_SUCCESS;

 private:
  std::lock_guard<std::recursive_mutex> lock;
};

#define ENTER(need) \
  Call call(need);  \
  if (call.bad) return call.bad

}  // namespace emu
