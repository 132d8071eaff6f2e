package org.adjoint.op;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.PoolVariants;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Window;

/**
 * The maximum over as many {@linkplain Windows.Even even windows} as are asked for, whatever the
 * size of the input; the first of equal maxima wins, and a NaN over all. Gradient: dy goes to the
 * place of the maximum, which a second output remembers as {@link MaxPool}'s does.
 */
public record AdaptiveMaxPool(Windows.Even windows) implements Op {
  /** x [N, C, I…] pooled to [N, C, sizes…]: one size per spatial axis, or one for all. */
  public static Tensor of(Tensor x, int... sizes) {
    return picked(x, sizes).values();
  }

  /** The maxima, and where each was: I64, a flat index into x's plane. */
  public static Picked picked(Tensor x, int... sizes) {
    return Picked.of(Tensor.apply(new AdaptiveMaxPool(AdaptiveAvgPool.windows(x, sizes)), x));
  }

  private static Shape spatial(Shape shape) {
    return shape.slice(2, shape.rank());
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    Shape x = in[0].shape();
    Require.rank(this, in[0], windows.axes() + 2, "[N, C, " + windows.axes() + " spatial]");
    Shape y = x.slice(0, 2).concat(windows.output(name(), spatial(x)));
    return new Meta[] {in[0].with(y), in[0].with(y).with(DType.I64)};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] y = out[0].data();
    double[] index = out[1].data();
    Shape input = spatial(in[0].shape());
    Shape output = spatial(out[0].shape());
    long planes = in[0].shape().slice(0, 2).count();
    Arrays.fill(index, -1);
    windows.forEachCell(
        input,
        output,
        (o, i, count) -> {
          for (int p = 0; p < planes; p++) {
            int to = p * (int) output.count() + o;
            double candidate = x[p * (int) input.count() + i];
            if (index[to] < 0 || candidate > y[to] || Double.isNaN(candidate)) {
              y[to] = candidate;
              index[to] = i;
            }
          }
        });
  }

  @Override
  public List<Variant> cuda() {
    return PoolVariants.adaptiveMax(Window::even);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.outputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {MaxPool.inPlace(saved.meta(0).shape(), dy[0], saved.output(1))};
  }

  private static AdaptiveMaxPool to(Integer... sizes) {
    return new AdaptiveMaxPool(new Windows.Even(List.of(sizes)));
  }

  static OpSpec spec() {
    return OpSpec.of(to(1))
        .formula("y[n, c, o] = max of x[n, c, ⌊o·I / O⌋ … ⌈(o + 1)·I / O⌉ − 1]")
        .gradient("dx[n, c, argmax] += dy[n, c, o]")
        .example(to(3), Draw.apart(2, 2, 128))
        .example(to(2, 3), Draw.apart(1, 2, 4, 5))
        .example(to(1, 2, 1), Draw.apart(2, 1, 2, 3, 2))
        .example(to(3, 2), Draw.apart(1, 1, 2, 2))
        .example(to(1, 1), Draw.apart(3, 3, 8, 9))
        .example(to(2), Draw.apart(0, 2, 4))
        .rejects(
            () -> of(Tensor.zeros(1, 1, 0), 2),
            "adaptive_max_pool: [0] cannot be pooled to [2]; both must be at least 1")
        .rejects(
            () -> of(Tensor.zeros(4, 4), 2),
            "adaptive_max_pool: [4, 4] has 2 axes where [N, C, 1 spatial] is expected")
        .build();
  }
}
