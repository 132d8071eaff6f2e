package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = Σ a ⊙ b / (max(‖a‖, eps) · max(‖b‖, eps)) along an axis: the cosine of the angle between two
 * vectors. A composition.
 */
public final class CosineSimilarity {
  private CosineSimilarity() {}

  /**
   * The cosines, from −1 to 1.
   *
   * @param a of one shape with b, or broadcast to it
   * @param axis along which the vectors lie; it is dropped
   * @param eps least length that a vector is taken to have; PyTorch's default is 1e-8
   */
  public static Tensor of(Tensor a, Tensor b, int axis, double eps) {
    Require.floating("cosine_similarity", a.meta());
    return unit(a, axis, eps).mul(unit(b, axis, eps)).sum(axis);
  }

  private static Tensor unit(Tensor x, int axis, double eps) {
    Tensor wide = Standardise.wide(x);
    // The maximum is taken of the squares: a root has no finite slope at 0.
    Tensor square = wide.pow(2).sumKeepDims(axis).clamp(eps * eps, Double.POSITIVE_INFINITY);
    return wide.mul(Rsqrt.of(square)).to(x.dtype());
  }

  static OpSpec spec() {
    return OpSpec.composition("cosine_similarity")
        .formula("y = Σ a ⊙ b / (‖a‖·‖b‖) along the axis")
        .gradient("da = dy ⊙ (b / ‖b‖ − y ⊙ a / ‖a‖) / ‖a‖")
        .example("rows", t -> of(t[0], t[1], 1, 1e-8), Draw.normal(3, 4), Draw.normal(3, 4))
        .example("columns", t -> of(t[0], t[1], 0, 1e-8), Draw.normal(128, 2), Draw.normal(128, 2))
        .example("pairs", t -> of(t[0], t[1], -1, 1e-8), Draw.normal(3, 1, 4), Draw.normal(1, 2, 4))
        .rejects(
            () -> of(Tensor.zeros(2, 3), Tensor.zeros(2, 3), 2, 1e-8),
            "sum: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(
            () -> of(Tensor.of(1L), Tensor.of(1L), 0, 1e-8),
            "cosine_similarity: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
