package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Tensors at another resolution, one axis after the other: by nearest cells, or linear between two.
 * Cubic interpolation, smoothing before shrinking, and regions of interest are not known.
 */
final class ResizeOps {
  private ResizeOps() {}

  /**
   * One axis.
   *
   * @param scale how many cells one becomes; {@code out} is that of all, rounded down, or the scale
   *     is {@code out} by {@code in}
   */
  private record Axis(long in, long out, double scale) {
    static Axis by(long in, double scale) {
      return new Axis(in, (long) Math.floor(in * scale), scale);
    }

    static Axis to(long in, long out) {
      return new Axis(in, out, (double) out / in);
    }
  }

  static void register(Operators table) {
    table.one("Upsample", 7, 1, "mode scales", ResizeOps::upsample);
    table.one("Upsample", 9, 2, "mode", ResizeOps::upsample);
    table.one("Resize", 10, 2, "mode", ResizeOps::upsample);
    String eleven =
        "coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value mode"
            + " nearest_mode";
    table.one("Resize", 11, 4, eleven, ResizeOps::resize);
    table.one(
        "Resize", 18, 4, eleven + " antialias axes keep_aspect_ratio_policy", ResizeOps::resize);
  }

  /** The place of an output is its own, divided by the scale; no output lies between two ends. */
  private static Tensor upsample(Call c) {
    double[] scales = scales(c);
    c.supports(Arrays.stream(scales).allMatch(s -> s >= 1), "scales below 1");
    Tensor x = c.in(0);
    c.needs(scales.length == x.rank(), scales.length + " scales for " + x.shape());
    boolean linear = linear(c);
    for (int i = 0; i < scales.length; i++) {
      Axis axis = Axis.by(x.size(i), scales[i]);
      x = along(c, x, i, axis, o -> o / axis.scale, linear ? null : Math::floor);
    }
    return x;
  }

  private static double[] scales(Call c) {
    if (c.opset() >= 9) {
      return c.in(1).toDoubles();
    }
    if (!(c.node().attributes().get("scales") instanceof Onnx.Attribute.Reals all)) {
      throw c.wrong("scales must be reals");
    }
    return all.values().stream().mapToDouble(Float::doubleValue).toArray();
  }

  private static boolean linear(Call c) {
    String mode = c.text("mode", "nearest");
    c.supports(mode.equals("linear") || mode.equals("nearest"), "mode '" + mode + "'");
    return mode.equals("linear");
  }

  private static Tensor resize(Call c) {
    c.supports(!c.flag("antialias", false), "antialias");
    String policy = c.text("keep_aspect_ratio_policy", "stretch");
    c.supports(policy.equals("stretch"), "keep_aspect_ratio_policy = '" + policy + "'");
    String places = c.text("coordinate_transformation_mode", "half_pixel");
    c.supports(
        Set.of("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners").contains(places),
        "coordinate_transformation_mode = '" + places + "'");
    boolean linear = linear(c);
    DoubleUnaryOperator round = linear ? null : rounding(c);
    Tensor x = c.in(0);
    int[] axes =
        c.says("axes")
            ? c.axes(c.integers("axes"), x.rank())
            : IntStream.range(0, x.rank()).toArray();
    boolean sized = c.has(3);
    double[] told = c.in(sized ? 3 : 2).toDoubles();
    c.needs(told.length == axes.length, told.length + " numbers for " + axes.length + " axes");
    for (int i = 0; i < axes.length; i++) {
      long in = x.size(axes[i]);
      c.needs(in > 0 && told[i] > 0, "an axis without cells");
      Axis axis = sized ? Axis.to(in, (long) told[i]) : Axis.by(in, told[i]);
      if (axis.in != axis.out || axis.scale != 1) {
        c.supports(
            !places.equals("align_corners") || sized || axis.out == in * axis.scale,
            "align_corners with a scale that leaves part of a cell");
        x = along(c, x, axes[i], axis, o -> place(places, axis, o), round);
      }
    }
    return x;
  }

  private static double place(String mode, Axis axis, double o) {
    return switch (mode) {
      case "asymmetric" -> o / axis.scale;
      case "align_corners" -> axis.out == 1 ? 0 : o * (axis.in - 1) / (axis.out - 1);
      case "pytorch_half_pixel" -> axis.out == 1 ? 0 : (o + 0.5) / axis.scale - 0.5;
      default -> (o + 0.5) / axis.scale - 0.5;
    };
  }

  private static DoubleUnaryOperator rounding(Call c) {
    String mode = c.text("nearest_mode", "round_prefer_floor");
    return switch (mode) {
      case "round_prefer_floor" -> x -> Math.ceil(x - 0.5);
      case "round_prefer_ceil" -> x -> Math.floor(x + 0.5);
      case "floor" -> Math::floor;
      case "ceil" -> Math::ceil;
      default -> throw c.unsupported("nearest_mode = '" + mode + "'");
    };
  }

  /** Axis {@code i} of x, seen from {@code place}: rounded to a cell, or between two. */
  private static Tensor along(
      Call c,
      Tensor x,
      int i,
      Axis axis,
      DoubleUnaryOperator place,
      @Nullable DoubleUnaryOperator round) {
    if (axis.in == axis.out && axis.scale == 1) {
      return x;
    }
    int n = Math.toIntExact(axis.out);
    double[] places = IntStream.range(0, n).mapToDouble(o -> place.applyAsDouble(o)).toArray();
    if (round != null) {
      return select(x, i, Arrays.stream(places).map(round).toArray());
    }
    c.floating(0);
    double[] inside = Arrays.stream(places).map(p -> Math.clamp(p, 0, axis.in - 1.0)).toArray();
    double[] low = Arrays.stream(inside).map(Math::floor).toArray();
    double[] share = new double[n];
    Arrays.setAll(share, o -> inside[o] - low[o]);
    long[] line = new long[x.rank()];
    Arrays.fill(line, 1);
    line[i] = n;
    Tensor t = Tensor.of(share).to(x.dtype()).reshape(line);
    Tensor a = select(x, i, low);
    return a.add(select(x, i, Arrays.stream(low).map(p -> p + 1).toArray()).sub(a).mul(t));
  }

  private static Tensor select(Tensor x, int axis, double... cells) {
    long last = x.size(axis) - 1;
    long[] index = Arrays.stream(cells).mapToLong(p -> Math.clamp((long) p, 0L, last)).toArray();
    return x.indexSelect(axis, Tensor.of(index));
  }
}
