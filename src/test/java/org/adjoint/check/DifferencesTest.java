package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.adjoint.check.Differences.Derivative;
import org.junit.jupiter.api.Test;

/** Bounds that hold, and are narrow, for functions whose derivatives are known. */
class DifferencesTest {
  private static final double[] POINTS = {0.5, 0.75, 1, 1.625, 2.5, -0.625, -3};

  private static void check(String name, DoubleUnaryOperator f, DoubleUnaryOperator derivative) {
    for (double x : POINTS) {
      if (Double.isNaN(f.applyAsDouble(x))) {
        continue;
      }
      UnaryOperator<double[]> vector = in -> new double[] {f.applyAsDouble(in[0])};
      Derivative found =
          new Differences(vector, new double[] {x}, new double[] {0.75}).along(new double[] {1});
      double expected = 0.75 * derivative.applyAsDouble(x);
      double error = Math.abs(found.value() - expected);
      String what = name + "'(" + x + "): error " + error + ", bound " + found.bound();
      assertTrue(error <= found.bound(), what);
      assertTrue(found.bound() <= 1e-10 * Math.max(1, Math.abs(expected)), what);
    }
  }

  @Test
  void boundsHold() {
    check("sin", StrictMath::sin, StrictMath::cos);
    check("exp", StrictMath::exp, StrictMath::exp);
    check("log", StrictMath::log, x -> 1 / x);
    check("1/x", x -> 1 / x, x -> -1 / (x * x));
    check("tanh", StrictMath::tanh, x -> 1 - StrictMath.tanh(x) * StrictMath.tanh(x));
    check("x^5", x -> x * x * x * x * x, x -> 5 * x * x * x * x);
  }

  @Test
  void boundGrowsWithTheNoise() {
    UnaryOperator<double[]> quiet = x -> new double[] {StrictMath.sin(x[0])};
    // As a function that has lost its last twelve digits.
    UnaryOperator<double[]> noisy =
        x -> new double[] {Math.rint(StrictMath.sin(x[0]) * 0x1p40) / 0x1p40};
    double[] at = {0.75};
    double[] one = {1};
    Derivative exact = new Differences(quiet, at, one).along(one);
    Derivative rough = new Differences(noisy, at, one).along(one);
    assertTrue(Math.abs(rough.value() - StrictMath.cos(0.75)) <= rough.bound());
    assertTrue(rough.bound() > 100 * exact.bound());
  }

  @Test
  void kinkIsSeen() {
    UnaryOperator<double[]> kink = x -> new double[] {Math.abs(x[0] - 0x1p-9)};
    Derivative found =
        new Differences(kink, new double[] {0}, new double[] {1}).along(new double[] {1});
    assertTrue(found.bound() > 1e-3, "a bound near a kink is wide: " + found);
  }

  @Test
  void linearFunctionsAreExact() {
    UnaryOperator<double[]> sum = x -> new double[] {Arrays.stream(x).sum()};
    double[] x = {0.5, -3, 1.25};
    Derivative found =
        new Differences(sum, x, new double[] {1}).along(new double[] {1, 0.5, -0.25});
    assertEquals(1.25, found.value());
  }

  @Test
  void nanHasNoBound() {
    UnaryOperator<double[]> nan = x -> new double[] {Double.NaN};
    Derivative found =
        new Differences(nan, new double[] {1}, new double[] {1}).along(new double[] {1});
    Tally tally = new Tally("op", "check");
    tally.compare("derivative", found.value(), 1, found.bound());
    assertEquals(1, tally.failures().size());
  }
}
