package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = softmax(scale · q·kᵀ + mask)·v, scaled dot-product attention (Vaswani et al., Attention is
 * all you need, 2017, equation 1). A composition.
 *
 * <p>Queries q [.., T, D], keys k [.., S, D] and values v [.., S, E] give y [.., T, E]; the axes
 * before broadcast, and may hold batches and heads.
 *
 * <p>A mask broadcasts to [.., T, S]. If it is BOOL, query t sees key s where it is true; a query
 * that sees nothing gets zeros. If it is floating, it is added to the scaled scores; −∞ hides, and
 * a query with nothing but −∞ gets NaN.
 */
public final class Attention {
  private Attention() {}

  /** Attention of all queries to all keys, scaled by 1/√D. */
  public static Tensor of(Tensor q, Tensor k, Tensor v) {
    return of(q, k, v, null);
  }

  /** Attention within a mask, scaled by 1/√D. */
  public static Tensor of(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
    requireScores(q, k);
    return of(q, k, v, mask, scale(q));
  }

  /** Attention with a scale of its own; {@code mask} may be null: everything is seen. */
  public static Tensor of(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
    requireValues(k, v);
    return composed(q, k, v, mask, scale);
  }

  static Tensor composed(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
    return weights(q, k, mask, scale).matmul(v);
  }

  /**
   * As {@link #of(Tensor, Tensor, Tensor, Tensor)}, by one operation that never has the scores in
   * memory: quicker on a GPU, slower on a CPU. What a query does not see has no part in its result
   * here, even if it is NaN.
   *
   * @param mask BOOL, or null: everything is seen
   * @param causal whether keys after one's own position are hidden, too
   */
  public static Tensor fused(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
    requireScores(q, k);
    requireValues(k, v);
    return mask == null
        ? FusedAttention.of(q, k, v, causal, scale(q))
        : FusedAttention.of(q, k, v, causal, scale(q), mask);
  }

  /** Attention to the keys up to one's own position, scaled by 1/√D. */
  public static Tensor causal(Tensor q, Tensor k, Tensor v) {
    requireScores(q, k);
    return of(q, k, v, causalMask(q.size(-2), k.size(-2)).to(q.device()));
  }

  /**
   * How much each query attends to each key: softmax(scale · q·kᵀ + mask), [.., T, S], whose rows
   * sum to 1.
   */
  public static Tensor weights(Tensor q, Tensor k, @Nullable Tensor mask, double scale) {
    requireScores(q, k);
    Tensor scores = q.mul(scale).matmul(k.t());
    if (mask == null) {
      return scores.softmax(-1);
    }
    if (mask.dtype().isFloating()) {
      return scores.add(mask).softmax(-1);
    }
    Shape common = Shape.broadcast("attention", scores.shape(), mask.shape());
    return MaskedSoftmax.of(scores.expand(common), mask, -1);
  }

  private static void requireValues(Tensor k, Tensor v) {
    if (k.rank() < 2 || v.rank() < 2 || k.size(-2) != v.size(-2)) {
      throw new IllegalArgumentException(
          "attention: keys "
              + k.shape()
              + " and values "
              + v.shape()
              + "; they must be [.., S, D] and [.., S, E]");
    }
  }

  private static void requireScores(Tensor q, Tensor k) {
    if (q.rank() < 2 || k.rank() < 2 || q.size(-1) != k.size(-1)) {
      throw new IllegalArgumentException(
          "attention: queries "
              + q.shape()
              + " and keys "
              + k.shape()
              + "; they must be [.., T, D] and [.., S, D]");
    }
  }

  /** 1/√D, which keeps the variance of a score at 1 where queries and keys have variance 1. */
  public static double scale(Tensor q) {
    return 1 / StrictMath.sqrt((double) q.size(-1));
  }

  /** BOOL [queries, keys], true where the key's position is at most the query's. */
  public static Tensor causalMask(long queries, long keys) {
    boolean[] seen = new boolean[Math.toIntExact(queries * keys)];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = i % keys <= i / keys;
    }
    return Tensor.of(Shape.of(queries, keys), seen);
  }

  /**
   * BOOL [B, 1, keys], true at the first {@code lengths[b]} keys of sequence b: hides padding from
   * queries [B, T, D]. With an axis of heads before T, it takes another {@code unsqueeze(1)}.
   */
  public static Tensor paddingMask(int[] lengths, int keys) {
    boolean[] seen = new boolean[lengths.length * keys];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = i % keys < lengths[i / keys];
    }
    return Tensor.of(Shape.of(lengths.length, 1, keys), seen);
  }

  static OpSpec spec() {
    return OpSpec.composition("attention")
        .formula("y = softmax(q·kᵀ / √D + mask)·v")
        .gradient(
            "dv = pᵀ·dy, dx = p ⊙ (dp − Σ dp ⊙ p), dq = dx·k / √D, dk = dxᵀ·q / √D, with p the"
                + " softmax and dp = dy·vᵀ")
        .example(
            "all",
            t -> of(t[0], t[1], t[2]),
            Draw.normal(3, 2),
            Draw.normal(4, 2),
            Draw.normal(4, 5))
        .example(
            "causal",
            t -> causal(t[0], t[1], t[2]),
            Draw.normal(2, 3, 4),
            Draw.normal(2, 3, 4),
            Draw.normal(2, 3, 4))
        .example(
            "boolean mask, one for all heads",
            t -> of(t[0], t[1], t[2], t[3]),
            Draw.normal(2, 2, 3, 1),
            Draw.normal(2, 1, 5, 1),
            Draw.normal(2, 2, 5, 2),
            Draw.mask(2, 1, 3, 5))
        .example(
            "additive mask",
            t -> of(t[0], t[1], t[2], t[3], 0.3),
            Draw.normal(3, 129),
            Draw.normal(2, 129),
            Draw.normal(2, 3),
            Draw.normal(3, 2))
        .example(
            "one position",
            t -> causal(t[0], t[1], t[2]),
            Draw.normal(1, 1),
            Draw.normal(1, 1),
            Draw.normal(1, 1))
        .example(
            "fused, one for all heads",
            t -> fused(t[0], t[1], t[2], t[3], true),
            Draw.normal(2, 2, 3, 1),
            Draw.normal(2, 1, 5, 1),
            Draw.normal(2, 2, 5, 2),
            Draw.mask(2, 1, 3, 5))
        .example(
            "no keys",
            t -> of(t[0], t[1], t[2]),
            Draw.normal(2, 3),
            Draw.normal(0, 3),
            Draw.normal(0, 4))
        .rejects(
            () -> of(Tensor.zeros(3, 2), Tensor.zeros(4, 5), Tensor.zeros(4, 5)),
            "attention: queries [3, 2] and keys [4, 5]; they must be [.., T, D] and [.., S, D]")
        .rejects(
            () -> of(Tensor.zeros(3, 2), Tensor.zeros(4, 2), Tensor.zeros(3, 2)),
            "attention: keys [4, 2] and values [3, 2]; they must be [.., S, D] and [.., S, E]")
        .rejects(
            () -> causal(Tensor.zeros(2), Tensor.zeros(2), Tensor.zeros(2)),
            "attention: queries [2] and keys [2]; they must be [.., T, D] and [.., S, D]")
        .rejects(
            () ->
                of(Tensor.zeros(3, 2), Tensor.zeros(4, 2), Tensor.zeros(4, 2), Tensor.zeros(4, 3)),
            "add: [3, 4] and [4, 3] do not broadcast: sizes 4 and 3 at axis -1 differ and neither"
                + " is 1")
        .build();
  }
}
