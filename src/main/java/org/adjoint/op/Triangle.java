package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * The lower or the upper triangle of matrices, zeros beside it. Diagonal d holds the elements [i, i
 * + d]. A composition: what lies outside is filled with 0, be it NaN.
 */
public final class Triangle {
  private Triangle() {}

  /** The elements [.., i, j] of {@code x} with j ≤ i + diagonal. */
  public static Tensor lower(Tensor x, long diagonal) {
    return within(x, "tril", Long.MIN_VALUE, diagonal);
  }

  /** The elements [.., i, j] of {@code x} with j ≥ i + diagonal. */
  public static Tensor upper(Tensor x, long diagonal) {
    return within(x, "triu", diagonal, Long.MAX_VALUE);
  }

  private static Tensor within(Tensor x, String name, long least, long most) {
    if (x.rank() < 2) {
      throw new IllegalArgumentException(name + ": " + x.shape() + " is no matrix");
    }
    Shape matrix = x.shape().slice(x.rank() - 2, x.rank());
    int columns = (int) matrix.size(1);
    boolean[] outside = new boolean[Math.toIntExact(matrix.count())];
    for (int i = 0; i < outside.length; i++) {
      int diagonal = i % columns - i / columns;
      outside[i] = diagonal < least || diagonal > most;
    }
    return x.maskedFill(Tensor.of(matrix, outside).to(x.device()), 0);
  }

  static OpSpec spec() {
    return OpSpec.composition("triangle")
        .formula("y[.., i, j] = x[.., i, j] where j ≤ i + d (tril) or j ≥ i + d (triu), else 0")
        .gradient("dx = the same triangle of dy")
        .example("lower", t -> t[0].tril(0), Draw.normal(3, 4))
        .example("lower", t -> t[0].tril(-1), Draw.normal(2, 3, 3))
        .example("lower", t -> t[0].tril(1), Draw.normal(129, 2))
        .example("upper", t -> t[0].triu(0), Draw.normal(4, 3))
        .example("upper", t -> t[0].triu(2), Draw.normal(2, 3, 4))
        .example("upper", t -> t[0].triu(-9), Draw.normal(2, 2))
        .example("nothing", t -> t[0].tril(0), Draw.normal(2, 0, 3))
        .rejects(() -> Tensor.zeros(3).tril(0), "tril: [3] is no matrix")
        .rejects(() -> Tensor.zeros().triu(0), "triu: [] is no matrix")
        .build();
  }
}
