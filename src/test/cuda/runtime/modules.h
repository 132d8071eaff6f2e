// Modules and functions. A module's image is a shared library that g++ made of a .cu file.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "../shim/abi.h"
#include "cuda.h"

namespace emu {

constexpr unsigned SHARED_LIMIT = 48 << 10;            // dynamic, unless a function opts in
constexpr unsigned SHARED_LIMIT_OPT_IN = 227 << 10;    // static and dynamic together

struct Function {
  Module* module;
  const EmuEntry* entry;
  unsigned max_dynamic = SHARED_LIMIT;
  mutable unsigned static_bytes = 0;  // of __shared__ arrays, as far as launches have met them

  unsigned max_threads() const { return entry->max_threads ? entry->max_threads : 1024; }
};

struct Module {
  void* library;
  int file;  // the image, in memory
  std::map<std::string, std::unique_ptr<Function>> functions;
};

CUresult load_module(const void* image, Module** module);
CUresult unload_module(Module* module);
bool is_module(Module* module);
CUresult find_function(Module* module, const char* name, Function** function);
bool is_function(Function* function);

/** The path under which another process can read the library that is loaded at `base`. */
std::string file_of(const void* base, const char* otherwise);

/** True if an address is that of a kernel's code, or of its own constants and variables. */
bool in_module(const void* address);

struct LaunchSpec;
struct Fault;

/** Prints and keeps the text of an error in a launch. */
void report(const LaunchSpec& spec, const Fault& fault);

}  // namespace emu
