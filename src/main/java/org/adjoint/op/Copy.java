package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.Variant;

/** y = x, laid out afresh in row-major order. Gradient: dx = dy. */
public record Copy() implements Op, Elementwise {
  @Override
  public Meta[] infer(Meta... in) {
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    System.arraycopy(in[0].data(), 0, out[0].data(), 0, out[0].count());
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    CpuBackend.INSTANCE.copy(in[0], out[0]);
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return List.of(Variant.of("strided", (gpu, in, out) -> gpu.copy(in[0], out[0])));
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0]};
  }

  static OpSpec spec() {
    return OpSpec.of(new Copy())
        .formula("y = x")
        .gradient("dx = dy")
        .elementwise(Draw::normal)
        .build();
  }
}
