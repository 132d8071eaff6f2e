// The driver's API: modules, functions and launches, whose limits are an H100's.
#include <cstring>
#include <memory>

#include "device.h"
#include "grid.h"
#include "modules.h"
#include "streams.h"

using namespace emu;

namespace {

constexpr unsigned REGISTERS = 32;  // of a thread: nobody counts them here
constexpr unsigned PROCESSORS = 132;

unsigned resident_blocks(const Function& f, unsigned threads, size_t dynamic) {
  threads = (threads + 31) / 32 * 32;
  size_t shared = f.static_bytes + dynamic + 1024;
  size_t most = 32;
  most = std::min<size_t>(most, 2048 / threads);
  most = std::min<size_t>(most, 65536 / (REGISTERS * threads));
  most = std::min<size_t>(most, (228 << 10) / shared);
  return static_cast<unsigned>(most);
}

CUresult check(const LaunchSpec& spec) {
  const EmuIndex &g = spec.grid, &b = spec.block;
  const Function& f = *spec.function;
  if (!g.x || !g.y || !g.z || !b.x || !b.y || !b.z) return CUDA_ERROR_INVALID_VALUE;
  if (g.x > 0x7fffffff || g.y > 65535 || g.z > 65535) return CUDA_ERROR_INVALID_VALUE;
  if (b.x > 1024 || b.y > 1024 || b.z > 64) return CUDA_ERROR_INVALID_VALUE;
  unsigned threads = b.x * b.y * b.z;
  if (threads > 1024) return CUDA_ERROR_INVALID_VALUE;
  if (threads > f.max_threads()) return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
  if (spec.dynamic_bytes > f.max_dynamic) return CUDA_ERROR_INVALID_VALUE;
  if (spec.cooperative) {
    uint64_t blocks = static_cast<uint64_t>(g.x) * g.y * g.z;
    if (blocks > PROCESSORS * resident_blocks(f, threads, spec.dynamic_bytes)) {
      return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
    }
  }
  return CUDA_SUCCESS;
}

CUresult launch_kernel(CUfunction f, EmuIndex grid, EmuIndex block, unsigned dynamic,
                       CUstream handle, void** arguments, void** extra, bool cooperative) {
  ENTER(CONTEXT);
  Stream* stream = stream_of(handle);
  if (!is_function(f) || !stream) return CUDA_ERROR_INVALID_HANDLE;
  if (extra) return CUDA_ERROR_NOT_SUPPORTED;
  if (!arguments && f->entry->parameters) return CUDA_ERROR_INVALID_VALUE;
  auto spec = std::make_shared<LaunchSpec>();
  spec->function = f;
  spec->grid = grid;
  spec->block = block;
  spec->dynamic_bytes = dynamic;
  spec->cooperative = cooperative;
  if (CUresult bad = check(*spec)) return bad;
  // The values are copied now; the caller may use its memory again as soon as this call returns.
  for (unsigned i = 0; i < f->entry->parameters; i++) {
    size_t offset = (spec->arguments.size() + 15) / 16 * 16;
    spec->offsets.push_back(offset);
    spec->arguments.resize(offset + f->entry->sizes[i]);
    memcpy(spec->arguments.data() + offset, arguments[i], f->entry->sizes[i]);
  }
  return enqueue(stream, [spec] { return run(*spec); });
}

}  // namespace

CUDA_API cuModuleLoadData(CUmodule* module, const void* image) {
  ENTER(CONTEXT);
  if (!module || !image) return CUDA_ERROR_INVALID_VALUE;
  if (CUresult bad = forbid_in_capture(&current)) return bad;
  return load_module(image, module);
}

CUDA_API cuModuleUnload(CUmodule module) {
  ENTER(CONTEXT);
  if (!is_module(module)) return CUDA_ERROR_INVALID_HANDLE;
  CUresult result = drain_all();
  unload_module(module);
  return result;
}

CUDA_API cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  ENTER(CONTEXT);
  if (!function || !name) return CUDA_ERROR_INVALID_VALUE;
  if (!is_module(module)) return CUDA_ERROR_INVALID_HANDLE;
  return find_function(module, name, function);
}

CUDA_API cuFuncGetParamInfo(CUfunction function, size_t index, size_t* offset, size_t* size) {
  ENTER(CONTEXT);
  if (!is_function(function)) return CUDA_ERROR_INVALID_HANDLE;
  const EmuEntry& entry = *function->entry;
  if (!offset || index >= entry.parameters) return CUDA_ERROR_INVALID_VALUE;
  // Where a driver would put it: at a multiple of no more than 16 bytes; nobody here reads there.
  *offset = 0;
  for (size_t i = 0; i < index; i++) *offset += (entry.sizes[i] + 15) / 16 * 16;
  if (size) *size = entry.sizes[index];
  return CUDA_SUCCESS;
}

CUDA_API cuFuncGetAttribute(int* value, int attribute, CUfunction f) {
  ENTER(CONTEXT);
  if (!value) return CUDA_ERROR_INVALID_VALUE;
  if (!is_function(f)) return CUDA_ERROR_INVALID_HANDLE;
  switch (attribute) {
    // clang-format off
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = static_cast<int>(f->max_threads()); break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = static_cast<int>(f->static_bytes); break;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = REGISTERS; break;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: *value = 90; break;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = 90; break;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: *value = 0; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = static_cast<int>(f->max_dynamic); break;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: *value = -1; break;
    default: return CUDA_ERROR_INVALID_VALUE;
      // clang-format on
  }
  return CUDA_SUCCESS;
}

CUDA_API cuFuncSetAttribute(CUfunction f, int attribute, int value) {
  ENTER(CONTEXT);
  if (!is_function(f)) return CUDA_ERROR_INVALID_HANDLE;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      if (value < 0 || value + f->static_bytes > SHARED_LIMIT_OPT_IN) {
        return CUDA_ERROR_INVALID_VALUE;
      }
      f->max_dynamic = static_cast<unsigned>(value);
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      return value < -1 || value > 100 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

CUDA_API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction f, int threads,
                                                     size_t dynamic) {
  ENTER(CONTEXT);
  if (!blocks || threads < 1) return CUDA_ERROR_INVALID_VALUE;
  if (!is_function(f)) return CUDA_ERROR_INVALID_HANDLE;
  bool fits = static_cast<unsigned>(threads) <= f->max_threads() && dynamic <= f->max_dynamic;
  *blocks = fits ? static_cast<int>(resident_blocks(*f, threads, dynamic)) : 0;
  return CUDA_SUCCESS;
}

CUDA_API cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                        unsigned by, unsigned bz, unsigned dynamic, CUstream stream,
                        void** arguments, void** extra) {
  return launch_kernel(f, {gx, gy, gz}, {bx, by, bz}, dynamic, stream, arguments, extra, false);
}

CUDA_API cuLaunchCooperativeKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz,
                                   unsigned bx, unsigned by, unsigned bz, unsigned dynamic,
                                   CUstream stream, void** arguments) {
  return launch_kernel(f, {gx, gy, gz}, {bx, by, bz}, dynamic, stream, arguments, nullptr, true);
}
