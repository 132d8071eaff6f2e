// The driver's API: errors, the device, its context.
#include <cstdio>
#include <cstring>

#include "device.h"
#include "memory.h"
#include "modules.h"
#include "settings.h"
#include "streams.h"

namespace emu {

Device device;
thread_local Context* current;

static std::recursive_mutex one_call;

Call::Call(Need need) : lock(one_call) {
  if (need >= INITIALISED && !device.initialised) {
    bad = CUDA_ERROR_NOT_INITIALIZED;
  } else if (need == CONTEXT && (!current || !current->retained)) {
    bad = CUDA_ERROR_INVALID_CONTEXT;
  } else if (need == CONTEXT) {
    bad = device.fault;
  }
}

namespace {

struct ErrorText {
  CUresult number;
  const char *name, *text;
};
const ErrorText ERRORS[] = {
#define X(name, number, text) {number, #name, text},
    EMU_ERRORS(X)
#undef X
};

struct Attribute {
  int number, value;
};

// Those of an H100 (SXM), as cuDeviceGetAttribute numbers them.
const Attribute ATTRIBUTES[] = {
    {1, 1024},           // threads per block
    {2, 1024},           // block, x
    {3, 1024},           // block, y
    {4, 64},             // block, z
    {5, 2147483647},     // grid, x
    {6, 65535},          // grid, y
    {7, 65535},          // grid, z
    {8, 48 << 10},       // shared memory per block
    {9, 65536},          // constant memory
    {10, 32},            // lanes of a warp
    {11, 2147483647},    // pitch
    {12, 65536},         // registers per block
    {13, 1980000},       // clock, kHz
    {14, 512},           // alignment of textures
    {15, 1},             // copies overlap with kernels
    {16, 132},           // multiprocessors
    {17, 0},             // limit to a kernel's time
    {18, 0},             // integrated
    {19, 1},             // maps host memory
    {20, 0},             // compute mode
    {31, 1},             // concurrent kernels
    {32, 1},             // ECC
    {33, 0},             // PCI bus
    {34, 0},             // PCI device
    {35, 0},             // TCC driver
    {36, 2619000},       // memory clock, kHz
    {37, 5120},          // bus width, bits
    {38, 52428800},      // L2 cache
    {39, 2048},          // threads per multiprocessor
    {40, 3},             // copy engines
    {41, 1},             // unified addresses
    {75, 9},             // compute capability, major
    {76, 0},             // and minor
    {78, 1},             // stream priorities
    {79, 1},             // L1 caches global memory
    {80, 1},             // and local memory
    {81, 228 << 10},     // shared memory per multiprocessor
    {82, 65536},         // registers per multiprocessor
    {83, 0},             // managed memory: not emulated
    {88, 0},             // pageable memory
    {95, 1},             // cooperative launch
    {97, 227 << 10},     // shared memory per block, opted in
    {106, 32},           // blocks per multiprocessor
    {111, 1 << 10},      // shared memory reserved per block
    {115, 0},            // memory pools: not emulated
    {120, 0},            // cluster launch: not emulated
};

const ErrorText* find(CUresult number) {
  for (const ErrorText& error : ERRORS) {
    if (error.number == number) return &error;
  }
  return nullptr;
}

}  // namespace
}  // namespace emu

using namespace emu;

CUDA_API cuGetErrorName(CUresult error, const char** name) {
  const ErrorText* found = find(error);
  *name = found ? found->name : nullptr;
  return found ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUDA_API cuGetErrorString(CUresult error, const char** text) {
  const ErrorText* found = find(error);
  *text = found ? found->text : nullptr;
  // Of a kernel's error we know more than CUDA would.
  if (error == device.fault && !device.report.empty()) *text = device.report.c_str();
  return found ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUDA_API cuInit(unsigned flags) {
  ENTER(NOTHING);
  if (flags) return CUDA_ERROR_INVALID_VALUE;
  device.initialised = true;
  return CUDA_SUCCESS;
}

CUDA_API cuDriverGetVersion(int* version) {
  if (!version) return CUDA_ERROR_INVALID_VALUE;
  *version = 13000;
  return CUDA_SUCCESS;
}

CUDA_API cuDeviceGetCount(int* count) {
  ENTER(INITIALISED);
  if (!count) return CUDA_ERROR_INVALID_VALUE;
  *count = 1;
  return CUDA_SUCCESS;
}

CUDA_API cuDeviceGet(CUdevice* dev, int ordinal) {
  ENTER(INITIALISED);
  if (!dev) return CUDA_ERROR_INVALID_VALUE;
  if (ordinal) return CUDA_ERROR_INVALID_DEVICE;
  *dev = 0;
  return CUDA_SUCCESS;
}

CUDA_API cuDeviceGetName(char* name, int length, CUdevice dev) {
  ENTER(INITIALISED);
  if (!name || length < 1) return CUDA_ERROR_INVALID_VALUE;
  if (dev) return CUDA_ERROR_INVALID_DEVICE;
  snprintf(name, length, "Adjoint emulator");
  return CUDA_SUCCESS;
}

CUDA_API cuDeviceTotalMem_v2(size_t* bytes, CUdevice dev) {
  ENTER(INITIALISED);
  if (!bytes) return CUDA_ERROR_INVALID_VALUE;
  if (dev) return CUDA_ERROR_INVALID_DEVICE;
  *bytes = settings.memory;
  return CUDA_SUCCESS;
}

CUDA_API cuDeviceGetAttribute(int* value, int attribute, CUdevice dev) {
  ENTER(INITIALISED);
  if (!value) return CUDA_ERROR_INVALID_VALUE;
  if (dev) return CUDA_ERROR_INVALID_DEVICE;
  for (const Attribute& known : ATTRIBUTES) {
    if (known.number != attribute) continue;
    *value = known.value;
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUDA_API cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice dev) {
  ENTER(INITIALISED);
  if (!context) return CUDA_ERROR_INVALID_VALUE;
  if (dev) return CUDA_ERROR_INVALID_DEVICE;
  device.primary.retained++;
  *context = &device.primary;
  return CUDA_SUCCESS;
}

CUDA_API cuDevicePrimaryCtxRelease_v2(CUdevice dev) {
  ENTER(INITIALISED);
  if (dev) return CUDA_ERROR_INVALID_DEVICE;
  if (!device.primary.retained) return CUDA_ERROR_INVALID_CONTEXT;
  device.primary.retained--;
  return CUDA_SUCCESS;
}

CUDA_API cuCtxSetCurrent(CUcontext context) {
  ENTER(INITIALISED);
  if (context && context != &device.primary) return CUDA_ERROR_INVALID_CONTEXT;
  current = context;
  return CUDA_SUCCESS;
}

CUDA_API cuCtxGetCurrent(CUcontext* context) {
  ENTER(INITIALISED);
  if (!context) return CUDA_ERROR_INVALID_VALUE;
  *context = current;
  return CUDA_SUCCESS;
}

CUDA_API cuCtxSynchronize() {
  ENTER(CONTEXT);
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  return drain_all();
}
