package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.AvgPool;
import org.adjoint.op.Conv;
import org.adjoint.op.Max;
import org.adjoint.op.MaxPool;
import org.adjoint.op.MaxUnpool;
import org.adjoint.op.Pad;
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
    table.one("LpPool", 0, 1, window + " p", PoolingOps::lpPool);
    table.one("LpPool", 18, 1, window + " p ceil_mode dilations", PoolingOps::lpPool);
    table.one("MaxUnpool", 9, 3, "kernel_shape pads strides", PoolingOps::maxUnpool);
    table.one("GlobalLpPool", 0, 1, "p", PoolingOps::globalLp);
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
    Tensor x = c.in(0);
    int planes = Math.toIntExact(x.size(0) * x.size(1));
    long[] by = new long[x.rank()];
    Arrays.fill(by, 1);
    by[0] = x.size(0);
    by[1] = x.size(1);
    long cells = x.shape().slice(2, x.rank()).count();
    boolean columns = c.integer("storage_order", 0) == 1;
    Tensor index = columns ? byColumns(x.shape(), found.indices()) : found.indices();
    return index.add(Tensor.arange(planes).mul((double) cells).reshape(by));
  }

  /** The places in a plane, counted with its first axis the fastest. */
  private static Tensor byColumns(Shape x, Tensor index) {
    long[] all = index.toLongs();
    for (int i = 0; i < all.length; i++) {
      long left = all[i];
      long place = 0;
      for (int axis = x.rank() - 1; axis >= 2; axis--) {
        place = place * x.size(axis) + left % x.size(axis);
        left /= x.size(axis);
      }
      all[i] = place;
    }
    return Tensor.of(index.shape(), all);
  }

  private static Tensor avgPool(Call c) {
    Tensor x = c.floating(0);
    Sliders s = Sliders.of(c, x.shape(), Sliders.kernel(c));
    boolean counts = c.flag("count_include_pad", false);
    boolean dense = Arrays.stream(s.dilations()).allMatch(d -> d == 1);
    boolean plain = c.text("auto_pad", "").isEmpty() || c.text("auto_pad", "").equals("NOTSET");
    boolean ceil = c.flag("ceil_mode", false) && plain;
    if (dense && s.isEven() && reaches(s, x) && !(ceil && counts && s.isPadded())) {
      // Without padding, cells that ceil_mode adds do not count, whichever way it is asked.
      return AvgPool.of(x, s.padded(), ceil, counts && !ceil, s.kernel());
    }
    Tensor cells =
        s.pad(Tensor.ones(x.meta().with(x.shape().with(0, 1).with(1, 1))), counts ? 1 : 0);
    int[] more = ceil ? s.beyond(x.shape()) : new int[s.kernel().length];
    return sums(s, s.pad(x, 0), more).div(sums(s, cells, more));
  }

  /** The sums of the windows of x, padded already, where {@code more} zeros follow. */
  private static Tensor sums(Sliders s, Tensor x, int... more) {
    int n = more.length;
    int[] amounts = new int[2 * n];
    for (int i = 0; i < n; i++) {
      amounts[2 * (n - 1 - i) + 1] = more[i];
    }
    Tensor wide = Pad.constant(x, 0, amounts);
    Shape planes = wide.shape().slice(1, n + 2).with(0, 1).insert(0, x.size(0) * x.size(1));
    Shape window = Shape.of(1, 1);
    for (int size : s.kernel()) {
      window = window.insert(window.rank(), size);
    }
    Tensor ones = Tensor.ones(x.meta().with(window));
    Tensor y = Conv.of(wide.reshape(planes.toArray()), ones, s.bare(), 1);
    return y.reshape(x.shape().slice(0, 2).concat(y.shape().slice(2, n + 2)).toArray());
  }

  /** The p-norms of the windows; what pads them is 0. */
  private static Tensor lpPool(Call c) {
    Tensor x = c.floating(0);
    double p = c.integer("p", 2);
    c.needs(p >= 1, "p = " + p);
    Sliders s = Sliders.of(c, x.shape(), Sliders.kernel(c));
    boolean ceil = c.flag("ceil_mode", false);
    int[] more = ceil ? s.beyond(x.shape()) : new int[s.kernel().length];
    return sums(s, s.pad(x.abs().pow(p), 0), more).pow(1 / p);
  }

  private static Tensor globalLp(Call c) {
    double p = c.integer("p", 2);
    return global(c).abs().pow(p).sum(2).pow(1 / p).reshape(ones(c));
  }

  /** Flat indices into the whole result without padding, of which a plane is a part. */
  private static Tensor maxUnpool(Call c) {
    Tensor x = c.floating(0);
    Sliders s = Sliders.of(c, x.shape(), Sliders.kernel(c));
    int n = s.kernel().length;
    long[] sizes = new long[n];
    for (int i = 0; i < n; i++) {
      sizes[i] =
          (x.size(i + 2) - 1) * s.strides()[i] + s.kernel()[i] - s.before()[i] - s.after()[i];
    }
    long plane = Shape.of(sizes).count();
    long[] index = c.longs(1);
    c.needs(plane > 0 && c.in(1).shape().equals(x.shape()), "indices of " + c.in(1).shape());
    long[] within = Arrays.stream(index).map(i -> Math.floorMod(i, plane)).toArray();
    Tensor y = MaxUnpool.of(x, Tensor.of(x.shape(), within), sizes);
    long[] told = c.has(2) ? c.longs(2) : y.shape().toArray();
    c.needs(told.length == n + 2, "an output_shape of " + told.length + " sizes");
    int[] amounts = new int[2 * n];
    for (int i = 0; i < n; i++) {
      c.supports(told[i + 2] >= sizes[i], "an output_shape smaller than the windows reach");
      amounts[2 * (n - 1 - i) + 1] = Math.toIntExact(told[i + 2] - sizes[i]);
    }
    return Pad.constant(y, 0, amounts);
  }
}
