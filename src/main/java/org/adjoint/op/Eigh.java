package org.adjoint.op;

import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;

/**
 * ½(a + aᵀ) = V·diag(w)·Vᵀ for a [.., n, n]: eigenvalues w [.., n], largest first, and orthonormal
 * eigenvectors, the columns of V [.., n, n]. Gradient: da = V·(diag(dw) + F ⊙ Vᵀ·dV)·Vᵀ, made
 * symmetric, with F[i, j] = 1 / (w[j] − w[i]) beside the diagonal and 0 on it (Giles, An extended
 * collection of matrix derivative results, 2008, section 3.1).
 *
 * <p>An eigenvector and its negative are both right: here the largest component is positive, the
 * first of those that are equally large. Where eigenvalues coincide, no eigenvector is the right
 * one, and the gradient is not finite. Of a matrix with a NaN or an infinity all results are NaN.
 */
public record Eigh() implements Op {
  /** Eigenvalues [.., n] and eigenvectors [.., n, n], as columns. */
  public record Result(Tensor values, Tensor vectors) {}

  /** Eigenvalues and eigenvectors of the symmetric part of {@code a} [.., n, n]. */
  public static Result of(Tensor a) {
    Tensor[] y = Tensor.apply(new Eigh(), a);
    return new Result(y[0], y[1]);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    Require.square(this, in[0]);
    return new Meta[] {in[0].with(in[0].shape().remove(-1)), in[0]};
  }

  @Override
  public String cpuOnly() {
    return "rotations go one after the other, and small matrices are all that is decomposed here";
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] a = in[0].data();
    int n = in[0].size(-1);
    double[] symmetric = new double[n * n];
    double[] w = new double[n];
    double[] v = new double[n * n];
    for (int s = 0; s < out[0].count() / Math.max(1, n); s++) {
      int at = s * n * n;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          symmetric[i * n + j] = 0.5 * a[at + i * n + j] + 0.5 * a[at + j * n + i];
        }
      }
      Jacobi.eigen(symmetric, n, w, v);
      for (int j = 0; j < n; j++) {
        out[0].data()[s * n + j] = w[j];
        for (int i = 0; i < n; i++) {
          out[1].data()[at + i * n + j] = v[j * n + i];
        }
      }
    }
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    // About eight sweeps over n²/2 pairs, each of which rotates three pairs of rows.
    return 8.0 * 9 * in[0].size(-1) * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor w = saved.output(0);
    Tensor v = saved.output(1);
    Tensor turned = inverseGaps(w).mul(v.t().matmul(dy[1]));
    Tensor inner = dy[0].unsqueeze(-2).mul(identity(w)).add(turned);
    Tensor da = v.matmul(inner).matmul(v.t());
    return new Tensor[] {da.add(da.t()).mul(0.5)};
  }

  /** 1 / (x[j] − x[i]) beside the diagonal, 0 on it, for x [.., n]. */
  static Tensor inverseGaps(Tensor x) {
    Tensor one = identity(x);
    Tensor gaps = x.unsqueeze(-2).sub(x.unsqueeze(-1));
    return one.neg().add(1).div(gaps.add(one));
  }

  /** The unit matrix of the last size and the dtype of {@code like}. */
  static Tensor identity(Tensor like) {
    int n = (int) like.size(-1);
    double[] e = new double[n * n];
    for (int i = 0; i < n; i++) {
      e[i * n + i] = 1;
    }
    return Tensor.of(Shape.of(n, n), e).to(like.dtype());
  }

  static OpSpec spec() {
    return OpSpec.of(new Eigh())
        .formula("½(a + aᵀ) = V·diag(w)·Vᵀ")
        .gradient("da = V·(diag(dw) + F ⊙ Vᵀ·dV)·Vᵀ, made symmetric; F[i, j] = 1 / (w[j] − w[i])")
        .example(new Eigh(), Draw.apart(1, 1))
        .example(new Eigh(), Draw.apart(2, 2))
        .example(new Eigh(), Draw.apart(3, 3))
        .example(new Eigh(), Draw.apart(2, 3, 3))
        .example(new Eigh(), Draw.apart(5, 5))
        .example(new Eigh(), Draw.normal(0, 0))
        .example(new Eigh(), Draw.normal(0, 2, 2))
        .rejects(
            () -> of(Tensor.zeros(2, 3)),
            "eigh: [2, 3] is no square matrix: its last two sizes differ")
        .rejects(() -> of(Tensor.zeros(3)), "eigh: [3] is no square matrix: it has one axis")
        .rejects(
            () -> of(Tensor.zeros(2, 2).to(DType.I64)),
            "eigh: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
