package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;

/**
 * a = U·diag(s)·Vᵀ for a [.., m, n], with k = min(m, n): orthonormal columns of U [.., m, k] and of
 * V [.., n, k], and singular values s [.., k], largest first. Gradient, with F[i, j] = 1 / (s[j]² −
 * s[i]²) beside the diagonal and 0 on it:
 *
 * <pre>
 *   da = U·((F ⊙ (Uᵀ·dU − dUᵀ·U))·S + S·(F ⊙ (Vᵀ·dV − dVᵀ·V)) + diag(ds))·Vᵀ
 *        + (1 − U·Uᵀ)·dU·S⁻¹·Vᵀ + U·S⁻¹·dVᵀ·(1 − V·Vᵀ)
 * </pre>
 *
 * <p>(Townsend, Differentiating the singular value decomposition, 2016.) Of the two signs that each
 * pair of vectors may have, the one is chosen that makes the largest component of V's column
 * positive. Where singular values coincide, or are 0 and the matrix is not square, the gradient is
 * not finite. Of a matrix with a NaN or an infinity all results are NaN.
 */
public record Svd() implements Op {
  /** U [.., m, k], s [.., k] and V [.., n, k]; mind that V is not transposed. */
  public record Result(Tensor u, Tensor s, Tensor v) {}

  /** The singular value decomposition of {@code a} [.., m, n]. */
  public static Result of(Tensor a) {
    Tensor[] y = Tensor.apply(new Svd(), a);
    return new Result(y[0], y[1], y[2]);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    Shape shape = in[0].shape();
    if (shape.rank() < 2) {
      throw new IllegalArgumentException("svd: " + shape + " is no matrix: it has too few axes");
    }
    Shape batch = shape.slice(0, shape.rank() - 2);
    long m = shape.size(-2);
    long n = shape.size(-1);
    long k = Math.min(m, n);
    return new Meta[] {
      in[0].with(batch.concat(Shape.of(m, k))),
      in[0].with(batch.concat(Shape.of(k))),
      in[0].with(batch.concat(Shape.of(n, k)))
    };
  }

  @Override
  public String cpuOnly() {
    return "rotations go one after the other, and small matrices are all that is decomposed here";
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int m = in[0].size(-2);
    int n = in[0].size(-1);
    boolean wide = m < n; // then aᵀ is decomposed, and U and V change places
    int rows = Math.max(m, n);
    int k = Math.min(m, n);
    double[] columns = new double[k * rows];
    double[] left = new double[k * rows];
    double[] s = new double[k];
    double[] right = new double[k * k];
    for (int b = 0; b < out[1].count() / Math.max(1, k); b++) {
      int at = b * m * n;
      for (int j = 0; j < k; j++) {
        for (int i = 0; i < rows; i++) {
          columns[j * rows + i] = in[0].data()[wide ? at + j * n + i : at + i * n + j];
        }
      }
      Jacobi.svd(columns, rows, k, left, s, right);
      if (wide) {
        Jacobi.fixSigns(left, rows, right, k, k);
      } else {
        Jacobi.fixSigns(right, k, left, rows, k);
      }
      System.arraycopy(s, 0, out[1].data(), b * k, k);
      transpose(wide ? right : left, m, k, out[0].data(), b * m * k);
      transpose(wide ? left : right, n, k, out[2].data(), b * n * k);
    }
  }

  private static void transpose(double[] rows, int n, int k, double[] y, int at) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        y[at + i * k + j] = rows[j * n + i];
      }
    }
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    // Triangular form and back, and about eight sweeps over k²/2 pairs of vectors.
    double k = out[1].size(-1);
    return 8 * k * in[0].shape().count() + 8 * 8 * k * k * out[1].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0, 1, 2);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor u = saved.output(0);
    Tensor s = saved.output(1);
    Tensor v = saved.output(2);
    Tensor row = s.unsqueeze(-2);
    Tensor column = s.unsqueeze(-1);
    Tensor f = Eigh.inverseGaps(s.mul(s));
    Tensor uu = u.t().matmul(dy[0]);
    Tensor vv = v.t().matmul(dy[2]);
    Tensor inner =
        f.mul(uu.sub(uu.t()))
            .mul(row)
            .add(f.mul(vv.sub(vv.t())).mul(column))
            .add(dy[1].unsqueeze(-2).mul(Eigh.identity(s)));
    Tensor da = u.matmul(inner).matmul(v.t());
    if (u.size(-2) > s.size(-1)) {
      da = da.add(dy[0].sub(u.matmul(uu)).div(row).matmul(v.t()));
    }
    if (v.size(-2) > s.size(-1)) {
      da = da.add(u.matmul(dy[2].sub(v.matmul(vv)).div(row).t()));
    }
    return new Tensor[] {da};
  }

  static OpSpec spec() {
    return OpSpec.of(new Svd())
        .formula("a = U·diag(s)·Vᵀ")
        .gradient(
            "da = U·((F ⊙ (Uᵀ·dU − dUᵀ·U))·S + S·(F ⊙ (Vᵀ·dV − dVᵀ·V)) + diag(ds))·Vᵀ + (1 −"
                + " U·Uᵀ)·dU·S⁻¹·Vᵀ + U·S⁻¹·dVᵀ·(1 − V·Vᵀ); F[i, j] = 1 / (s[j]² − s[i]²)")
        .example(new Svd(), Draw.normal(1, 1))
        .example(new Svd(), Draw.normal(2, 2))
        .example(new Svd(), Draw.normal(3, 3))
        .example(new Svd(), Draw.normal(4, 2))
        .example(new Svd(), Draw.normal(2, 4))
        .example(new Svd(), Draw.normal(2, 3, 2))
        .example(new Svd(), Draw.normal(129, 1))
        .example(new Svd(), Draw.normal(0, 3))
        .example(new Svd(), Draw.normal(0, 3, 2))
        .rejects(() -> of(Tensor.zeros(3)), "svd: [3] is no matrix: it has too few axes")
        .rejects(
            () -> of(Tensor.of(Shape.of(1, 1), 1L)),
            "svd: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
