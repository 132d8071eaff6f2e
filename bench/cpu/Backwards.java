package org.adjoint.bench.cpu;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuStorage;

/**
 * Where a backward pass begins with a given ∂L/∂x, as by PyTorch's {@code y.backward(dy)}: a loss
 * whose value, 0, nobody looks at, and whose gradient is {@code gradient}. So what is timed is the
 * work, without a product and a sum to make one number of its result.
 */
record Backwards(Tensor gradient) implements Op {
  static void from(Tensor y, Tensor dy) {
    new Backwards(dy).apply(y).backward();
  }

  @Override
  public Meta[] infer(Meta... in) {
    if (!in[0].equals(gradient.meta())) {
      throw new IllegalArgumentException(
          "backwards: " + in[0] + " and its gradient " + gradient.meta() + " differ");
    }
    return new Meta[] {in[0].with(Shape.of())};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {}

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    CpuStorage.floats(out[0])[0] = 0;
    return true;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {gradient};
  }
}
