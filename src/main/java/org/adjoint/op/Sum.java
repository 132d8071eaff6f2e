package org.adjoint.op;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.RowSums;
import org.adjoint.backend.cuda.SumVariants;
import org.adjoint.backend.cuda.Variant;

/** y = Σ x along {@code axes}, which stay with size 1. Gradient: dx = dy, repeated along them. */
public record Sum(List<Integer> axes) implements Op {
  /** Sum of all elements, a scalar. */
  public static Tensor of(Tensor x) {
    return of(x, false, IntStream.range(0, x.rank()).toArray());
  }

  /** Sum along {@code axes}, which stay with size 1 if {@code keepDims}, and are dropped else. */
  public static Tensor of(Tensor x, boolean keepDims, int... axes) {
    TreeSet<Integer> summed = new TreeSet<>();
    for (int axis : axes) {
      if (!summed.add(x.shape().axis("sum", axis))) {
        throw new IllegalArgumentException("sum: axis " + axis + " is named twice");
      }
    }
    Tensor y = summed.isEmpty() ? x : new Sum(List.copyOf(summed)).apply(x);
    if (!keepDims) {
      for (int axis : summed.descendingSet()) {
        y = y.squeeze(axis);
      }
    }
    return y;
  }

  /** {@code x} summed down to {@code shape}, which must expand to x's: the reverse of expand. */
  public static Tensor to(Tensor x, Shape shape) {
    int added = x.rank() - shape.rank();
    int[] axes =
        IntStream.range(0, x.rank())
            .filter(i -> i < added || shape.size(i - added) != x.size(i))
            .toArray();
    Tensor y = of(x, true, axes);
    for (int i = 0; i < added; i++) {
      y = y.squeeze(0);
    }
    return y;
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    Shape shape = in[0].shape();
    for (int axis : axes) {
      shape = shape.with(shape.axis(name(), axis), 1);
    }
    return new Meta[] {in[0].with(shape)};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    long[] strides = out[0].shape().strides();
    int[] index = new int[strides.length];
    for (double x : in[0].data()) {
      int at = 0;
      for (int axis = 0; axis < index.length; axis++) {
        at += out[0].size(axis) == 1 ? 0 : index[axis] * (int) strides[axis];
      }
      out[0].data()[at] += x;
      Odometer.advance(index, in[0].shape());
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32 && in[0].dtype() != DType.F64) {
      return false;
    }
    RowSums.sum(in[0], axes, out[0]);
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return SumVariants.of(axes);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return in[0].shape().count();
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].expand(saved.meta(0).shape())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sum(List.of(0)))
        .formula("y = Σ x along the axes")
        .gradient("dx = dy, repeated along the axes")
        .sums(in -> in[0].shape().count())
        .example(new Sum(List.of(0)), Draw.normal(0))
        .example(new Sum(List.of(0)), Draw.normal(1))
        .example(new Sum(List.of(0)), Draw.normal(127))
        .example(new Sum(List.of(0)), Draw.normal(5000))
        .example(new Sum(List.of(1)), Draw.normal(3, 128))
        .example(new Sum(List.of(0)), Draw.normal(129, 3))
        .example(new Sum(List.of(0, 2)), Draw.normal(2, 3, 4))
        .example(new Sum(List.of(1)), Draw.normal(2, 3, 4))
        .example(new Sum(List.of(1)), Draw.normal(2, 0, 3))
        .example(new Sum(List.of(0, 2, 3)), Draw.normal(3, 2, 5, 7))
        .example("sum of all", t -> t[0].sum(), Draw.normal(2, 3))
        .example("sum of a scalar", t -> t[0].sum(), Draw.normal())
        .example("sum of expanded", t -> t[0].expand(Shape.of(4, 3)).sum(0), Draw.normal(3))
        .rejects(
            () -> Tensor.zeros(2, 3).sum(2), "sum: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(() -> Tensor.zeros(2, 3).sum(1, -1), "sum: axis -1 is named twice")
        .rejects(
            () -> Tensor.zeros(3).to(DType.BOOL).contiguous().sum(0),
            "sum: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
