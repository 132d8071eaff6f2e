package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.BatchNorm;
import org.adjoint.op.GroupNorm;
import org.adjoint.op.InstanceNorm;
import org.adjoint.op.Lrn;
import org.adjoint.op.Rsqrt;

/** Normalisations. */
final class NormalisationOps {
  private NormalisationOps() {}

  static void register(Operators table) {
    String batch = "epsilon momentum";
    table.one("BatchNormalization", 0, 5, batch + " is_test spatial", NormalisationOps::batchOfOld);
    table.one("BatchNormalization", 7, 5, batch + " spatial", NormalisationOps::batch);
    table.one("BatchNormalization", 9, 5, batch, NormalisationOps::batch);
    table.many(
        "BatchNormalization", 14, 5, batch + " training_mode", NormalisationOps::eitherBatch);
    table.one("InstanceNormalization", 0, 3, "epsilon", NormalisationOps::instance);
    table.one(
        "GroupNormalization",
        18,
        3,
        "epsilon num_groups",
        c -> group(c, perGroup(c, 1), perGroup(c, 2)));
    table.one(
        "GroupNormalization",
        21,
        3,
        "epsilon num_groups stash_type",
        c -> group(c, c.in(1), c.in(2)));
    table.many("LayerNormalization", 17, 3, "axis epsilon stash_type", NormalisationOps::layer);
    table.one("RMSNormalization", 23, 2, "axis epsilon stash_type", NormalisationOps::rms);
    table.one("LRN", 0, 1, "alpha beta bias size", NormalisationOps::lrn);
    table.one("LpNormalization", 0, 1, "axis p", NormalisationOps::lp);
    table.one("MeanVarianceNormalization", 9, 1, "axes", NormalisationOps::meanVariance);
  }

  private static double epsilon(Call c) {
    return c.real("epsilon", 1e-5f);
  }

  private static Tensor batchOfOld(Call c) {
    c.supports(c.flag("is_test", false), "training (is_test = 0)");
    return batch(c);
  }

  private static Tensor batch(Call c) {
    c.supports(c.flag("spatial", true), "spatial = 0");
    return batch(c, c.in(3), c.in(4));
  }

  private static Tensor batch(Call c, Tensor mean, Tensor variance) {
    Tensor x = c.floating(0);
    c.supports(x.rank() >= 2, "an input of " + x.shape());
    c.supports(
        c.all().stream().allMatch(t -> t.dtype() == x.dtype()), "statistics of another dtype");
    return BatchNorm.evaluating(x, c.in(1), c.in(2), mean, variance, epsilon(c));
  }

  /** In training, statistics of this batch serve, and move the running ones. */
  private static Tensor[] eitherBatch(Call c) {
    if (!c.flag("training_mode", false)) {
      return new Tensor[] {batch(c, c.in(3), c.in(4))};
    }
    Tensor x = c.floating(0);
    c.supports(x.rank() >= 2, "an input of " + x.shape());
    Moments m = Moments.of(x, IntStream.range(0, x.rank()).filter(i -> i != 1).toArray());
    Tensor mean = m.mean.flatten(0);
    Tensor variance = m.variance.flatten(0);
    double old = c.real("momentum", 0.9f);
    return new Tensor[] {
      batch(c, mean, variance),
      c.in(3).mul(old).add(mean.mul(1 - old)),
      c.in(4).mul(old).add(variance.mul(1 - old))
    };
  }

  /** Mean, what is left of x without it, and variance, along axes that stay with size 1. */
  private record Moments(Tensor mean, Tensor centred, Tensor variance) {
    static Moments of(Tensor x, int... axes) {
      double count = Arrays.stream(axes).mapToDouble(x::size).reduce(1, (a, b) -> a * b);
      Tensor mean = x.sumKeepDims(axes).div(count);
      Tensor centred = x.sub(mean);
      return new Moments(mean, centred, centred.mul(centred).sumKeepDims(axes).div(count));
    }
  }

  private static Tensor instance(Call c) {
    return InstanceNorm.of(c.floating(0), c.in(1), c.in(2), epsilon(c));
  }

  private static int groups(Call c) {
    c.needs(c.says("num_groups"), "num_groups is missing");
    return Math.toIntExact(c.integer("num_groups", 0));
  }

  /** Input {@code i}, one number for each group, repeated for its channels. */
  private static Tensor perGroup(Call c, int i) {
    long groups = groups(c);
    long channels = c.in(0).size(1);
    c.needs(
        groups > 0 && channels % groups == 0 && c.in(i).shape().equals(Shape.of(groups)),
        c.in(i).shape() + " does not fit " + groups + " groups of " + channels + " channels");
    return c.in(i).unsqueeze(1).expand(Shape.of(groups, channels / groups)).reshape(channels);
  }

  private static Tensor group(Call c, Tensor scale, Tensor bias) {
    requireStash(c);
    return GroupNorm.of(c.floating(0), groups(c), scale, bias, epsilon(c));
  }

  private static void requireStash(Call c) {
    c.supports(c.integer("stash_type", 1) == 1, "a stash_type other than FLOAT");
  }

  private static DType wide(Tensor x) {
    return x.dtype() == DType.F64 ? DType.F64 : DType.F32;
  }

  /** The axes from {@code axis} on. */
  private static int[] lastAxes(Call c) {
    int rank = c.in(0).rank();
    return IntStream.range(c.axis(c.integer("axis", -1), rank), rank).toArray();
  }

  private static Tensor[] layer(Call c) {
    requireStash(c);
    Tensor x = c.floating(0);
    Moments m = Moments.of(x.to(wide(x)), lastAxes(c));
    Tensor inverse = Rsqrt.of(m.variance.add(epsilon(c)));
    Tensor y = m.centred.mul(inverse).to(x.dtype()).mul(c.in(1).expand(x.shape()));
    return new Tensor[] {c.has(2) ? y.add(c.in(2).expand(x.shape())) : y, m.mean, inverse};
  }

  private static Tensor rms(Call c) {
    requireStash(c);
    Tensor x = c.floating(0);
    int[] axes = lastAxes(c);
    Tensor wide = x.to(wide(x));
    double count = Arrays.stream(axes).mapToDouble(x::size).reduce(1, (a, b) -> a * b);
    Tensor square = wide.mul(wide).sumKeepDims(axes).div(count);
    Tensor y = wide.mul(Rsqrt.of(square.add(epsilon(c)))).to(x.dtype());
    return y.mul(c.in(1).expand(x.shape()));
  }

  private static Tensor lrn(Call c) {
    int size = Math.toIntExact(c.integer("size", 0));
    c.supports(size % 2 == 1, "a window of " + size + " channels, which has no middle");
    return Lrn.of(
        c.floating(0), size, c.real("alpha", 1e-4f), c.real("beta", 0.75), c.real("bias", 1));
  }

  /** Where the norm is 0, so is the result. */
  private static Tensor lp(Call c) {
    Tensor x = c.floating(0);
    int axis = c.axis(c.integer("axis", -1), x.rank());
    long p = c.integer("p", 2);
    c.supports(p == 1 || p == 2, "p = " + p);
    Tensor norm = x.norm((double) p, axis).unsqueeze(axis);
    return x.div(norm.add(norm.eq(0).to(x.dtype())));
  }

  private static Tensor meanVariance(Call c) {
    Tensor x = c.floating(0);
    int[] axes = c.axes(c.says("axes") ? c.integers("axes") : new long[] {0, 2, 3}, x.rank());
    Moments m = Moments.of(x, axes);
    return m.centred.div(m.variance.sqrt().add(1e-9)); // as the standard's own definition
  }
}
