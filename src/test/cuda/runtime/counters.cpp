#include "counters.h"

namespace emu {

void count(const void*, size_t, Use, const Allocation&, const void*) {}

}  // namespace emu
