package org.adjoint.op;

import java.util.Collections;
import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.ArrangeVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y₁, y₂, … = the next sizes₁, sizes₂, … elements of x along {@code axis}. Gradient: dx = dy₁, dy₂,
 * … one after the other.
 *
 * <p>Slices would do, but each has a gradient of the size of x: over the T steps of a sequence that
 * is T² work. Here the gradient of all pieces is put together once.
 */
public record Pieces(int axis, List<Long> sizes) implements Op {
  /** The pieces of {@code x} of the given sizes along {@code axis}; each is a copy. */
  public static Tensor[] of(Tensor x, int axis, List<Long> sizes) {
    return Tensor.apply(new Pieces(axis, sizes), x);
  }

  /** {@code x} in {@code count} pieces of equal size along {@code axis}. */
  public static Tensor[] equal(Tensor x, int axis, int count) {
    return of(x, axis, Collections.nCopies(count, x.size(axis) / count));
  }

  @Override
  public Meta[] infer(Meta... in) {
    long size = in[0].size(in[0].shape().axis(name(), axis));
    boolean negative = sizes.stream().anyMatch(n -> n < 0);
    if (negative || sizes.stream().mapToLong(n -> n).sum() != size || sizes.isEmpty()) {
      throw new IllegalArgumentException(
          name() + ": sizes " + sizes + " do not add up to axis " + axis + " of " + in[0].shape());
    }
    return sizes.stream().map(n -> in[0].with(in[0].shape().with(axis, n))).toArray(Meta[]::new);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int outer = (int) in[0].shape().countBefore(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    int from = 0;
    for (int o = 0; o < outer; o++) {
      for (Dense y : out) {
        int row = y.size(axis) * inner;
        for (int i = 0; i < row; i++) {
          y.data()[o * row + i] = in[0].data()[from++];
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    int at = in[0].shape().axis(name(), axis);
    long start = 0;
    for (Operand y : out) {
      long size = y.shape().size(at);
      CpuBackend.INSTANCE.copy(
          new Operand(in[0].storage(), in[0].layout().slice(at, start, size, 1)), y);
      start += size;
    }
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return ArrangeVariants.part(axis);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new Concat(axis).apply(dy)};
  }

  static OpSpec spec() {
    return OpSpec.of(new Pieces(0, List.of(0L)))
        .formula("y₁, y₂, … = the next sizes₁, sizes₂, … elements of x along the axis")
        .gradient("dx = dy₁, dy₂, … one after the other")
        .example(new Pieces(0, List.of(2L, 1L)), Draw.normal(3))
        .example(new Pieces(1, List.of(2L, 0L, 2L)), Draw.normal(2, 4))
        .example(new Pieces(-2, List.of(1L, 2L)), Draw.normal(2, 3, 4))
        .example(new Pieces(0, List.of(127L, 1L, 1L)), Draw.normal(129))
        .example(new Pieces(0, List.of(0L)), Draw.normal(0, 2))
        .rejects(
            () -> of(Tensor.zeros(2, 3), 1, List.of(1L, 1L)),
            "pieces: sizes [1, 1] do not add up to axis 1 of [2, 3]")
        .rejects(
            () -> of(Tensor.zeros(3), 0, List.of(-1L, 4L)),
            "pieces: sizes [-1, 4] do not add up to axis 0 of [3]")
        .rejects(
            () -> of(Tensor.zeros(3), 1, List.of(3L)),
            "pieces: [3] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
