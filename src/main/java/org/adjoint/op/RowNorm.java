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
 * y = x̂ ⊙ w + b with x̂ = (x − mean) r and r = 1 / √(variance + eps) along the last axis, of x
 * [.., n], w [n] and b [n]: what {@link LayerNorm} and {@link GroupNorm} are made of. Gradient:
 * {@link Grad}.
 *
 * <p>The mean is taken first, and then the squares: E(x²) − E(x)² would cancel where the mean is
 * large.
 */
public record RowNorm(double eps) implements Op {
  /** x̂ alone. */
  static Tensor of(Tensor x, double eps) {
    Meta row = x.meta().with(x.shape().slice(x.rank() - 1, x.rank()));
    return new RowNorm(eps).apply(x, Tensor.ones(row), Tensor.zeros(row));
  }

  @Override
  public Meta[] infer(Meta... in) {
    requireRows(this, in[0], in[1], in[2]);
    return new Meta[] {in[0]};
  }

  static void requireRows(Op op, Meta x, Meta... rows) {
    Require.floating(op, x);
    for (Meta row : rows) {
      Require.sameDtype(op, x, row);
      if (x.rank() == 0 || !row.shape().equals(x.shape().slice(x.rank() - 1, x.rank()))) {
        throw new IllegalArgumentException(
            op.name() + ": " + x.shape() + " has no rows of " + row.shape());
      }
    }
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] y = out[0].data();
    int n = in[0].size(-1);
    for (int at = 0; at < y.length; at += n) {
      Row row = new Row(in[0].data(), at, n, eps);
      for (int i = 0; i < n; i++) {
        y[at + i] = row.unit(i) * in[1].data()[i] + in[2].data()[i];
      }
    }
  }

  /** A row of x, its mean, and r. */
  private static final class Row {
    final double[] x;
    final int at;
    final double mean;
    final double r;

    Row(double[] x, int at, int n, double eps) {
      this.x = x;
      this.at = at;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += x[at + i];
      }
      mean = sum / n;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        squares += (x[at + i] - mean) * (x[at + i] - mean);
      }
      r = 1 / Math.sqrt(squares / n + eps);
    }

    double unit(int i) {
      return (x[at + i] - mean) * r;
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    NormKernels.forward(eps, true, in, out[0]);
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return new NormVariants(name(), eps).forward();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 8.0 * in[0].shape().count();
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
    return OpSpec.of(new RowNorm(1e-5))
        .broadcast(1, 2)
        .formula("y = (x − mean) / √(variance + eps) ⊙ w + b along the last axis")
        .gradient("dx = r (h − mean(h) − x̂ mean(h ⊙ x̂)), h = dy ⊙ w; dw = Σ dy ⊙ x̂; db = Σ dy")
        .ulpsOfLargest(2)
        .gpuSums(OpSpec::partOfRow)
        .example(new RowNorm(1e-5), Draw.normal(3, 5), Draw.normal(5), Draw.normal(5))
        .example(new RowNorm(1e-5), Draw.normal(129), Draw.normal(129), Draw.normal(129))
        .example(new RowNorm(0.1), Draw.normal(2, 3, 4), Draw.normal(4), Draw.normal(4))
        .example(new RowNorm(1), Draw.normal(3, 1), Draw.normal(1), Draw.normal(1))
        .example(new RowNorm(1), Draw.normal(0, 2), Draw.normal(2), Draw.normal(2))
        .example(new RowNorm(1), Draw.normal(2, 0), Draw.normal(0), Draw.normal(0))
        .example("x̂", t -> RowNorm.of(t[0], 1e-5), Draw.normal(2, 127))
        .rejects(
            () -> new RowNorm(1).apply(Tensor.zeros(2, 3), Tensor.zeros(2), Tensor.zeros(3)),
            "row_norm: [2, 3] has no rows of [2]")
        .rejects(
            () -> new RowNorm(1).apply(Tensor.of(1L), Tensor.of(1L), Tensor.of(1L)),
            "row_norm: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * The gradients (dx, dw, db) of {@link RowNorm}, of x [.., n], w [n] and dy [.., n]. Their own is
   * made of tensor calls: with P(v) the dx for dy = v and w = 1, which is what brings a gradient
   * from x̂ to x, it follows from dx = P(h), dw = Σ dy ⊙ x̂, and db = Σ dy.
   */
  public record Grad(double eps) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in[0], in[2]);
      requireRows(this, in[0], in[1]);
      return new Meta[] {in[0], in[1], in[1]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] x = in[0].data();
      double[] w = in[1].data();
      double[] dy = in[2].data();
      int n = in[0].size(-1);
      for (int at = 0; at < x.length; at += n) {
        Row row = new Row(x, at, n, eps);
        double sum = 0;
        double dot = 0;
        for (int i = 0; i < n; i++) {
          sum += dy[at + i] * w[i];
          dot += dy[at + i] * w[i] * row.unit(i);
          out[1].data()[i] += dy[at + i] * row.unit(i);
          out[2].data()[i] += dy[at + i];
        }
        for (int i = 0; i < n; i++) {
          double rest = dy[at + i] * w[i] - sum / n - row.unit(i) * dot / n;
          out[0].data()[at + i] = row.r * rest;
        }
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32) {
        return false;
      }
      NormKernels.backward(eps, true, in, out);
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return new NormVariants("row_norm", eps).gradient();
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return 16.0 * in[0].shape().count();
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1, 2);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor x = saved.input(0);
      Tensor w = saved.input(1);
      Tensor dy = saved.input(2);
      Tensor centred = x.sub(Standardise.mean(x, -1));
      Tensor r = Rsqrt.of(Standardise.mean(centred.pow(2), -1).add(eps));
      Tensor unit = centred.mul(r);
      Tensor h = dy.mul(w);
      Tensor back = toInput(x, g[0]);
      Tensor toDy = back.mul(w).add(g[1].mul(unit)).add(g[2]);
      Tensor toW = Sum.to(back.mul(dy), w.shape());
      // x is in x̂, and in the r before the bracket of dx.
      Tensor twice =
          g[0].mul(Standardise.mean(h.mul(unit), -1))
              .add(h.mul(Standardise.mean(g[0].mul(unit), -1)));
      Tensor toUnit = g[1].mul(dy).sub(twice.mul(r));
      Tensor stretch = Standardise.mean(g[0].mul(toInput(x, h)), -1).mul(r);
      return new Tensor[] {toInput(x, toUnit).sub(unit.mul(stretch)), toW, toDy};
    }

    /** P(v). */
    private Tensor toInput(Tensor x, Tensor v) {
      Meta row = x.meta().with(x.shape().slice(x.rank() - 1, x.rank()));
      return new Grad(eps).apply(x, Tensor.ones(row), v);
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad(1e-5))
          .broadcast(1)
          .formula("dx = r (h − mean(h) − x̂ mean(h ⊙ x̂)), h = dy ⊙ w; dw = Σ dy ⊙ x̂; db = Σ dy")
          .gradient("see the source")
          .ulpsOfLargest(2)
          .gpuSums(in -> OpSpec.longest(in[0]))
          .drawable(OpSpec::hasRowsOfThree)
          .example(new Grad(1e-5), Draw.normal(3, 5), Draw.normal(5), Draw.normal(3, 5))
          .example(new Grad(1e-5), Draw.normal(129), Draw.normal(129), Draw.normal(129))
          .example(new Grad(0.1), Draw.normal(2, 3, 4), Draw.normal(4), Draw.normal(2, 3, 4))
          .example(new Grad(1), Draw.normal(3, 1), Draw.normal(1), Draw.normal(3, 1))
          .example(new Grad(1), Draw.normal(0, 2), Draw.normal(2), Draw.normal(0, 2))
          .example(new Grad(1), Draw.normal(2, 0), Draw.normal(0), Draw.normal(2, 0))
          .rejects(
              () -> new Grad(1).apply(Tensor.zeros(2, 3), Tensor.zeros(3), Tensor.zeros(3)),
              "row_norm.grad: shapes [2, 3] and [3] differ")
          .build();
    }
  }
}
