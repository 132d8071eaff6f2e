package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/**
 * y = erf x = 2/√π ∫ e^(−t²) dt from 0 to x, within 2 units in the last place of a double.
 * Gradient: dx = dy ⊙ 2/√π e^(−x²).
 *
 * <p>Below 1 it is the power series (Abramowitz and Stegun, Handbook of mathematical functions,
 * 7.1.5); above, 1 − erfc x. {@link #erfc} is given by the rational approximations of W. J. Cody
 * (Rational Chebyshev approximations for the error function, Mathematics of Computation 23, 1969)
 * and good to 6 units in the last place.
 */
public record Erf() implements Unary {
  private static final int TERMS = 20; // the first left out, 1/(21! · 43), is below 2⁻⁷⁰

  // 2/√π to twice the digits of a double.
  private static final double SLOPE_HIGH = 1.1283791670955126;
  private static final double SLOPE_LOW = 1.533545961316588e-17;

  // Coefficients from the highest power down, numerators and denominators.
  private static final double[] MIDDLE_P = {
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
    2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
    1.23033935479799725e3
  };
  private static final double[] MIDDLE_Q = {
    1,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3
  };
  private static final double[] TAIL_P = {
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
    1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4
  };
  private static final double[] TAIL_Q = {
    1,
    2.56852019228982242,
    1.87295284992346725,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3
  };

  @Override
  public double f(double x) {
    double size = Math.abs(x);
    return Math.copySign(size < 1 ? series(size) : 1 - positiveErfc(size), x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().erf(x[0], at[0], y, yAt, n);
  }

  /** 1 − erf x, small as it may be. */
  static double erfc(double x) {
    double size = Math.abs(x);
    if (size < 0.5) {
      return 1 - Math.copySign(series(size), x);
    }
    return x < 0 ? 2 - positiveErfc(size) : positiveErfc(size);
  }

  /** 2x/√π Σ (−x²)ⁿ / (n! (2n + 1)). */
  private static double series(double x) {
    double square = x * x;
    double sum = 0;
    for (int n = TERMS; n > 0; n--) {
      sum = -square / n * (1.0 / (2 * n + 1) + sum);
    }
    // The first term is nearly all there is, so its own rounding error is added back.
    double first = SLOPE_HIGH * x;
    double error = Math.fma(SLOPE_HIGH, x, -first);
    return first + Math.fma(x, SLOPE_LOW + SLOPE_HIGH * sum, error);
  }

  /** erfc for x ≥ 0.5: e^(−x²) times a quotient. */
  private static double positiveErfc(double x) {
    if (x > 28) {
      return 0; // below the smallest double
    }
    double quotient;
    if (x <= 4) {
      quotient = polynomial(MIDDLE_P, x) / polynomial(MIDDLE_Q, x);
    } else {
      double z = 1 / (x * x);
      double correction = z * polynomial(TAIL_P, z) / polynomial(TAIL_Q, z);
      quotient = (SLOPE_HIGH / 2 - correction) / x;
    }
    // x² with its rounding error, for which e^(−error) = 1 − error.
    double square = x * x;
    double error = Math.fma(x, x, -square);
    double exponential = StrictMath.exp(-square);
    return (exponential - exponential * error) * quotient;
  }

  private static double polynomial(double[] coefficients, double x) {
    double sum = 0;
    for (double c : coefficients) {
      sum = Math.fma(sum, x, c);
    }
    return sum;
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(slope(saved.input(0)))};
  }

  /** 2/√π e^(−x²). */
  static Tensor slope(Tensor x) {
    return x.mul(x).neg().exp().mul(SLOPE_HIGH);
  }

  static OpSpec spec() {
    return OpSpec.of(new Erf())
        .gpuUlps(2)
        .formula("y = 2/√π ∫ exp(−t²) dt from 0 to x")
        .gradient("dx = dy ⊙ 2/√π exp(−x²)")
        .ulps(1)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Erf().apply(Tensor.of(1L)),
            "erf: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
