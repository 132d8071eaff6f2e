// Atomic updates of memory. One thread runs at a time, so reading and writing back is enough.
#include <cmath>
#include <cstring>
#include <ctime>

#include "checks.h"
#include "order.h"

namespace emu {
namespace {

template <typename T>
T updated(T old, int op, T operand, T compare) {
  switch (op) {
    // clang-format off
    case EMU_ATOMIC_ADD: return old + operand;
    case EMU_ATOMIC_MIN: return operand < old ? operand : old;
    case EMU_ATOMIC_MAX: return operand > old ? operand : old;
    case EMU_ATOMIC_EXCHANGE: return operand;
    case EMU_ATOMIC_COMPARE_AND_SWAP: return old == compare ? operand : old;
    case EMU_ATOMIC_INCREMENT: return old >= operand ? T(0) : old + T(1);
    case EMU_ATOMIC_DECREMENT: return old == T(0) || old > operand ? operand : old - T(1);
    default: return old;
      // clang-format on
  }
}

template <typename T>
uint64_t update(void* address, int op, uint64_t operand_bits, uint64_t compare_bits) {
  T old, operand, compare;
  memcpy(&old, address, sizeof(T));
  memcpy(&operand, &operand_bits, sizeof(T));
  memcpy(&compare, &compare_bits, sizeof(T));
  T fresh = updated(old, op, operand, compare);
  memcpy(address, &fresh, sizeof(T));
  uint64_t bits = 0;
  memcpy(&bits, &old, sizeof(T));
  return bits;
}

template <typename T>
uint64_t update_bits(void* address, int op, uint64_t operand_bits) {
  T old, operand = static_cast<T>(operand_bits);
  memcpy(&old, address, sizeof(T));
  T fresh = op == EMU_ATOMIC_AND ? old & operand
            : op == EMU_ATOMIC_OR ? old | operand
                                  : old ^ operand;
  memcpy(address, &fresh, sizeof(T));
  return old;
}

}  // namespace
}  // namespace emu

using namespace emu;

uint64_t emu_atomic(void* address, int op, int type, uint64_t operand, uint64_t compare) {
  const void* at = __builtin_return_address(0);
  bool wide = type == EMU_I64 || type == EMU_U64 || type == EMU_F64;
  if (++lane->pauses % 64 == 0) let_others_run(at);
  if (launch->checked) {
    check(address, wide ? 8 : 4, Use::ATOMIC, at);
    order_atomic(address);
  }
  if (op >= EMU_ATOMIC_AND && op <= EMU_ATOMIC_XOR) {
    return wide ? update_bits<uint64_t>(address, op, operand)
                : update_bits<uint32_t>(address, op, operand);
  }
  switch (type) {
    case EMU_I32:
      return update<int32_t>(address, op, operand, compare);
    case EMU_U32:
      return update<uint32_t>(address, op, operand, compare);
    case EMU_I64:
      return update<int64_t>(address, op, operand, compare);
    case EMU_U64:
      return update<uint64_t>(address, op, operand, compare);
    case EMU_F32:
      return update<float>(address, op, operand, compare);
    default:
      return update<double>(address, op, operand, compare);
  }
}

void emu_fence() { order_fence(); }

void emu_pause() { let_others_run(__builtin_return_address(0)); }

long long emu_clock() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

void emu_trap(const char* why) {
  fail(CUDA_ERROR_ASSERT, __builtin_return_address(0), "%s", why);
}
