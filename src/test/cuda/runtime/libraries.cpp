#include "libraries.h"

#include <cstdio>

#include "device.h"
#include "memory.h"
#include "settings.h"
#include "shadow.h"
#include "streams.h"

namespace emu {
namespace {

void report(const char* call, const char* operand, const char* what) {
  device.report = std::string(call) + ": " + operand + ": " + what;
  if (!settings.quiet) fprintf(stderr, "emulator: %s\n", device.report.c_str());
}

}  // namespace

CUresult library_ready() {
  Call call(CONTEXT);
  return call.bad;
}

CUresult library_forbid_in_capture() {
  Call call(NOTHING);
  return forbid_in_capture(&current);
}

CUresult library_enqueue(CUstream handle, std::function<CUresult()> work) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  return stream ? enqueue(stream, std::move(work)) : CUDA_ERROR_INVALID_HANDLE;
}

bool library_is_device(const void* from, size_t bytes) {
  Call call(NOTHING);
  return inside(from, bytes, Kind::DEVICE);
}

bool library_may_read(const char* call, const char* operand, const void* from, size_t bytes) {
  if (!bytes) return true;
  if (!inside(from, bytes, Kind::DEVICE)) {
    report(call, operand, (std::string("reads ") + place_of(from, bytes).text).c_str());
    return false;
  }
  if (const char* unwritten = first_unwritten(from, bytes)) {
    report(call, operand,
           (std::string("reads ") + place_of(unwritten, 1).text + ", which nothing has written")
               .c_str());
    return false;
  }
  return true;
}

bool library_may_write(const char* call, const char* operand, void* to, size_t bytes) {
  if (!bytes) return true;
  if (!inside(to, bytes, Kind::DEVICE)) {
    report(call, operand, (std::string("writes ") + place_of(to, bytes).text).c_str());
    return false;
  }
  written_by_host(to, bytes);
  return true;
}

}  // namespace emu
