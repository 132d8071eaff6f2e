package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cuda.IndexVariants;
import org.adjoint.backend.cuda.ScatterVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y[o, k, i] = x[o, index[k], i]: the slices of x along {@code axis} that the vector {@code index}
 * names. Gradient: {@link Add} of dy.
 */
public record IndexSelect(int axis) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Require.index(this, in[1]);
    Require.rank(this, in[1], 1, "a vector of indices");
    int at = in[0].shape().axis(name(), axis);
    return new Meta[] {in[0].with(in[0].shape().with(at, in[1].size(0)))};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int outer = (int) in[0].shape().countBefore(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    int size = in[0].size(axis);
    int count = in[1].count();
    for (int k = 0; k < count; k++) {
      int chosen = Require.inRange(this, in[1].data()[k], size, k);
      for (int o = 0; o < outer; o++) {
        int from = (o * size + chosen) * inner;
        int to = (o * count + k) * inner;
        for (int i = 0; i < inner; i++) {
          out[0].data()[to + i] = in[0].data()[from + i];
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[1].dtype() != DType.I64) {
      return false;
    }
    Operand index = CpuBackend.contiguous(in[1]);
    long[] chosen = CpuStorage.longs(index);
    int at = in[0].shape().axis(name(), axis);
    int size = (int) in[0].shape().size(at);
    int first = CpuStorage.at(index);
    for (int k = 0; k < index.count(); k++) {
      int row = Require.inRange(this, (double) chosen[first + k], size, k);
      CpuBackend.INSTANCE.copy(in[0].slice(at, row), out[0].slice(at, k));
    }
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return IndexVariants.select(name(), axis);
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
    return new Tensor[] {new Add(axis, size).apply(dy[0], saved.input(1)), null};
  }

  static OpSpec spec() {
    return OpSpec.of(new IndexSelect(0))
        .broadcast(0, 1)
        .formula("y[o, k, i] = x[o, index[k], i]")
        .gradient("dx[o, index[k], i] += dy[o, k, i]")
        .example(new IndexSelect(0), Draw.normal(4), Draw.index(4, 6))
        .example(new IndexSelect(0), Draw.normal(5, 3), Draw.index(5, 2))
        .example(new IndexSelect(-2), Draw.normal(2, 3, 4), Draw.index(3, 129))
        .example(new IndexSelect(1), Draw.normal(2, 3), Draw.index(3, 0))
        .rejects(
            () -> Tensor.zeros(3, 4).indexSelect(0, Tensor.zeros(2)),
            "index_select: the index is F32; convert it with to(DType.I64)")
        .rejects(
            () -> Tensor.zeros(3, 4).indexSelect(0, Tensor.arange(4).reshape(2, 2)),
            "index_select: [2, 2] has 2 axes where a vector of indices is expected")
        .rejects(
            () -> Tensor.zeros(3, 4).indexSelect(0, Tensor.of(3L)),
            "index_select: index 3 at element 0 lies outside 0 to 2")
        .rejects(
            () -> Tensor.zeros(3).indexSelect(1, Tensor.of(0L)),
            "index_select: [3] has no axis 1; axes run from -1 to 0")
        .build();
  }

  /**
   * y = 0, then y[o, index[k], i] += x[o, k, i], in the order of k; {@code size} is that of y along
   * {@code axis}. The gradient of {@link IndexSelect}, and its own is IndexSelect.
   */
  public record Add(int axis, long size) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.sameDevice(this, in);
      Require.index(this, in[1]);
      Require.numeric(this, in[0]);
      Require.rank(this, in[1], 1, "a vector of indices");
      int at = in[0].shape().axis(name(), axis);
      if (in[0].size(at) != in[1].size(0)) {
        throw new IllegalArgumentException(
            name()
                + ": "
                + in[1].size(0)
                + " indices do not fit axis "
                + axis
                + " of "
                + in[0].shape());
      }
      return new Meta[] {in[0].with(in[0].shape().with(at, size))};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      int outer = (int) in[0].shape().countBefore(axis);
      int inner = (int) in[0].shape().countAfter(axis);
      int count = in[1].count();
      for (int k = 0; k < count; k++) {
        int chosen = Require.inRange(this, in[1].data()[k], (int) size, k);
        for (int o = 0; o < outer; o++) {
          int from = (o * count + k) * inner;
          int to = (o * (int) size + chosen) * inner;
          for (int i = 0; i < inner; i++) {
            out[0].data()[to + i] += in[0].data()[from + i];
          }
        }
      }
    }

    @Override
    public List<Variant> cuda() {
      return ScatterVariants.selectAdd(name(), axis);
    }

    @Override
    public Keep keep() {
      return Keep.inputs(1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {new IndexSelect(axis).apply(dy[0], saved.input(1)), null};
    }

    static OpSpec spec() {
      return OpSpec.of(new Add(0, 1))
          .broadcast(1)
          .formula("y[o, index[k], i] += x[o, k, i]")
          .gradient("dx[o, k, i] = dy[o, index[k], i]")
          .sums(in -> in[1].shape().count())
          .example(new Add(0, 4), Draw.normal(6), Draw.index(4, 6))
          .example(new Add(0, 5), Draw.normal(2, 3), Draw.index(5, 2))
          .example(new Add(1, 3), Draw.normal(2, 129, 4), Draw.index(3, 129))
          .example(new Add(1, 3), Draw.normal(2, 0), Draw.index(3, 0))
          .rejects(
              () -> new Add(0, 3).apply(Tensor.zeros(2), Tensor.of(1L)),
              "index_select.add: 1 indices do not fit axis 0 of [2]")
          .rejects(
              () -> new Add(0, 3).apply(Tensor.zeros(1), Tensor.of(3L)),
              "index_select.add: index 3 at element 0 lies outside 0 to 2")
          .build();
    }
  }
}
