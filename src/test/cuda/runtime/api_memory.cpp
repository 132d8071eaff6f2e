// The driver's API: allocation and copies.
//
// The synchronous copies go through the legacy stream, so they do not wait for a stream that was
// made with CU_STREAM_NON_BLOCKING. A copy from or to pinned memory happens when the stream gets
// there. One from pageable memory reads it at once, and one to pageable memory is waited for: so
// CUDA has it.
#include <cstring>
#include <memory>
#include <vector>

#include "counters.h"
#include "device.h"
#include "memory.h"
#include "settings.h"
#include "shadow.h"
#include "streams.h"

using namespace emu;

namespace {

char* pointer(CUdeviceptr address) { return reinterpret_cast<char*>(address); }

/** A host's address: pinned, or nothing of the device's. */
bool is_host(const void* address, size_t bytes) {
  if (!address) return bytes == 0;
  return !in_arena(address) || inside(address, bytes, Kind::PINNED);
}

bool is_pinned(const void* address) { return in_arena(address); }

bool is_device(CUdeviceptr address, size_t bytes) {
  return bytes == 0 || inside(pointer(address), bytes, Kind::DEVICE);
}

CUresult upload(CUdeviceptr to, const void* from, size_t bytes) {
  // Freed since it was put into the stream?
  if (!is_device(to, bytes) || !is_host(from, bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  if (bytes) memcpy(pointer(to), from, bytes);
  written_by_host(pointer(to), bytes);
  return CUDA_SUCCESS;
}

CUresult download(void* to, CUdeviceptr from, size_t bytes) {
  if (!is_host(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  if (bytes) memcpy(to, pointer(from), bytes);
  return CUDA_SUCCESS;
}

CUresult copy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  if (!is_device(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  if (bytes) memmove(pointer(to), pointer(from), bytes);
  copy_knowledge(pointer(to), pointer(from), bytes);
  if (settings.counting) {
    count_transfer(pointer(from), bytes, false);
    count_transfer(pointer(to), bytes, true);
  }
  return CUDA_SUCCESS;
}

CUresult fill(CUdeviceptr to, const void* values, size_t bytes) {
  CUresult bad = upload(to, values, bytes);
  if (!bad && settings.counting) count_transfer(pointer(to), bytes, true);
  return bad;
}

/** Puts work into the legacy stream and waits for it. */
CUresult at_once(std::function<CUresult()> work) {
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  if (CUresult bad = enqueue(legacy_stream(), std::move(work))) return bad;
  return drain(legacy_stream());
}

}  // namespace

CUDA_API cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER(CONTEXT);
  if (!free || !total) return CUDA_ERROR_INVALID_VALUE;
  *total = memory_limit();
  *free = memory_in_use() < *total ? *total - memory_in_use() : 0;
  return CUDA_SUCCESS;
}

CUDA_API cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  ENTER(CONTEXT);
  if (!address || !bytes) return CUDA_ERROR_INVALID_VALUE;
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  Allocation* a = allocate(bytes, Kind::DEVICE);
  if (!a) return CUDA_ERROR_OUT_OF_MEMORY;
  *address = reinterpret_cast<CUdeviceptr>(a->base);
  return CUDA_SUCCESS;
}

CUDA_API cuMemFree_v2(CUdeviceptr address) {
  ENTER(CONTEXT);
  if (!address) return CUDA_SUCCESS;
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  Allocation* a = beginning_at(pointer(address), Kind::DEVICE);
  if (!a) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = drain_all();  // a free waits for the device
  release(*a);
  return result;
}

CUDA_API cuMemHostAlloc(void** address, size_t bytes, unsigned flags) {
  ENTER(CONTEXT);
  if (!address || !bytes || flags > 7) return CUDA_ERROR_INVALID_VALUE;
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  Allocation* a = allocate(bytes, Kind::PINNED);
  if (!a) return CUDA_ERROR_OUT_OF_MEMORY;
  written_by_host(a->base, bytes);  // whatever the host writes there goes unseen
  *address = a->base;
  return CUDA_SUCCESS;
}

CUDA_API cuMemFreeHost(void* address) {
  ENTER(CONTEXT);
  if (!address) return CUDA_SUCCESS;
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  Allocation* a = beginning_at(address, Kind::PINNED);
  if (!a) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = drain_all();
  release(*a);
  return result;
}

CUDA_API cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  ENTER(CONTEXT);
  if (!is_device(to, bytes) || !is_host(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return at_once([=] { return upload(to, from, bytes); });
}

CUDA_API cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  ENTER(CONTEXT);
  if (!is_host(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return at_once([=] { return download(to, from, bytes); });
}

CUDA_API cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  ENTER(CONTEXT);
  if (!is_device(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  // Within the device even this copy is not waited for: only the legacy stream is.
  return enqueue(legacy_stream(), [=] { return copy(to, from, bytes); });
}

CUDA_API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (!is_device(to, bytes) || !is_host(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  if (is_pinned(from)) return enqueue(stream, [=] { return upload(to, from, bytes); });
  if (stream->capture) {
    stream->capture->invalid = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  auto* bytes_now = static_cast<const char*>(from);
  auto staged = std::make_shared<std::vector<char>>(bytes_now, bytes_now + bytes);
  return enqueue(stream, [=] { return upload(to, staged->data(), bytes); });
}

CUDA_API cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (!is_host(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  if (!is_pinned(to) && stream->capture) {
    stream->capture->invalid = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  CUresult bad = enqueue(stream, [=] { return download(to, from, bytes); });
  return bad || is_pinned(to) ? bad : drain(stream);
}

CUDA_API cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (!is_device(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(stream, [=] { return copy(to, from, bytes); });
}

CUDA_API cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (!is_device(to, count)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(stream, [=] {
    std::vector<char> bytes(count, static_cast<char>(value));
    return fill(to, bytes.data(), count);
  });
}

CUDA_API cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream handle) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  if (count > ARENA / 4 || to % 4 || !is_device(to, count * 4)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(stream, [=] {
    std::vector<unsigned> words(count, value);
    return fill(to, words.data(), count * 4);
  });
}
