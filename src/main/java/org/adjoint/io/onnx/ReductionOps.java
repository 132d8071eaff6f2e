package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.ArgMax;
import org.adjoint.op.ArgMin;
import org.adjoint.op.LogSumExp;
import org.adjoint.op.Max;
import org.adjoint.op.Min;
import org.adjoint.op.Prod;

/** Many elements made one, along some axes. */
final class ReductionOps {
  private ReductionOps() {}

  /** A reduction along axes that stay with size 1. */
  private interface Fold {
    Tensor apply(Call call, Tensor x, int... axes);
  }

  static void register(Operators table) {
    fold(table, "ReduceSum", 13, true, (c, x, axes) -> x.sumKeepDims(axes));
    fold(table, "ReduceMean", 18, true, ReductionOps::mean);
    fold(table, "ReduceProd", 18, true, ReductionOps::prod);
    fold(table, "ReduceMax", 18, true, ReductionOps::max);
    fold(table, "ReduceMin", 18, true, ReductionOps::min);
    fold(table, "ReduceL1", 18, false, (c, x, axes) -> x.abs().sumKeepDims(axes));
    fold(table, "ReduceSumSquare", 18, false, (c, x, axes) -> x.mul(x).sumKeepDims(axes));
    fold(table, "ReduceL2", 18, false, ReductionOps::l2);
    fold(table, "ReduceLogSum", 18, false, (c, x, axes) -> reals(c, x).sumKeepDims(axes).log());
    fold(table, "ReduceLogSumExp", 18, false, ReductionOps::logSumExp);
    table.one("ArgMax", 0, 1, "axis keepdims", c -> arg(c, true));
    table.one("ArgMax", 12, 1, "axis keepdims select_last_index", c -> arg(c, true));
    table.one("ArgMin", 0, 1, "axis keepdims", c -> arg(c, false));
    table.one("ArgMin", 12, 1, "axis keepdims select_last_index", c -> arg(c, false));
  }

  /**
   * Adds a reduction whose axes are an attribute, and from version {@code moved} on an input.
   *
   * @param idle whether to reduce no axis plainly gives x
   */
  private static void fold(Operators table, String op, long moved, boolean idle, Fold f) {
    table.one(op, 0, 1, "axes keepdims", c -> reduce(c, moved, idle, f));
    table.one(op, moved, 2, "keepdims noop_with_empty_axes", c -> reduce(c, moved, idle, f));
  }

  private static Tensor reduce(Call c, long moved, boolean idle, Fold f) {
    Tensor x = c.in(0);
    long[] said = c.moved("axes", moved, 1);
    long[] told = said == null ? new long[0] : said;
    boolean none = told.length == 0;
    if (none && c.flag("noop_with_empty_axes", false)) {
      c.supports(idle, "noop_with_empty_axes");
      return x;
    }
    int[] axes = none ? IntStream.range(0, x.rank()).toArray() : c.axes(told, x.rank());
    boolean bool = x.dtype() == DType.BOOL;
    c.supports(!bool || c.node().op().matches("ReduceM(ax|in)"), "elements of BOOL");
    Tensor y = f.apply(c, bool ? x.to(DType.U8) : x, axes).to(x.dtype());
    if (!c.flag("keepdims", true)) {
      Arrays.sort(axes);
      for (int i = axes.length - 1; i >= 0; i--) {
        y = y.squeeze(axes[i]);
      }
    }
    return y;
  }

  private static Tensor reals(Call c, Tensor x) {
    c.supports(x.dtype().isFloating(), "elements of " + x.dtype());
    return x;
  }

  private static Tensor mean(Call c, Tensor x, int... axes) {
    double count = Arrays.stream(axes).mapToDouble(x::size).reduce(1, (a, b) -> a * b);
    return reals(c, x).sumKeepDims(axes).div(count);
  }

  private static Tensor prod(Call c, Tensor x, int... axes) {
    Tensor y = x;
    for (int axis : axes) {
      y = Prod.of(y, axis).unsqueeze(axis);
    }
    return y;
  }

  private static Tensor max(Call c, Tensor x, int... axes) {
    if (x.shape().count() == 0) {
      return ofNone(c, x, Double.NEGATIVE_INFINITY, axes);
    }
    Tensor y = x;
    for (int axis : axes) {
      y = new Max(axis).apply(y);
    }
    return y;
  }

  private static Tensor min(Call c, Tensor x, int... axes) {
    if (x.shape().count() == 0) {
      return ofNone(c, x, Double.POSITIVE_INFINITY, axes);
    }
    Tensor y = x;
    for (int axis : axes) {
      y = new Min(axis).apply(y);
    }
    return y;
  }

  private static Tensor ofNone(Call c, Tensor x, double value, int... axes) {
    Shape shape = reals(c, x).shape();
    for (int axis : axes) {
      shape = shape.with(axis, 1);
    }
    return Tensor.full(x.meta().with(shape), value);
  }

  private static Tensor l2(Call c, Tensor x, int... axes) {
    Tensor wide = x.dtype().isFloating() ? x : x.to(DType.F64);
    return wide.mul(wide).sumKeepDims(axes).sqrt();
  }

  private static Tensor logSumExp(Call c, Tensor x, int... axes) {
    Tensor y = reals(c, x);
    for (int axis : axes) {
      y = new LogSumExp(axis).apply(y);
    }
    return y;
  }

  private static Tensor arg(Call c, boolean largest) {
    Tensor x = c.in(0);
    int axis = c.axis(c.integer("axis", 0), x.rank());
    boolean last = c.flag("select_last_index", false);
    Tensor from = last ? x.flip(axis) : x;
    Tensor place = largest ? ArgMax.of(from, axis) : ArgMin.of(from, axis);
    Tensor index = last ? place.neg().add(x.size(axis) - 1.0) : place;
    return c.flag("keepdims", true) ? index.unsqueeze(axis) : index;
  }
}
