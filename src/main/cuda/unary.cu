// Functions of one number. Each line is an operation: its name, and its value for x. See
// elementwise.cuh for the two ways to run them.
#include "elementwise.cuh"

#define STRIDED(name, suffix, T, R)                                                     \
  extern "C" __global__ void name##_strided_##suffix(                                   \
      Walk<2> walk, long long n, const T* x, R* y, double p, double q) {                \
    unary_strided<name##_, T, R>(walk, n, x, y, p, q);                                  \
  }
#define VECTOR(name, suffix, T)                                                         \
  extern "C" __global__ void name##_vector_##suffix(                                    \
      long long n, const T* x, T* y, double p, double q) {                              \
    unary_vector<name##_, T>(n, x, y, p, q);                                            \
  }
#define FUNCTION(name, kind, expression)                                   \
  struct name##_ : kind {                                                  \
    template <class C> static __device__ C f(C x, C p, C q) { return expression; } \
  };

// Overloads by type, so that one expression serves float and double.
#define BOTH(name, single, twice)                              \
  __device__ inline float name(float x) { return single(x); }  \
  __device__ inline double name(double x) { return twice(x); }
BOTH(exp_of, expf, exp)
BOTH(expm1_of, expm1f, expm1)
BOTH(log_of, logf, log)
BOTH(log1p_of, log1pf, log1p)
BOTH(sin_of, sinf, sin)
BOTH(cos_of, cosf, cos)
BOTH(tan_of, tanf, tan)
BOTH(asin_of, asinf, asin)
BOTH(acos_of, acosf, acos)
BOTH(atan_of, atanf, atan)
BOTH(sinh_of, sinhf, sinh)
BOTH(cosh_of, coshf, cosh)
BOTH(tanh_of, tanhf, tanh)
BOTH(erf_of, erff, erf)
BOTH(erfc_of, erfcf, erfc)
BOTH(sqrt_of, sqrtf, sqrt)
BOTH(floor_of, floorf, floor)
BOTH(ceil_of, ceilf, ceil)
BOTH(rint_of, rintf, rint)
BOTH(trunc_of, truncf, trunc)
BOTH(abs_of, fabsf, fabs)

__device__ inline float pow_of(float x, float p) { return p == 2 ? x * x : powf(x, p); }
__device__ inline double pow_of(double x, double p) { return p == 2 ? x * x : pow(x, p); }

// ln(1 + e^βx) / β without overflow.
template <class C> __device__ C softplus_of(C x, C beta) {
  return (x > 0 ? x : x != x ? x : C(0)) + log1p_of(exp_of(-abs_of(beta * x))) / beta;
}

#define FLOATING_FUNCTION(name, expression) FUNCTION(name, Native, expression) FLOATING(name)

FLOATING_FUNCTION(exp, exp_of(x))
FLOATING_FUNCTION(expm1, expm1_of(x))
FLOATING_FUNCTION(log, log_of(x))
FLOATING_FUNCTION(log1p, log1p_of(x))
FLOATING_FUNCTION(sin, sin_of(x))
FLOATING_FUNCTION(cos, cos_of(x))
FLOATING_FUNCTION(tan, tan_of(x))
FLOATING_FUNCTION(asin, asin_of(x))
FLOATING_FUNCTION(acos, acos_of(x))
FLOATING_FUNCTION(atan, atan_of(x))
FLOATING_FUNCTION(sinh, sinh_of(x))
FLOATING_FUNCTION(cosh, cosh_of(x))
FLOATING_FUNCTION(tanh, tanh_of(x))
FLOATING_FUNCTION(erf, erf_of(x))
FLOATING_FUNCTION(erfc, erfc_of(x))
FLOATING_FUNCTION(sqrt, sqrt_of(x))
FLOATING_FUNCTION(floor, floor_of(x))
FLOATING_FUNCTION(ceil, ceil_of(x))
FLOATING_FUNCTION(round, rint_of(x))
FLOATING_FUNCTION(trunc, trunc_of(x))
FLOATING_FUNCTION(relu, x <= 0 ? C(0) : x)
FLOATING_FUNCTION(sigmoid, 1 / (1 + exp_of(-x)))
FLOATING_FUNCTION(softplus, softplus_of(x, p))
FLOATING_FUNCTION(pow, pow_of(x, p))

// p need not be a float; a double is rounded but once, on the way out.
FUNCTION(add_scalar, Exact, x + p)
FLOATING(add_scalar)
INTEGERS(add_scalar)
FUNCTION(mul_scalar, Exact, x * p)
FLOATING(mul_scalar)
INTEGERS(mul_scalar)
FUNCTION(div_scalar, Exact, x / p)
FLOATING(div_scalar)
FUNCTION(clamp, Exact, x < p ? p : x > q ? q : x)
FLOATING(clamp)
INTEGERS(clamp)

FUNCTION(abs, Native, abs_of(x))
FLOATING(abs)
INTEGERS(abs)
FUNCTION(sign, Native, x > 0 ? C(1) : x < 0 ? C(-1) : x)
FLOATING(sign)
INTEGERS(sign)

FUNCTION(compare_scalar_eq, Exact, x == p)
TRUTHS(compare_scalar_eq)
FUNCTION(compare_scalar_ne, Exact, x != p)
TRUTHS(compare_scalar_ne)
FUNCTION(compare_scalar_lt, Exact, x < p)
TRUTHS(compare_scalar_lt)
FUNCTION(compare_scalar_le, Exact, x <= p)
TRUTHS(compare_scalar_le)
FUNCTION(compare_scalar_gt, Exact, x > p)
TRUTHS(compare_scalar_gt)
FUNCTION(compare_scalar_ge, Exact, x >= p)
TRUTHS(compare_scalar_ge)

FUNCTION(not, Native, x == 0)
STRIDED(not, bool, truth, truth)
