package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses of huge logits, normalisation of far values, masks by counter, and other far corners. */
class SpatialEdgesTest {
  private static final float INF = Float.POSITIVE_INFINITY;

  private static double[] gradient(Tensor loss, Tensor x) {
    loss.backward();
    return x.grad().toDoubles();
  }

  // ---- losses ----------------------------------------------------------------------------------

  @Test
  void crossEntropyOfHugeLogitsIsFinite() {
    Tensor x = Tensor.of(Shape.of(1, 3), 1e4f, -1e4f, 0f).requireGrad();
    Tensor loss = CrossEntropy.of(x, Tensor.of(1L), null, -1, 0.1, Reduction.MEAN);
    assertEquals(0.9 * 2e4 + 0.1 * 1e4, loss.item(), 1e-2);
    double each = 0.1 / 3;
    assertArrayEquals(new double[] {1 - each, -0.9 - each, -each}, gradient(loss, x), 1e-6);
  }

  @Test
  void binaryCrossEntropyOfHugeLogitsIsExact() {
    Tensor x = Tensor.of(1e4f, -1e4f, 1e4f, -1e4f).requireGrad();
    Tensor target = Tensor.of(0f, 0f, 1f, 1f);
    Tensor losses = BceWithLogits.of(x, target, null, null, Reduction.NONE);
    assertArrayEquals(new double[] {1e4, 0, 0, 1e4}, losses.toDoubles(), 1e-30);
    assertArrayEquals(new double[] {1, 0, 0, -1}, gradient(losses.sum(), x), 1e-30);
  }

  @Test
  void binaryCrossEntropyOfCertaintyEndsAtAHundred() {
    for (DType dtype : List.of(DType.F64, DType.F32, DType.BF16, DType.F16)) {
      Tensor p = Tensor.of(0.0, 1, 0, 1).to(dtype).requireGrad();
      Tensor losses = Bce.of(p, Tensor.of(0.0, 0, 1, 1).to(dtype), null, Reduction.NONE);
      assertArrayEquals(new double[] {0, 100, 100, 0}, losses.toDoubles(), 1e-4, dtype.toString());
      for (double slope : gradient(losses.sum(), p)) {
        assertTrue(Double.isFinite(slope), dtype + ": " + slope);
      }
    }
  }

  @Test
  void whatIsNoProbabilityIsNotANumber() {
    for (double p : new double[] {-0.5, 1.5, Double.NaN}) {
      assertTrue(Double.isNaN(Bce.of(Tensor.of(p), Tensor.of(0.5)).item()), "p = " + p);
    }
  }

  @Test
  void whatIsIgnoredMayBeInfinite() {
    Tensor logp = Tensor.of(Shape.of(2, 2), -INF, 0f, -2f, -3f).requireGrad();
    Tensor loss = Nll.of(logp, Tensor.of(-100, 1));
    assertEquals(3, loss.item());
    assertArrayEquals(new double[] {0, 0, 0, -1}, gradient(loss, logp));
  }

  @Test
  void theMeanOfNothingIsNan() {
    Tensor loss = Nll.of(Tensor.zeros(2, 3), Tensor.of(-100L, -100L));
    assertTrue(Double.isNaN(loss.item()));
  }

  @Test
  void huberIsAStraightLineFarOut() {
    Tensor x = Tensor.of(1e8f, -1e8f, 1e-10f).requireGrad();
    Tensor losses = Huber.of(x, Tensor.zeros(3), 2, Reduction.NONE);
    assertArrayEquals(new float[] {2e8f, 2e8f, 1e-10f * 1e-10f / 2}, losses.toFloats());
    assertArrayEquals(new double[] {2, -2, 1e-10f}, gradient(losses.sum(), x));
  }

  @Test
  void noTargetNoDivergence() {
    Tensor x = Tensor.of(-1f, -2f).requireGrad();
    Tensor losses = KlDiv.of(x, Tensor.of(0f, 1f), false, Reduction.NONE);
    assertArrayEquals(new double[] {0, 2}, losses.toDoubles(), 1e-30);
    assertArrayEquals(new double[] {0, -1}, gradient(losses.sum(), x), 1e-30);
  }

  @Test
  void theCosineOfNothingIsZero() {
    Tensor a = Tensor.zeros(1, 3).requireGrad();
    Tensor cosine = CosineSimilarity.of(a, Tensor.ones(1, 3), 1, 1e-8);
    assertEquals(0, cosine.item());
    for (double slope : gradient(cosine.sum(), a)) {
      assertTrue(Double.isFinite(slope), "slope " + slope);
    }
  }

  // ---- normalisation ---------------------------------------------------------------------------

  @Test
  void varianceSurvivesAFarMean() {
    double[] near = {0, 1, 2, 5};
    double[] far = Arrays.stream(near).map(x -> x + 1e9).toArray();
    Shape four = Shape.of(4);
    Tensor expected = LayerNorm.of(Tensor.of(near), four, null, null, 1e-5);
    Tensor got = LayerNorm.of(Tensor.of(far), four, null, null, 1e-5);
    assertArrayEquals(expected.toDoubles(), got.toDoubles(), 1e-12);
  }

  @Test
  void squaresOfHalvesDoNotOverflow() {
    Tensor x = Tensor.of(6e4, -6e4).to(DType.F16);
    double[] unit = {1, -1};
    assertArrayEquals(unit, LayerNorm.of(x, Shape.of(2), null, null, 1e-5).toDoubles());
    assertArrayEquals(unit, RmsNorm.of(x, Shape.of(2), null, 1e-5).toDoubles());
    Tensor pooled = AvgPool.of(Tensor.of(6e4, 6e4).to(DType.F16).reshape(1, 1, 2), 2);
    assertEquals(Tensor.of(6e4).to(DType.F16).item(), pooled.item());
  }

  @Test
  void runningStatisticsOutliveTheStep() {
    Tensor mean = Tensor.zeros(1);
    Tensor variance = Tensor.ones(1);
    Tensor x = Tensor.of(Shape.of(3, 1), 1f, 2f, 6f);
    for (DType dtype : List.of(DType.F32, DType.BF16)) {
      try (Scope _ = Scope.open()) {
        Tensor y = BatchNorm.training(x.to(dtype), null, null, mean, variance, 0.5, 0);
        assertEquals(dtype, y.dtype());
        assertEquals(0, y.sum().item(), 0.02);
      }
    }
    assertEquals(0.25 * 0 + 0.75 * 3, mean.item());
    assertEquals(0.25 * 1 + 0.75 * 7, variance.item()); // unbiased: (4 + 1 + 9) / 2
    Tensor y = BatchNorm.evaluating(x, null, null, mean, variance, 0);
    assertEquals((1 - 2.25) / Math.sqrt(5.5), y.toDoubles()[0], 1e-6);
    assertEquals(2.25, mean.item());
  }

  // ---- windows ---------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"109, 54, 54", "110, 54, 55", "55, 27, 27", "28, 13, 14", "3, 1, 1", "4, 1, 2"})
  void aLastWindowSeesWhatIsLeftOver(int size, int floor, int ceil) {
    Tensor x = Tensor.arange(size).to(DType.F32).reshape(1, 1, size);
    Sliding sliding = Sliding.over(1).withStride(2);
    assertEquals(floor, MaxPool.of(x, sliding, 3).size(2));
    Tensor y = MaxPool.of(x, sliding, true, 3);
    assertEquals(ceil, y.size(2));
    assertEquals(size - 1, y.select(2, -1).item());
  }

  @Test
  void aTransposedConvolutionIsTheAdjoint() {
    Philox random = new Philox(5);
    for (int stride = 1; stride <= 3; stride++) {
      for (int padding = 0; padding <= 1; padding++) {
        for (int extra = 0; extra < stride; extra++) {
          Sliding sliding = Sliding.over(1).withStride(stride).withPadding(padding);
          Tensor b = integers(random, 2, 4, 5);
          Tensor w = integers(random, 4, 3, 3);
          Tensor up = ConvTranspose.of(b, w, sliding, List.of(extra), 1);
          Tensor a = integers(random, up.shape().toArray());
          Tensor down = Conv.of(a, w, sliding, 1);
          assertEquals(b.shape(), down.shape());
          assertEquals(a.mul(up).sum().item(), down.mul(b).sum().item());
        }
      }
    }
  }

  private static Tensor integers(Philox random, long... sizes) {
    int n = (int) Shape.of(sizes).count();
    double[] x = IntStream.range(0, n).mapToDouble(i -> random.nextInt(9) - 4).toArray();
    return Tensor.of(Shape.of(sizes), x);
  }

  @Test
  void poolingToOneCellIsTheMean() {
    Tensor x = integers(new Philox(6), 2, 3, 4, 4);
    double[] mean = GlobalAvgPool.of(x).toDoubles();
    assertArrayEquals(mean, AdaptiveAvgPool.of(x, 1).toDoubles(), 1e-15);
    assertArrayEquals(mean, AvgPool.of(x, 4).toDoubles(), 1e-15);
  }

  @Test
  void resizingToTheSameSizeChangesNothing() {
    Tensor x = Tensor.arange(12).reshape(1, 1, 3, 4);
    assertSame(x, Resize.nearest(x, 3, 4));
    assertArrayEquals(
        new long[] {0, 0, 1, 1, 2, 2, 3, 3}, Arrays.copyOf(Resize.nearestBy(x, 2).toLongs(), 8));
  }

  // ---- dropout ---------------------------------------------------------------------------------

  @Test
  void theMaskIsAFunctionOfTheCounter() {
    double[] whole = new Dropout(0.4, 9, 0).apply(Tensor.ones(20)).toDoubles();
    double[] part = new Dropout(0.4, 9, 5).apply(Tensor.ones(10)).toDoubles();
    assertArrayEquals(Arrays.copyOfRange(whole, 5, 15), part);
    double[] other = new Dropout(0.4, 10, 0).apply(Tensor.ones(20)).toDoubles();
    assertFalse(Arrays.equals(whole, other));
  }

  @Test
  void thePartThatIsDroppedIsP() {
    int n = 100_000;
    for (double p : new double[] {0.1, 0.5, 0.8}) {
      Tensor x = Tensor.ones(n).requireGrad();
      Tensor y = Dropout.of(x, p, 3, 77);
      long zeros = Arrays.stream(y.toDoubles()).filter(v -> v == 0).count();
      assertEquals(p, (double) zeros / n, 5 * Math.sqrt(p * (1 - p) / n));
      assertEquals((float) (1 / (1 - p)), Arrays.stream(y.toDoubles()).max().orElseThrow());
      assertArrayEquals(y.toDoubles(), gradient(y.sum(), x));
    }
  }

  @Test
  void nothingOrAllMayBeDropped() {
    Tensor x = Tensor.of(1f, INF, Float.NaN);
    assertSame(x, Dropout.of(x, 0, 1, 0));
    assertArrayEquals(new float[3], Dropout.of(x, 1, 1, 0).toFloats());
  }
}
