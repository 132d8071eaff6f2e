// What is known of each byte of the arena: who wrote it, and who has read it since.
#pragma once
#include <cstddef>

namespace emu {

/** The host, a copy or a library wrote these bytes. */
void written_by_host(const void* address, size_t bytes);

/** The bytes are as if never written. */
void forget(const void* address, size_t bytes);

/** What is known of `from` holds of `to` as well. */
void copy_knowledge(const void* to, const void* from, size_t bytes);

/** The first of these bytes that nothing has written, or null. */
const char* first_unwritten(const void* address, size_t bytes);

}  // namespace emu
