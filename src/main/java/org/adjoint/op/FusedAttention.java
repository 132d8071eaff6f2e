package org.adjoint.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.AttentionVariants;
import org.adjoint.backend.cuda.Variant;
import org.jspecify.annotations.Nullable;

/**
 * {@link Attention} as one operation, which keeps no scores: y_t = Σₛ p_ts·v_s with p_ts =
 * exp(scale · q_t·k_s − l_t) and l_t = ln Σₛ exp(scale · q_t·k_s), over the keys s that query t
 * sees. What is not seen has no part in a sum, even if it is NaN; a query that sees nothing gets 0.
 * Gradient: with δ_t = dy_t·y_t and ds_ts = scale · p_ts·(dy_t·v_s − δ_t), dq_t = Σₛ ds_ts·k_s,
 * dk_s = Σₜ ds_ts·q_t, dv_s = Σₜ p_ts·dy_t (Dao et al., FlashAttention, 2022, appendix B.2).
 *
 * <p>Inputs: q [.., T, D], k [.., S, D], v [.., S, E], with equal axes before, and a mask [.., T,
 * S] if {@code masked}. Outputs: y [.., T, E]; as workspace l [.., T].
 *
 * @param causal whether query t sees the keys up to t only
 * @param masked whether the mask says which keys it sees, beside that
 */
record FusedAttention(double scale, boolean causal, boolean masked) implements Op {
  /** Attention by this operation; the axes before the last two broadcast. */
  static Tensor of(Tensor q, Tensor k, Tensor v, boolean causal, double scale, Tensor... mask) {
    Shape batch =
        Shape.broadcast("attention", batch(q), Shape.broadcast("attention", batch(k), batch(v)));
    List<Tensor> in =
        new ArrayList<>(List.of(expand(q, batch), expand(k, batch), expand(v, batch)));
    for (Tensor one : mask) {
      in.add(one.expand(batch.concat(Shape.of(q.size(-2), k.size(-2)))));
    }
    return new FusedAttention(scale, causal, mask.length > 0).apply(in.toArray(Tensor[]::new));
  }

  private static Shape batch(Tensor x) {
    return x.shape().slice(0, x.rank() - 2);
  }

  private static Tensor expand(Tensor x, Shape batch) {
    return x.expand(batch.concat(x.shape().slice(x.rank() - 2, x.rank())));
  }

  @Override
  public Meta[] infer(Meta... in) {
    return infer(this, in);
  }

  Meta[] infer(Op op, Meta... in) {
    Require.sameDtype(op, Arrays.copyOf(in, 3));
    Require.sameDevice(op, in);
    Require.floating(op, in[0]);
    Shape q = in[0].shape();
    int rank = q.rank();
    boolean fit = rank >= 2 && in[1].rank() == rank && in[2].rank() == rank;
    if (fit) {
      Shape before = q.slice(0, rank - 2);
      Shape keys = before.concat(Shape.of(in[1].size(-2), q.size(-1)));
      fit =
          in[1].shape().equals(keys)
              && in[2].shape().equals(keys.with(-1, in[2].size(-1)))
              && (!masked || in[in.length - 1].shape().equals(q.with(-1, in[1].size(-2))));
    }
    if (!fit) {
      throw new IllegalArgumentException(
          op.name()
              + ": "
              + Arrays.stream(in).map(Meta::shape).toList()
              + "; they must be [.., T, D], [.., S, D], [.., S, E]"
              + (masked ? " and [.., T, S]" : ""));
    }
    if (masked) {
      Require.mask(op, in[in.length - 1]);
    }
    DType exact = in[0].dtype() == DType.F64 ? DType.F64 : DType.F32;
    return new Meta[] {
      in[0].with(q.with(-1, in[2].size(-1))), in[0].with(q.slice(0, rank - 1)).with(exact)
    };
  }

  @Override
  public int workspace() {
    return 1;
  }

  boolean sees(Dense[] in, int batch, int t, int s) {
    int queries = in[0].size(-2);
    int keys = in[1].size(-2);
    return (!causal || s <= t)
        && (!masked || in[in.length - 1].data()[(batch * queries + t) * keys + s] != 0);
  }

  static double dot(Dense a, int rowOfA, Dense b, int rowOfB) {
    int n = a.size(-1);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a.data()[rowOfA * n + i] * b.data()[rowOfB * n + i];
    }
    return sum;
  }

  /** y += factor · x, of rows. */
  static void add(double factor, Dense x, int rowOfX, Dense y, int rowOfY) {
    int n = x.size(-1);
    for (int i = 0; i < n; i++) {
      y.data()[rowOfY * n + i] += factor * x.data()[rowOfX * n + i];
    }
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int queries = in[0].size(-2);
    int keys = in[1].size(-2);
    for (int r = 0; r < out[1].count(); r++) {
      int b = r / queries;
      int t = r % queries;
      int[] seen = IntStream.range(0, keys).filter(s -> sees(in, b, t, s)).toArray();
      double[] score = new double[seen.length];
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < seen.length; i++) {
        score[i] = scale * dot(in[0], r, in[1], b * keys + seen[i]);
        max = Math.max(max, score[i]);
      }
      double sum = 0;
      for (double x : score) {
        sum += StrictMath.exp(x - max);
      }
      for (int i = 0; i < seen.length; i++) {
        add(StrictMath.exp(score[i] - max) / sum, in[2], b * keys + seen[i], out[0], r);
      }
      out[1].data()[r] = max + StrictMath.log(sum);
    }
  }

  @Override
  public List<Variant> cuda() {
    return new AttentionVariants(scale, causal, masked).forward();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 2.0 * in[0].size(-2) * (in[1].shape().count() + in[2].shape().count());
  }

  @Override
  public Keep keep() {
    return Keep.inputs(IntStream.range(0, masked ? 4 : 3).toArray()).andOutputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor[] in = {saved.input(0), saved.input(1), saved.input(2)};
    Tensor[] d;
    if (Grad.isOn()) { // then who differentiates again gets the composition's gradient
      Tensor mask = masked ? saved.input(3) : null;
      d = Grad.vjp(t -> new Tensor[] {composed(t[0], t[1], t[2], mask)}, in, dy[0]);
    } else {
      List<Tensor> all = new ArrayList<>(List.of(in));
      all.addAll(List.of(saved.output(0), saved.output(1), dy[0]));
      if (masked) {
        all.add(saved.input(3));
      }
      d = Tensor.apply(new FusedAttentionGradient(this), all.toArray(Tensor[]::new));
    }
    return Arrays.copyOf(d, masked ? 4 : 3);
  }

  /** What a query sees, broadcasting to [.., T, S]; null if that is all. */
  @Nullable Tensor seen(Tensor q, Tensor k, @Nullable Tensor mask) {
    if (!causal) {
      return mask;
    }
    Tensor before = Attention.causalMask(q.size(-2), k.size(-2)).to(q.device());
    return mask == null ? before : And.of(before, mask);
  }

  private Tensor composed(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
    return Attention.composed(q, k, v, seen(q, k, mask), scale);
  }

  static OpSpec spec() {
    return OpSpec.of(new FusedAttention(1, false, false))
        .formula("y = softmax(scale · q·kᵀ)·v, over the keys that are seen")
        .gradient("dv = pᵀ·dy, dq = ds·k, dk = dsᵀ·q, by fused_attention_gradient")
        .ulpsOfLargest(16)
        .example(
            new FusedAttention(0.7, false, false),
            Draw.normal(2, 3, 2),
            Draw.normal(2, 4, 2),
            Draw.normal(2, 4, 5))
        .example(
            new FusedAttention(0.1, true, false),
            Draw.normal(3, 129),
            Draw.normal(3, 129),
            Draw.normal(3, 2))
        .example(
            new FusedAttention(0.5, false, true),
            Draw.normal(2, 3, 1),
            Draw.normal(2, 5, 1),
            Draw.normal(2, 5, 2),
            Draw.mask(2, 3, 5))
        .example(
            new FusedAttention(0.5, true, true),
            Draw.normal(3, 2),
            Draw.normal(4, 2),
            Draw.normal(4, 1),
            Draw.mask(3, 4))
        .example(
            new FusedAttention(1, false, false),
            Draw.normal(2, 3),
            Draw.normal(0, 3),
            Draw.normal(0, 4))
        .large(
            new FusedAttention(0.5, true, true),
            Draw.normal(2, 3, 5, 40),
            Draw.normal(2, 3, 7, 40),
            Draw.normal(2, 3, 7, 35),
            Draw.mask(2, 3, 5, 7))
        .rejects(
            () ->
                new FusedAttention(1, false, false)
                    .apply(Tensor.zeros(2, 3), Tensor.zeros(4, 2), Tensor.zeros(4, 2)),
            "fused_attention: [[2, 3], [4, 2], [4, 2]]; they must be [.., T, D], [.., S, D], [..,"
                + " S, E]")
        .build();
  }
}
