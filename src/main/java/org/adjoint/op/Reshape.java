package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.View;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Layout;

/**
 * The same elements in the same row-major order under another shape; a view where the strides allow
 * one, otherwise {@link #of} copies first. Gradient: dy under x's shape.
 */
public record Reshape(Shape target) implements View {
  /** {@code x} under other sizes, one of which may be −1: what is left for it. */
  public static Tensor of(Tensor x, long... sizes) {
    return to(x, infer(x.shape(), sizes));
  }

  private static Tensor to(Tensor x, Shape target) {
    if (x.shape().equals(target)) {
      return x;
    }
    boolean fits = x.shape().count() == target.count();
    return new Reshape(target)
        .apply(fits && x.layout().reshape(target) == null ? new Copy().apply(x) : x);
  }

  private static Shape infer(Shape shape, long... sizes) {
    int open = -1;
    long known = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= sizes[i];
      }
    }
    if (open < 0) {
      return Shape.of(sizes);
    }
    if (known <= 0 || shape.count() % known != 0) {
      throw new IllegalArgumentException(
          "reshape: "
              + shape
              + " has "
              + shape.count()
              + " elements, which leaves no size for -1"
              + " beside "
              + known);
    }
    long[] full = sizes.clone();
    full[open] = shape.count() / known;
    return Shape.of(full);
  }

  /** Axes from {@code first} on made one. */
  public static Tensor flatten(Tensor x, int first) {
    Shape shape = x.shape();
    int at = shape.rank() == 0 ? 0 : shape.axis("flatten", first);
    long rest = shape.slice(at, shape.rank()).count();
    return to(x, shape.slice(0, at).insert(at, rest));
  }

  /** A new axis of size 1 at {@code axis} (from −rank − 1 to rank). */
  public static Tensor unsqueeze(Tensor x, int axis) {
    int rank = x.rank();
    int at = axis < 0 ? axis + rank + 1 : axis;
    if (at < 0 || at > rank) {
      throw new IllegalArgumentException(
          "unsqueeze: "
              + x.shape()
              + " takes a new axis at "
              + (-rank - 1)
              + " to "
              + rank
              + ", not at "
              + axis);
    }
    return to(x, x.shape().insert(at, 1));
  }

  /** Without the axis {@code axis}, whose size must be 1. */
  public static Tensor squeeze(Tensor x, int axis) {
    int at = x.shape().axis("squeeze", axis);
    if (x.size(at) != 1) {
      throw new IllegalArgumentException(
          "squeeze: axis " + axis + " of " + x.shape() + " has size " + x.size(at) + ", not 1");
    }
    return to(x, x.shape().remove(at));
  }

  @Override
  public Meta[] infer(Meta... in) {
    if (in[0].shape().count() != target.count()) {
      throw new IllegalArgumentException(
          "reshape: "
              + in[0].shape()
              + " has "
              + in[0].shape().count()
              + " elements, "
              + target
              + " has "
              + target.count());
    }
    return new Meta[] {in[0].with(target)};
  }

  @Override
  public Layout view(Layout in) {
    Layout view = in.reshape(target);
    if (view == null) {
      throw new IllegalArgumentException(
          "reshape: " + in + " is no view of shape " + target + "; call contiguous() first");
    }
    return view;
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    System.arraycopy(in[0].data(), 0, out[0].data(), 0, out[0].count());
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {to(dy[0], saved.meta(0).shape())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Reshape(Shape.SCALAR))
        .formula("the elements of x, in row-major order, under another shape")
        .gradient("dx = dy under x's shape")
        .example("reshape", t -> t[0].reshape(3, 2), Draw.normal(2, 3))
        .example("reshape", t -> t[0].reshape(-1, 2), Draw.normal(2, 3))
        .example("reshape", t -> t[0].reshape(), Draw.normal(1, 1))
        .example("reshape", t -> t[0].reshape(3, 0), Draw.normal(0, 2))
        .example("reshape", t -> t[0].t().reshape(6), Draw.normal(2, 3))
        .example("flatten", t -> t[0].flatten(1), Draw.normal(2, 3, 4))
        .example("flatten", t -> t[0].flatten(0), Draw.normal())
        .example("unsqueeze", t -> t[0].unsqueeze(-1), Draw.normal(127))
        .example("squeeze", t -> t[0].squeeze(1), Draw.normal(2, 1, 3))
        .example(new Reshape(Shape.of(2, 2)), Draw.normal(4))
        .rejects(
            () -> Tensor.zeros(2, 3).reshape(4, 2), "reshape: [2, 3] has 6 elements, [4, 2] has 8")
        .rejects(
            () -> Tensor.zeros(2, 3).reshape(-1, 4),
            "reshape: [2, 3] has 6 elements, which leaves no size for -1 beside 4")
        .rejects(() -> Tensor.zeros(2, 3).squeeze(0), "squeeze: axis 0 of [2, 3] has size 2, not 1")
        .rejects(
            () -> Tensor.zeros(2, 3).unsqueeze(4),
            "unsqueeze: [2, 3] takes a new axis at -3 to 2, not at 4")
        .rejects(
            () -> Tensor.zeros(2, 3).flatten(2),
            "flatten: [2, 3] has no axis 2; axes run from -2 to 1")
        .build();
  }
}
