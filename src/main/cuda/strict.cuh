// Logarithm, sine and cosine with the bits of Java's StrictMath, which are those of FDLIBM 5.3 (Sun
// Microsystems, 1995): the same polynomials, every operation rounded on its own. CUDA's own functions
// are as exact, but other bits; and the compiler would melt a product and a sum into one rounding.
#pragma once
#include "common.cuh"

/** A double whose sums and products are not melted. */
struct Strict {
  double value;
  __device__ Strict(double x) : value(x) {}
};
__device__ inline Strict operator+(Strict a, Strict b) { return __dadd_rn(a.value, b.value); }
__device__ inline Strict operator-(Strict a, Strict b) { return __dadd_rn(a.value, -b.value); }
__device__ inline Strict operator*(Strict a, Strict b) { return __dmul_rn(a.value, b.value); }
__device__ inline Strict operator/(Strict a, Strict b) { return a.value / b.value; }

/** The upper half of the bits, and x with another one. */
__device__ inline int high_word(Strict x) { return (int)(__double_as_longlong(x.value) >> 32); }
__device__ inline Strict with_high_word(Strict x, int high) {
  return __longlong_as_double((long long)high << 32 |
                              (__double_as_longlong(x.value) & 0xffffffffLL));
}

/** ln x, for 2⁻¹⁰²² ≤ x < ∞. */
__device__ inline double strict_log(double of) {
  const Strict ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
  // x = 2ᵏ (1 + f), √½ < 1 + f < √2
  int high = high_word(of);
  int k = (high >> 20) - 1023;
  high &= 0xfffff;
  int carry = (high + 0x95f64) & 0x100000;
  Strict x = with_high_word(of, high | (carry ^ 0x3ff00000));
  k += carry >> 20;
  Strict f = x - 1.0;
  Strict dk = (double)k;
  if ((0xfffff & (2 + high)) < 3) {  // |f| < 2⁻²⁰
    if (f.value == 0) {
      return k == 0 ? 0.0 : (dk * ln2_hi + dk * ln2_lo).value;
    }
    Strict r = f * f * (Strict(0.5) - Strict(0.33333333333333333) * f);
    return k == 0 ? (f - r).value : (dk * ln2_hi - ((r - dk * ln2_lo) - f)).value;
  }
  Strict s = f / (Strict(2.0) + f);
  Strict z = s * s;
  Strict w = z * z;
  Strict t1 = w * (Strict(3.999999999940941908e-01) +
                   w * (Strict(2.222219843214978396e-01) + w * 1.531383769920937332e-01));
  Strict t2 = z * (Strict(6.666666666666735130e-01) +
                   w * (Strict(2.857142874366239149e-01) +
                        w * (Strict(1.818357216161805012e-01) + w * 1.479819860511658591e-01)));
  Strict r = t2 + t1;
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    Strict half = Strict(0.5) * f * f;
    return k == 0 ? (f - (half - s * (half + r))).value
                  : (dk * ln2_hi - ((half - (s * (half + r) + dk * ln2_lo)) - f)).value;
  }
  return k == 0 ? (f - s * (f - r)).value
                : (dk * ln2_hi - ((s * (f - r) - dk * ln2_lo) - f)).value;
}

/** sin(x + tail), for |x| ≤ π/4. */
__device__ inline Strict sine_near_zero(Strict x, Strict tail, bool has_tail) {
  const Strict s1 = -1.66666666666666324348e-01;
  if ((high_word(x) & 0x7fffffff) < 0x3e400000) {  // below 2⁻²⁷
    return x;
  }
  Strict z = x * x;
  Strict v = z * x;
  Strict r =
      Strict(8.33333333332248946124e-03) +
      z * (Strict(-1.98412698298579493134e-04) +
           z * (Strict(2.75573137070700676789e-06) +
                z * (Strict(-2.50507602534068634195e-08) + z * 1.58969099521155010221e-10)));
  return has_tail ? x - ((z * (Strict(0.5) * tail - v * r) - tail) - v * s1) : x + v * (s1 + z * r);
}

/** cos(x + tail), for |x| ≤ π/4. */
__device__ inline Strict cosine_near_zero(Strict x, Strict tail) {
  const Strict one = 1.0;
  int high = high_word(x) & 0x7fffffff;
  if (high < 0x3e400000) {
    return one;
  }
  Strict z = x * x;
  Strict r =
      z * (Strict(4.16666666666666019037e-02) +
           z * (Strict(-1.38888888888741095749e-03) +
                z * (Strict(2.48015872894767294178e-05) +
                     z * (Strict(-2.75573143513906633035e-07) +
                          z * (Strict(2.08757232129817482790e-09) + z * -1.13596475577881948265e-11)))));
  if (high < 0x3fd33333) {  // below 0.3
    return one - (Strict(0.5) * z - (z * r - x * tail));
  }
  Strict q = high > 0x3fe90000 ? Strict(0.28125) : with_high_word(0.0, high - 0x00200000);
  Strict half = Strict(0.5) * z - q;
  return (one - q) - (half - (z * r - x * tail));
}

/** sin x or cos x, for 0 ≤ x ≤ 2π. */
__device__ inline double strict_wave(double x, bool cosine) {
  const Strict pi_1 = 1.57079632673412561417e+00, tail_1 = 6.07710050650619224932e-11;
  const Strict pi_2 = 6.07710050630396597660e-11, tail_2 = 2.02226624879595063154e-21;
  const Strict pi_3 = 2.02226624871116645580e-21, tail_3 = 8.47842766036889956997e-32;
  int high = high_word(x);
  if (high <= 0x3fe921fb) {  // up to π/4
    return cosine ? cosine_near_zero(x, 0.0).value : sine_near_zero(x, 0.0, false).value;
  }
  // x less the nearest multiple of π/2, as y and its tail
  int n = (int)(Strict(x) * 6.36619772367581382433e-01 + 0.5).value;
  Strict fn = (double)n;
  Strict r = Strict(x) - fn * pi_1;
  Strict w = fn * tail_1;
  Strict y = r - w;
  // As close to a multiple as this, up to 20 bits have cancelled, and more bits of π/2 count.
  int multiple = n == 1 ? 0x3ff921fb : n == 2 ? 0x400921fb : n == 3 ? 0x4012d97c : 0x401921fb;
  if (high == multiple) {
    Strict t = r;
    r = t - fn * pi_2;
    w = n == 1 ? Strict(tail_2) : fn * tail_2 - ((t - r) - fn * pi_2);
    y = r - w;
    if ((high >> 20) - (high_word(y) >> 20 & 0x7ff) > 49) {
      t = r;
      r = t - fn * pi_3;
      w = fn * tail_3 - ((t - r) - fn * pi_3);
      y = r - w;
    }
  }
  Strict tail = (r - y) - w;
  int quarter = (n + (cosine ? 1 : 0)) & 3;
  double wave =
      quarter % 2 == 0 ? sine_near_zero(y, tail, true).value : cosine_near_zero(y, tail).value;
  return quarter >= 2 ? -wave : wave;
}
