package org.adjoint.io.onnx;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * From which cells along an axis each cell of the output is made, and which share each has: two for
 * linear interpolation, four for cubic (Keys, Cubic convolution interpolation, 1981), more where
 * shrinking smooths.
 *
 * @param cells the first cell of each output, then the second, …; may lie outside, where the edge
 *     goes on
 * @param shares as many
 */
record Taps(double[][] cells, double[][] shares) {
  /**
   * One axis.
   *
   * @param scale how many cells one becomes; {@code out} is that of all, rounded down, or the scale
   *     is {@code out} by {@code in}
   */
  record Axis(long in, long out, double scale) {
    static Axis by(long in, double scale) {
      return new Axis(in, (long) Math.floor(in * scale), scale);
    }

    static Axis to(long in, long out) {
      return new Axis(in, out, (double) out / in);
    }
  }

  /** Where the outputs lie among the inputs. */
  static double[] places(Axis axis, DoubleUnaryOperator place) {
    int n = Math.toIntExact(axis.out);
    return IntStream.range(0, n).mapToDouble(o -> place.applyAsDouble(o)).toArray();
  }

  /** Where output {@code o} lies; a region goes {@code from} to {@code to}, as shares. */
  static double place(Call c, String map, Axis axis, double o, double from, double to) {
    double out = axis.in * axis.scale;
    return switch (map) {
      case "asymmetric" -> o / axis.scale;
      case "align_corners" -> out == 1 ? 0 : o * (axis.in - 1) / (out - 1);
      case "pytorch_half_pixel" -> axis.out == 1 ? 0 : (o + 0.5) / axis.scale - 0.5;
      case "half_pixel" -> (o + 0.5) / axis.scale - 0.5;
      case "half_pixel_symmetric" ->
          axis.in / 2.0 * (1 - axis.out / out) + (o + 0.5) / axis.scale - 0.5;
      case "tf_half_pixel_for_nn" -> (o + 0.5) / axis.scale;
      case "tf_crop_and_resize" ->
          out == 1
              ? (from + to) / 2 * (axis.in - 1)
              : from * (axis.in - 1) + o * (to - from) * (axis.in - 1) / (out - 1);
      default -> throw c.unsupported("coordinate_transformation_mode = '" + map + "'");
    };
  }

  /**
   * The taps at {@code places}.
   *
   * @param a of the cubic; NaN for linear
   * @param smooths whether taps widen as the axis shrinks, so that every cell counts
   * @param inside whether cells outside count nothing
   */
  static Taps of(double a, Axis axis, double[] places, boolean smooths, boolean inside) {
    boolean linear = Double.isNaN(a);
    double scale = smooths ? Math.min(axis.scale, 1) : 1;
    int before = (int) Math.floor((linear ? -1 : -2) / scale) + 1;
    int count = 2 - 2 * before;
    double[][] cells = new double[count][places.length];
    double[][] shares = new double[count][places.length];
    for (int o = 0; o < places.length; o++) {
      double left = Math.ceil(places[o]) - 1;
      double sum = 0;
      for (int k = 0; k < count; k++) {
        double cell = left + before + k;
        double far = Math.abs(places[o] - cell) * scale;
        boolean counts = !inside || (cell >= 0 && cell < axis.in);
        cells[k][o] = cell;
        shares[k][o] = !counts ? 0 : linear ? Math.max(0, 1 - far) : cubic(a, far);
        sum += shares[k][o];
      }
      if (smooths || inside) {
        for (int k = 0; k < count; k++) {
          shares[k][o] /= sum;
        }
      }
    }
    return new Taps(cells, shares);
  }

  private static double cubic(double a, double x) {
    if (x <= 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }
}
