package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** The same elements under another shape, and shapes themselves. */
final class ShapeOps {
  private ShapeOps() {}

  static void register(Operators table) {
    table.one("Reshape", 0, 2, "", c -> reshape(c, false));
    table.one("Reshape", 14, 2, "allowzero", c -> reshape(c, c.flag("allowzero", false)));
    table.one("Flatten", 0, 1, "axis", ShapeOps::flatten);
    table.one("Squeeze", 0, 1, "axes", ShapeOps::squeeze);
    table.one("Squeeze", 13, 2, "", ShapeOps::squeeze);
    table.one("Unsqueeze", 0, 1, "axes", ShapeOps::unsqueeze);
    table.one("Unsqueeze", 13, 2, "", ShapeOps::unsqueeze);
    table.one("Transpose", 0, 1, "perm", ShapeOps::transpose);
    table.one("Expand", 8, 2, "", ShapeOps::expand);
    table.one("Tile", 0, 2, "", ShapeOps::tile);
    table.one("DepthToSpace", 0, 1, "blocksize", c -> depthToSpace(c, false));
    table.one("DepthToSpace", 11, 1, "blocksize mode", c -> depthToSpace(c, columnsFirst(c)));
    table.one("SpaceToDepth", 0, 1, "blocksize", ShapeOps::spaceToDepth);
    table.one("Identity", 0, 1, "", c -> c.in(0));
    table.one("Shape", 0, 1, "", c -> Tensor.of(c.in(0).shape().toArray()));
    table.one("Shape", 15, 1, "start end", ShapeOps::partOfShape);
    table.one("Size", 0, 1, "", c -> Tensor.of(Shape.SCALAR, c.in(0).shape().count()));
  }

  private static Tensor reshape(Call c, boolean zeroIsZero) {
    long[] sizes = c.longs(1);
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == 0 && !zeroIsZero) {
        c.needs(i < c.in(0).rank(), "size 0 at axis " + i + " copies none of " + c.in(0).shape());
        sizes[i] = c.in(0).size(i);
      }
    }
    boolean open = Arrays.stream(sizes).anyMatch(size -> size == -1);
    c.supports(!open || c.in(0).shape().count() > 0, "a size of -1 for no elements");
    return c.in(0).reshape(sizes);
  }

  private static Tensor flatten(Call c) {
    Tensor x = c.in(0);
    long axis = c.integer("axis", 1);
    c.needs(axis >= 0 || c.opset() >= 11, "axis " + axis + " in a version before 11");
    int at = axis == x.rank() ? x.rank() : c.axis(axis, x.rank());
    return x.reshape(x.shape().slice(0, at).count(), x.shape().slice(at, x.rank()).count());
  }

  private static Tensor squeeze(Call c) {
    Shape shape = c.in(0).shape();
    long[] told = c.moved("axes", 13, 1);
    int[] axes =
        told == null
            ? IntStream.range(0, shape.rank()).filter(i -> shape.size(i) == 1).toArray()
            : c.axes(told, shape.rank());
    Arrays.sort(axes);
    Tensor y = c.in(0);
    for (int i = axes.length - 1; i >= 0; i--) {
      c.needs(shape.size(axes[i]) == 1, "axis " + axes[i] + " of " + shape + " is not of size 1");
      y = y.squeeze(axes[i]);
    }
    return y;
  }

  private static Tensor unsqueeze(Call c) {
    Tensor x = c.in(0);
    long[] told = c.moved("axes", 13, 1);
    if (told == null) {
      throw c.wrong("axes are missing");
    }
    int[] axes = c.axes(told, x.rank() + told.length);
    Arrays.sort(axes);
    for (int axis : axes) {
      x = x.unsqueeze(axis);
    }
    return x;
  }

  private static Tensor transpose(Call c) {
    Tensor x = c.in(0);
    if (c.says("perm")) {
      int[] axes = c.axes(c.integers("perm"), x.rank());
      c.needs(axes.length == x.rank(), "perm does not fit " + x.shape());
      return x.permute(axes);
    }
    return x.permute(IntStream.range(0, x.rank()).map(i -> x.rank() - 1 - i).toArray());
  }

  private static Tensor expand(Call c) {
    Shape told = Shape.of(c.longs(1));
    return c.in(0).expand(Shape.broadcast("expand", c.in(0).shape(), told));
  }

  private static Tensor tile(Call c) {
    long[] counts = c.longs(1);
    c.needs(counts.length == c.in(0).rank(), "one number of repeats is due for each axis");
    return c.in(0).repeat(counts);
  }

  private static boolean columnsFirst(Call c) {
    String mode = c.text("mode", "DCR");
    c.supports(mode.equals("DCR") || mode.equals("CRD"), "mode '" + mode + "'");
    return mode.equals("CRD");
  }

  private static Tensor depthToSpace(Call c, boolean columnsFirst) {
    Tensor x = c.in(0);
    long b = block(c);
    long n = x.size(0);
    long deep = x.size(1) / (b * b);
    long h = x.size(2);
    long w = x.size(3);
    Tensor y =
        columnsFirst
            ? x.reshape(n, deep, b, b, h, w).permute(0, 1, 4, 2, 5, 3)
            : x.reshape(n, b, b, deep, h, w).permute(0, 3, 4, 1, 5, 2);
    return y.reshape(n, deep, h * b, w * b);
  }

  private static long block(Call c) {
    long b = c.integer("blocksize", 0);
    c.needs(b > 0 && c.in(0).rank() == 4, "a block of " + b + " for " + c.in(0).shape());
    return b;
  }

  private static Tensor spaceToDepth(Call c) {
    Tensor x = c.in(0);
    long b = block(c);
    long h = x.size(2) / b;
    long w = x.size(3) / b;
    return x.reshape(x.size(0), x.size(1), h, b, w, b)
        .permute(0, 3, 5, 1, 2, 4)
        .reshape(x.size(0), x.size(1) * b * b, h, w);
  }

  private static Tensor partOfShape(Call c) {
    long[] sizes = c.in(0).shape().toArray();
    int rank = sizes.length;
    int start = bound(c.integer("start", 0), rank);
    int end = Math.max(start, bound(c.integer("end", rank), rank));
    return Tensor.of(Arrays.copyOfRange(sizes, start, end));
  }

  private static int bound(long axis, int rank) {
    return Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
  }
}
