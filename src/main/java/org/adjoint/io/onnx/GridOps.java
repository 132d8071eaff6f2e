package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Floor;
import org.adjoint.op.Round;
import org.adjoint.op.Trunc;
import org.adjoint.op.Where;

/** Images seen through a grid of places (Jaderberg et al., Spatial transformer networks, 2015). */
final class GridOps {
  private GridOps() {}

  static void register(Operators table) {
    table.one("AffineGrid", 20, 2, "align_corners", GridOps::affine);
    String attributes = "align_corners mode padding_mode";
    table.one("GridSample", 16, 2, attributes, GridOps::sample);
  }

  /** The places of an image's cells, from −1 to 1, moved: [N, sizes…, one number for each]. */
  private static Tensor affine(Call c) {
    Tensor theta = c.floating(0);
    long[] size = c.longs(1);
    int n = size.length - 2;
    c.needs(
        n > 0 && theta.shape().equals(Shape.of(size[0], n, n + 1L)),
        theta.shape() + " does not move an image of " + Arrays.toString(size));
    Shape image = Shape.of(Arrays.copyOfRange(size, 2, size.length));
    boolean corners = c.flag("align_corners", false);
    double[] homogeneous = new double[Math.toIntExact(image.count() * (n + 1))];
    for (int i = 0; i < image.count(); i++) {
      for (int k = 0; k < n; k++) {
        // The last axis comes first.
        long cell = i / image.strides()[n - 1 - k] % image.size(n - 1 - k);
        long cells = image.size(n - 1 - k);
        homogeneous[i * (n + 1) + k] =
            corners ? -1 + 2.0 * cell / (cells - 1) : -1 + (2.0 * cell + 1) / cells;
      }
      homogeneous[i * (n + 1) + n] = 1;
    }
    Tensor grid = Tensor.of(Shape.of(image.count(), n + 1L), homogeneous).to(theta.dtype());
    Tensor y = grid.matmul(theta.transpose(1, 2));
    return y.reshape(Shape.of(size[0]).concat(image).concat(Shape.of(n)).toArray());
  }

  /**
   * Where one axis is looked at.
   *
   * @param first the cell before each place, or the nearest
   * @param shares of that cell and those beside it, from {@code offset} on, each [N, P]
   */
  private record Axis(long size, double[] first, int offset, Tensor[] shares) {}

  private static Tensor sample(Call c) {
    Tensor x = c.floating(0);
    Tensor grid = c.in(1);
    int n = x.rank() - 2;
    c.needs(
        n > 0 && grid.rank() == n + 2 && grid.size(-1) == n && grid.size(0) == x.size(0),
        "a grid of " + grid.shape() + " for " + x.shape());
    c.supports(grid.dtype() == x.dtype(), "a grid of " + grid.dtype() + " for " + x.dtype());
    c.supports(x.shape().count() > 0 && grid.shape().count() > 0, "nothing to look at");
    long places = grid.shape().slice(1, n + 1).count();
    Tensor flatGrid = grid.reshape(grid.size(0), places, n).to(DType.F64);
    Axis[] axes = new Axis[n];
    for (int k = 0; k < n; k++) {
      axes[k] = axis(c, x.size(k + 2), flatGrid.select(2, n - 1 - k));
    }
    Tensor flat = x.flatten(2);
    Shape each = Shape.of(x.size(0), x.size(1), places);
    int taps = axes[0].shares.length;
    int count = IntStream.range(0, n).map(_ -> taps).reduce(1, (a, b) -> a * b);
    Tensor sum = Tensor.zeros(x.meta().with(each));
    for (int corner = 0; corner < count; corner++) {
      long[] index = new long[Math.toIntExact(x.size(0) * places)];
      double[] seen = new double[index.length];
      Arrays.fill(seen, 1);
      Tensor share = null;
      int left = corner;
      for (Axis axis : axes) {
        int tap = left % taps;
        left /= taps;
        look(c, axis, tap, index, seen);
        share = share == null ? axis.shares[tap] : share.mul(axis.shares[tap]);
      }
      Shape line = Shape.of(x.size(0), 1, places);
      Tensor found = flat.gather(2, Tensor.of(line, index).expand(each));
      Tensor counted = Tensor.of(line, seen);
      counted = share == null ? counted : counted.mul(share.unsqueeze(1));
      sum = sum.add(found.mul(counted.to(x.dtype()).expand(each)));
    }
    Shape shape = x.shape().slice(0, 2).concat(grid.shape().slice(1, n + 1));
    return sum.reshape(shape.toArray());
  }

  /** Moves to the cell of {@code tap} on an axis; what lies outside is found inside, or unseen. */
  private static void look(Call c, Axis axis, int tap, long[] index, double... seen) {
    String padding = padding(c);
    double last = axis.size - 1.0;
    DoubleUnaryOperator back = reflection(c, axis.size);
    for (int i = 0; i < index.length; i++) {
      double cell = axis.first[i] + axis.offset + tap;
      if (padding.equals("zeros")) {
        seen[i] = cell >= 0 && cell <= last ? seen[i] : 0;
      } else if (padding.equals("reflection")) {
        cell = back.applyAsDouble(cell);
      }
      index[i] = index[i] * axis.size + (long) Math.clamp(cell, 0.0, last);
    }
  }

  private static String padding(Call c) {
    String padding = c.text("padding_mode", "zeros");
    c.supports(padding.matches("zeros|border|reflection"), "padding_mode = '" + padding + "'");
    return padding;
  }

  /** The mirrors stand at the middle of the outer cells, or at their outer edges. */
  private static DoubleUnaryOperator reflection(Call c, long size) {
    boolean corners = c.flag("align_corners", false);
    double low = corners ? 0 : -0.5;
    double span = corners ? size - 1.0 : size;
    return x -> {
      double far = Math.abs(x - low);
      double turns = Math.floor(far / span);
      double rest = far - turns * span;
      return span == 0 ? 0 : turns % 2 == 0 ? low + rest : low + span - rest;
    };
  }

  private static Axis axis(Call c, long size, Tensor grid) {
    boolean corners = c.flag("align_corners", false);
    Tensor at =
        corners
            ? grid.add(1).mul((size - 1) / 2.0)
            : grid.add(1).mul((double) size).sub(1).mul(0.5);
    String mode = c.text("mode", "linear");
    if (mode.equals("nearest")) {
      double[] cells = new Trunc().apply(inside(c, size, new Round().apply(at))).toDoubles();
      return new Axis(size, cells, 0, new Tensor[] {Tensor.ones(at.meta())});
    }
    boolean cubic = mode.endsWith("cubic");
    c.supports(cubic || mode.endsWith("linear"), "mode '" + mode + "'");
    c.supports(!cubic || padding(c).equals("zeros"), "mode '" + mode + "' beyond the image");
    Tensor place = cubic ? at : inside(c, size, at);
    Tensor low = new Floor().apply(place).detach();
    Tensor t = place.sub(low);
    Tensor[] shares =
        cubic
            ? new Tensor[] {outer(t.add(1)), inner(t), inner(t.neg().add(1)), outer(t.neg().add(2))}
            : new Tensor[] {t.neg().add(1), t};
    return new Axis(size, low.toDoubles(), cubic ? -1 : 0, shares);
  }

  /** Places beyond the image, as the padding moves them back. */
  private static Tensor inside(Call c, long size, Tensor at) {
    return switch (padding(c)) {
      case "border" -> at.clamp(0, size - 1.0);
      case "reflection" -> {
        boolean corners = c.flag("align_corners", false);
        double low = corners ? 0 : -0.5;
        double span = corners ? size - 1.0 : size;
        c.supports(span > 0, "a reflection between two mirrors in one place");
        Tensor far = at.sub(low).abs();
        Tensor turns = new Floor().apply(far.div(span)).detach();
        Tensor rest = far.sub(turns.mul(span));
        Tensor half = turns.mul(0.5);
        Tensor even = half.eq(new Floor().apply(half));
        yield Where.of(even, rest.add(low), rest.neg().add(low + span));
      }
      default -> at;
    };
  }

  private static final double A = -0.75;

  /** Keys' cubic, of 0 to 1 and of 1 to 2 cells. */
  private static Tensor inner(Tensor x) {
    return x.mul(A + 2).sub(A + 3).mul(x).mul(x).add(1);
  }

  private static Tensor outer(Tensor x) {
    return x.mul(A).sub(5 * A).mul(x).add(8 * A).mul(x).sub(4 * A);
  }
}
