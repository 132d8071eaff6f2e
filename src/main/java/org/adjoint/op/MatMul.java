package org.adjoint.op;

import java.util.List;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cpu.Gemm;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cuda.MatMulVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = a·b for a [.., M, K] and b [.., K, N] with equal axes before: y[m, n] = Σₖ a[m, k]·b[k, n].
 * Gradient: da = dy·bᵀ, db = aᵀ·dy.
 */
public record MatMul() implements Op {
  @Override
  public String name() {
    return "matmul";
  }

  /**
   * a·b with broadcasting of the axes before the last two. A vector on the left is a row, on the
   * right a column; its axis is dropped from the result.
   */
  public static Tensor of(Tensor a, Tensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw new IllegalArgumentException(
          "matmul: " + a.shape() + " × " + b.shape() + ": a scalar is no matrix; use mul");
    }
    if (a.rank() == 1) {
      return of(a.unsqueeze(0), b).squeeze(b.rank() == 1 ? 0 : -2);
    }
    if (b.rank() == 1) {
      return of(a, b.unsqueeze(1)).squeeze(-1);
    }
    if (a.rank() > 2 && b.rank() == 2 && a.size(-1) == b.size(0)) {
      // One matrix serves the whole batch: its rows are stacked, and b is not repeated.
      Shape rows = a.shape().slice(0, a.rank() - 1);
      Tensor y = new MatMul().apply(a.reshape(rows.count(), a.size(-1)), b);
      return y.reshape(rows.insert(rows.rank(), b.size(1)).toArray());
    }
    Shape left = a.shape().slice(0, a.rank() - 2);
    Shape right = b.shape().slice(0, b.rank() - 2);
    Shape batch = left.equals(right) ? left : Shape.broadcast("matmul", left, right);
    return new MatMul()
        .apply(a.expand(batch.concat(lastTwo(a))), b.expand(batch.concat(lastTwo(b))));
  }

  private static Shape lastTwo(Tensor x) {
    return x.shape().slice(x.rank() - 2, x.rank());
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDtype(this, in);
    Require.floating(this, in[0]);
    Shape a = in[0].shape();
    Shape b = in[1].shape();
    int rank = a.rank();
    if (rank < 2 || b.rank() != rank || !a.slice(0, rank - 2).equals(b.slice(0, rank - 2))) {
      throw new IllegalArgumentException(
          "matmul: " + a + " × " + b + ": the axes before the last two must be equal");
    }
    if (a.size(-1) != b.size(-2)) {
      String hint =
          a.size(-1) == b.size(-1)
              ? "; transpose the right one?"
              : a.size(-2) == b.size(-2) ? "; transpose the left one?" : "";
      throw new IllegalArgumentException(
          "matmul: "
              + a
              + " × "
              + b
              + ": inner sizes "
              + a.size(-1)
              + " and "
              + b.size(-2)
              + " differ"
              + hint);
    }
    return new Meta[] {in[0].with(a.with(-1, b.size(-1)))};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] a = in[0].data(); // [B, M, K]
    double[] b = in[1].data(); // [B, K, N]
    double[] y = out[0].data(); // [B, M, N]
    int rows = in[0].size(-2);
    int depth = in[0].size(-1);
    int columns = in[1].size(-1);
    int batch = (int) in[0].shape().slice(0, in[0].shape().rank() - 2).count();
    for (int s = 0; s < batch; s++) {
      for (int m = 0; m < rows; m++) {
        for (int n = 0; n < columns; n++) {
          double sum = 0;
          for (int k = 0; k < depth; k++) {
            sum += a[(s * rows + m) * depth + k] * b[(s * depth + k) * columns + n];
          }
          y[(s * rows + m) * columns + n] = sum;
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    Operand a = withoutNegativeStrides(in[0]);
    Operand b = withoutNegativeStrides(in[1]);
    int batch = (int) out[0].shape().slice(0, out[0].shape().rank() - 2).count();
    Parallel.forRange(
        batch, s -> Gemm.multiply(matrix(a, s), matrix(b, s), matrix(out[0], s), false));
    return true;
  }

  private static Operand withoutNegativeStrides(Operand x) {
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      if (x.layout().stride(axis) < 0) {
        // An axis of size 1 may keep its stride in the packed operand, too: it is laid out anew.
        Operand packed = CpuBackend.contiguous(x);
        Layout rows = packed.layout().reshape(x.shape());
        return new Operand(packed.storage(), Objects.requireNonNull(rows));
      }
    }
    return x;
  }

  /** The last two axes of {@code x} at position {@code s} of those before. */
  private static Gemm.Matrix matrix(Operand x, int s) {
    Layout layout = x.layout();
    int rank = x.shape().rank();
    long at = CpuStorage.at(x);
    long rest = s;
    for (int axis = rank - 3; axis >= 0; axis--) {
      at += rest % x.shape().size(axis) * layout.stride(axis);
      rest /= x.shape().size(axis);
    }
    return new Gemm.Matrix(
        CpuStorage.floats(x),
        (int) at,
        (int) x.shape().size(-2),
        (int) x.shape().size(-1),
        (int) layout.stride(rank - 2),
        (int) layout.stride(rank - 1));
  }

  @Override
  public List<Variant> cuda() {
    return MatMulVariants.all();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 2.0 * out[0].shape().count() * in[0].size(-1);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {
      saved.needs(0) ? product(dy[0], saved.input(1).t(), saved.layout(0)) : null,
      saved.needs(1) ? product(saved.input(0).t(), dy[0], saved.layout(1)) : null
    };
  }

  /**
   * a·b, as (bᵀ·aᵀ)ᵀ where that lies in memory as {@code like} does: the gradient of a transposed
   * weight is then transposed back without a copy.
   */
  private static Tensor product(Tensor a, Tensor b, Layout like) {
    int rank = like.shape().rank();
    return like.stride(rank - 2) < like.stride(rank - 1)
        ? new MatMul().apply(b.t(), a.t()).t()
        : new MatMul().apply(a, b);
  }

  static OpSpec spec() {
    return OpSpec.of(new MatMul())
        .formula("y[m, n] = Σₖ a[m, k]·b[k, n]")
        .gradient("da = dy·bᵀ, db = aᵀ·dy")
        .sums(in -> in[0].size(-1))
        .example(new MatMul(), Draw.normal(2, 3), Draw.normal(3, 4))
        .example(new MatMul(), Draw.normal(1, 1), Draw.normal(1, 1))
        .example(new MatMul(), Draw.normal(3, 0), Draw.normal(0, 2))
        .example(new MatMul(), Draw.normal(0, 3), Draw.normal(3, 2))
        .example(new MatMul(), Draw.normal(127, 5), Draw.normal(5, 129))
        .example(new MatMul(), Draw.normal(3, 300), Draw.normal(300, 17))
        .example(new MatMul(), Draw.normal(2, 3, 4), Draw.normal(2, 4, 5))
        .example("broadcast", t -> t[0].matmul(t[1]), Draw.normal(2, 1, 3, 4), Draw.normal(5, 4, 2))
        .example("one for all", t -> t[0].matmul(t[1]), Draw.normal(2, 3, 4), Draw.normal(4, 5))
        .example("row × matrix", t -> t[0].matmul(t[1]), Draw.normal(3), Draw.normal(3, 2))
        .example("matrix × column", t -> t[0].matmul(t[1]), Draw.normal(2, 3), Draw.normal(3))
        .example("row × column", t -> t[0].matmul(t[1]), Draw.normal(128), Draw.normal(128))
        .example(
            "flipped", t -> t[0].flip(0).matmul(t[1].flip(1)), Draw.normal(2, 3), Draw.normal(3, 2))
        .rejects(
            () -> Tensor.zeros(32, 784).matmul(Tensor.zeros(10, 784)),
            "matmul: [32, 784] × [10, 784]: inner sizes 784 and 10 differ; transpose the right"
                + " one?")
        .rejects(
            () -> Tensor.zeros(784, 32).matmul(Tensor.zeros(784, 10)),
            "matmul: [784, 32] × [784, 10]: inner sizes 32 and 784 differ; transpose the left one?")
        .rejects(
            () -> Tensor.zeros(2, 3).matmul(Tensor.zeros(4, 5)),
            "matmul: [2, 3] × [4, 5]: inner sizes 3 and 4 differ")
        .rejects(
            () -> Tensor.zeros(2, 2, 3).matmul(Tensor.zeros(3, 3, 4)),
            "matmul: [2] and [3] do not broadcast: sizes 2 and 3 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> new MatMul().apply(Tensor.zeros(2, 2, 3), Tensor.zeros(3, 4)),
            "matmul: [2, 2, 3] × [3, 4]: the axes before the last two must be equal")
        .rejects(
            () -> Tensor.zeros(3).matmul(Tensor.zeros()),
            "matmul: [3] × []: a scalar is no matrix; use mul")
        .rejects(
            () -> Tensor.zeros(2, 3).matmul(Tensor.zeros(3, 2).to(DType.F64)),
            "matmul: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Tensor.zeros(1, 1).to(DType.I64).matmul(Tensor.zeros(1, 1).to(DType.I64)),
            "matmul: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
