package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.View;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Layout;

/**
 * x repeated along axes of size 1 and along new leading axes, up to {@code target}; a view of
 * stride 0, which stores nothing twice. Gradient: dy summed along the repeated axes.
 */
public record Expand(Shape target) implements View {
  /** {@code x} repeated to {@code target}; {@code x} itself if it has that shape. */
  public static Tensor of(Tensor x, Shape target) {
    return x.shape().equals(target) ? x : new Expand(target).apply(x);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Shape shape = in[0].shape();
    if (shape.rank() > target.rank() || !Shape.broadcast("expand", shape, target).equals(target)) {
      throw new IllegalArgumentException(
          "expand: " + shape + " does not repeat to " + target + "; only sizes of 1 can grow");
    }
    return new Meta[] {in[0].with(target)};
  }

  @Override
  public Layout view(Layout in) {
    return in.expand(target);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    long[] strides = in[0].shape().strides();
    int added = target.rank() - strides.length;
    double[] y = out[0].data();
    int[] index = new int[target.rank()];
    for (int i = 0; i < y.length; i++) {
      int at = 0;
      for (int axis = 0; axis < strides.length; axis++) {
        at += in[0].size(axis) == 1 ? 0 : index[axis + added] * (int) strides[axis];
      }
      y[i] = in[0].data()[at];
      Odometer.advance(index, target);
    }
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {Sum.to(dy[0], saved.meta(0).shape())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Expand(Shape.of(2)))
        .formula("y = x repeated along axes of size 1 and new leading axes")
        .gradient("dx = dy summed along the repeated axes")
        .example(new Expand(Shape.of(4, 3)), Draw.normal(3))
        .example(new Expand(Shape.of(4, 3)), Draw.normal(4, 1))
        .example(new Expand(Shape.of(2, 2, 2)), Draw.normal())
        .example(new Expand(Shape.of(2, 0, 3)), Draw.normal(1, 3))
        .example(new Expand(Shape.of(129, 2)), Draw.normal(1, 2))
        .rejects(
            () -> Tensor.zeros(2, 3).expand(Shape.of(2, 4)),
            "expand: [2, 3] and [2, 4] do not broadcast: sizes 3 and 4 at axis -1 differ and"
                + " neither is 1")
        .rejects(
            () -> Tensor.zeros(2, 3).expand(Shape.of(2, 1)),
            "expand: [2, 3] does not repeat to [2, 1]; only sizes of 1 can grow")
        .rejects(
            () -> Tensor.zeros(2, 3).expand(Shape.of(3)),
            "expand: [2, 3] does not repeat to [3]; only sizes of 1 can grow")
        .build();
  }
}
