package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.ArrangeVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = x₁, x₂, … xₙ one after the other along {@code axis}; all other sizes are equal. Gradient: dxᵢ
 * is the slice of dy that xᵢ became.
 */
public record Concat(int axis) implements Op {
  /** The tensors joined along {@code axis}. */
  public static Tensor of(int axis, Tensor... tensors) {
    return new Concat(axis).apply(tensors);
  }

  @Override
  public Meta[] infer(Meta... in) {
    if (in.length == 0) {
      throw new IllegalArgumentException("concat: there is nothing to join; give a tensor");
    }
    Require.sameDtype(this, in);
    Shape first = in[0].shape();
    int at = first.axis(name(), axis);
    long total = 0;
    for (Meta meta : in) {
      Shape shape = meta.shape();
      if (shape.rank() != first.rank() || !shape.with(at, 0).equals(first.with(at, 0))) {
        throw new IllegalArgumentException(
            "concat: "
                + first
                + " and "
                + shape
                + " do not join; all sizes but that of axis "
                + axis
                + " must be equal");
      }
      total += shape.size(at);
    }
    return new Meta[] {in[0].with(first.with(at, total))};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int outer = (int) out[0].shape().countBefore(axis);
    int inner = (int) out[0].shape().countAfter(axis);
    int to = 0;
    for (int o = 0; o < outer; o++) {
      for (Dense x : in) {
        int row = x.size(axis) * inner;
        for (int i = 0; i < row; i++) {
          out[0].data()[to++] = x.data()[o * row + i];
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    int at = out[0].shape().axis(name(), axis);
    long start = 0;
    for (Operand x : in) {
      long size = x.shape().size(at);
      Operand place = new Operand(out[0].storage(), out[0].layout().slice(at, start, size, 1));
      CpuBackend.INSTANCE.copy(x, place);
      start += size;
    }
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return ArrangeVariants.join(axis);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor[] dx = new Tensor[saved.count()];
    long start = 0;
    for (int i = 0; i < dx.length; i++) {
      long size = saved.meta(i).size(axis);
      dx[i] = dy[0].slice(axis, start, start + size);
      start += size;
    }
    return dx;
  }

  static OpSpec spec() {
    return OpSpec.of(new Concat(0))
        .formula("y = x₁, x₂, … xₙ one after the other along the axis")
        .gradient("dxᵢ = the slice of dy that xᵢ became")
        .example(new Concat(0), Draw.normal(3), Draw.normal(2), Draw.normal(4))
        .example(new Concat(1), Draw.normal(2, 127), Draw.normal(2, 1))
        .example(new Concat(-2), Draw.normal(2, 3, 2), Draw.normal(2, 2, 2), Draw.normal(2, 1, 2))
        .example(new Concat(0), Draw.normal(0, 2), Draw.normal(3, 2), Draw.normal(0, 2))
        .example(new Concat(0), Draw.normal(3))
        .example("twice the same", t -> of(0, t[0], t[0]), Draw.normal(2, 3))
        .rejects(
            () -> of(0, Tensor.zeros(2, 3), Tensor.zeros(2, 4)),
            "concat: [2, 3] and [2, 4] do not join; all sizes but that of axis 0 must be equal")
        .rejects(
            () -> of(0, Tensor.zeros(2), Tensor.zeros(2, 2)),
            "concat: [2] and [2, 2] do not join; all sizes but that of axis 0 must be equal")
        .rejects(
            () -> of(0, Tensor.zeros(2), Tensor.of(1L)),
            "concat: dtypes F32 and I64 differ; convert one with to(DType.F32)")
        .rejects(() -> of(0, Tensor.zeros()), "concat: [] has no axis 0; it is a scalar")
        .rejects(() -> of(0), "concat: there is nothing to join; give a tensor")
        .build();
  }
}
