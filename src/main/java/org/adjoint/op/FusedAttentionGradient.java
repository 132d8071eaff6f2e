package org.adjoint.op;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
 * dq, dk and dv of q, k, v, y, l, dy and, if there is one, the mask of a {@link FusedAttention}.
 * Gradient: that of the same by tensor calls.
 */
record FusedAttentionGradient(FusedAttention of) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Meta[] first = Arrays.copyOf(in, of.masked() ? 4 : 3);
    if (of.masked()) {
      first[3] = in[in.length - 1];
    }
    Meta[] result = of.infer(this, first);
    Require.sameDevice(this, in);
    Require.sameDtype(this, in[0], in[3], in[5]);
    Require.floating(this, in[4]);
    Shape y = result[0].shape();
    Shape l = result[1].shape();
    if (!in[3].shape().equals(y) || !in[4].shape().equals(l) || !in[5].shape().equals(y)) {
      throw new IllegalArgumentException(
          "%s: y %s, l %s and dy %s; they must be %s, %s and %s"
              .formatted(name(), in[3].shape(), in[4].shape(), in[5].shape(), y, l, y));
    }
    return Arrays.copyOf(in, 3);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int queries = in[0].size(-2);
    int keys = in[1].size(-2);
    for (int r = 0; r < in[4].count(); r++) {
      double delta = FusedAttention.dot(in[5], r, in[3], r);
      for (int s = 0; s < keys; s++) {
        if (of.sees(in, r / queries, r % queries, s)) {
          int key = r / queries * keys + s;
          double score = of.scale() * FusedAttention.dot(in[0], r, in[1], key);
          double p = StrictMath.exp(score - in[4].data()[r]);
          double ds = of.scale() * p * (FusedAttention.dot(in[5], r, in[2], key) - delta);
          FusedAttention.add(ds, in[1], key, out[0], r);
          FusedAttention.add(ds, in[0], r, out[1], key);
          FusedAttention.add(p, in[5], r, out[2], key);
        }
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return new AttentionVariants(of.scale(), of.causal(), of.masked()).backward();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 2.5 * of.flop(in, out);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(IntStream.range(0, of.masked() ? 7 : 6).toArray());
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... g) {
    Tensor[] in = new Tensor[6];
    Arrays.setAll(in, saved::input);
    Tensor mask = of.masked() ? saved.input(6) : null;
    return Arrays.copyOf(Grad.vjp(t -> composed(mask, t), in, g), of.masked() ? 7 : 6);
  }

  /** The same by tensor calls. */
  private Tensor[] composed(@Nullable Tensor mask, Tensor... t) {
    Tensor score = t[0].matmul(t[1].t()).mul(of.scale()).sub(t[4].to(t[0].dtype()).unsqueeze(-1));
    Tensor seen = of.seen(t[0], t[1], mask);
    if (seen != null) {
      score = MaskedFill.of(score, new Not().apply(seen), Double.NEGATIVE_INFINITY);
    }
    Tensor p = score.exp();
    Tensor delta = t[5].mul(t[3]).sum(-1).unsqueeze(-1);
    Tensor ds = p.mul(t[5].matmul(t[2].t()).sub(delta)).mul(of.scale());
    return new Tensor[] {ds.matmul(t[1]), ds.t().matmul(t[0]), p.t().matmul(t[5])};
  }

  static OpSpec spec() {
    FusedAttention all = new FusedAttention(0.7, false, false);
    FusedAttention causal = new FusedAttention(1, true, false);
    FusedAttention masked = new FusedAttention(0.5, false, true);
    return OpSpec.of(new FusedAttentionGradient(all))
        .formula("ds = s·p ⊙ (dy·vᵀ − δ), δ = Σ dy ⊙ y, p = exp(s·q·kᵀ − l); dq = ds·k, …")
        .gradient("that of the same by tensor calls")
        .ulpsOfLargest(32)
        .gpuSums(in -> in[0].shape().size(-1))
        .example(new FusedAttentionGradient(all), draws(3, 4, 2, 5))
        .example(new FusedAttentionGradient(all), draws(0, 4, 2, 5))
        .example(new FusedAttentionGradient(causal), draws(4, 4, 3, 3))
        .example(new FusedAttentionGradient(causal), draws(1, 1, 1, 1))
        .example(new FusedAttentionGradient(masked), and(draws(3, 5, 2, 1), Draw.mask(3, 5)))
        .large(
            new FusedAttentionGradient(new FusedAttention(0.02, false, true)),
            and(draws(5, 7, 40, 35, 2, 3), Draw.mask(2, 3, 5, 7)))
        .rejects(
            () ->
                new FusedAttentionGradient(all)
                    .apply(
                        Tensor.zeros(2, 3),
                        Tensor.zeros(4, 3),
                        Tensor.zeros(4, 1),
                        Tensor.zeros(2, 1),
                        Tensor.zeros(3),
                        Tensor.zeros(2, 1)),
            "fused_attention_gradient: y [2, 1], l [3] and dy [2, 1]; they must be [2, 1], [2]"
                + " and [2, 1]")
        .build();
  }

  private static Draw[] draws(long queries, long keys, long head, long width, long... batch) {
    return new Draw[] {
      normal(batch, queries, head),
      normal(batch, keys, head),
      normal(batch, keys, width),
      normal(batch, queries, width),
      normal(batch, queries),
      normal(batch, queries, width)
    };
  }

  private static Draw normal(long[] batch, long... sizes) {
    return Draw.normal(LongStream.concat(Arrays.stream(batch), Arrays.stream(sizes)).toArray());
  }

  private static Draw[] and(Draw[] draws, Draw last) {
    Draw[] all = Arrays.copyOf(draws, draws.length + 1);
    all[draws.length] = last;
    return all;
  }
}
