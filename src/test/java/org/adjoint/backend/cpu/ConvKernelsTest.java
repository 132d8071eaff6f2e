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
  void allAreNearTheDirectSumsAndExactOnSmallIntegers(Shape s) {
    var g = s.window();
    Random random = new Random(1);
    for (boolean integers : new boolean[] {false, true}) {
      float[] x = random(random, s.images() * s.groups() * g.channels() * g.inputSize(), integers);
      float[] w = random(random, s.filters() * g.rows(), integers);
      float[] dy = random(random, s.images() * s.filters() * g.outputSize(), integers);
      float[] b = random(random, s.filters(), integers);
      Sums y = new Sums(dy.length);
      Sums db = new Sums(b.length);
      Sums dw = new Sums(w.length);
      Sums dx = new Sums(x.length);
      triples(
          s,
          (yi, wi, xi) -> {
            y.add(yi, (double) w[wi] * x[xi]);
            dw.add(wi, (double) dy[yi] * x[xi]);
            dx.add(xi, (double) dy[yi] * w[wi]);
          });
      for (int i = AT; i < dy.length - 2; i++) {
        int f = AT + (i - AT) / g.outputSize() % s.filters();
        y.add(i, b[f]);
        db.add(f, dy[i]);
      }
      float[][] first = null;
      for (int threads = 1; threads <= 3; threads++) {
        float[][] got = {dy.clone(), w.clone(), x.clone(), b.clone()};
        Parallel.withThreads(
            threads,
            () -> {
              ConvKernels.forward(s, at(x), at(w), at(b), at(got[0]));
              ConvKernels.weightGrad(s, at(x), at(dy), at(got[1]), at(got[3]));
              ConvKernels.inputGrad(s, at(dy), at(w), at(got[2]));
            });
        first = first == null ? got : first;
        for (int i = 0; i < got.length; i++) {
          assertArrayEquals(first[i], got[i], "bits depend on the threads");
        }
      }
      y.check(dy, first[0], integers);
      dw.check(w, first[1], integers);
      dx.check(x, first[2], integers);
      db.check(b, first[3], integers);
    }
  }

  private interface Road {
    void run(float[] result);
  }

  private static void assertSameBits(String what, float[] start, Road expected, Road road) {
    float[] first = start.clone();
    expected.run(first);
    for (int threads = 1; threads <= 3; threads++) {
      float[] second = start.clone();
      Parallel.withThreads(threads, () -> road.run(second));
      for (int i = 0; i < first.length; i++) {
        assertEquals(
            Float.floatToRawIntBits(first[i]), Float.floatToRawIntBits(second[i]), what + i);
      }
    }
  }

  static Stream<Shape> manyTerms() {
    return Stream.of(
        new Shape(
            19,
            1,
            13,
            new Im2col.Geometry(33, square(9), square(3), square(1), square(1), square(1))),
        new Shape(
            5,
            2,
            600,
            new Im2col.Geometry(3, square(7), square(2), square(2), square(0), square(2))),
        new Shape(
            2,
            1,
            7,
            new Im2col.Geometry(17, square(19), square(2), square(1), square(0), square(1))));
  }

  private static int[] square(int n) {
    return new int[] {n, n};
  }

  /** Also with an infinite weight: what stands in the padding is 0 · ∞ on all roads. */
  @ParameterizedTest
  @MethodSource({"shapes", "manyTerms"})
  void theRoadsWithoutColumnsGiveTheSameBits(Shape s) {
    var g = s.window();
    Random random = new Random(2);
    float[] x = random(random, s.images() * s.groups() * g.channels() * g.inputSize(), false);
    float[] w = random(random, s.filters() * g.rows(), false);
    float[] dy = random(random, s.images() * s.filters() * g.outputSize(), false);
    w[AT + random.nextInt(w.length - AT - 2)] = Float.POSITIVE_INFINITY;
    float[] b = random(random, s.filters(), false);
    Road columns = y -> ConvKernels.forwardByColumns(s, at(x), at(w), at(b), at(y));
    assertSameBits("y", dy, columns, y -> BlockedConv.forward(s, at(x), at(w), at(b), at(y)));
    if (LineConv.suits(s)) {
      assertSameBits("lines", dy, columns, y -> LineConv.forward(s, at(x), at(w), at(b), at(y)));
    }
    assertSameBits(
        "dx",
        x,
        dx -> ConvKernels.inputGradByColumns(s, at(dy), at(w), at(dx)),
        dx -> BlockedConv.inputGrad(s, at(dy), at(w), at(dx)));
    // dw and then db, in one array.
    float[] both = random(random, w.length - AT - 2 + s.filters(), false);
    Road sums = weightGrad(new ColumnSums(s, true), s, x, dy);
    assertSameBits("filters last", both, sums, weightGrad(new FiltersLast(s), s, x, dy));
    if (TapsLast.fits(s)) {
      assertSameBits("taps last", both, sums, weightGrad(new TapsLast(s), s, x, dy));
    }
  }

  private static Road weightGrad(WeightSums way, Shape s, float[] x, float[] dy) {
    return both -> {
      Floats db = new Floats(both, both.length - 2 - s.filters());
      WeightSums.run(way, s, at(x), at(dy), at(both), db);
    };
  }

  private static Floats at(float[] data) {
    return new Floats(data, AT);
  }
}
