package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.Parallel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What no example of a spec says: nothing, infinities, whole numbers, and who wins. */
class ReduceTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  @Test
  void emptySumsAndProducts() {
    assertArrayEquals(new double[] {1, 1}, Tensor.zeros(0, 2).prod(0).toDoubles());
    assertEquals(-INF, Tensor.zeros(0).logsumexp(0).item());
    assertEquals(0, Tensor.zeros(0).norm().item());
    assertTrue(Double.isNaN(Tensor.zeros(0).var().item()));
    assertTrue(Double.isNaN(Tensor.zeros(1).var().item()));
    assertEquals(0, NonZero.any(Tensor.zeros(0), 0).item());
    assertEquals(1, NonZero.all(Tensor.zeros(0), 0).item());
    assertEquals("max: axis 0 of [0] is empty", message(() -> Tensor.zeros(0).max()));
  }

  @Test
  void logsumexpOfInfinities() {
    assertEquals(-INF, Tensor.of(-INF, -INF).logsumexp(0).item());
    assertEquals(INF, Tensor.of(INF, 1).logsumexp(0).item());
    assertEquals(INF, Tensor.of(INF, INF).logsumexp(0).item());
    assertTrue(Double.isNaN(Tensor.of(Double.NaN, INF).logsumexp(0).item()));
    assertEquals(1000 + Math.log(2), Tensor.of(1000f, 1000f).logsumexp(0).item(), 1e-4);
  }

  @Test
  void wholeNumbersStayWhole() {
    Tensor x = Tensor.of(Shape.of(2, 2), 3L, -1, 2, 3);
    assertArrayEquals(new long[] {3, 3}, x.max(0).toLongs());
    assertArrayEquals(new long[] {-1, 2}, x.min(1).toLongs());
    assertArrayEquals(new long[] {6, -3}, x.prod(0).toLongs());
    assertArrayEquals(new long[] {3, 2, 2, 5}, x.cumsum(1).toLongs());
    assertArrayEquals(new long[] {-1, 3, 2, 3}, x.sort(1).values().toLongs());
    assertEquals(DType.U8, x.to(DType.U8).max().dtype());
  }

  @Test
  void theGradientGoesToTheFirstOfEquals() {
    Tensor x = Tensor.of(1.0, 2, 2, 0).requireGrad();
    assertArrayEquals(new double[] {0, 1, 0, 0}, Grad.of(x.max(), x)[0].toDoubles());
    Tensor z = Tensor.of(1.0, 0, -0.0).requireGrad();
    assertArrayEquals(new double[] {0, 1, 0}, Grad.of(z.min(), z)[0].toDoubles());
    Tensor nan = Tensor.of(Double.NaN, 2, Double.NaN).requireGrad();
    assertTrue(Double.isNaN(nan.min().item()));
    assertArrayEquals(new double[] {1, 0, 0}, Grad.of(nan.min(), nan)[0].toDoubles());
  }

  @Test
  void aSortIsStableAndKeepsTheSignOfZero() {
    Picked sorted = Tensor.of(0.0, -0.0, -1, 0.0).sort(0);
    assertArrayEquals(new long[] {2, 0, 1, 3}, sorted.indices().toLongs());
    assertEquals(-INF, 1 / sorted.values().select(0, 2).item());
    Picked falling = Sort.of(Tensor.of(0.0, -0.0, -1, 0.0), 0, true);
    assertArrayEquals(new long[] {0, 1, 3, 2}, falling.indices().toLongs());
  }

  @Test
  void theSecondDerivativeOfAProductWithTwoZerosIsThatOfThePair() {
    Tensor x = Tensor.of(0.0, 3, 0, 5).requireGrad();
    Tensor first = Grad.ofDifferentiable(x.prod(), x)[0];
    assertArrayEquals(new double[] {0, 0, 0, 0}, first.toDoubles());
    Tensor row = Grad.of(first.select(0, 0), x)[0];
    assertArrayEquals(new double[] {0, 0, 15, 0}, row.toDoubles());
  }

  @Test
  void aTriangleLeavesNoNanOutside() {
    Tensor x = Tensor.of(Shape.of(2, 2), 1.0, Double.NaN, INF, 2);
    assertArrayEquals(new double[] {1, 0, INF, 2}, x.tril(0).toDoubles());
  }

  @Test
  void aConstantOfPaddingMayBeInfiniteAndJoinedMasksStayMasks() {
    Tensor x = Pad.constant(Tensor.of(1f), -INF, 1, 0);
    assertArrayEquals(new double[] {-INF, 1}, x.toDoubles());
    Tensor mask = Tensor.of(Shape.of(1), true);
    assertEquals(DType.BOOL, Tensor.concat(0, mask, mask).dtype());
  }

  /** Ten thousand additions to few places, in each axis: the order in which they happen shows. */
  @Test
  void scatterAddHasTheSameBitsForAnyNumberOfThreads() {
    Philox random = new Philox(3);
    Tensor x = Tensor.normal(random, 7, 60, 50);
    for (int axis = 0; axis < 3; axis++) {
      int size = axis == 1 ? 900 : 2;
      Tensor index = Tensor.uniform(random, 0, size, 7, 60, 50).to(DType.I64);
      Gather.ScatterAdd add = new Gather.ScatterAdd(axis, size);
      float[] one = Parallel.callWithThreads(1, () -> add.apply(x, index)).toFloats();
      for (int threads = 2; threads < 5; threads++) {
        float[] many = Parallel.callWithThreads(threads, () -> add.apply(x, index)).toFloats();
        assertArrayEquals(one, many, 0, "axis " + axis);
      }
      Tensor exact = CpuBackend.withReference(() -> add.apply(x.to(DType.F64), index));
      assertArrayEquals(exact.toFloats(), one, 1e-4f, "axis " + axis);
    }
  }

  @Test
  void scatterAddNamesTheFirstIndexOutsideWhateverTheThreads() {
    Tensor index = Tensor.of(Shape.of(2, 3, 2), 0L, 1, 2, 0, 1, 9, 0, 1, -4, 2, 7, 0);
    Tensor x = Tensor.zeros(2, 3, 2);
    for (int threads = 1; threads < 4; threads++) {
      int many = threads;
      assertEquals(
          "gather.scatter_add: index 9 at element 5 lies outside 0 to 2",
          message(() ->
              Parallel.callWithThreads(many, () -> new Gather.ScatterAdd(1, 3).apply(x, index))));
    }
  }

  private static String message(Executable call) {
    return String.valueOf(assertThrows(RuntimeException.class, call).getMessage());
  }
}
