package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.View;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Layout;
import org.adjoint.backend.cuda.ArrangeVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * {@code count} elements along {@code axis}: start, start + step, start + 2·step, …; a view. The
 * step may be negative. Gradient: {@link Embed}, which puts dy back in its place among zeros.
 */
public record Slice(int axis, long start, long count, long step) implements View {
  /**
   * The elements start, start + step, … before {@code stop} (after it, for a negative step) along
   * {@code axis}. Negative {@code start} and {@code stop} count from the end; with a negative step,
   * {@code stop} = −size − 1 means: down to the first.
   */
  public static Tensor of(Tensor x, int axis, long start, long stop, long step) {
    if (step == 0) {
      throw new IllegalArgumentException("slice: the step must not be 0");
    }
    int at = x.shape().axis("slice", axis);
    long size = x.size(at);
    long first = start < 0 ? start + size : start;
    long end = stop < 0 ? stop + size : stop;
    long count = step > 0 ? Math.ceilDiv(end - first, step) : Math.ceilDiv(first - end, -step);
    return new Slice(at, first, Math.max(0, count), step).apply(x);
  }

  /**
   * The element {@code index} along {@code axis}, which is dropped; negative counts from the end.
   */
  public static Tensor select(Tensor x, int axis, long index) {
    int at = x.shape().axis("select", axis);
    long size = x.size(at);
    if (index < -size || index >= size) {
      throw new IndexOutOfBoundsException(
          "select: " + x.shape() + " has no index " + index + " along axis " + at);
    }
    return Reshape.squeeze(new Slice(at, index < 0 ? index + size : index, 1, 1).apply(x), at);
  }

  /** {@code x} with {@code axis} in reverse order. */
  public static Tensor flip(Tensor x, int axis) {
    int at = x.shape().axis("flip", axis);
    long size = x.size(at);
    return new Slice(at, Math.max(0, size - 1), size, -1).apply(x);
  }

  @Override
  public Meta[] infer(Meta... in) {
    long size = in[0].size(in[0].shape().axis(name(), axis));
    long last = start + (count - 1) * step;
    if (count > 0 && (start < 0 || start >= size || last < 0 || last >= size)) {
      throw new IndexOutOfBoundsException(
          "slice: elements "
              + start
              + " to "
              + last
              + " do not all lie along axis "
              + axis
              + " of "
              + in[0].shape());
    }
    return new Meta[] {in[0].with(in[0].shape().with(axis, count))};
  }

  @Override
  public Layout view(Layout in) {
    return in.slice(axis, start, count, step);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int outer = (int) in[0].shape().countBefore(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    int size = in[0].size(axis);
    for (int o = 0; o < outer; o++) {
      for (int k = 0; k < count; k++) {
        int from = (o * size + (int) (start + k * step)) * inner;
        int to = (o * (int) count + k) * inner;
        for (int i = 0; i < inner; i++) {
          out[0].data()[to + i] = in[0].data()[from + i];
        }
      }
    }
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new Embed(this, saved.meta(0).shape()).apply(dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new Slice(0, 0, 1, 1))
        .formula("y[k] = x[start + k·step] along one axis")
        .gradient("dx[start + k·step] = dy[k], 0 elsewhere")
        .example(new Slice(0, 1, 3, 1), Draw.normal(5))
        .example(new Slice(1, 0, 2, 2), Draw.normal(2, 4))
        .example(new Slice(1, 3, 2, -2), Draw.normal(2, 4, 2))
        .example(new Slice(0, 0, 0, 1), Draw.normal(3, 2))
        .example("flip", t -> t[0].flip(-1), Draw.normal(2, 129))
        .example("flip", t -> t[0].flip(0), Draw.normal(0, 2))
        .example("select", t -> t[0].select(1, -1), Draw.normal(2, 3, 2))
        .example("slice", t -> t[0].slice(0, -2, 5), Draw.normal(5))
        .example("slice", t -> t[0].slice(0, -1, -6, -2), Draw.normal(5))
        .rejects(
            () -> Tensor.zeros(2, 3).slice(1, 2, 5),
            "slice: elements 2 to 4 do not all lie along axis 1 of [2, 3]")
        .rejects(() -> Tensor.zeros(3).slice(0, 0, 3, 0), "slice: the step must not be 0")
        .rejects(
            () -> Tensor.zeros(2, 3).select(0, 2), "select: [2, 3] has no index 2 along axis 0")
        .rejects(
            () -> Tensor.zeros(2, 3).flip(2), "flip: [2, 3] has no axis 2; axes run from -2 to 1")
        .build();
  }

  /**
   * dy in the place that {@code slice} took, within zeros of {@code shape}: the gradient of {@link
   * Slice}, and the other way round.
   */
  public record Embed(Slice slice, Shape shape) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Shape part = shape.with(slice.axis, slice.count);
      if (!in[0].shape().equals(part)) {
        throw new IllegalArgumentException(
            name() + ": " + in[0].shape() + " does not fill the slice, which is " + part);
      }
      return new Meta[] {in[0].with(shape)};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      int outer = (int) shape.countBefore(slice.axis);
      int inner = (int) shape.countAfter(slice.axis);
      int size = (int) shape.size(slice.axis);
      for (int o = 0; o < outer; o++) {
        for (int k = 0; k < slice.count; k++) {
          int from = (o * (int) slice.count + k) * inner;
          int to = (o * size + (int) (slice.start + k * slice.step)) * inner;
          for (int i = 0; i < inner; i++) {
            out[0].data()[to + i] = in[0].data()[from + i];
          }
        }
      }
    }

    @Override
    public List<Variant> cuda() {
      return ArrangeVariants.embed(slice.axis, slice.start, slice.step);
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return 0;
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      return new Tensor[] {slice.apply(g[0])};
    }

    static OpSpec spec() {
      return OpSpec.of(new Embed(new Slice(0, 0, 1, 1), Shape.of(1)))
          .formula("y[start + k·step] = x[k] along one axis, 0 elsewhere")
          .gradient("dx[k] = dy[start + k·step]")
          .example(new Embed(new Slice(0, 1, 3, 1), Shape.of(5)), Draw.normal(3))
          .example(new Embed(new Slice(1, 3, 2, -2), Shape.of(2, 4, 2)), Draw.normal(2, 2, 2))
          .example(new Embed(new Slice(0, 0, 0, 1), Shape.of(3, 2)), Draw.normal(0, 2))
          .rejects(
              () -> new Embed(new Slice(0, 0, 2, 1), Shape.of(5)).apply(Tensor.zeros(3)),
              "slice.embed: [3] does not fill the slice, which is [2]")
          .build();
    }
  }
}
