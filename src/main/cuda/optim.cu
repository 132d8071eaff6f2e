// Steps of optimisers, each in one pass over a parameter, what is remembered of it, and its
// gradient: all of them are bound by memory, and a composition passes over it ten times.
//
//   naive   a launch for each parameter, one element a thread
//   vector  16 bytes a thread and access, where all addresses allow: a quarter of the requests, and
//           more bytes on their way at a time
//   multi   up to 64 parameters a launch, since most of a network's are so small that to launch
//           takes longer than to step. A block takes a chunk of one parameter, so a huge one is
//           spread over the device and a tiny one costs a block; it reads as vector does where the
//           addresses of its parameter allow, and as naive does where not.
//
// A parameter and what is remembered of it are its state, which a step overwrites. Arithmetic is in
// Wide<T>; each product is rounded, so that all ways have the same bits, those of the CPU.
#include "live.cuh"
#include "number.cuh"
#include "walk.cuh"

__device__ inline float sqrt_of(float x) { return sqrtf(x); }
__device__ inline double sqrt_of(double x) { return sqrt(x); }

/** The gradient with the decay of the weights in it; without one, an infinite w does not matter. */
template <class C> __device__ C decayed(C g, C decay, C w) {
  return decay == 0 ? g : g + product(decay, w);
}

// A step is a struct of its numbers, which come from the host as doubles, and compute in C.

/** Gradient descent: v ← μ·v + g, w ← w − η·v, with g = ∇L + λ·w. */
template <class C>
struct Descent {
  C rate, momentum, decay, nesterov;

  template <class D> __device__ Descent<D> as() const {
    return {(D)rate, (D)momentum, (D)decay, (D)nesterov};
  }

  /** On w and v, if there is a momentum. */
  template <int S>
  __device__ void step(C (&state)[S], C g) const {
    g = decayed(g, decay, state[0]);
    C direction = g;
    if constexpr (S > 1) {
      state[1] = product(momentum, state[1]) + g;
      direction = nesterov != 0 ? g + product(momentum, state[1]) : state[1];
    }
    state[0] -= product(rate, direction);
  }
};

/** Adam: the running averages m and v of g and g², and a step along m / √v. */
template <class C>
struct Moments {
  C keep, decay, beta1, rest1, beta2, rest2, root2, eps, rate;

  template <class D> __device__ Moments<D> as() const {
    return {(D)keep, (D)decay, (D)beta1, (D)rest1, (D)beta2, (D)rest2, (D)root2, (D)eps, (D)rate};
  }

  /** On w, m, v and, if it counts, the largest v so far. */
  template <int S>
  __device__ void step(C (&state)[S], C g) const {
    C w = product(state[0], keep);
    g = decayed(g, decay, w);
    state[1] = product(beta1, state[1]) + product(rest1, g);
    state[2] = product(beta2, state[2]) + product(rest2, product(g, g));
    C v = state[2];
    if constexpr (S > 3) {
      // A NaN wins over any number.
      v = state[3] > v || state[3] != state[3] ? state[3] : v;
      state[3] = v;
    }
    state[0] = w - product(rate, state[1] / (sqrt_of(v) / root2 + eps));
  }
};

/** RMSProp: a step along the gradient over the root of its running square, or variance. */
template <class C, bool CENTERED>
struct Scaled {
  C rate, keep, rest, eps, decay, momentum;

  template <class D> __device__ Scaled<D, CENTERED> as() const {
    return {(D)rate, (D)keep, (D)rest, (D)eps, (D)decay, (D)momentum};
  }

  /** On w and v, then m if it is centred, then b if there is a momentum. */
  template <int S>
  __device__ void step(C (&state)[S], C g) const {
    g = decayed(g, decay, state[0]);
    state[1] = product(keep, state[1]) + product(rest, product(g, g));
    C v = state[1];
    if constexpr (CENTERED) {
      state[2] = product(keep, state[2]) + product(rest, g);
      v -= product(state[2], state[2]);
    }
    C direction = g / (sqrt_of(v) + eps);
    if constexpr (S > 2 + CENTERED) {
      direction += product(momentum, state[S - 1]);
      state[S - 1] = direction;
    }
    state[0] -= product(rate, direction);
  }
};

/** Adagrad: a step along the gradient over the root of the sum of its squares. */
template <class C>
struct Summed {
  C rate, eps, decay;

  template <class D> __device__ Summed<D> as() const { return {(D)rate, (D)eps, (D)decay}; }

  /** On w and the sum. */
  __device__ void step(C (&state)[2], C g) const {
    g = decayed(g, decay, state[0]);
    state[1] += product(g, g);
    state[0] -= product(rate, g / (sqrt_of(state[1]) + eps));
  }
};

/** Where a parameter's state and its gradient lie. */
template <class T, int S>
struct Parameter {
  T* state[S];
  const T* gradient;
};

/** Steps on n elements, W of them at a time: the thread's are number `first`, `first + step`, … */
template <int W, class T, int S, class F>
__device__ void each(const Parameter<T, S>& of, const F& f, long long n, long long first,
                     long long step) {
  typedef typename Wide<T>::type C;
  for (long long i = first; i < n / W; i += step) {
    Few<T, W> values[S], g = ((const Few<T, W>*)of.gradient)[i];
#pragma unroll
    for (int s = 0; s < S; s++) {
      values[s] = ((const Few<T, W>*)of.state[s])[i];
    }
#pragma unroll
    for (int e = 0; e < W; e++) {
      C state[S];
#pragma unroll
      for (int s = 0; s < S; s++) {
        state[s] = widen(values[s].element[e]);
      }
      f.step(state, widen(g.element[e]));
#pragma unroll
      for (int s = 0; s < S; s++) {
        values[s].element[e] = Narrow<T>::of(state[s]);
      }
    }
#pragma unroll
    for (int s = 0; s < S; s++) {
      ((Few<T, W>*)of.state[s])[i] = values[s];
    }
  }
  if constexpr (W > 1) {
    // Fewer than W elements are left, and no fewer threads than that.
    long long rest = n - n % W;
    Parameter<T, S> end;
    for (int s = 0; s < S; s++) {
      end.state[s] = of.state[s] + rest;
    }
    end.gradient = of.gradient + rest;
    each<1>(end, f, n - rest, first, step);
  }
}

template <int W, class T, int S, class Step>
__device__ void one(const Step& by, const Parameter<T, S>& of, long long n) {
  each<W>(of, by.template as<typename Wide<T>::type>(), n, first(), step());
}

/** Parameters of one launch; the table below is to fit in the 4 KiB that a launch takes. */
constexpr int MOST = 64;

/** Many parameters, each with the number of its elements and of its first block. */
template <class T, int S>
struct Parameters {
  T* state[S][MOST];
  const T* gradient[MOST];
  long long elements[MOST];
  long long block[MOST];
};

/** Each block steps on `chunk` elements at most, a multiple of what its threads take at a time. */
template <int W, class T, int S, class Step>
__device__ void many(const Step& by, const Parameters<T, S>& all, int count, long long chunk) {
  int mine = 0;
  for (int after = count; after - mine > 1;) {
    int middle = (mine + after) / 2;
    (all.block[middle] <= blockIdx.x ? mine : after) = middle;
  }
  long long from = (blockIdx.x - all.block[mine]) * chunk;
  long long left = all.elements[mine] - from;
  Parameter<T, S> of;
  of.gradient = all.gradient[mine] + from;
  bool wide = aligned(of.gradient);
  for (int s = 0; s < S; s++) {
    of.state[s] = all.state[s][mine] + from;
    wide = wide && aligned(of.state[s]);
  }
  auto f = by.template as<typename Wide<T>::type>();
  long long n = left < chunk ? left : chunk;
  if (wide) {
    each<W>(of, f, n, threadIdx.x, blockDim.x);
  } else {
    each<1>(of, f, n, threadIdx.x, blockDim.x);
  }
}

#define STEP(name, Step, S, suffix, T)                                                            \
  extern "C" __global__ void name##_naive_##suffix(Live<Step> by, Parameter<T, S> of,             \
                                                   long long n) {                                 \
    one<1>(by.now(), of, n);                                                                      \
  }                                                                                               \
  extern "C" __global__ void name##_vector_##suffix(Live<Step> by, Parameter<T, S> of,            \
                                                    long long n) {                                \
    one<16 / sizeof(T)>(by.now(), of, n);                                                         \
  }                                                                                               \
  extern "C" __global__ void name##_multi_##suffix(Live<Step> by,                                 \
                                                   const __grid_constant__ Parameters<T, S> all,  \
                                                   int count, long long chunk) {                  \
    many<16 / sizeof(T)>(by.now(), all, count, chunk);                                            \
  }
#define STEPS(name, Step, S)                   \
  STEP(name, Step, S, f64, double)             \
  STEP(name, Step, S, f32, float)              \
  STEP(name, Step, S, bf16, __nv_bfloat16)     \
  STEP(name, Step, S, f16, __half)
STEPS(sgd, Descent<double>, 1)
STEPS(sgd_momentum, Descent<double>, 2)
STEPS(adam, Moments<double>, 3)
STEPS(adam_amsgrad, Moments<double>, 4)
typedef Scaled<double, false> Plain;
typedef Scaled<double, true> Centered;
STEPS(rmsprop, Plain, 2)
STEPS(rmsprop_momentum, Plain, 3)
STEPS(rmsprop_centered, Centered, 3)
STEPS(rmsprop_centered_momentum, Centered, 4)
STEPS(adagrad, Summed<double>, 2)
