// What cuBLAS and cuDNN, as emulated, ask of the driver.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

#include "cuda.h"

#pragma GCC visibility push(default)

namespace emu {

/** CUDA_SUCCESS if this thread has a context that works. */
CUresult library_ready();

/** Ends in an error if a call that allocates is made during a capture. */
CUresult library_forbid_in_capture();

/** Puts work into a stream, or into the capture that the stream is in. */
CUresult library_enqueue(CUstream stream, std::function<CUresult()> work);

/** While work runs: false, with a report, unless all those bytes may be read. */
bool library_may_read(const char* call, const char* operand, const void* from, size_t bytes);

/** While work runs: false, with a report, unless all may be written; they then count as written. */
bool library_may_write(const char* call, const char* operand, void* to, size_t bytes);

/** True if the bytes lie in one live allocation of the device. */
bool library_is_device(const void* from, size_t bytes);

}  // namespace emu

#pragma GCC visibility pop
