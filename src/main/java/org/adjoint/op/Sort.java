package org.adjoint.op;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.SortVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * The elements along {@code axis} in rising or falling order, and the index that each one had.
 * Equals keep their order; NaN counts as greater than all numbers, as in PyTorch. Gradient: each dy
 * goes where its element came from.
 */
public record Sort(int axis, boolean descending) implements Op {
  /** {@code x} sorted along {@code axis}, and the indices that sort it. */
  public static Picked of(Tensor x, int axis, boolean descending) {
    return Picked.of(Tensor.apply(new Sort(axis, descending), x));
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    in[0].shape().axis(name(), axis);
    return new Meta[] {in[0], in[0].with(DType.I64)};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    int outer = (int) in[0].shape().countBefore(axis);
    int size = in[0].size(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int start = o * size * inner + i;
        // Compared as doubles are, -0 would come before 0; added to 0, it is 0.
        Comparator<Integer> rising = Comparator.comparingDouble(k -> x[start + k * inner] + 0.0);
        int[] order =
            IntStream.range(0, size)
                .boxed()
                .sorted(descending ? rising.reversed() : rising) // a stable sort
                .mapToInt(k -> k)
                .toArray();
        for (int k = 0; k < size; k++) {
          out[0].data()[start + k * inner] = x[start + order[k] * inner];
          out[1].data()[start + k * inner] = order[k];
        }
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return SortVariants.of(axis, descending);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Keep keep() {
    return Keep.outputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    long size = saved.meta(0).size(axis);
    return new Tensor[] {new Gather.ScatterAdd(axis, size).apply(dy[0], saved.output(1))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sort(0, false))
        .formula("y[k] = x[index[k]] along the axis, with y[0] ≤ y[1] ≤ …")
        .gradient("dx[index[k]] = dy[k]")
        .example(new Sort(0, false), Draw.apart(5))
        .example(new Sort(0, true), Draw.apart(5))
        .example(new Sort(1, false), Draw.apart(2, 129))
        .example(new Sort(0, true), Draw.apart(127, 2))
        .example(new Sort(-2, false), Draw.apart(2, 3, 4))
        .example(new Sort(1, false), Draw.apart(2, 0))
        .example("argsort", t -> of(t[0], 0, true).indices(), Draw.index(3, 128))
        .rejects(() -> Tensor.zeros(2).sort(1), "sort: [2] has no axis 1; axes run from -1 to 0")
        .rejects(
            () -> Tensor.of(Shape.of(1), true).sort(0),
            "sort: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
