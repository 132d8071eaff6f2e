// A launch while it runs: a grid of blocks, blocks of warps, warps of lanes. Each lane is a fibre.
//
// One thread of the host runs it all. It takes one warp and runs its lanes, each until it blocks (at
// a barrier, or in a call for which the warp's lanes wait for each other), until the whole warp is
// blocked; then it draws the next warp. That is as far from lockstep as a GPU may go, and so it
// brings out what only worked in lockstep.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../shim/abi.h"
#include "cuda.h"
#include "random.h"

namespace emu {

struct Block;
struct Launch;
struct Warp;

enum class State : uint8_t { READY, AT_BARRIER, AT_GRID_BARRIER, WITH_WARP, ENDED };

/** What a lane brings to a call that its warp makes together, and what it takes home. */
struct Together {
  unsigned mask;
  int op;
  int argument;
  int width;
  uint64_t value;
  uint64_t result;
  void (*function)(void**);
  const char* name;
};

/** A copy that cp.async has begun. */
struct AsyncCopy {
  char* to;
  const char* from;
  int bytes, from_bytes;
  unsigned group;
};

struct Lane {
  void* stack;      // its registers and where it goes on, while it does not run
  EmuIndex index;   // threadIdx
  uint16_t id;      // the same as one number
  uint8_t number;   // in its warp
  State state;
  Warp* warp;
  const void* at;   // the call it waits in
  Together together;
  unsigned pauses;
  char* stack_low;  // the lowest byte of its stack, and the byte after the highest
  char* stack_high;
  bool fenced;      // has called __threadfence
  std::vector<AsyncCopy> copies;
  unsigned copy_group;  // that is being put together
};

/** Sets of lanes are bit masks. */
struct Warp {
  Block* block;
  Lane* lanes;
  unsigned number;
  uint32_t live;     // not ended
  uint32_t ready;    // can go on
  uint32_t waiting;  // in a call for other lanes
  bool paused;       // a lane waits for something that another warp or block is to do
};

/** An array in shared memory: a __shared__ declaration, known by its key. */
struct SharedArray {
  const void* key;
  const char* name;
  char* base;
  size_t bytes;
};

/** What a thread learned by updating a word atomically: see order.h. */
struct Known {
  const struct Word* word;
  size_t count;  // of the releases there so far
  unsigned learner, clock;
  uint64_t phase;
};

/** What the lanes of a warp have seen of each other since the last barrier: see order.h. */
struct Clocks {
  uint32_t now[32];       // the clock of each lane
  uint32_t seen[32][32];  // [of lane][in lane]: all that came before that clock has been seen
  bool used;              // not all zeros
};

struct Block {
  Launch* launch;
  EmuIndex index;
  uint64_t number;
  unsigned threads;
  unsigned ended;
  uint32_t ready;  // warps with a lane that can go on
  unsigned at_barrier, at_grid_barrier;
  Lane* first_at_barrier;
  int barrier_op;
  int votes[2];  // of this barrier and of the next, which the quick may reach before the slow left
  unsigned barriers;
  std::vector<SharedArray> shared;
  char* shared_end;     // of the static arrays so far
  size_t static_bytes;
  char* window;         // its shared memory: static arrays from here, dynamic at the end
  char* dynamic;
  std::vector<Lane> lanes;
  Warp warps[32];
  // For the checks: see order.h.
  uint64_t phase, first_phase;
  std::vector<Clocks> clocks;
  std::vector<Known> known;
};

/** What is launched. */
struct LaunchSpec {
  const Function* function;
  EmuIndex grid, block;
  unsigned dynamic_bytes;
  bool cooperative;
  std::vector<char> arguments;    // by value, one after another
  std::vector<size_t> offsets;    // of each
};

/** The first thing that went wrong in a launch. */
struct Fault {
  CUresult code = CUDA_SUCCESS;
  std::string what;
  const void* at = nullptr;  // a return address in the kernel, or null
  EmuIndex block{}, thread{};
};

struct Launch {
  const LaunchSpec* spec;
  bool checked;
  std::vector<void*> arguments;
  Random random;
  Fault fault;
  uint64_t blocks;
  std::vector<Block*> resident;
};

extern Launch* launch;  // the one that runs, or null
extern Block* block;
extern Lane* lane;      // null while the scheduler itself runs

/** Runs a launch to its end. */
CUresult run(const LaunchSpec& spec);

/** The schedules that follow are those that follow a start of the process with that seed. */
void restart_schedules();

/** Called on a lane's own stack: the lane waits, others run. */
void wait_for_others(State state, const void* at);

/** Called on a lane's own stack: lets other warps and blocks run before it goes on. */
void let_others_run(const void* at);

/** Called on a lane's own stack: ends the launch with an error that names it, and never returns. */
[[noreturn]] void fail(CUresult code, const void* at, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

/** The same for a lane that does not run. */
void fault(const Block& block, const Lane& lane, CUresult code, const char* format, ...)
    __attribute__((format(printf, 4, 5)));

/** Switches from a lane to the scheduler for good: the launch is over. */
[[noreturn]] void abandon();

/** Waits for all 32 lanes, then calls `function` once with what each of them brought. */
void together(const void* at, const char* name, void* mine, void (*function)(void**));

/** The last thing a lane does. */
void lane_ended(Lane& lane);

/** Finds the fault for which no lane can go on. */
void explain_stall();

/** Gives a block its shared memory. */
void open_shared(Block& block, unsigned slot);

inline std::string text(const EmuIndex& index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " +
         std::to_string(index.z) + ")";
}

}  // namespace emu
