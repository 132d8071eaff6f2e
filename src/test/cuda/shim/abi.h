// What a kernel compiled by g++ and the emulator (libcuda.so.1) say to each other.
//
// The shim's headers turn CUDA's words into these calls. The emulator reads the caller's return
// address, and from it the line of the kernel that an error message names: so whatever wraps a call
// must be inlined into the kernel.
#pragma once
#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(default)

struct EmuIndex {
  unsigned x, y, z;
};

/** Where the running thread stands in its grid. */
struct EmuWhere {
  EmuIndex thread, block, block_dim, grid_dim;
};

/** A kernel as its library offers it, under the symbol emu_entry_NAME. */
struct EmuEntry {
  const char* name;
  void (*call)(void** arguments);
  unsigned parameters;
  const uint32_t* sizes;  // of the parameters, in bytes
  unsigned max_threads;   // of __launch_bounds__, or 0
  bool checked;           // compiled with every load and store turned into a call
};

/** What the lanes of a warp may do together. */
enum EmuWarpOp : int {
  EMU_SHUFFLE_INDEX,
  EMU_SHUFFLE_UP,
  EMU_SHUFFLE_DOWN,
  EMU_SHUFFLE_XOR,
  EMU_BALLOT,
  EMU_ANY,
  EMU_ALL,
  EMU_MATCH_ANY,
  EMU_REDUCE_ADD,
  EMU_REDUCE_MIN,
  EMU_REDUCE_MAX,
  EMU_REDUCE_MIN_UNSIGNED,
  EMU_REDUCE_MAX_UNSIGNED,
  EMU_REDUCE_AND,
  EMU_REDUCE_OR,
  EMU_REDUCE_XOR,
  EMU_TOGETHER,
};

enum EmuAtomicOp : int {
  EMU_ATOMIC_ADD,
  EMU_ATOMIC_MIN,
  EMU_ATOMIC_MAX,
  EMU_ATOMIC_AND,
  EMU_ATOMIC_OR,
  EMU_ATOMIC_XOR,
  EMU_ATOMIC_EXCHANGE,
  EMU_ATOMIC_COMPARE_AND_SWAP,
  EMU_ATOMIC_INCREMENT,
  EMU_ATOMIC_DECREMENT,
};

enum EmuType : int { EMU_I32, EMU_U32, EMU_I64, EMU_U64, EMU_F32, EMU_F64, EMU_F16, EMU_BF16 };

enum EmuMmaKind : int { EMU_MMA_BF16, EMU_MMA_F16, EMU_MMA_TF32 };

/** A barrier that also adds up, or-s or and-s what its threads bring. */
enum EmuBarrierOp : int { EMU_BARRIER, EMU_BARRIER_COUNT, EMU_BARRIER_AND, EMU_BARRIER_OR };

extern "C" {
extern EmuWhere emu_where;

/** The block's array that a __shared__ declaration, known by its key, stands for. */
void* emu_static_shared(const void* key, size_t bytes, size_t alignment, const char* name);
void* emu_dynamic_shared();

int emu_barrier(int op, int value);
void emu_grid_sync();
void emu_syncwarp(unsigned mask);
unsigned emu_activemask();
uint64_t emu_warp(unsigned mask, int op, uint64_t value, int argument, int width);

/** All 32 lanes multiply two tiles; or read four from shared memory. */
void emu_mma(int kind, float* c, const unsigned* a, const unsigned* b);
void emu_load_matrices(unsigned* words, const void* row, bool transposed);

/** The bits of what was at `address`, which is changed in one go. */
uint64_t emu_atomic(void* address, int op, int type, uint64_t operand, uint64_t compare);
void emu_fence();
void emu_pause();
long long emu_clock();
void emu_trap(const char* why);

void emu_copy_async(void* to, const void* from, int bytes, int from_bytes);
void emu_copy_commit();
void emu_copy_wait(int groups_left);
}

#pragma GCC visibility pop
