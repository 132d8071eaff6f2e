package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.adjoint.DType;
import org.adjoint.GoldenTensors;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Eigenvalues, singular values and linear systems, on matrices that are not kind. */
class SpectraTest {
  private static final double U = DType.F64.unitRoundoff();
  private static final GoldenTensors GOLDENS = GoldenTensors.read("spectra.txt");

  private static double norm(Tensor a) {
    return Arrays.stream(a.toDoubles()).map(Math::abs).max().orElse(0);
  }

  /** |a − b| ≤ roundings · u · scale, for each element. */
  private static void assertNear(Tensor a, Tensor b, double scale, double roundings) {
    assertEquals(a.shape(), b.shape());
    double[] x = a.toDoubles();
    double[] y = b.toDoubles();
    for (int i = 0; i < x.length; i++) {
      double error = Math.abs(x[i] - y[i]);
      assertTrue(error <= roundings * U * scale, i + ": " + x[i] + " and " + y[i]);
    }
  }

  private static void assertOrthonormal(Tensor columns) {
    Tensor gram = columns.t().matmul(columns);
    assertNear(Eigh.identity(gram), gram, 1, 64);
  }

  private static void assertFalling(Tensor values) {
    double[] s = values.toDoubles();
    assertArrayEquals(
        DoubleStream.of(s).map(x -> -x).sorted().map(x -> -x).toArray(), s, "falling");
  }

  private static void assertSigned(Tensor columns) {
    for (int k = 0; k < columns.size(1); k++) {
      double[] column = columns.select(1, k).toDoubles();
      double largest = DoubleStream.of(column).map(Math::abs).max().orElse(0);
      double positive = DoubleStream.of(column).max().orElse(0);
      assertEquals(largest, positive, 1e-6 * largest, "column " + k);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "one",
        "square",
        "tall",
        "wide",
        "column",
        "row",
        "zeros",
        "deficient",
        "graded",
        "hilbert",
        "clustered",
        "tiny",
        "huge"
      })
  void singularValueDecomposition(String name) {
    Tensor a = GOLDENS.get(name + ".a");
    Svd.Result svd = Svd.of(a);
    assertNear(GOLDENS.get(name + ".s"), svd.s(), norm(svd.s()), 64);
    assertNear(a, svd.u().mul(svd.s().unsqueeze(-2)).matmul(svd.v().t()), norm(svd.s()), 64);
    assertOrthonormal(svd.u());
    assertOrthonormal(svd.v());
    assertFalling(svd.s());
    assertSigned(svd.v());
    assertTrue(DoubleStream.of(svd.s().toDoubles()).allMatch(s -> s >= 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "square", "hilbert", "clustered", "tiny", "huge"})
  void eigenDecomposition(String name) {
    Tensor a = GOLDENS.get(name + ".a");
    Eigh.Result eigen = Eigh.of(a);
    Tensor v = eigen.vectors();
    Tensor symmetric = a.mul(0.5).add(a.t().mul(0.5));
    assertNear(GOLDENS.get(name + ".w"), eigen.values(), norm(eigen.values()), 64);
    assertNear(
        symmetric, v.mul(eigen.values().unsqueeze(-2)).matmul(v.t()), norm(eigen.values()), 64);
    assertOrthonormal(v);
    assertFalling(eigen.values());
    assertSigned(v);
  }

  /** Columns of very different sizes: Jacobi's method finds the small values to full precision. */
  @Test
  void smallSingularValuesAreAccurate() {
    double[] scales = {1, 1e-5, 1e-10, 1e-15};
    Tensor scale = Tensor.of(scales);
    Tensor a = Tensor.of(Shape.of(4, 4), 1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1.0);
    double[] s = Svd.of(a.mul(scale)).s().toDoubles();
    for (int i = 0; i < 4; i++) {
      assertEquals(2 * scales[i], s[i], 64 * U * scales[i]);
    }
  }

  @Test
  void aLargerOneInF32() {
    Tensor a = Tensor.normal(new Philox(1), 40, 25);
    Svd.Result svd = Svd.of(a);
    Tensor again = svd.u().mul(svd.s().unsqueeze(0)).matmul(svd.v().t());
    assertEquals(DType.F32, again.dtype());
    assertArrayEquals(a.toFloats(), again.toFloats(), 2e-5f);
    Eigh.Result eigen = Eigh.of(a.t().matmul(a));
    assertArrayEquals(svd.s().pow(2).toFloats(), eigen.values().toFloats(), 2e-4f);
    assertArrayEquals(svd.v().toFloats(), eigen.vectors().toFloats(), 2e-3f);
  }

  @Test
  void whatIsNotFiniteGivesNaN() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      Tensor a = Tensor.of(Shape.of(2, 2), 1, bad, 2, 3);
      assertTrue(Double.isNaN(Svd.of(a).s().toDoubles()[1]));
      assertTrue(Double.isNaN(Eigh.of(a).vectors().toDoubles()[3]));
    }
  }

  /** Equal eigenvalues have no eigenvectors of their own: their gradient must not look like one. */
  @Test
  void equalEigenvaluesHaveNoFiniteGradient() {
    Tensor a = Eigh.identity(Tensor.scalar(0).reshape(1).expand(Shape.of(3))).requireGrad();
    Eigh.of(a).vectors().select(1, 0).sum().backward();
    assertFalse(DoubleStream.of(a.grad().toDoubles()).allMatch(Double::isFinite));
  }

  @Test
  void traceIsTheSumOfTheEigenvalues() {
    Tensor a = GOLDENS.variable("square.a", DType.F64);
    Eigh.of(a).values().sum().backward();
    assertNear(Eigh.identity(a), a.grad(), 1, 64);
  }

  @Test
  void solutionsSolve() {
    Tensor a = GOLDENS.get("square.a");
    Tensor b = GOLDENS.get("hilbert.a").slice(0, 0, 5);
    Tensor x = Solve.of(a, b);
    assertNear(b, a.matmul(x), norm(a) * norm(x), 64);
    Tensor inverse = Solve.inverse(a);
    assertNear(Eigh.identity(a), a.matmul(inverse), norm(a) * norm(inverse), 64);
    // A zero on the diagonal is no trouble: rows change places.
    Tensor turn = Tensor.of(Shape.of(2, 2), 0, -1, 1, 0.0);
    assertArrayEquals(turn.t().toDoubles(), Solve.inverse(turn).toDoubles(), U);
    Tensor singular = Tensor.of(Shape.of(2, 2), 1, 2, 2, 4.0);
    assertTrue(DoubleStream.of(Solve.inverse(singular).toDoubles()).noneMatch(Double::isFinite));
  }

  @Test
  void aTriangleTimesItselfTransposed() {
    Tensor a = GOLDENS.get("hilbert.a");
    Tensor l = Cholesky.of(a);
    assertNear(a, l.matmul(l.t()), 1, 8);
    double[] elements = l.toDoubles();
    for (int i = 0; i < elements.length; i++) {
      int column = i % 6;
      int row = i / 6;
      assertTrue(column <= row ? elements[i] != 0 : elements[i] == 0, "element " + i);
      assertTrue(column != row || elements[i] > 0, "element " + i);
    }
    Tensor indefinite = Tensor.of(Shape.of(2, 2), 1, 2, 2, 1.0);
    assertTrue(Double.isNaN(Cholesky.of(indefinite).toDoubles()[3]));
  }

  /** log det a = 2 Σ log diag L, whose gradient is a⁻¹. */
  @Test
  void gradientOfTheLogDeterminantIsTheInverse() {
    Tensor x = GOLDENS.get("square.a");
    Tensor a = x.matmul(x.t()).add(Eigh.identity(x)).requireGrad();
    Tensor diagonal = Cholesky.of(a).mul(Eigh.identity(a)).sum(1);
    diagonal.log().sum().mul(2).backward();
    Tensor inverse = Solve.inverse(a.detach());
    assertNear(inverse, a.grad(), norm(inverse), 1024);
  }
}
