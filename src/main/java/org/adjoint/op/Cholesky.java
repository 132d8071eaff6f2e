package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;

/**
 * The lower triangle L with a positive diagonal for which ½(a + aᵀ) = L·Lᵀ, for a [.., n, n].
 * Gradient: da = ½·L⁻ᵀ·(P + Pᵀ)·L⁻¹, P being the lower triangle of Lᵀ·dL with half its diagonal
 * (Murray, Differentiation of the Cholesky decomposition, 2016, equation 10).
 *
 * <p>A matrix that is not positive definite gives NaN, as the root of a negative number does.
 */
public record Cholesky() implements Op {
  /** The factor L of the symmetric part of {@code a} [.., n, n]. */
  public static Tensor of(Tensor a) {
    return new Cholesky().apply(a);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    Require.square(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public String cpuOnly() {
    return "a decomposition goes column by column, and small matrices are all that is decomposed"
        + " here";
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] a = in[0].data();
    double[] l = out[0].data();
    int n = in[0].size(-1);
    for (int at = 0; at < a.length; at += n * n) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double rest = 0.5 * a[at + i * n + j] + 0.5 * a[at + j * n + i];
          for (int k = 0; k < j; k++) {
            rest -= l[at + i * n + k] * l[at + j * n + k];
          }
          l[at + i * n + j] = i == j ? root(rest) : rest / l[at + j * n + j];
        }
      }
    }
  }

  private static double root(double pivot) {
    return pivot > 0 ? StrictMath.sqrt(pivot) : Double.NaN;
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return in[0].size(-1) * (double) in[0].shape().count() / 3;
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor l = saved.output(0);
    Tensor lower = l.t().matmul(dy[0]).mul(lowerWithHalfDiagonal(l));
    Tensor left = Solve.of(l.t(), lower.add(lower.t())); // L⁻ᵀ·(P + Pᵀ)
    return new Tensor[] {Solve.of(l.t(), left.t()).mul(0.5)};
  }

  /** 1 below the diagonal, ½ on it, 0 above. */
  private static Tensor lowerWithHalfDiagonal(Tensor like) {
    int n = (int) like.size(-1);
    double[] mask = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        mask[i * n + j] = i == j ? 0.5 : 1;
      }
    }
    return Tensor.of(Shape.of(n, n), mask).to(like.dtype());
  }

  /** The factor of x / 8 + 2, whose diagonal outweighs the rest: it is positive definite. */
  private static Tensor ofDominant(Tensor x) {
    return of(x.mul(0.125).add(Eigh.identity(x).mul(2)));
  }

  static OpSpec spec() {
    return OpSpec.of(new Cholesky())
        .formula("the lower triangle L for which ½(a + aᵀ) = L·Lᵀ")
        .gradient("da = ½·L⁻ᵀ·(P + Pᵀ)·L⁻¹, P the lower triangle of Lᵀ·dL with half its diagonal")
        .example(new Cholesky(), Draw.positive(1, 1))
        .example(new Cholesky(), Draw.positive(3, 1, 1))
        .example(new Cholesky(), Draw.normal(0, 0))
        .example(new Cholesky(), Draw.normal(0, 2, 2))
        .example("of x / 8 + 2", t -> ofDominant(t[0]), Draw.normal(2, 2))
        .example("of x / 8 + 2", t -> ofDominant(t[0]), Draw.normal(4, 4))
        .example("of x / 8 + 2", t -> ofDominant(t[0]), Draw.normal(2, 3, 3))
        .rejects(
            () -> of(Tensor.zeros(2, 3)),
            "cholesky: [2, 3] is no square matrix: its last two sizes differ")
        .rejects(() -> of(Tensor.zeros()), "cholesky: [] is no square matrix: it is a scalar")
        .build();
  }
}
