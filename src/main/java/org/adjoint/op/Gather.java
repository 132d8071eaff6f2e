package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.ScatterKernels;
import org.adjoint.backend.cuda.IndexVariants;
import org.adjoint.backend.cuda.ScatterVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y[o, k, i] = x[o, index[o, k, i], i], where k runs along {@code axis}, o over the axes before it
 * and i over those after. Gradient: {@link ScatterAdd} of dy.
 */
public record Gather(int axis) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Require.index(this, in[1]);
    requireSameBeside(this, axis, in[0].shape(), in[1].shape());
    return new Meta[] {in[0].with(in[1].shape())};
  }

  static void requireSameBeside(Op op, int axis, Shape x, Shape index) {
    int at = x.axis(op.name(), axis);
    if (index.rank() != x.rank() || !x.with(at, 0).equals(index.with(at, 0))) {
      throw new IllegalArgumentException(
          op.name()
              + ": an index of "
              + index
              + " does not fit "
              + x
              + "; all sizes but that of axis "
              + axis
              + " must be equal");
    }
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int outer = (int) in[1].shape().countBefore(axis);
    int inner = (int) in[1].shape().countAfter(axis);
    int size = in[0].size(axis);
    int count = in[1].size(axis);
    for (int o = 0; o < outer; o++) {
      for (int k = 0; k < count; k++) {
        for (int i = 0; i < inner; i++) {
          int at = (o * count + k) * inner + i;
          int chosen = Require.inRange(this, in[1].data()[at], size, at);
          out[0].data()[at] = in[0].data()[(o * size + chosen) * inner + i];
        }
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return IndexVariants.gather(name(), axis);
  }

  /** Of x, no more than is chosen. */
  @Override
  public long bytes(Meta[] in, Meta[] out) {
    long chosen = Math.min(in[0].shape().count(), out[0].shape().count());
    return (chosen + out[0].shape().count()) * out[0].dtype().bytes()
        + in[1].shape().count() * in[1].dtype().bytes();
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
    long size = saved.meta(0).size(axis);
    return new Tensor[] {new ScatterAdd(axis, size).apply(dy[0], saved.input(1)), null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Gather(0))
        .broadcast(0)
        .formula("y[o, k, i] = x[o, index[o, k, i], i]")
        .gradient("dx[o, index[o, k, i], i] += dy[o, k, i]")
        .example(new Gather(0), Draw.normal(4), Draw.index(4, 6))
        .example(new Gather(1), Draw.normal(3, 5), Draw.index(5, 3, 1))
        .example(new Gather(1), Draw.normal(2, 3, 4), Draw.index(3, 2, 7, 4))
        .example(new Gather(-1), Draw.normal(2, 129), Draw.index(129, 2, 127))
        .example(new Gather(0), Draw.normal(3, 2), Draw.index(3, 0, 2))
        .rejects(
            () -> Tensor.zeros(3, 4).gather(1, Tensor.of(1L, 2L)),
            "gather: an index of [2] does not fit [3, 4]; all sizes but that of axis 1 must be"
                + " equal")
        .rejects(
            () -> Tensor.zeros(3).gather(0, Tensor.zeros(3)),
            "gather: the index is F32; convert it with to(DType.I64)")
        .rejects(
            () -> Tensor.zeros(3).gather(0, Tensor.of(0L, 3L)),
            "gather: index 3 at element 1 lies outside 0 to 2")
        .rejects(
            () -> Tensor.zeros(3).gather(1, Tensor.of(0L)),
            "gather: [3] has no axis 1; axes run from -1 to 0")
        .build();
  }

  /**
   * y = 0, then y[o, index[o, k, i], i] += x[o, k, i], in the order of x; {@code size} is that of y
   * along {@code axis}. The gradient of {@link Gather}, and its own is Gather.
   */
  public record ScatterAdd(int axis, long size) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.sameDevice(this, in);
      Require.index(this, in[1]);
      Require.numeric(this, in[0]);
      in[0].shape().axis(name(), axis);
      if (!in[0].shape().equals(in[1].shape())) {
        throw new IllegalArgumentException(
            name() + ": an index of " + in[1].shape() + " does not fit " + in[0].shape());
      }
      return new Meta[] {in[0].with(in[0].shape().with(axis, size))};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      int outer = (int) in[1].shape().countBefore(axis);
      int inner = (int) in[1].shape().countAfter(axis);
      int count = in[1].size(axis);
      for (int o = 0; o < outer; o++) {
        for (int k = 0; k < count; k++) {
          for (int i = 0; i < inner; i++) {
            int at = (o * count + k) * inner + i;
            int chosen = Require.inRange(this, in[1].data()[at], (int) size, at);
            out[0].data()[(o * (int) size + chosen) * inner + i] += in[0].data()[at];
          }
        }
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32 || in[1].dtype() != DType.I64) {
        return false;
      }
      ScatterKernels.add(
          name(), CpuBackend.contiguous(in[0]), CpuBackend.contiguous(in[1]), out[0], axis);
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return ScatterVariants.scatterAdd(name(), axis);
    }

    @Override
    public Keep keep() {
      return Keep.inputs(1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {new Gather(axis).apply(dy[0], saved.input(1)), null};
    }

    static OpSpec spec() {
      return OpSpec.of(new ScatterAdd(0, 1))
          .formula("y[o, index[o, k, i], i] += x[o, k, i]")
          .gradient("dx[o, k, i] = dy[o, index[o, k, i], i]")
          .sums(in -> in[0].shape().count())
          .example(new ScatterAdd(0, 4), Draw.normal(6), Draw.index(4, 6))
          .example(new ScatterAdd(1, 5), Draw.normal(3, 1), Draw.index(5, 3, 1))
          .example(new ScatterAdd(1, 3), Draw.normal(2, 7, 4), Draw.index(3, 2, 7, 4))
          .example(new ScatterAdd(1, 128), Draw.normal(2, 129), Draw.index(128, 2, 129))
          .example(new ScatterAdd(0, 3), Draw.normal(0, 2), Draw.index(3, 0, 2))
          .rejects(
              () -> new ScatterAdd(0, 3).apply(Tensor.zeros(2), Tensor.of(1L)),
              "gather.scatter_add: an index of [1] does not fit [2]")
          .rejects(
              () -> new ScatterAdd(0, 3).apply(Tensor.zeros(1), Tensor.of(-1L)),
              "gather.scatter_add: index -1 at element 0 lies outside 0 to 2")
          .build();
    }
  }
}
