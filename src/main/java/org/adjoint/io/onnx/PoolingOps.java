package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.op.AvgPool;
import org.adjoint.op.Max;
import org.adjoint.op.MaxPool;
import org.adjoint.op.Picked;

/** Windows made one number. */
final class PoolingOps {
  private PoolingOps() {}

  static void register(Operators table) {
    String window = "auto_pad kernel_shape pads strides";
    // Dilation came in version 10; files of earlier ones are known to say it nevertheless.
    String late = window + " dilations ceil_mode storage_order";
    table.many("MaxPool", 0, 1, window + " dilations", PoolingOps::maxPool);
    table.many("MaxPool", 8, 1, window + " dilations storage_order", PoolingOps::maxPool);
    table.many("MaxPool", 10, 1, late, PoolingOps::maxPool);
    table.one("AveragePool", 0, 1, window, PoolingOps::avgPool);
    table.one("AveragePool", 7, 1, window + " count_include_pad", PoolingOps::avgPool);
    table.one("AveragePool", 10, 1, window + " count_include_pad ceil_mode", PoolingOps::avgPool);
    table.one(
        "AveragePool",
        19,
        1,
        window + " count_include_pad ceil_mode dilations",
        PoolingOps::avgPool);
    table.one("GlobalAveragePool", 0, 1, "", c -> global(c).mean(2).reshape(ones(c)));
    table.one("GlobalMaxPool", 0, 1, "", c -> Max.of(global(c), 2).reshape(ones(c)));
  }

  /** [N, C, all cells]. */
  private static Tensor global(Call c) {
    Tensor x = c.floating(0);
    c.needs(x.rank() >= 3, x.shape() + " has no spatial axes");
    return x.flatten(2);
  }

  private static long[] ones(Call c) {
    long[] sizes = new long[c.in(0).rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = c.in(0).size(0);
    sizes[1] = c.in(0).size(1);
    return sizes;
  }

  private static boolean ceil(Call c, Sliders s) {
    boolean ceil = c.flag("ceil_mode", false);
    String auto = c.text("auto_pad", "NOTSET");
    boolean plain = auto.equals("NOTSET") || auto.isEmpty();
    c.supports(!ceil || (plain && s.isEven()), "ceil_mode with uneven padding or auto_pad");
    return ceil;
  }

  private static Tensor[] maxPool(Call c) {
    Tensor given = c.in(0);
    c.supports(given.dtype() != DType.BOOL, "elements of BOOL");
    Tensor x = given.dtype().isFloating() ? given : given.to(DType.F64);
    Sliders s = Sliders.of(c, x.shape(), Sliders.kernel(c));
    boolean ceil = ceil(c, s);
    boolean known = s.isEven() && reaches(s, x);
    c.supports(known || !ceil, "ceil_mode with so much padding");
    if (!known) {
      c.supports(!c.wants(1), "indices with uneven padding");
      Tensor padded = s.pad(x, Double.NEGATIVE_INFINITY);
      return new Tensor[] {MaxPool.of(padded, s.bare(), s.kernel()).to(given.dtype())};
    }
    Picked found = MaxPool.picked(x, s.padded(), ceil, s.kernel());
    Tensor values = found.values().to(given.dtype());
    return c.wants(1) ? new Tensor[] {values, places(c, found)} : new Tensor[] {values};
  }

  /** Whether no window can lie in the padding alone, which Adjoint wants to be sure of. */
  private static boolean reaches(Sliders s, Tensor x) {
    return IntStream.range(0, s.kernel().length)
        .allMatch(i ->
            s.before()[i] == 0
                || (2L * s.before()[i] <= (s.kernel()[i] - 1L) * s.dilations()[i] + 1
                    && s.dilations()[i] <= x.size(i + 2)));
  }

  /** Flat indices into the whole input, where Adjoint's are those into a plane. */
  private static Tensor places(Call c, Picked found) {
    c.supports(c.integer("storage_order", 0) == 0, "storage_order = 1");
    Tensor x = c.in(0);
    int planes = Math.toIntExact(x.size(0) * x.size(1));
    long[] by = new long[x.rank()];
    Arrays.fill(by, 1);
    by[0] = x.size(0);
    by[1] = x.size(1);
    long cells = x.shape().slice(2, x.rank()).count();
    return found.indices().add(Tensor.arange(planes).mul((double) cells).reshape(by));
  }

  private static Tensor avgPool(Call c) {
    Tensor x = c.floating(0);
    Sliders s = Sliders.of(c, x.shape(), Sliders.kernel(c));
    c.supports(Arrays.stream(s.dilations()).allMatch(d -> d == 1), "dilations other than 1");
    boolean ceil = ceil(c, s);
    boolean counts = c.flag("count_include_pad", false);
    c.supports(!ceil || !counts || !s.isPadded(), "ceil_mode with padding that counts");
    if (s.isEven() && reaches(s, x)) {
      // Without padding, cells that ceil_mode adds do not count, whichever way it is asked.
      return AvgPool.of(x, s.padded(), ceil, counts && !ceil, s.kernel());
    }
    c.supports(!ceil, "ceil_mode with so much padding");
    Tensor y = AvgPool.of(s.pad(x, 0), s.bare(), false, true, s.kernel());
    if (counts) {
      return y;
    }
    Tensor share = s.pad(Tensor.ones(x.meta().with(x.shape().with(0, 1).with(1, 1))), 0);
    return y.div(AvgPool.of(share, s.bare(), false, true, s.kernel()));
  }
}
