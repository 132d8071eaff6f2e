// From a return address in a kernel to the line of its source.
#pragma once
#include <string>

namespace emu {

/**
 * "at softmax.cu:42", or "at common.cuh:31, called at softmax.cu:42", for the call that returns to
 * `address`; "at an unknown line" where addr2line does not tell.
 */
std::string line_of(const void* address);

/** False where addr2line does not tell. */
bool has_line(const void* address);

/** True if the two calls stand in the same line, inlined by way of the same lines. */
bool same_line(const void* a, const void* b);

/** To be called when a library is closed: another may get its addresses. */
void forget_lines();

}  // namespace emu
