package org.adjoint.bench.kernels;

import java.util.Arrays;
import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.Copy;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;

/** y = xᵀ of a matrix, laid out anew: {@link Copy} of a view, which a case by itself has not. */
record Transposed() implements Op {
  @Override
  public String name() {
    return "copy transposed";
  }

  @Override
  public Meta[] infer(Meta... in) {
    return new Meta[] {in[0].with(Shape.of(in[0].size(1), in[0].size(0)))};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int rows = in[0].size(0);
    int columns = in[0].size(1);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        out[0].data()[c * rows + r] = in[0].data()[r * columns + c];
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return new Copy()
        .cuda().stream()
            .map(copy ->
                new Variant(
                        copy.name(),
                        copy.takes(),
                        (in, out) -> copy.supports().test(turned(in), out),
                        (gpu, in, out) -> copy.launch().run(gpu, turned(in), out))
                    .changes(copy.change()))
            .toList();
  }

  private static Operand[] turned(Operand... in) {
    return Arrays.stream(in)
        .map(x -> new Operand(x.storage(), x.layout().permute(1, 0)))
        .toArray(Operand[]::new);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].t()};
  }

  static OpSpec spec() {
    return OpSpec.of((Op) new Transposed())
        .example(new Transposed(), Draw.normal(2, 3))
        .example(new Transposed(), Draw.normal(33, 129))
        .build();
  }
}
