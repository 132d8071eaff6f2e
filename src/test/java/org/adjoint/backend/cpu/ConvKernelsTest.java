package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.adjoint.backend.cpu.ConvKernels.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvKernelsTest {
  private static final int AT = 3;

  static Stream<Shape> shapes() {
    return Windows.all()
        .flatMap(g ->
            Stream.of(
                new Shape(1, 1, 2, g),
                new Shape(3, 2, 4, g),
                new Shape(0, 1, 3, g),
                new Shape(37, 3, 3, g)));
  }

  /** A convolution is trilinear: Σ w · x · dy over these triples. Each result is a derivative. */
  private interface Triple {
    void accept(int y, int w, int x);
  }

  private static void triples(Shape s, Triple body) {
    var g = s.window();
    int groupFilters = s.filters() / s.groups();
    for (int i = 0; i < s.images(); i++) {
      for (int f = 0; f < s.filters(); f++) {
        for (int row = 0; row < g.rows(); row++) {
          for (int o = 0; o < g.outputSize(); o++) {
            int cell = Windows.cell(g, o, row % g.taps());
            int channel = f / groupFilters * g.channels() + row / g.taps();
            if (cell >= 0) {
              body.accept(
                  AT + (i * s.filters() + f) * g.outputSize() + o,
                  AT + f * g.rows() + row,
                  AT + (i * s.groups() * g.channels() + channel) * g.inputSize() + cell);
            }
          }
        }
      }
    }
  }

  private static float[] random(Random random, int n, boolean integers) {
    float[] x = new float[AT + n + 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = integers ? random.nextInt(-3, 4) : (float) random.nextGaussian();
    }
    return x;
  }

  /** The sum that one element should be, how large its terms are, and how many. */
  private static final class Sums {
    final double[] sum;
    final double[] magnitude;
    final int[] terms;

    Sums(int n) {
      sum = new double[n];
      magnitude = new double[n];
      terms = new int[n];
    }

    void add(int at, double term) {
      sum[at] += term;
      magnitude[at] += Math.abs(term);
      terms[at]++;
    }

    void check(float[] before, float[] got, boolean integers) {
      for (int i = 0; i < got.length; i++) {
        if (i < AT || i >= got.length - 2) {
          assertEquals(before[i], got[i], "wrote beside the result");
          continue;
        }
        double bound = (4 * Math.sqrt(terms[i]) + 2) * 0x1p-24 * magnitude[i];
        assertTrue(Math.abs(got[i] - sum[i]) <= (integers ? 0 : bound));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void allThreeAreNearTheDirectSumsAndExactOnSmallIntegers(Shape s) {
    var g = s.window();
    Random random = new Random(1);
    for (boolean integers : new boolean[] {false, true}) {
      float[] x = random(random, s.images() * s.groups() * g.channels() * g.inputSize(), integers);
      float[] w = random(random, s.filters() * g.rows(), integers);
      float[] dy = random(random, s.images() * s.filters() * g.outputSize(), integers);
      Sums y = new Sums(dy.length);
      Sums dw = new Sums(w.length);
      Sums dx = new Sums(x.length);
      triples(
          s,
          (yi, wi, xi) -> {
            y.add(yi, (double) w[wi] * x[xi]);
            dw.add(wi, (double) dy[yi] * x[xi]);
            dx.add(xi, (double) dy[yi] * w[wi]);
          });
      float[][] first = null;
      for (int threads = 1; threads <= 3; threads++) {
        float[][] got = {dy.clone(), w.clone(), x.clone()};
        Parallel.withThreads(
            threads,
            () -> {
              ConvKernels.forward(s, x, AT, w, AT, got[0], AT);
              ConvKernels.weightGrad(s, x, AT, dy, AT, got[1], AT);
              ConvKernels.inputGrad(s, dy, AT, w, AT, got[2], AT);
            });
        first = first == null ? got : first;
        for (int i = 0; i < 3; i++) {
          assertArrayEquals(first[i], got[i], "bits depend on the threads");
        }
      }
      y.check(dy, first[0], integers);
      dw.check(w, first[1], integers);
      dx.check(x, first[2], integers);
    }
  }
}
