package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.backend.cuda.driver.Convolution.Direction;
import org.adjoint.backend.cuda.driver.Convolution.Sizes;

/** Convolutions by cuDNN against plain loops, in one, two and three axes. */
final class ConvolutionChecks implements AutoCloseable {
  /** The numbers are integers; some of cuDNN's ways to them are not. */
  private static final double CLOSE = 0.01;

  private static final long WORKSPACE = 1 << 24;

  private final Context context;
  private final Numbers numbers;
  private final Dnn dnn;

  ConvolutionChecks(Stream stream) {
    context = stream.context();
    numbers = new Numbers(stream);
    dnn = new Dnn(stream);
  }

  void all() {
    for (DType type : List.of(DType.F32, DType.F64, DType.BF16)) {
      check(sizes(type, List.of(2L, 2L, 5L, 6L), List.of(3L, 2L, 3L, 3L), 1, 1, 1, 1));
      check(sizes(type, List.of(2L, 4L, 7L, 8L), List.of(4L, 2L, 3L, 2L), 2, 2, 2, 2));
    }
    check(sizes(DType.F32, List.of(2L, 2L, 9L), List.of(3L, 2L, 3L), 2, 1, 1, 1));
    check(sizes(DType.F32, List.of(1L, 2L, 4L, 5L, 4L), List.of(2L, 2L, 2L, 3L, 2L), 1, 0, 1, 1));
    Sizes empty = sizes(DType.F32, List.of(0L, 2L, 9L), List.of(3L, 2L, 3L), 2, 1, 1, 1);
    assertEquals(
        "convolution: a size of 0; cuDNN counts from 1 to 2147483647",
        assertThrows(IllegalArgumentException.class, () -> new Convolution(dnn, empty))
            .getMessage());
  }

  private static Sizes sizes(
      DType type, List<Long> x, List<Long> w, int stride, int padding, int dilation, int groups) {
    List<Long> y = new ArrayList<>(List.of(x.get(0), w.get(0)));
    for (int i = 2; i < x.size(); i++) {
      y.add((x.get(i) + 2L * padding - dilation * (w.get(i) - 1) - 1) / stride + 1);
    }
    int axes = x.size() - 2;
    return new Sizes(
        type,
        x,
        w,
        y,
        Collections.nCopies(axes, stride),
        Collections.nCopies(axes, padding),
        Collections.nCopies(axes, dilation),
        groups,
        false,
        WORKSPACE);
  }

  private void check(Sizes sizes) {
    DType type = sizes.type();
    double[] x = numbers.draw(count(sizes.x()));
    double[] w = numbers.draw(count(sizes.w()));
    double[] y = numbers.draw(count(sizes.y()));
    double[] b = numbers.draw(sizes.w().getFirst().intValue());
    long dx = numbers.upload(type, x);
    long dw = numbers.upload(type, w);
    long dy = numbers.upload(type, y);
    long db = numbers.upload(type, b);
    long workspace = context.allocate(WORKSPACE);
    try (Convolution convolution = new Convolution(dnn, sizes)) {
      for (Direction direction : Direction.values()) {
        assertTrue(convolution.workspace(direction) <= WORKSPACE);
        assertTrue(convolution.deterministic(direction), convolution.algorithm(direction));
      }
      double[] gradient = numbers.draw(x.length);
      long to = numbers.upload(type, gradient);
      convolution.inputGradient(dw, dy, to, 1, workspace);
      assertClose(products(sizes, gradient, w, y, 0), numbers.download(type, to, x.length), sizes);

      gradient = numbers.draw(w.length);
      to = numbers.upload(type, gradient);
      convolution.filterGradient(dx, dy, to, 1, workspace);
      assertClose(products(sizes, x, gradient, y, 1), numbers.download(type, to, w.length), sizes);

      to = numbers.upload(type, numbers.draw(b.length));
      convolution.biasGradient(dy, to, 0);
      assertClose(perFilter(sizes, y), numbers.download(type, to, b.length), sizes);

      convolution.forward(dx, dw, dy, 0, workspace);
      convolution.addBias(db, dy);
      double[] expected = products(sizes, x, w, new double[y.length], 2);
      int places = y.length / (sizes.y().get(0).intValue() * b.length);
      for (int i = 0; i < y.length; i++) {
        expected[i] += b[i / places % b.length];
      }
      assertClose(expected, numbers.download(type, dy, y.length), sizes);
    }
    numbers.download(type, dx, 1);
    numbers.download(type, dw, 1);
    numbers.download(type, db, 1);
    context.free(workspace);
  }

  private static void assertClose(double[] expected, double[] actual, Sizes sizes) {
    assertArrayEquals(expected, actual, CLOSE, sizes.toString());
  }

  private static double[] perFilter(Sizes sizes, double[] y) {
    int filters = sizes.y().get(1).intValue();
    double[] sums = new double[filters];
    int places = y.length / (sizes.y().get(0).intValue() * filters);
    for (int i = 0; i < y.length; i++) {
      sums[i / places % filters] += y[i];
    }
    return sums;
  }

  /**
   * The sums of products x·w·y, solved for one of the three: 0 for x, 1 for w, 2 for y, to whose
   * values they are added.
   */
  private static double[] products(Sizes sizes, double[] x, double[] w, double[] y, int solved) {
    double[][] factors = {x.clone(), w.clone(), y.clone()};
    long[] in = threeAxes(sizes.x());
    long[] kernel = threeAxes(sizes.w());
    long[] out = threeAxes(sizes.y());
    int[] stride = threeAxes(sizes.stride(), 1);
    int[] padding = threeAxes(sizes.padding(), 0);
    int[] dilation = threeAxes(sizes.dilation(), 1);
    int filters = (int) out[1];
    int channels = (int) kernel[1];
    for (int at = 0; at < y.length; at++) {
      int[] o = unravel(at, out);
      int group = o[1] * sizes.groups() / filters;
      for (int tap = 0; tap < channels * kernel[2] * kernel[3] * kernel[4]; tap++) {
        int[] k = unravel(tap, new long[] {1, channels, kernel[2], kernel[3], kernel[4]});
        long from = o[0] * in[1] + group * channels + k[1];
        boolean inside = true;
        for (int i = 0; i < 3; i++) {
          int place = o[i + 2] * stride[i] + k[i + 2] * dilation[i] - padding[i];
          inside &= place >= 0 && place < in[i + 2];
          from = from * in[i + 2] + place;
        }
        if (inside) {
          int[] index = {
            (int) from, (int) (o[1] * channels * kernel[2] * kernel[3] * kernel[4]) + tap, at
          };
          int one = solved == 0 ? 1 : 0;
          int other = solved == 2 ? 1 : 2;
          factors[solved][index[solved]] += factors[one][index[one]] * factors[other][index[other]];
        }
      }
    }
    return factors[solved];
  }

  private static int count(List<Long> shape) {
    return (int) shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  private static long[] threeAxes(List<Long> shape) {
    List<Long> all = new ArrayList<>(shape);
    all.addAll(2, Collections.nCopies(5 - shape.size(), 1L));
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  private static int[] threeAxes(List<Integer> numbers, int otherwise) {
    List<Integer> all = new ArrayList<>(Collections.nCopies(3 - numbers.size(), otherwise));
    all.addAll(numbers);
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] unravel(int index, long[] shape) {
    int[] place = new int[shape.length];
    for (int i = shape.length - 1; i >= 0; i--) {
      place[i] = (int) (index % shape[i]);
      index /= (int) shape[i];
    }
    return place;
  }

  @Override
  public void close() {
    dnn.close();
  }
}
