package org.adjoint.op;

import java.util.BitSet;
import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.IndexVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = x, but y[o, index[o, k, i], i] = s[o, k, i], where k runs along {@code axis}, o over the axes
 * before it and i over those after. No place may be written twice: which s it showed would be a
 * matter of order. Gradient: ds is {@link Gather} of dy; dx = dy, but 0 where s was written.
 */
public record Scatter(int axis) implements Op {
  /** {@code x} with {@code source} written at {@code index} along {@code axis}. */
  public static Tensor of(Tensor x, int axis, Tensor index, Tensor source) {
    return new Scatter(axis).apply(x, index, source);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Require.index(this, in[1]);
    Require.sameDtype(this, in[0], in[2]);
    Gather.requireSameBeside(this, axis, in[0].shape(), in[1].shape());
    if (!in[1].shape().equals(in[2].shape())) {
      throw new IllegalArgumentException(
          "scatter: an index of " + in[1].shape() + " does not fit a source of " + in[2].shape());
    }
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] y = out[0].data();
    System.arraycopy(in[0].data(), 0, y, 0, y.length);
    BitSet written = new BitSet(y.length);
    int outer = (int) in[1].shape().countBefore(axis);
    int inner = (int) in[1].shape().countAfter(axis);
    int size = in[0].size(axis);
    int count = in[1].size(axis);
    for (int o = 0; o < outer; o++) {
      for (int k = 0; k < count; k++) {
        for (int i = 0; i < inner; i++) {
          int at = (o * count + k) * inner + i;
          int chosen = Require.inRange(this, in[1].data()[at], size, at);
          int to = (o * size + chosen) * inner + i;
          if (written.get(to)) {
            throw new IllegalArgumentException(
                "scatter: index "
                    + chosen
                    + " at element "
                    + at
                    + " is there twice; to add up, use Gather.ScatterAdd");
          }
          written.set(to);
          y[to] = in[2].data()[at];
        }
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return IndexVariants.scatter(name(), axis);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Keep keep() {
    return Keep.inputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor index = saved.input(1);
    return new Tensor[] {
      saved.needs(0) ? of(dy[0], axis, index, Tensor.zeros(saved.meta(2))) : null,
      null,
      saved.needs(2) ? dy[0].gather(axis, index) : null
    };
  }

  /** Indices that name no place twice, from the order of {@code random} numbers. */
  private static Tensor places(Tensor random, int axis) {
    return Sort.of(random, axis, false).indices();
  }

  static OpSpec spec() {
    return OpSpec.of(new Scatter(0))
        .formula("y = x, but y[o, index[o, k, i], i] = s[o, k, i]")
        .gradient("ds[o, k, i] = dy[o, index[o, k, i], i]; dx = dy, but 0 where s was written")
        .example(new Scatter(0), Draw.normal(4), Draw.index(4, 1), Draw.normal(1))
        .example(new Scatter(1), Draw.normal(3, 129), Draw.index(129, 3, 1), Draw.normal(3, 1))
        .example(
            new Scatter(-2), Draw.normal(2, 3, 4), Draw.index(3, 2, 1, 4), Draw.normal(2, 1, 4))
        .example(new Scatter(0), Draw.normal(3, 2), Draw.index(3, 0, 2), Draw.normal(0, 2))
        .example(
            "some of them",
            t -> of(t[0], 1, places(t[1], 1).slice(1, 0, 2), t[2]),
            Draw.normal(3, 5),
            Draw.index(99, 3, 5),
            Draw.normal(3, 2))
        .rejects(
            () -> of(Tensor.zeros(3), 0, Tensor.of(1L, 1L), Tensor.zeros(2)),
            "scatter: index 1 at element 1 is there twice; to add up, use Gather.ScatterAdd")
        .rejects(
            () -> of(Tensor.zeros(3), 0, Tensor.of(3L), Tensor.zeros(1)),
            "scatter: index 3 at element 0 lies outside 0 to 2")
        .rejects(
            () -> of(Tensor.zeros(3), 0, Tensor.of(1L), Tensor.zeros(2)),
            "scatter: an index of [1] does not fit a source of [2]")
        .rejects(
            () -> of(Tensor.zeros(3, 2), 0, Tensor.of(1L), Tensor.zeros(1)),
            "scatter: an index of [1] does not fit [3, 2]; all sizes but that of axis 0 must be"
                + " equal")
        .build();
  }
}
