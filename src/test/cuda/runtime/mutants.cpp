#include "mutants.h"

#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace emu {
namespace {

constexpr int SITES = 1 << 13;  // of a family, at most
enum : uint8_t { REACHED = 1, MATTERED = 2 };

std::map<std::string, std::vector<uint8_t>> seen;  // by kernel
std::set<std::string> kernels;                     // in which the mutant is on
std::string text;
int chosen = -1;

int on = -1;  // in the launch that runs
uint8_t nowhere[SITES];
uint8_t* sites = nowhere;

inline bool in_range(int site) { return static_cast<unsigned>(site) < SITES - 1; }

}  // namespace

void watch_mutants(const EmuEntry& entry) {
  std::vector<uint8_t>& here = seen[entry.name];
  here.resize(SITES);
  sites = here.data();
  on = kernels.count(entry.name) ? chosen : -1;
}

}  // namespace emu

using namespace emu;

#define VISIBLE extern "C" __attribute__((visibility("default")))

// What the rewritten kernels call: see Prelude.java.
VISIBLE int emu_mutant(int site) {
  sites[site] |= REACHED | MATTERED;
  return site == on;
}
VISIBLE int emu_shift(int site) {
  sites[site] |= REACHED | MATTERED;
  sites[site + 1] |= REACHED | MATTERED;
  return (site == on) - (site + 1 == on);
}
VISIBLE bool emu_true(int site, bool value) {
  sites[site] |= value ? REACHED : REACHED | MATTERED;
  return value || site == on;
}
VISIBLE bool emu_false(int site, bool value) {
  sites[site] |= value ? REACHED | MATTERED : REACHED;
  return value && site != on;
}

/** Switches a site on in some kernels, whose names a space separates; -1 for none. */
VISIBLE int adjoint_emulator_mutant(const char* names, int site) {
  if (site >= 0 && !in_range(site)) return 1;
  kernels.clear();
  const char* from = names;
  while (*from) {
    size_t length = strcspn(from, " ");
    kernels.emplace(from, length);
    from += length + (from[length] != 0);
  }
  chosen = site;
  return 0;
}

/** What was launched since the last call of adjoint_emulator_forget, separated by spaces. */
VISIBLE const char* adjoint_emulator_launched() {
  text.clear();
  for (auto& kernel : seen) text += (text.empty() ? "" : " ") + kernel.first;
  return text.c_str();
}

/** For each site of a kernel: 1 if it was come to, 3 if the mutant would have made a difference. */
VISIBLE int adjoint_emulator_seen(const char* name, uint8_t* to, int count) {
  auto found = seen.find(name);
  if (found == seen.end() || count > SITES) return 1;
  memcpy(to, found->second.data(), count);
  return 0;
}

VISIBLE int adjoint_emulator_forget() {
  seen.clear();
  sites = nowhere;
  return 0;
}
