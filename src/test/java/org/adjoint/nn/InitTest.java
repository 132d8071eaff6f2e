package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiFunction;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.nn.Init.Fan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The distributions that parameters are drawn from. */
class InitTest {
  private static Tensor weight(long... sizes) {
    return Tensor.zeros(new Meta(Shape.of(sizes), DType.F64, Device.CPU)).requireGrad();
  }

  /** Mean 0, the variance of σ, and no element outside of the bound, which some come near to. */
  private static void assertSpread(double deviation, double bound, Tensor t) {
    double[] values = t.toDoubles();
    double n = values.length;
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(x -> x * x).average().orElseThrow();
    double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    assertEquals(0, mean, 5 * deviation / Math.sqrt(n));
    assertEquals(1, variance / (deviation * deviation), 8 / Math.sqrt(n));
    assertTrue(largest <= bound, "largest " + largest);
    if (bound < Double.POSITIVE_INFINITY) {
      assertTrue(largest > 0.98 * bound, "largest " + largest);
    }
  }

  private static final double ANY = Double.POSITIVE_INFINITY;

  @Test
  void deviationsAreThoseOfThePapers() {
    Philox random = new Philox(1);
    Tensor dense = weight(60, 100);
    Tensor conv = weight(20, 10, 5, 5); // 250 inputs, 500 outputs
    double root3 = Math.sqrt(3);

    double xavier = Math.sqrt(2 / 160.0);
    assertSpread(xavier, xavier * root3, Init.xavierUniform(dense, 1, random));
    assertSpread(2 * xavier, ANY, Init.xavierNormal(dense, 2, random));
    double in = Math.sqrt(2 / 250.0);
    assertSpread(in, in * root3, Init.kaimingUniform(conv, Fan.IN, Init.RELU, random));
    assertSpread(in, ANY, Init.kaimingNormal(conv, Fan.IN, Init.RELU, random));
    double out = Math.sqrt(1 / 500.0);
    assertSpread(out, out * root3, Init.kaimingUniform(conv, Fan.OUT, 1, random));
    assertSpread(out, ANY, Init.kaimingNormal(conv, Fan.OUT, 1, random));
    assertSpread(0.5, ANY, Init.normal(dense, 0, 0.5, random));
    assertSpread(0.5 / root3, 0.5, Init.uniform(dense, -0.5, 0.5, random));
  }

  /** For ±aσ, the variance is σ²·(1 − 2a·φ(a) / (2Φ(a) − 1)); both ways of drawing are tried. */
  @ParameterizedTest
  @CsvSource({"2, 0.8796", "1, 0.5396", "0.1, 0.0577"})
  void truncatedNormalsHaveTheirVariance(double a, double deviation) {
    Tensor t = Init.truncatedNormal(weight(100, 100), 0, 2, -2 * a, 2 * a, new Philox(4));

    assertSpread(2 * deviation, 2 * a, t);
  }

  @Test
  void aTruncatedNormalMayLieAside() {
    double[] x = Init.truncatedNormal(weight(100, 100), 3, 2, 3, 100, new Philox(4)).toDoubles();

    assertTrue(Arrays.stream(x).allMatch(v -> v >= 3));
    // The mean of half a normal is σ·√(2/π).
    assertEquals(3 + 2 * Math.sqrt(2 / Math.PI), Arrays.stream(x).average().orElseThrow(), 0.06);
  }

  @ParameterizedTest
  @CsvSource({"5, 5, 1", "3, 7, 1", "7, 3, 1", "4, 6, 3", "129, 128, 1", "1, 1, 1"})
  void orthogonalIsOrthogonal(long rows, long columns, long window) {
    Tensor t = Init.orthogonal(weight(rows, columns, window), 2, new Philox(3));
    Tensor m = t.reshape(rows, columns * window);
    Tensor product = rows > columns * window ? m.t().matmul(m) : m.matmul(m.t());
    int n = Math.toIntExact(product.size(0));
    double[] p = product.toDoubles();
    for (int i = 0; i < p.length; i++) {
      assertEquals(i / n == i % n ? 4 : 0, p[i], 1e-13);
    }
    assertFalse(Arrays.equals(p, m.toDoubles()) && n > 1, "not merely the identity");
  }

  @Test
  void drawsFollowFromTheSeed() {
    BiFunction<Tensor, Philox, Tensor> draw = (t, r) -> Init.orthogonal(t, 1, r);
    double[] first = draw.apply(weight(4, 4), new Philox(1)).toDoubles();

    assertArrayEquals(first, draw.apply(weight(4, 4), new Philox(1)).toDoubles());
    assertFalse(Arrays.equals(first, draw.apply(weight(4, 4), new Philox(2)).toDoubles()));
  }

  @Test
  void parametersStayParameters() {
    Linear linear = new Linear(3, 2, new Philox(1));

    assertSame(linear.bias(), Init.constant(linear.bias(), 0.25));

    assertArrayEquals(new float[] {0.25f, 0.25f}, linear.bias().toFloats());
    assertTrue(linear.bias().requiresGrad());
    assertNull(Objects.requireNonNull(linear.bias().slot()).node());
  }

  @Test
  void gainsAreThoseOfPyTorch() {
    assertEquals(1.4142135623730951, Init.RELU);
    assertEquals(1.6666666666666667, Init.TANH);
    assertEquals(1.3867504905630728, Init.leakyRelu(0.2), 1e-15);
  }

  @Test
  void whatCannotBeDrawnIsRejected() {
    Philox random = new Philox(1);
    assertEquals(
        "init: [3] must have at least two axes to have a fan",
        failure(() -> Init.xavierNormal(weight(3), 1, random)));
    assertEquals(
        "init: [3, 0] has no neighbours",
        failure(() -> Init.kaimingNormal(weight(3, 0), Fan.IN, 1, random)));
    assertEquals(
        "orthogonal: [3] must have at least two axes",
        failure(() -> Init.orthogonal(weight(3), 1, random)));
    assertEquals(
        "uniform: low 1.0 must be at most high 0.0",
        failure(() -> Init.uniform(weight(3), 1, 0, random)));
    assertEquals(
        "normal: deviation -1.0 must be at least 0",
        failure(() -> Init.normal(weight(3), 0, -1, random)));
    assertEquals(
        "truncated normal: mean 3.0 must lie in [-1.0, 1.0], and deviation 1.0 be above 0",
        failure(() -> Init.truncatedNormal(weight(3), 3, 1, -1, 1, random)));
  }

  private static String failure(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
