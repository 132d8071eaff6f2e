// Steps of optimisers, each in one pass over a parameter, what is remembered of it, and its
// gradient: all of them are bound by memory, and a composition passes over it ten times.
//
//   naive   one element a thread
//   vector  16 bytes a thread and access, where all addresses allow
//
// Arithmetic is in Wide<T>. Outputs may be inputs: each thread reads its elements before it writes.
#include "number.cuh"
#include "walk.cuh"

__device__ inline float sqrt_of(float x) { return sqrtf(x); }
__device__ inline double sqrt_of(double x) { return sqrt(x); }

/** Gradient descent: v ← μ·v + g, w ← w − η·v, with g = ∇L + λ·w. */
template <class C>
struct Descent {
  C rate, momentum, decay;
  bool nesterov;

  /** On w and v, if there is a momentum. */
  template <int S>
  __device__ void step(C (&state)[S], C g) const {
    g = decay == 0 ? g : g + decay * state[0];
    C direction = g;
    if constexpr (S > 1) {
      state[1] = momentum * state[1] + g;
      direction = nesterov ? g + momentum * state[1] : state[1];
    }
    state[0] -= rate * direction;
  }
};

/** Adam: the running averages m and v of g and g², and a step along m / √v. */
template <class C>
struct Moments {
  C keep, decay, beta1, rest1, beta2, rest2, root2, eps, rate;

  /** On w, m, v and, if it counts, the largest v so far. */
  template <int S>
  __device__ void step(C (&state)[S], C g) const {
    C w = state[0] * keep;
    g = decay == 0 ? g : g + decay * w;
    state[1] = beta1 * state[1] + rest1 * g;
    state[2] = beta2 * state[2] + rest2 * g * g;
    C v = state[2];
    if constexpr (S > 3) {
      // A NaN wins over any number.
      v = state[3] > v || state[3] != state[3] ? state[3] : v;
      state[3] = v;
    }
    state[0] = w - rate * (state[1] / (sqrt_of(v) / root2 + eps));
  }
};

/** Runs `f` on S numbers for each of n elements, W elements at a time. */
template <class T, int S, int W, class F>
__device__ void each(long long n, const T* const (&in)[S], const T* gradient, T* const (&out)[S],
                     const F& f) {
  typedef typename Wide<T>::type C;
  for (long long i = first(); i < n / W; i += step()) {
    Few<T, W> values[S], g = ((const Few<T, W>*)gradient)[i];
#pragma unroll
    for (int s = 0; s < S; s++) {
      values[s] = ((const Few<T, W>*)in[s])[i];
    }
#pragma unroll
    for (int e = 0; e < W; e++) {
      C state[S];
#pragma unroll
      for (int s = 0; s < S; s++) {
        state[s] = widen(values[s].element[e]);
      }
      f(state, widen(g.element[e]));
#pragma unroll
      for (int s = 0; s < S; s++) {
        values[s].element[e] = Narrow<T>::of(state[s]);
      }
    }
#pragma unroll
    for (int s = 0; s < S; s++) {
      ((Few<T, W>*)out[s])[i] = values[s];
    }
  }
  if (W > 1) {
    long long tail = n - n % W + first();
    if (tail < n) {
      C state[S];
#pragma unroll
      for (int s = 0; s < S; s++) {
        state[s] = widen(in[s][tail]);
      }
      f(state, widen(gradient[tail]));
#pragma unroll
      for (int s = 0; s < S; s++) {
        out[s][tail] = Narrow<T>::of(state[s]);
      }
    }
  }
}

/** The numbers of a step, as the host knows them. */
struct DescentNumbers {
  double rate, momentum, decay, nesterov;

  template <class C> __device__ Descent<C> as() const {
    return {(C)rate, (C)momentum, (C)decay, nesterov != 0};
  }
};
struct MomentsNumbers {
  double keep, decay, beta1, rest1, beta2, rest2, root2, eps, rate;

  template <class C> __device__ Moments<C> as() const {
    return {(C)keep, (C)decay, (C)beta1, (C)rest1, (C)beta2, (C)rest2, (C)root2, (C)eps, (C)rate};
  }
};

template <class T, int S, int W>
__device__ void descend(long long n, const DescentNumbers& by, const T* const (&in)[S], const T* g,
                        T* const (&out)[S]) {
  typedef typename Wide<T>::type C;
  Descent<C> descent = by.as<C>();
  each<T, S, W>(n, in, g, out, [&](C(&state)[S], C gradient) { descent.step(state, gradient); });
}

template <class T, int S, int W>
__device__ void adapt(long long n, const MomentsNumbers& by, const T* const (&in)[S], const T* g,
                      T* const (&out)[S]) {
  typedef typename Wide<T>::type C;
  Moments<C> moments = by.as<C>();
  each<T, S, W>(n, in, g, out, [&](C(&state)[S], C gradient) { moments.step(state, gradient); });
}

#define STEPS(way, suffix, T, W)                                                                  \
  extern "C" __global__ void sgd_##way##_##suffix(                                                \
      long long n, DescentNumbers by, const T* w, const T* g, T* w_out) {                         \
    const T* const in[1] = {w};                                                                   \
    T* const out[1] = {w_out};                                                                    \
    descend<T, 1, W>(n, by, in, g, out);                                                          \
  }                                                                                               \
  extern "C" __global__ void sgd_momentum_##way##_##suffix(                                       \
      long long n, DescentNumbers by, const T* w, const T* v, const T* g, T* w_out, T* v_out) {   \
    const T* const in[2] = {w, v};                                                                \
    T* const out[2] = {w_out, v_out};                                                             \
    descend<T, 2, W>(n, by, in, g, out);                                                          \
  }                                                                                               \
  extern "C" __global__ void adam_##way##_##suffix(                                               \
      long long n, MomentsNumbers by, const T* w, const T* m, const T* v, const T* g, T* w_out,   \
      T* m_out, T* v_out) {                                                                       \
    const T* const in[3] = {w, m, v};                                                             \
    T* const out[3] = {w_out, m_out, v_out};                                                      \
    adapt<T, 3, W>(n, by, in, g, out);                                                            \
  }                                                                                               \
  extern "C" __global__ void adam_amsgrad_##way##_##suffix(                                       \
      long long n, MomentsNumbers by, const T* w, const T* m, const T* v, const T* peak,          \
      const T* g, T* w_out, T* m_out, T* v_out, T* peak_out) {                                    \
    const T* const in[4] = {w, m, v, peak};                                                       \
    T* const out[4] = {w_out, m_out, v_out, peak_out};                                            \
    adapt<T, 4, W>(n, by, in, g, out);                                                            \
  }
STEPS(naive, f64, double, 1)
STEPS(naive, f32, float, 1)
STEPS(naive, bf16, __nv_bfloat16, 1)
STEPS(naive, f16, __half, 1)
STEPS(vector, f64, double, 2)
STEPS(vector, f32, float, 4)
STEPS(vector, bf16, __nv_bfloat16, 8)
STEPS(vector, f16, __half, 8)
