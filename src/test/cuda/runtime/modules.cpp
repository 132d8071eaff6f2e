#include "modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <vector>

#include "checks.h"
#include "lines.h"

namespace emu {
namespace {

struct Range {
  const char* from;
  const char* to;
};

std::set<Module*> modules;
std::set<Function*> functions;
std::map<const void*, Module*> bases;         // by the address where they are loaded
std::map<Module*, std::vector<Range>> parts;  // of their code and data

/** The length of an ELF image, whose last part is the table of sections; 0 if it is none. */
size_t length(const void* image) {
  auto* elf = static_cast<const ElfW(Ehdr)*>(image);
  if (memcmp(elf->e_ident, ELFMAG, SELFMAG) || elf->e_ident[EI_CLASS] != ELFCLASS64) return 0;
  return elf->e_shoff + static_cast<size_t>(elf->e_shentsize) * elf->e_shnum;
}

/** A file in memory with that content, and its path. */
int memory_file(const void* image, size_t bytes, std::string* path) {
  int file = memfd_create("kernel", 0);
  if (file < 0) return -1;
  auto* from = static_cast<const char*>(image);
  while (bytes) {
    ssize_t written = write(file, from, bytes);
    if (written <= 0) {
      close(file);
      return -1;
    }
    from += written;
    bytes -= written;
  }
  *path = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file);
  return file;
}

int note_part(dl_phdr_info* info, size_t, void* module) {
  auto* m = static_cast<Module*>(module);
  if (info->dlpi_addr != static_cast<link_map*>(m->library)->l_addr) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD) continue;
    auto* from = reinterpret_cast<const char*>(info->dlpi_addr + part.p_vaddr);
    parts[m].push_back({from, from + part.p_memsz});
  }
  return 1;
}

}  // namespace

CUresult load_module(const void* image, Module** module) {
  size_t bytes = length(image);
  if (!bytes) return CUDA_ERROR_INVALID_IMAGE;
  std::string path;
  int file = memory_file(image, bytes, &path);
  if (file < 0) return CUDA_ERROR_OUT_OF_MEMORY;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "emulator: cuModuleLoadData: %s\n", dlerror());
    close(file);
    return CUDA_ERROR_INVALID_IMAGE;
  }
  auto* m = new Module{library, file, {}};
  modules.insert(m);
  bases[reinterpret_cast<void*>(static_cast<link_map*>(library)->l_addr)] = m;
  dl_iterate_phdr(note_part, m);
  *module = m;
  return CUDA_SUCCESS;
}

CUresult unload_module(Module* m) {
  for (auto& function : m->functions) functions.erase(function.second.get());
  modules.erase(m);
  parts.erase(m);
  bases.erase(reinterpret_cast<void*>(static_cast<link_map*>(m->library)->l_addr));
  forget_lines();
  dlclose(m->library);
  close(m->file);
  delete m;
  return CUDA_SUCCESS;
}

bool is_module(Module* m) { return modules.count(m); }
bool is_function(Function* f) { return functions.count(f); }

CUresult find_function(Module* m, const char* name, Function** function) {
  auto found = m->functions.find(name);
  if (found == m->functions.end()) {
    void* entry = dlsym(m->library, (std::string("emu_entry_") + name).c_str());
    if (!entry) return CUDA_ERROR_NOT_FOUND;
    auto f = std::make_unique<Function>();
    f->module = m;
    f->entry = static_cast<const EmuEntry*>(entry);
    functions.insert(f.get());
    found = m->functions.emplace(name, std::move(f)).first;
  }
  *function = found->second.get();
  return CUDA_SUCCESS;
}

std::string file_of(const void* base, const char* otherwise) {
  auto found = bases.find(base);
  if (found == bases.end()) return otherwise;
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(found->second->file);
}

bool in_module(const void* address) {
  for (const auto& module : parts) {
    for (const Range& part : module.second) {
      if (address >= part.from && address < part.to) return true;
    }
  }
  return false;
}

}  // namespace emu
