// Writes what Live numbers are at the next replay of a recorded step. They come by value, as arguments
// of the launch, so that nothing is uploaded and nobody waits: a block for as many as go together.
#include "common.cuh"

struct Numbers {
  long long of[64];
};

extern "C" __global__ void live_write(Numbers now, int count, long long* table) {
  if (threadIdx.x < count) {
    table[threadIdx.x] = now.of[threadIdx.x];
  }
}
