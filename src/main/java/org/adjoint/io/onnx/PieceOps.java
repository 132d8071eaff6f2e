package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.op.Pad;
import org.jspecify.annotations.Nullable;

/** Tensors put together, cut, and padded. */
final class PieceOps {
  private PieceOps() {}

  static void register(Operators table) {
    table.one("Concat", 0, -1, "axis", PieceOps::concat);
    table.many("Split", 0, 1, "axis split", c -> split(c, c.moved("split", 13, 1)));
    table.many("Split", 13, 2, "axis", c -> split(c, c.moved("split", 13, 1)));
    table.many("Split", 18, 2, "axis num_outputs", PieceOps::splitByCount);
    table.one("Slice", 0, 1, "starts ends axes", PieceOps::sliceOfOld);
    table.one("Slice", 10, 5, "", PieceOps::slice);
    table.one("Pad", 0, 1, "mode pads value", PieceOps::padOfOld);
    table.one("Pad", 11, 4, "mode", PieceOps::pad);
    table.one("CenterCropPad", 18, 2, "axes", PieceOps::centre);
    table.one("Trilu", 14, 2, "upper", PieceOps::trilu);
  }

  private static Tensor concat(Call c) {
    c.needs(c.says("axis"), "axis is missing");
    int axis = c.axis(c.integer("axis", 0), c.in(0).rank());
    return Tensor.concat(axis, c.all().toArray(Tensor[]::new));
  }

  private static Tensor[] split(Call c, long @Nullable [] sizes) {
    Tensor x = c.in(0);
    int axis = c.axis(c.integer("axis", 0), x.rank());
    int parts = c.node().outputs().size();
    if (sizes == null) {
      c.needs(x.size(axis) % parts == 0, x.shape() + " does not fall into " + parts + " parts");
      long[] equal = new long[parts];
      Arrays.fill(equal, x.size(axis) / parts);
      return x.split(axis, equal);
    }
    c.needs(sizes.length == parts, sizes.length + " sizes for " + parts + " outputs");
    return x.split(axis, sizes);
  }

  /** Parts of equal size, the last of which may be shorter. */
  private static Tensor[] splitByCount(Call c) {
    if (c.has(1) || !c.says("num_outputs")) {
      return split(c, c.moved("split", 13, 1));
    }
    Tensor x = c.in(0);
    long size = x.size(c.axis(c.integer("axis", 0), x.rank()));
    int parts = c.node().outputs().size();
    c.needs(c.integer("num_outputs", 0) == parts, "num_outputs is not " + parts);
    long part = Math.ceilDiv(size, parts);
    return split(
        c, LongStream.range(0, parts).map(i -> Math.clamp(size - i * part, 0L, part)).toArray());
  }

  private static Tensor sliceOfOld(Call c) {
    long[] starts = c.integers("starts");
    long[] axes =
        c.says("axes") ? c.integers("axes") : LongStream.range(0, starts.length).toArray();
    return slice(c, starts, c.integers("ends"), axes, ones(starts.length));
  }

  private static Tensor slice(Call c) {
    long[] starts = c.longs(1);
    long[] axes = c.has(3) ? c.longs(3) : LongStream.range(0, starts.length).toArray();
    return slice(c, starts, c.longs(2), axes, c.has(4) ? c.longs(4) : ones(starts.length));
  }

  private static long[] ones(int n) {
    long[] ones = new long[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Bounds that lie outside are moved to the nearest end, as in Python. */
  private static Tensor slice(Call c, long[] starts, long[] ends, long[] axes, long[] steps) {
    Tensor x = c.in(0);
    int n = starts.length;
    c.needs(
        ends.length == n && axes.length == n && steps.length == n,
        "starts, ends, axes and steps differ in length");
    int[] at = c.axes(axes, x.rank());
    for (int i = 0; i < n; i++) {
      c.needs(steps[i] != 0, "a step of 0");
      long size = x.size(at[i]);
      boolean back = steps[i] < 0;
      long start = bound(starts[i], size, back);
      long end = bound(ends[i], size, back);
      // A bound of −1, before the first, is one that counts from the end in Adjoint.
      x = x.slice(at[i], start < 0 ? -size - 1 : start, end < 0 ? -size - 1 : end, steps[i]);
    }
    return x;
  }

  private static long bound(long bound, long size, boolean back) {
    long from = bound < 0 ? bound + size : bound;
    return back ? Math.clamp(from, -1L, size - 1) : Math.clamp(from, 0L, size);
  }

  private static Tensor padOfOld(Call c) {
    return pad(c, c.integers("pads"), null, c.real("value", 0));
  }

  private static Tensor pad(Call c) {
    c.needs(c.opset() >= 18 || !c.has(3), "axes in a version before 18");
    return pad(c, c.longs(1), c.has(3) ? c.longs(3) : null, c.has(2) ? c.number(2) : 0);
  }

  private static Tensor pad(Call c, long[] pads, long @Nullable [] named, double value) {
    Tensor x = c.in(0);
    int[] axes = named == null ? IntStream.range(0, x.rank()).toArray() : c.axes(named, x.rank());
    int n = axes.length;
    c.needs(pads.length == 2 * n, pads.length + " numbers to pad " + n + " axes");
    // Pad names the last axis first.
    int[] amounts = new int[2 * x.rank()];
    for (int i = 0; i < n; i++) {
      int at = 2 * (x.rank() - 1 - axes[i]);
      amounts[at] = Math.toIntExact(Math.max(0, pads[i]));
      amounts[at + 1] = Math.toIntExact(Math.max(0, pads[i + n]));
    }
    String mode = c.text("mode", "constant");
    boolean cuts = Arrays.stream(pads).anyMatch(p -> p < 0);
    c.supports(!cuts || mode.equals("constant"), "negative pads with mode '" + mode + "'");
    Tensor y =
        switch (mode) {
          case "constant" -> Pad.constant(x, value, amounts);
          case "reflect" -> reflect(c, x, amounts);
          case "edge" -> Pad.replicate(x, amounts);
          case "wrap" -> wrap(c, x, amounts);
          default -> throw c.unsupported("mode '" + mode + "'");
        };
    for (int i = 0; i < n && cuts; i++) {
      long end = y.size(axes[i]) + Math.min(0, pads[i + n]);
      y = y.slice(axes[i], -Math.min(0, pads[i]), end);
    }
    return y;
  }

  private static Tensor reflect(Call c, Tensor x, int... amounts) {
    for (int i = 0; i < amounts.length; i++) {
      long size = x.size(x.rank() - 1 - i / 2);
      c.supports(amounts[i] < Math.max(1, size), "a reflection longer than " + x.shape());
    }
    return Pad.reflect(x, amounts);
  }

  /** What lies beyond one end is what is at the other. */
  private static Tensor wrap(Call c, Tensor x, int... amounts) {
    c.supports(c.opset() >= 19, "mode 'wrap' in a version before 19");
    Tensor y = x;
    for (int axis = 0; axis < x.rank(); axis++) {
      long size = x.size(axis);
      int before = amounts[2 * (x.rank() - 1 - axis)];
      int after = amounts[2 * (x.rank() - 1 - axis) + 1];
      if (before + after > 0) {
        c.needs(size > 0, "nothing to wrap around in " + x.shape());
        long[] from =
            LongStream.range(-before, size + after).map(i -> Math.floorMod(i, size)).toArray();
        y = y.indexSelect(axis, Tensor.of(from));
      }
    }
    return y;
  }

  /** Cut or padded with zeros to a shape, about the middle. */
  private static Tensor centre(Call c) {
    Tensor x = c.in(0);
    long[] sizes = c.longs(1);
    int[] axes =
        c.says("axes")
            ? c.axes(c.integers("axes"), x.rank())
            : IntStream.range(0, x.rank()).toArray();
    c.needs(sizes.length == axes.length, sizes.length + " sizes for " + axes.length + " axes");
    int[] amounts = new int[2 * x.rank()];
    for (int i = 0; i < axes.length; i++) {
      long more = sizes[i] - x.size(axes[i]);
      c.needs(sizes[i] >= 0, "a size of " + sizes[i]);
      if (more < 0) {
        x = x.slice(axes[i], -more / 2, -more / 2 + sizes[i]);
      } else {
        int at = 2 * (x.rank() - 1 - axes[i]);
        amounts[at] = Math.toIntExact(more / 2);
        amounts[at + 1] = Math.toIntExact(more - more / 2);
      }
    }
    return Pad.constant(x, 0, amounts);
  }

  private static Tensor trilu(Call c) {
    long k = c.has(1) ? c.whole(1) : 0;
    Tensor x = c.in(0);
    c.supports(x.rank() >= 2, "a tensor of " + x.shape());
    boolean bool = x.dtype() == DType.BOOL;
    Tensor y = bool ? x.to(DType.U8) : x;
    return (c.flag("upper", true) ? y.triu(k) : y.tril(k)).to(x.dtype());
  }
}
