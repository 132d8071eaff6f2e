// Fibres: several stacks that one thread of the operating system runs in turn.
#pragma once
#include <cstddef>

extern "C" {
/** Saves the registers and the stack pointer in *from, and goes on where `to` was saved. */
void emu_switch(void** from, void* to);
}

namespace emu {

/**
 * Lays out a fresh stack so that a switch to the pointer returned enters `main`, which must never
 * return.
 */
inline void* fresh_stack(char* top, void (*main)()) {
  void** stack = reinterpret_cast<void**>(top);
  *--stack = nullptr;  // no caller; and the call to `main` finds the stack aligned
  *--stack = reinterpret_cast<void*>(main);
  for (int saved = 0; saved < 6; saved++) *--stack = nullptr;
  return stack;
}

}  // namespace emu
