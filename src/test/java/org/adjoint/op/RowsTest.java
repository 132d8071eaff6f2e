package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.Parallel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operations on rows where there are so many that blocks and threads share them out. */
class RowsTest {
  private static Tensor waves(double step, long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] x = new float[(int) shape.count()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (3 * Math.sin(step * i));
    }
    return Tensor.of(shape, x);
  }

  @ParameterizedTest
  @CsvSource({"20000, 10", "70, 1000", "70, 1025", "3, 2048", "3, 3000", "100000, 1", "1, 100000"})
  void aRowIsRepeatedAsOften(int rows, int size) {
    Tensor x = waves(0.7, rows, size);
    Tensor row = waves(1.3, size);
    Tensor one = Tensor.of(2.5f);
    float[] a = (float[]) x.toArray();
    float[] b = (float[]) row.toArray();
    float[] sum = (float[]) x.add(row).toArray();
    float[] scaled = (float[]) x.mul(one).toArray();
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i] + b[i % size], sum[i]);
      assertEquals(a[i] * 2.5f, scaled[i]);
    }
  }

  @ParameterizedTest
  @CsvSource({"300, 70, 9", "2, 3, 20000", "40, 64, 49", "5000, 1, 10", "1, 1, 100000"})
  void sumsDoNotDependOnThreads(int n, int c, int size) {
    Tensor x = waves(0.7, n, c, size);
    Tensor wide = x.to(DType.F64);
    for (int[] axes : new int[][] {{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}}) {
      double[] exact = wide.sum(axes).toDoubles();
      double[] alone = Parallel.callWithThreads(1, () -> x.sum(axes).toDoubles());
      double[] shared = Parallel.callWithThreads(3, () -> x.sum(axes).toDoubles());
      assertArrayEquals(alone, shared);
      assertArrayEquals(exact, alone, 1e-8 * 3 * n * c * size);
    }
  }

  @Test
  void normalisedRowsAndTheirGradientsDoNotDependOnThreads() {
    Tensor x = waves(0.7, 300, 257).requireGrad();
    Tensor w = waves(0.9, 257).requireGrad();
    Tensor b = waves(1.1, 257).requireGrad();
    Tensor u = waves(2.3, 300, 257);
    double[] alone = Parallel.callWithThreads(1, () -> run(x, w, b, u));
    assertArrayEquals(alone, Parallel.callWithThreads(3, () -> run(x, w, b, u)));
    assertArrayEquals(CpuBackend.withReference(() -> run(x, w, b, u)), alone, 1e-3);
  }

  /** Layer norm and softmaxes of all kinds: gradients of x, w and b, one after the other. */
  private static double[] run(Tensor x, Tensor w, Tensor b, Tensor u) {
    Tensor y = LayerNorm.of(x, Shape.of(257), w, b, 1e-5);
    Tensor loss = y.softmax(1).add(y.logSoftmax(1)).add(y.tanh().sigmoid()).mul(u).sum();
    Tensor[] gradients = Grad.of(loss.add(y.logsumexp(1).sum()), x, w, b);
    return Concat.of(0, gradients[0].flatten(0), gradients[1], gradients[2]).toDoubles();
  }
}
