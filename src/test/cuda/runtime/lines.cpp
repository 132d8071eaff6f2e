#include "lines.h"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <vector>

#include "modules.h"

namespace emu {
namespace {

/** "src/main/cuda/softmax.cu:42 (discriminator 3)" → "softmax.cu:42". */
std::string short_name(std::string line) {
  size_t end = line.find(" (discriminator");
  if (end != std::string::npos) line.resize(end);
  return line.substr(line.rfind('/') + 1);
}

/** Lines, innermost first, that lead to an address of a loaded library; none if unknown. */
std::vector<std::string> ask(const void* address) {
  Dl_info library;
  if (!dladdr(address, &library)) return {};
  char command[256];
  snprintf(command, sizeof command, "addr2line -i -e %s 0x%zx 2>/dev/null",
           file_of(library.dli_fbase, library.dli_fname).c_str(),
           static_cast<const char*>(address) - static_cast<const char*>(library.dli_fbase) - 1);
  FILE* answer = popen(command, "r");
  if (!answer) return {};
  std::vector<std::string> lines;
  char line[1024];
  while (fgets(line, sizeof line, answer)) {
    line[strcspn(line, "\n")] = 0;
    // The shim stands for CUDA's headers: nobody wrote the fault there.
    if (!strstr(line, "/shim/") && !strstr(line, "??")) lines.push_back(short_name(line));
  }
  pclose(answer);
  return lines;
}

const char* const UNKNOWN = "at an unknown line";
std::map<const void*, std::string> known;

}  // namespace

void forget_lines() { known.clear(); }

std::string line_of(const void* address) {
  auto found = known.find(address);
  if (found != known.end()) return found->second;
  std::string text = UNKNOWN;
  std::vector<std::string> lines = ask(address);
  for (size_t i = 0; i < lines.size(); i++) {
    text = i == 0 ? "at " + lines[0] : text + ", called at " + lines[i];
  }
  return known[address] = text;
}

bool has_line(const void* address) { return line_of(address) != UNKNOWN; }

bool same_line(const void* a, const void* b) { return a == b || line_of(a) == line_of(b); }

}  // namespace emu
