// Small writes to the device. The words come by value, as an argument of the launch: nothing is
// staged, nobody waits for a copy, and the host may use its memory again at once.
//
//   few   64 words: the numbers of a step
//   many  480 words, nearly the 4 KiB that a launch takes: the labels of a batch, the rows to take
#include "common.cuh"

template <int N>
struct Words {
  long long of[N];
};

/** One word a thread; the last one may be a part of one. */
template <int N>
__device__ void write(const Words<N>& words, int bytes, unsigned char* to) {
  int left = bytes - (int)threadIdx.x * 8;
  long long word = words.of[threadIdx.x];
  if (left >= 8) {
    ((long long*)to)[threadIdx.x] = word;
    return;
  }
  for (int k = 0; k < left; k++) {
    to[threadIdx.x * 8 + k] = (unsigned char)(word >> 8 * k);
  }
}

extern "C" __global__ void words_few(const __grid_constant__ Words<64> words, int bytes,
                                     unsigned char* to) {
  write(words, bytes, to);
}
extern "C" __global__ void words_many(const __grid_constant__ Words<480> words, int bytes,
                                      unsigned char* to) {
  write(words, bytes, to);
}
