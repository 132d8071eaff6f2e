// The cells of recurrent networks: what one element of the state does in one step, and its gradient.
#pragma once
#include "number.cuh"

__device__ inline float exp_of(float x) { return expf(x); }
__device__ inline double exp_of(double x) { return exp(x); }
__device__ inline float tanh_of(float x) { return tanhf(x); }
__device__ inline double tanh_of(double x) { return tanh(x); }
template <class C> __device__ C sigmoid_of(C x) { return 1 / (1 + exp_of(-x)); }

// Of the states before a step, one is asked for: MEMORY. What the first brings to the gates, matmul
// has seen to.

/** Gates i, f, g, o; states h and c; kept are σ(i), σ(f), tanh(g), σ(o) and tanh(c′). */
struct LstmCell {
  static constexpr int GATES = 4, STATES = 2, KEPT = 5, MEMORY = 1;
  static constexpr bool ALIKE = true;  // x and the state's share have one gradient

  template <class C>
  static __device__ void step(const C* x, const C* b, C* state, C* kept) {
    kept[0] = sigmoid_of(x[0] + b[0]);
    kept[1] = sigmoid_of(x[1] + b[1]);
    kept[2] = tanh_of(x[2] + b[2]);
    kept[3] = sigmoid_of(x[3] + b[3]);
    state[1] = kept[1] * state[1] + kept[0] * kept[2];
    kept[4] = tanh_of(state[1]);
    state[0] = kept[3] * kept[4];
  }

  template <class C>
  static __device__ void back(const C* kept, C before, C* d, C* dx, C* db) {
    C dc = d[1] + d[0] * kept[3] * (1 - kept[4] * kept[4]);
    db[0] = dc * kept[2] * kept[0] * (1 - kept[0]);
    db[1] = dc * before * kept[1] * (1 - kept[1]);
    db[2] = dc * kept[0] * (1 - kept[2] * kept[2]);
    db[3] = d[0] * kept[4] * kept[3] * (1 - kept[3]);
    d[0] = 0;
    d[1] = dc * kept[1];
  }
};

/** Gates r, z, n; state h; kept are r, z, n and the state's share in n. */
struct GruCell {
  static constexpr int GATES = 3, STATES = 1, KEPT = 4, MEMORY = 0;
  static constexpr bool ALIKE = false;

  template <class C>
  static __device__ void step(const C* x, const C* b, C* state, C* kept) {
    kept[0] = sigmoid_of(x[0] + b[0]);
    kept[1] = sigmoid_of(x[1] + b[1]);
    kept[2] = tanh_of(x[2] + kept[0] * b[2]);
    kept[3] = b[2];
    state[0] = (1 - kept[1]) * kept[2] + kept[1] * state[0];
  }

  template <class C>
  static __device__ void back(const C* kept, C before, C* d, C* dx, C* db) {
    C da = d[0] * (1 - kept[1]) * (1 - kept[2] * kept[2]);
    dx[0] = da * kept[3] * kept[0] * (1 - kept[0]);
    dx[1] = d[0] * (before - kept[2]) * kept[1] * (1 - kept[1]);
    dx[2] = da;
    db[0] = dx[0];
    db[1] = dx[1];
    db[2] = da * kept[0];
    d[0] *= kept[1];
  }
};
