// Figures of memory traffic: what decides the speed of a kernel that is bound by memory.
//
// A GPU serves the lanes of a warp together: one load or store of up to 32 lanes is a request, and
// costs as many sectors of 32 bytes as it touches (global memory), or as many turns as the busiest of
// 32 banks of 4 bytes needs (shared memory). Here lanes run one after another; so the n-th execution
// of an instruction by each lane, between two barriers, is taken for one request. Where lanes take
// different ways through a loop that may put together what a GPU does not. What is longer than 16
// bytes comes by several requests.
//
// A GPU's first cache keeps what the threads of a block share: weights, a table. The host says which
// operands these are, the broadcast ones; in `cached` they count once a block. What the driver fills
// or copies within the device counts as well. What libraries do is not seen.
#pragma once
#include "checks.h"
#include "memory.h"

namespace emu {

/** Of one direction, load or store; an atomic update is both. */
struct Traffic {
  uint64_t requests;
  uint64_t bytes;          // that threads asked for
  uint64_t sectors;        // that requests touched
  uint64_t ideal;          // that they had touched, had their lanes' different bytes lain together
  uint64_t cached;         // as sectors, but those of broadcast operands once a block
  uint64_t block_sectors;  // different ones, added up over blocks: what perfect caches would leave
  uint64_t unique_bytes;   // different ones in the launch: what must be moved at least
};

struct Counters {
  uint64_t launches, blocks, threads;
  uint64_t barriers;       // of a block
  uint64_t warp_calls;     // shuffles, votes, reductions, __syncwarp
  uint64_t atomics;
  Traffic load, store;     // of global memory
  uint64_t shared_requests;
  uint64_t shared_turns;   // that they took
  uint64_t shared_ideal;   // that they would take without a bank conflict
};

/** Starts at zero, with no broadcast operands, or stops. */
void set_counting(bool on);
/** All blocks read these bytes. */
void add_broadcast(const void* from, size_t bytes);
const Counters& counters();
/** Of one allocation, or null: loads, then stores. */
const Traffic* traffic_of(const Allocation& allocation);

void count_launch();
void count_access(const void* address, size_t bytes, Use use, const Allocation& a, const void* at);
void count_barrier(Block& block);
void count_warp_call();
/** The block has ended. */
void count_block(Block& block);
/** The driver loads or stores bytes of the device, without a kernel of ours. */
void count_transfer(const void* address, size_t bytes, bool store);

}  // namespace emu
