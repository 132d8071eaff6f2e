// cp.async: copies from global to shared memory that go on while the thread does other things. Here
// they happen as late as they may: when the thread waits for them.
#include <cstring>

#include "checks.h"

using namespace emu;

void emu_copy_async(void* to, const void* from, int bytes, int from_bytes) {
  const void* at = __builtin_return_address(0);
  if ((bytes != 4 && bytes != 8 && bytes != 16) || from_bytes < 0 || from_bytes > bytes) {
    fail(CUDA_ERROR_LAUNCH_FAILED, at, "cp.async of %d bytes: it copies 4, 8 or 16", bytes);
  }
  if (launch->checked) {
    if (from_bytes) check(from, from_bytes, Use::READ, at);
    check_under_way(to, bytes, at);
  }
  lane->copies.push_back({static_cast<char*>(to), static_cast<const char*>(from), bytes, from_bytes,
                          lane->copy_group});
}

void emu_copy_commit() { lane->copy_group++; }

void emu_copy_wait(int groups_left) {
  const void* at = __builtin_return_address(0);
  std::vector<AsyncCopy>& copies = lane->copies;
  size_t done = 0;
  for (; done < copies.size(); done++) {
    const AsyncCopy& copy = copies[done];
    if (copy.group + groups_left >= lane->copy_group) break;
    if (launch->checked) arrive(copy.to, copy.bytes, at);
    memset(copy.to, 0, copy.bytes);
    memcpy(copy.to, copy.from, copy.from_bytes);
  }
  copies.erase(copies.begin(), copies.begin() + done);
}
