package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;

/**
 * The x of a·x = b, for a [.., n, n] and b [.., n, k] with equal axes before, by Gaussian
 * elimination with partial pivoting. Gradient: db is the solution of aᵀ·db = dx; da = −db·xᵀ
 * (Giles, An extended collection of matrix derivative results, 2008, section 2.3.1).
 *
 * <p>A singular matrix gives infinities or NaN, as a division by 0 does.
 */
public record Solve() implements Op {
  /** The x [.., n, k] of a·x = b. */
  public static Tensor of(Tensor a, Tensor b) {
    return new Solve().apply(a, b);
  }

  /** a⁻¹ for a [.., n, n]. */
  public static Tensor inverse(Tensor a) {
    Require.square("inverse", a.meta());
    return of(a, Eigh.identity(a).expand(a.shape()));
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDtype(this, in);
    Require.floating(this, in[0]);
    Require.square(this, in[0]);
    Shape a = in[0].shape();
    Shape b = in[1].shape();
    if (b.rank() != a.rank() || !b.slice(0, b.rank() - 1).equals(a.slice(0, a.rank() - 1))) {
      throw new IllegalArgumentException(
          "solve: " + a + " · x = " + b + ": all sizes but the last must be equal");
    }
    return new Meta[] {in[1]};
  }

  @Override
  public String cpuOnly() {
    return "an elimination is short of parallel work, and small systems are all that is solved"
        + " here";
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int n = in[0].size(-1);
    int k = in[1].size(-1);
    double[] a = in[0].data().clone(); // [batch, n, n]
    double[] x = out[0].data(); // [batch, n, k]
    System.arraycopy(in[1].data(), 0, x, 0, x.length);
    for (int at = 0, to = 0; at < a.length; at += n * n, to += n * k) {
      for (int c = 0; c < n; c++) {
        int pivot = c;
        for (int r = c + 1; r < n; r++) {
          pivot = Math.abs(a[at + r * n + c]) > Math.abs(a[at + pivot * n + c]) ? r : pivot;
        }
        swap(a, at + c * n, at + pivot * n, n);
        swap(x, to + c * k, to + pivot * k, k);
        for (int r = c + 1; r < n; r++) {
          double factor = a[at + r * n + c] / a[at + c * n + c];
          subtract(a, at + r * n, at + c * n, n, factor);
          subtract(x, to + r * k, to + c * k, k, factor);
        }
      }
      for (int c = n - 1; c >= 0; c--) {
        for (int j = 0; j < k; j++) {
          x[to + c * k + j] /= a[at + c * n + c];
        }
        for (int r = 0; r < c; r++) {
          subtract(x, to + r * k, to + c * k, k, a[at + r * n + c]);
        }
      }
    }
  }

  private static void swap(double[] x, int p, int q, int n) {
    for (int i = 0; i < n; i++) {
      double t = x[p + i];
      x[p + i] = x[q + i];
      x[q + i] = t;
    }
  }

  /** Row p minus {@code factor} times row q. */
  private static void subtract(double[] x, int p, int q, int n, double factor) {
    for (int i = 0; i < n; i++) {
      x[p + i] -= factor * x[q + i];
    }
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    double n = in[0].size(-1);
    return 2.0 / 3 * n * in[0].shape().count() + 2 * n * in[1].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0).andOutputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dx) {
    Tensor db = new Solve().apply(saved.input(0).t(), dx[0]);
    return new Tensor[] {db.matmul(saved.output(0).t()).neg(), db};
  }

  static OpSpec spec() {
    return OpSpec.of(new Solve())
        .formula("the x of a·x = b")
        .gradient("db is the solution of aᵀ·db = dx; da = −db·xᵀ")
        .example(new Solve(), Draw.positive(1, 1), Draw.normal(1, 1))
        .example(new Solve(), Draw.normal(2, 2), Draw.normal(2, 2))
        .example(new Solve(), Draw.normal(4, 4), Draw.normal(4, 1))
        .example(new Solve(), Draw.normal(2, 3, 3), Draw.normal(2, 3, 2))
        .example(new Solve(), Draw.normal(2, 2), Draw.normal(2, 129))
        .example(new Solve(), Draw.normal(0, 0), Draw.normal(0, 2))
        .example(new Solve(), Draw.normal(2, 2), Draw.normal(2, 0))
        .example("inverse", t -> inverse(t[0]), Draw.normal(2, 2))
        .rejects(
            () -> of(Tensor.zeros(2, 3), Tensor.zeros(2, 1)),
            "solve: [2, 3] is no square matrix: its last two sizes differ")
        .rejects(
            () -> of(Tensor.zeros(2, 2), Tensor.zeros(3, 1)),
            "solve: [2, 2] · x = [3, 1]: all sizes but the last must be equal")
        .rejects(
            () -> of(Tensor.zeros(2, 2), Tensor.zeros(2)),
            "solve: [2, 2] · x = [2]: all sizes but the last must be equal")
        .rejects(
            () -> inverse(Tensor.zeros(4)), "inverse: [4] is no square matrix: it has one axis")
        .build();
  }
}
