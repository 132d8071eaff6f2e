// The switch between two stacks, by hand: what the calling convention lets a function change need
// not be saved, so six registers and the stack pointer are all there is to a fibre.
#include "fibre.h"

asm(R"(
  .text
  .globl emu_switch
  .type emu_switch, @function
emu_switch:
  endbr64
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size emu_switch, .-emu_switch
)");
