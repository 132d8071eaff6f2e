// The part of CUDA's driver API that the emulator answers: types and numbers as in NVIDIA's cuda.h.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emu {
struct Stream;
struct Event;
struct Module;
struct Function;
struct Graph;
struct GraphExec;
struct Context;
}  // namespace emu

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef emu::Context* CUcontext;
typedef emu::Stream* CUstream;
typedef emu::Event* CUevent;
typedef emu::Module* CUmodule;
typedef emu::Function* CUfunction;
typedef emu::Graph* CUgraph;
typedef emu::GraphExec* CUgraphExec;

// name, number, what cuGetErrorString says
#define EMU_ERRORS(X)                                                                      \
  X(CUDA_SUCCESS, 0, "no error")                                                           \
  X(CUDA_ERROR_INVALID_VALUE, 1, "invalid argument")                                       \
  X(CUDA_ERROR_OUT_OF_MEMORY, 2, "out of memory")                                          \
  X(CUDA_ERROR_NOT_INITIALIZED, 3, "initialization error")                                 \
  X(CUDA_ERROR_INVALID_DEVICE, 101, "invalid device ordinal")                              \
  X(CUDA_ERROR_INVALID_IMAGE, 200, "device kernel image is invalid")                       \
  X(CUDA_ERROR_INVALID_CONTEXT, 201, "invalid device context")                             \
  X(CUDA_ERROR_NO_BINARY_FOR_GPU, 209, "no kernel image is available for execution on the device") \
  X(CUDA_ERROR_INVALID_HANDLE, 400, "invalid resource handle")                             \
  X(CUDA_ERROR_NOT_FOUND, 500, "named symbol not found")                                   \
  X(CUDA_ERROR_NOT_READY, 600, "device not ready")                                         \
  X(CUDA_ERROR_ILLEGAL_ADDRESS, 700, "an illegal memory access was encountered")           \
  X(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701, "too many resources requested for launch")    \
  X(CUDA_ERROR_LAUNCH_TIMEOUT, 702, "the launch timed out and was terminated")             \
  X(CUDA_ERROR_ASSERT, 710, "device-side assert triggered")                                \
  X(CUDA_ERROR_MISALIGNED_ADDRESS, 716, "misaligned address")                              \
  X(CUDA_ERROR_LAUNCH_FAILED, 719, "unspecified launch failure")                           \
  X(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, 720, "too many blocks in cooperative launch") \
  X(CUDA_ERROR_NOT_SUPPORTED, 801, "operation not supported")                              \
  X(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, 900,                                            \
    "operation not permitted when stream is capturing")                                    \
  X(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, 901,                                            \
    "operation failed due to a previous error during capture")                             \
  X(CUDA_ERROR_STREAM_CAPTURE_MERGE, 902,                                                  \
    "operation would result in a merge of separate capture sequences")                     \
  X(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, 903, "capture was not ended in the same stream as it began") \
  X(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, 904, "capturing stream has unjoined work")         \
  X(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, 905,                                              \
    "dependency created on uncaptured work in another stream")                             \
  X(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, 906,                                               \
    "operation would make the legacy stream depend on a capturing blocking stream")        \
  X(CUDA_ERROR_CAPTURED_EVENT, 907,                                                        \
    "operation not permitted on an event last recorded in a capturing stream")             \
  X(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, 908,                                           \
    "attempt to terminate a thread-local capture sequence from another thread")

enum : CUresult {
#define X(name, number, text) name = number,
  EMU_ERRORS(X)
#undef X
};

enum : unsigned {
  CU_STREAM_DEFAULT = 0,
  CU_STREAM_NON_BLOCKING = 1,
  CU_EVENT_BLOCKING_SYNC = 1,
  CU_EVENT_DISABLE_TIMING = 2,
  CU_EVENT_INTERPROCESS = 4,
};

enum CUstreamCaptureMode : int {
  CU_STREAM_CAPTURE_MODE_GLOBAL = 0,
  CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1,
  CU_STREAM_CAPTURE_MODE_RELAXED = 2,
};

enum CUstreamCaptureStatus : int {
  CU_STREAM_CAPTURE_STATUS_NONE = 0,
  CU_STREAM_CAPTURE_STATUS_ACTIVE = 1,
  CU_STREAM_CAPTURE_STATUS_INVALIDATED = 2,
};

enum CUfunction_attribute : int {
  CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,
  CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
  CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES = 2,
  CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3,
  CU_FUNC_ATTRIBUTE_NUM_REGS = 4,
  CU_FUNC_ATTRIBUTE_PTX_VERSION = 5,
  CU_FUNC_ATTRIBUTE_BINARY_VERSION = 6,
  CU_FUNC_ATTRIBUTE_CACHE_MODE_CA = 7,
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
  CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT = 9,
};
