// What the processor itself finds out: an address on a fence page, a division by zero, a loop that
// does not end.
#pragma once

namespace emu {

/** While one lives, such a signal ends the launch with an error; otherwise it is none of ours. */
class Guarded {
 public:
  Guarded();
  ~Guarded();
};

/** The launch has had its time: whoever sees this in a lane calls the other. */
extern volatile bool overdue;
[[noreturn]] void fail_overdue(const void* at);

}  // namespace emu
