// The wrappers of tensorcore.cuh: one tile each, and a product that brings its tiles by cp.async.
#include "tensorcore.cuh"

// c [16, 8] = a [16, 16] · b [16, 8], straight from memory by the layout that the header tells.
extern "C" __global__ void one_tile_bf16(const bf16* a, const bf16* b, float* c) {
  int group = threadIdx.x / 4, t = threadIdx.x % 4;
  unsigned as[4], bs[2];
  for (int i = 0; i < 4; i++) {
    int row = group + i % 2 * 8, column = 2 * t + i / 2 * 8;
    as[i] = *(const unsigned*)(a + row * 16 + column);
  }
  for (int i = 0; i < 2; i++) {
    int row = 2 * t + i * 8;
    bf16 both[2] = {b[row * 8 + group], b[(row + 1) * 8 + group]};
    memcpy(&bs[i], both, 4);
  }
  float cs[4] = {};
  mma_bf16(cs, as, bs);
  for (int i = 0; i < 4; i++) c[(group + i / 2 * 8) * 8 + 2 * t + i % 2] = cs[i];
}

// c [16, 8] = a [16, 8] · b [8, 8]; `word` makes a factor of a number.
template <class F>
__device__ void one_tile(F word, const float* a, const float* b, float* c) {
  int group = threadIdx.x / 4, t = threadIdx.x % 4;
  unsigned as[4], bs[2];
  for (int i = 0; i < 4; i++) as[i] = word(a[(group + i % 2 * 8) * 8 + t + i / 2 * 4]);
  for (int i = 0; i < 2; i++) bs[i] = word(b[(t + i * 4) * 8 + group]);
  float cs[4] = {};
  mma_tf32(cs, as, bs);
  for (int i = 0; i < 4; i++) c[(group + i / 2 * 8) * 8 + 2 * t + i % 2] = cs[i];
}
extern "C" __global__ void one_tile_tf32(const float* a, const float* b, float* c) {
  one_tile([](float x) { return to_tf32(x); }, a, b, c);
}
extern "C" __global__ void one_tile_cut(const float* a, const float* b, float* c) {
  one_tile([](float x) { return __float_as_uint(x); }, a, b, c);
}

// c [16, 16] = a [16, k] · b [k, 16]: two buffers, one being filled while the other is used. `fault`
// 1 forgets to wait for the copies, 2 forgets the barrier behind them.
template <int fault>
__device__ void product(const bf16* a, const bf16* b, float* c, int k) {
  __shared__ __align__(16) bf16 as[2][16][16];
  __shared__ __align__(16) bf16 bs[2][16][16];
  int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;  // a warp for each half of the columns
  auto bring = [&](int step) {
    if (step < k / 16) {
      int row = lane / 2, column = lane % 2 * 8;
      if (warp == 0) {
        copy_async<16>(&as[step % 2][row][column], a + row * k + step * 16 + column);
      } else {
        copy_async<16>(&bs[step % 2][row][column], b + (step * 16 + row) * 16 + column);
      }
    }
    copy_async_commit();
  };
  float cs[4] = {};
  bring(0);
  for (int step = 0; step < k / 16; step++) {
    bring(step + 1);
    if (fault != 1) copy_async_wait<1>();
    if (fault != 2) __syncthreads();
    unsigned ar[4], br[4];
    int row = lane % 16, column = lane / 16 * 8;
    load_matrices(ar, &as[step % 2][row][column]);  // <- faulty_copy
    load_matrices_transposed(br, &bs[step % 2][row][column]);  // <- faulty_copy
    unsigned half[2] = {br[warp * 2], br[warp * 2 + 1]};
    mma_bf16(cs, ar, half);
    __syncthreads();
  }
  int group = lane / 4, t = lane % 4;
  for (int i = 0; i < 4; i++) {
    c[(group + i / 2 * 8) * 16 + warp * 8 + 2 * t + i % 2] = cs[i];
  }
}
extern "C" __global__ void product_bf16(const bf16* a, const bf16* b, float* c, int k) {
  product<0>(a, b, c, k);
}
extern "C" __global__ void copy_not_awaited(const bf16* a, const bf16* b, float* c, int k) {
  product<1>(a, b, c, k);
}
extern "C" __global__ void copy_without_barrier(const bf16* a, const bf16* b, float* c, int k) {
  product<2>(a, b, c, k);
}
