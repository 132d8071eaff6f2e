// Atomic updates. The emulator runs one thread at a time, so that each is indivisible.
#pragma once

namespace emu {

template <typename T>
struct TypeOf;
// clang-format off
template <> struct TypeOf<int> { static constexpr int value = EMU_I32; };
template <> struct TypeOf<unsigned> { static constexpr int value = EMU_U32; };
template <> struct TypeOf<long long> { static constexpr int value = EMU_I64; };
template <> struct TypeOf<unsigned long long> { static constexpr int value = EMU_U64; };
template <> struct TypeOf<float> { static constexpr int value = EMU_F32; };
template <> struct TypeOf<double> { static constexpr int value = EMU_F64; };
// clang-format on

template <typename T>
EMU_INLINE T atomic(T* address, int op, T operand, T compare = T()) {
  uint64_t with = 0, against = 0;
  __builtin_memcpy(&with, &operand, sizeof(T));
  __builtin_memcpy(&against, &compare, sizeof(T));
  uint64_t bits = emu_atomic(address, op, TypeOf<T>::value, with, against);
  T old;
  __builtin_memcpy(&old, &bits, sizeof(T));
  return old;
}

}  // namespace emu

#define EMU_ATOMIC(name, op, T) \
  EMU_INLINE T name(T* address, T value) { return emu::atomic(address, op, value); }
#define EMU_ATOMIC_WHOLE(name, op)      \
  EMU_ATOMIC(name, op, int)             \
  EMU_ATOMIC(name, op, unsigned)        \
  EMU_ATOMIC(name, op, long long)       \
  EMU_ATOMIC(name, op, unsigned long long)

EMU_ATOMIC_WHOLE(atomicMin, EMU_ATOMIC_MIN)
EMU_ATOMIC_WHOLE(atomicMax, EMU_ATOMIC_MAX)
EMU_ATOMIC_WHOLE(atomicAnd, EMU_ATOMIC_AND)
EMU_ATOMIC_WHOLE(atomicOr, EMU_ATOMIC_OR)
EMU_ATOMIC_WHOLE(atomicXor, EMU_ATOMIC_XOR)
EMU_ATOMIC(atomicAdd, EMU_ATOMIC_ADD, int)
EMU_ATOMIC(atomicAdd, EMU_ATOMIC_ADD, unsigned)
EMU_ATOMIC(atomicAdd, EMU_ATOMIC_ADD, unsigned long long)
EMU_ATOMIC(atomicAdd, EMU_ATOMIC_ADD, float)
EMU_ATOMIC(atomicAdd, EMU_ATOMIC_ADD, double)
EMU_ATOMIC(atomicExch, EMU_ATOMIC_EXCHANGE, int)
EMU_ATOMIC(atomicExch, EMU_ATOMIC_EXCHANGE, unsigned)
EMU_ATOMIC(atomicExch, EMU_ATOMIC_EXCHANGE, unsigned long long)
EMU_ATOMIC(atomicExch, EMU_ATOMIC_EXCHANGE, float)
EMU_ATOMIC(atomicInc, EMU_ATOMIC_INCREMENT, unsigned)
EMU_ATOMIC(atomicDec, EMU_ATOMIC_DECREMENT, unsigned)

EMU_INLINE int atomicSub(int* address, int value) { return atomicAdd(address, -value); }
EMU_INLINE unsigned atomicSub(unsigned* address, unsigned value) {
  return atomicAdd(address, 0u - value);
}

#define EMU_COMPARE_AND_SWAP(T)                                             \
  EMU_INLINE T atomicCAS(T* address, T compare, T value) {                  \
    return emu::atomic(address, EMU_ATOMIC_COMPARE_AND_SWAP, value, compare); \
  }
EMU_COMPARE_AND_SWAP(int)
EMU_COMPARE_AND_SWAP(unsigned)
EMU_COMPARE_AND_SWAP(unsigned long long)
