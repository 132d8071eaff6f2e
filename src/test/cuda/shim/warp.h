// Barriers, fences, and what the lanes of a warp do together.
#pragma once

EMU_INLINE void __syncthreads() { emu_barrier(EMU_BARRIER, 0); }
EMU_INLINE int __syncthreads_count(int value) { return emu_barrier(EMU_BARRIER_COUNT, value != 0); }
EMU_INLINE int __syncthreads_and(int value) { return emu_barrier(EMU_BARRIER_AND, value != 0); }
EMU_INLINE int __syncthreads_or(int value) { return emu_barrier(EMU_BARRIER_OR, value != 0); }
EMU_INLINE void __syncwarp(unsigned mask = 0xffffffffu) { emu_syncwarp(mask); }
EMU_INLINE unsigned __activemask() { return emu_activemask(); }

EMU_INLINE void __threadfence() { emu_fence(); }
EMU_INLINE void __threadfence_block() { emu_fence(); }
EMU_INLINE void __threadfence_system() { emu_fence(); }
EMU_INLINE void __nanosleep(unsigned) { emu_pause(); }
EMU_INLINE long long clock64() { return emu_clock(); }
EMU_INLINE void __trap() { emu_trap("__trap()"); }

#undef assert
#define assert(condition) ((condition) ? (void)0 : emu_trap("assert(" #condition ")"))

namespace emu {

/** Values of 1 to 8 bytes travel between lanes as 64 bits. */
template <typename T>
EMU_INLINE uint64_t to_bits(T value) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  return bits;
}

template <typename T>
EMU_INLINE T from_bits(uint64_t bits) {
  T value;
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace emu

template <typename T>
EMU_INLINE T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
  return emu::from_bits<T>(emu_warp(mask, EMU_SHUFFLE_INDEX, emu::to_bits(value), lane, width));
}
template <typename T>
EMU_INLINE T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return emu::from_bits<T>(emu_warp(mask, EMU_SHUFFLE_UP, emu::to_bits(value), delta, width));
}
template <typename T>
EMU_INLINE T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return emu::from_bits<T>(emu_warp(mask, EMU_SHUFFLE_DOWN, emu::to_bits(value), delta, width));
}
template <typename T>
EMU_INLINE T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  return emu::from_bits<T>(emu_warp(mask, EMU_SHUFFLE_XOR, emu::to_bits(value), lanes, width));
}

EMU_INLINE unsigned __ballot_sync(unsigned mask, int predicate) {
  return (unsigned)emu_warp(mask, EMU_BALLOT, predicate != 0, 0, 32);
}
EMU_INLINE int __any_sync(unsigned mask, int predicate) {
  return (int)emu_warp(mask, EMU_ANY, predicate != 0, 0, 32);
}
EMU_INLINE int __all_sync(unsigned mask, int predicate) {
  return (int)emu_warp(mask, EMU_ALL, predicate != 0, 0, 32);
}
template <typename T>
EMU_INLINE unsigned __match_any_sync(unsigned mask, T value) {
  return (unsigned)emu_warp(mask, EMU_MATCH_ANY, emu::to_bits(value), 0, 32);
}

#define EMU_REDUCE(name, T, op)                                   \
  EMU_INLINE T name(unsigned mask, T value) {                     \
    return (T)emu_warp(mask, op, (uint64_t)(int64_t)value, 0, 32); \
  }
EMU_REDUCE(__reduce_add_sync, int, EMU_REDUCE_ADD)
EMU_REDUCE(__reduce_min_sync, int, EMU_REDUCE_MIN)
EMU_REDUCE(__reduce_max_sync, int, EMU_REDUCE_MAX)
EMU_REDUCE(__reduce_add_sync, unsigned, EMU_REDUCE_ADD)
EMU_REDUCE(__reduce_min_sync, unsigned, EMU_REDUCE_MIN_UNSIGNED)
EMU_REDUCE(__reduce_max_sync, unsigned, EMU_REDUCE_MAX_UNSIGNED)
EMU_REDUCE(__reduce_and_sync, unsigned, EMU_REDUCE_AND)
EMU_REDUCE(__reduce_or_sync, unsigned, EMU_REDUCE_OR)
EMU_REDUCE(__reduce_xor_sync, unsigned, EMU_REDUCE_XOR)

// A cooperative launch: all blocks of the grid wait for each other.
namespace cooperative_groups {

struct grid_group {
  EMU_INLINE void sync() const { emu_grid_sync(); }
};
EMU_INLINE grid_group this_grid() { return {}; }

}  // namespace cooperative_groups
