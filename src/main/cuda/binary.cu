// Functions of two numbers. Each line is an operation: its name, and its value for a and b. See
// elementwise.cuh for the two ways to run them.
#include "elementwise.cuh"

#define STRIDED(name, suffix, T, R)                                                       \
  extern "C" __global__ void name##_strided_##suffix(                                     \
      Walk<3> walk, long long n, const T* a, const T* b, R* y, double p, double q) {      \
    binary_strided<name##_, T, R>(walk, n, a, b, y, p, q);                                \
  }
#define VECTOR(name, suffix, T)                                                           \
  extern "C" __global__ void name##_vector_##suffix(                                      \
      long long n, const T* a, const T* b, T* y, double p, double q) {                    \
    binary_vector<name##_, T>(n, a, b, y, p, q);                                          \
  }
#define FUNCTION(name, expression)                                                        \
  struct name##_ : Native {                                                               \
    template <class C> static __device__ C f(C a, C b, C p, C q) { return expression; }   \
  };

__device__ inline float mod(float a, float b) { return fmodf(a, b); }
__device__ inline double mod(double a, double b) { return fmod(a, b); }
__device__ inline float angle(float a, float b) { return atan2f(a, b); }
__device__ inline double angle(double a, double b) { return atan2(a, b); }

// The remainder that has the sign of b.
template <class C> __device__ C floored_mod(C a, C b) {
  C rest = mod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

FUNCTION(add, a + b)
FLOATING(add)
INTEGERS(add)
FUNCTION(sub, a - b)
FLOATING(sub)
INTEGERS(sub)
FUNCTION(mul, a * b)
FLOATING(mul)
INTEGERS(mul)
FUNCTION(div, a / b)
FLOATING(div)
// A NaN wins over any number.
FUNCTION(maximum, a != a ? a : b != b ? b : a < b ? b : a)
FLOATING(maximum)
INTEGERS(maximum)
FUNCTION(minimum, a != a ? a : b != b ? b : b < a ? b : a)
FLOATING(minimum)
INTEGERS(minimum)
FUNCTION(remainder, floored_mod(a, b))
FLOATING(remainder)
INTEGERS(remainder)
FUNCTION(atan2, angle(a, b))
FLOATING(atan2)

// Gradients, of y and dy.
FUNCTION(relu_gate, a > 0 ? b : C(0))
FLOATING(relu_gate)
FUNCTION(sigmoid_grad, b * (a * (1 - a)))
FLOATING(sigmoid_grad)
FUNCTION(tanh_grad, b * ((1 - a) * (1 + a)))  // 1 - a * a would cancel where a is near 1
FLOATING(tanh_grad)

FUNCTION(compare_eq, a == b)
TRUTHS(compare_eq)
FUNCTION(compare_ne, a != b)
TRUTHS(compare_ne)
FUNCTION(compare_lt, a < b)
TRUTHS(compare_lt)
FUNCTION(compare_le, a <= b)
TRUTHS(compare_le)
FUNCTION(compare_gt, a > b)
TRUTHS(compare_gt)
FUNCTION(compare_ge, a >= b)
TRUTHS(compare_ge)

FUNCTION(and, a != 0 && b != 0)
STRIDED(and, bool, truth, truth)
FUNCTION(or, a != 0 || b != 0)
STRIDED(or, bool, truth, truth)
