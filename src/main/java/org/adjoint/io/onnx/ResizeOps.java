package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Taps.Axis;
import org.adjoint.op.Where;

/** Tensors at another resolution, one axis after the other, as {@link Taps} say. */
final class ResizeOps {
  private ResizeOps() {}

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
    String mode = mode(c);
    c.supports(!mode.equals("cubic"), "mode 'cubic'");
    for (int i = 0; i < scales.length; i++) {
      Axis axis = Axis.by(x.size(i), scales[i]);
      DoubleUnaryOperator place = o -> o / axis.scale();
      x = along(c, x, i, axis, Taps.places(axis, place), mode, Math::floor);
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

  private static String mode(Call c) {
    String mode = c.text("mode", "nearest");
    c.supports(mode.matches("nearest|linear|cubic"), "mode '" + mode + "'");
    return mode;
  }

  private static Tensor resize(Call c) {
    String mode = mode(c);
    c.supports(!c.flag("antialias", false) || !mode.equals("nearest"), "antialias of nearest");
    String map = c.text("coordinate_transformation_mode", "half_pixel");
    boolean crops = map.equals("tf_crop_and_resize");
    Tensor x = c.in(0);
    int[] axes =
        c.says("axes")
            ? c.axes(c.integers("axes"), x.rank())
            : IntStream.range(0, x.rank()).toArray();
    double[] roi = crops ? c.in(1).toDoubles() : new double[0];
    c.needs(!crops || roi.length == 2 * axes.length, roi.length + " numbers for a region");
    Axis[] along = axes(c, x, axes);
    DoubleUnaryOperator round = mode.equals("nearest") ? rounding(c) : Math::floor;
    Tensor outside = null;
    for (int i = 0; i < axes.length; i++) {
      Axis axis = along[i];
      double from = crops ? roi[i] : 0;
      double to = crops ? roi[i + axes.length] : 1;
      double[] places = Taps.places(axis, o -> Taps.place(c, map, axis, o, from, to));
      if (!crops && axis.in() == axis.out() && axis.scale() == 1) {
        continue;
      }
      x = along(c, x, axes[i], axis, places, mode, round);
      if (crops) {
        Tensor at = Tensor.of(places).reshape(line(x.rank(), axes[i], places.length));
        Tensor here = at.lt(0).or(at.gt(axis.in() - 1.0));
        outside = outside == null ? here : outside.or(here);
      }
    }
    return outside == null
        ? x
        : Where.of(outside.expand(x.shape()), c.real("extrapolation_value", 0), x);
  }

  private static long[] line(int rank, int axis, long size) {
    long[] line = new long[rank];
    Arrays.fill(line, 1);
    line[axis] = size;
    return line;
  }

  /** What becomes of each axis: by scales, or by sizes, of which one may rule all. */
  private static Axis[] axes(Call c, Tensor x, int... axes) {
    boolean sized = c.has(3);
    double[] told = c.in(sized ? 3 : 2).toDoubles();
    int n = axes.length;
    c.needs(told.length == n, told.length + " numbers for " + n + " axes");
    Axis[] all = new Axis[n];
    for (int i = 0; i < n; i++) {
      long in = x.size(axes[i]);
      c.needs(in > 0 && told[i] > 0, "an axis without cells");
      all[i] = sized ? Axis.to(in, (long) told[i]) : Axis.by(in, told[i]);
    }
    String policy = c.text("keep_aspect_ratio_policy", "stretch");
    if (sized && !policy.equals("stretch")) {
      c.supports(policy.matches("not_larger|not_smaller"), "keep_aspect_ratio_policy " + policy);
      double least = Arrays.stream(all).mapToDouble(Axis::scale).min().orElse(1);
      double most = Arrays.stream(all).mapToDouble(Axis::scale).max().orElse(1);
      double scale = policy.equals("not_larger") ? least : most;
      for (int i = 0; i < n; i++) {
        long in = all[i].in();
        all[i] = new Axis(in, (long) Math.floor(scale * in + 0.5), scale);
      }
    }
    return all;
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

  /** Axis {@code i} of x, seen from {@code places}. */
  private static Tensor along(
      Call c, Tensor x, int i, Axis axis, double[] places, String mode, DoubleUnaryOperator round) {
    if (mode.equals("nearest")) {
      return select(x, i, Arrays.stream(places).map(round).toArray());
    }
    c.floating(0);
    Taps taps =
        Taps.of(
            mode.equals("cubic") ? c.real("cubic_coeff_a", -0.75f) : Double.NaN,
            axis,
            places,
            c.flag("antialias", false),
            c.flag("exclude_outside", false));
    long[] line = line(x.rank(), i, places.length);
    Tensor y = null;
    for (int k = 0; k < taps.cells().length; k++) {
      Tensor share = Tensor.of(taps.shares()[k]).to(x.dtype()).reshape(line);
      Tensor part = select(x, i, taps.cells()[k]).mul(share);
      y = y == null ? part : y.add(part);
    }
    return y == null ? x : y;
  }

  private static Tensor select(Tensor x, int axis, double... cells) {
    long last = x.size(axis) - 1;
    long[] index = Arrays.stream(cells).mapToLong(p -> Math.clamp((long) p, 0L, last)).toArray();
    return x.indexSelect(axis, Tensor.of(index));
  }
}
