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
import org.adjoint.backend.cpu.NormKernels;
import org.adjoint.backend.cuda.NormVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = x̂ ⊙ w with x̂ = x r and r = 1 / √(mean(x²) + eps) along the last axis, of x [.., n] and w
 * [n]: what {@link RmsNorm} is made of, as {@link LayerNorm} is of {@link RowNorm}. Gradient:
 * {@link Grad}.
 */
public record RowRms(double eps) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    RowNorm.requireRows(this, in[0], in[1]);
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    int n = in[0].size(-1);
    for (int at = 0; at < x.length; at += n) {
      double r = r(x, at, n, eps);
      for (int i = 0; i < n; i++) {
        out[0].data()[at + i] = x[at + i] * r * in[1].data()[i];
      }
    }
  }

  private static double r(double[] x, int at, int n, double eps) {
    double squares = 0;
    for (int i = 0; i < n; i++) {
      squares += x[at + i] * x[at + i];
    }
    return 1 / Math.sqrt(squares / n + eps);
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    NormKernels.forward(eps, false, in, out[0]);
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return new NormVariants("row_rms", eps).forward();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 4.0 * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return Tensor.apply(new Grad(eps), saved.input(0), saved.input(1), dy[0]);
  }

  static OpSpec spec() {
    return OpSpec.of(new RowRms(1e-5))
        .broadcast(1)
        .formula("y = x / √(mean(x²) + eps) ⊙ w along the last axis")
        .gradient("dx = r (h − x̂ mean(h ⊙ x̂)), h = dy ⊙ w; dw = Σ dy ⊙ x̂")
        .ulpsOfLargest(2)
        .gpuSums(OpSpec::partOfRow)
        .example(new RowRms(1e-5), Draw.normal(3, 5), Draw.normal(5))
        .example(new RowRms(1e-5), Draw.normal(129), Draw.normal(129))
        .example(new RowRms(0.1), Draw.normal(2, 3, 4), Draw.normal(4))
        .example(new RowRms(1), Draw.normal(3, 1), Draw.normal(1))
        .example(new RowRms(1), Draw.normal(0, 2), Draw.normal(2))
        .example(new RowRms(1), Draw.normal(2, 0), Draw.normal(0))
        .rejects(
            () -> new RowRms(1).apply(Tensor.zeros(2, 3), Tensor.zeros(2)),
            "row_rms: [2, 3] has no rows of [2]")
        .rejects(
            () -> new RowRms(1).apply(Tensor.of(1L), Tensor.of(1L)),
            "row_rms: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * The gradients (dx, dw) of {@link RowRms}, of x [.., n], w [n] and dy [.., n]. Gradient: that of
   * the same by tensor calls.
   */
  public record Grad(double eps) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in[0], in[2]);
      RowNorm.requireRows(this, in[0], in[1]);
      return new Meta[] {in[0], in[1]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] x = in[0].data();
      double[] w = in[1].data();
      double[] dy = in[2].data();
      int n = in[0].size(-1);
      for (int at = 0; at < x.length; at += n) {
        double r = r(x, at, n, eps);
        double dot = 0;
        for (int i = 0; i < n; i++) {
          dot += dy[at + i] * w[i] * x[at + i] * r;
          out[1].data()[i] += dy[at + i] * x[at + i] * r;
        }
        for (int i = 0; i < n; i++) {
          out[0].data()[at + i] = r * (dy[at + i] * w[i] - x[at + i] * r * dot / n);
        }
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32) {
        return false;
      }
      NormKernels.backward(eps, false, in, out);
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return new NormVariants("row_rms", eps).gradient();
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return 11.0 * in[0].shape().count();
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1, 2);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor[] in = {saved.input(0), saved.input(1), saved.input(2)};
      return org.adjoint.Grad.vjp(this::composed, in, g);
    }

    /** The same by tensor calls. */
    private Tensor[] composed(Tensor... in) {
      Tensor x = in[0];
      Tensor r = Rsqrt.of(Standardise.mean(x.pow(2), -1).add(eps));
      Tensor unit = x.mul(r);
      Tensor h = in[2].mul(in[1]);
      Tensor dx = h.sub(unit.mul(Standardise.mean(h.mul(unit), -1))).mul(r);
      return new Tensor[] {dx, Sum.to(in[2].mul(unit), in[1].shape())};
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad(1e-5))
          .broadcast(1)
          .formula("dx = r (h − x̂ mean(h ⊙ x̂)), h = dy ⊙ w; dw = Σ dy ⊙ x̂")
          .gradient("that of the same by tensor calls")
          .ulpsOfLargest(2)
          .gpuSums(in -> OpSpec.longest(in[0]))
          .drawable(OpSpec::hasRowsOfThree)
          .example(new Grad(1), Draw.positive(3, 5), Draw.normal(5), Draw.positive(3, 5))
          .example(new Grad(0.5), Draw.normal(129), Draw.normal(129), Draw.normal(129))
          .example(new Grad(0.1), Draw.normal(2, 3, 4), Draw.normal(4), Draw.normal(2, 3, 4))
          .example(new Grad(1), Draw.normal(3, 1), Draw.normal(1), Draw.normal(3, 1))
          .example(new Grad(1), Draw.normal(0, 2), Draw.normal(2), Draw.normal(0, 2))
          .example(new Grad(1), Draw.normal(2, 0), Draw.normal(0), Draw.normal(2, 0))
          .rejects(
              () -> new Grad(1).apply(Tensor.zeros(2, 3), Tensor.zeros(3), Tensor.zeros(3)),
              "row_rms.grad: shapes [2, 3] and [3] differ")
          .build();
    }
  }
}
