package org.adjoint.io.onnx;

import java.util.stream.LongStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Embedding;
import org.adjoint.op.Scatter;
import org.jspecify.annotations.Nullable;

/**
 * Attention, and what stands around it in a transformer. Where releases of the standard gave one
 * version of an operator different meanings, it is refused.
 */
final class AttentionOps {
  private AttentionOps() {}

  static void register(Operators table) {
    String attributes =
        "is_causal kv_num_heads q_num_heads qk_matmul_output_mode scale softcap softmax_precision";
    table.many("Attention", 23, 6, attributes, AttentionOps::attention);
    table.many("Attention", 24, 7, attributes, AttentionOps::attention);
    table.one(
        "RotaryEmbedding", 23, 4, "interleaved num_heads rotary_embedding_dim", AttentionOps::turn);
    table.one("TensorScatter", 24, 3, "axis mode", AttentionOps::write);
  }

  /** Y = softmax(Q·Kᵀ scale + bias)·V, the keys and values with those of the past, and scores. */
  private static Tensor[] attention(Call c) {
    Tensor q = heads(c, 0, "q_num_heads");
    Tensor key = heads(c, 1, "kv_num_heads");
    Tensor value = heads(c, 2, "kv_num_heads");
    c.needs(c.has(4) == c.has(5), "past keys and past values go together");
    long past = c.has(4) ? c.in(4).size(2) : 0;
    key = c.has(4) ? Tensor.concat(2, c.in(4), key) : key;
    value = c.has(5) ? Tensor.concat(2, c.in(5), value) : value;
    Tensor bias = bias(c, q, key.size(2), past);
    double root = Math.sqrt(c.real("scale", 1 / Math.sqrt((double) q.size(3))));
    Tensor keys = repeated(c, key, q.size(1)).transpose(2, 3);
    Tensor product = q.mul(root).matmul(keys.mul(root));
    double cap = c.real("softcap", 0);
    c.supports(cap == 0 || bias == null, "softcap with a mask, whose order releases disagree on");
    Tensor capped = cap > 0 ? product.div(cap).tanh().mul(cap) : product;
    Tensor scores = bias == null ? capped : capped.add(bias);
    Tensor share = scores.to(precision(c, q.dtype())).softmax(-1);
    Tensor seen =
        switch (mode(c, cap, bias)) {
          case 3 -> share;
          case 2 -> capped;
          default -> product;
        };
    Tensor y = share.matmul(repeated(c, value, q.size(1)).to(share.dtype())).to(q.dtype());
    if (c.in(0).rank() == 3) {
      y = y.transpose(1, 2).flatten(2);
    }
    return new Tensor[] {y, key, value, seen.to(q.dtype())};
  }

  /** Input {@code i}, [batch, heads, length, size], also if it came as [batch, length, …]. */
  private static Tensor heads(Call c, int i, String name) {
    Tensor x = c.floating(i);
    if (x.rank() == 3) {
      long heads = c.integer(name, 0);
      c.needs(heads > 0 && x.size(2) % heads == 0, x.shape() + " for " + name + " = " + heads);
      return x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }
    c.needs(x.rank() == 4, "input " + i + " is " + x.shape() + "; it must have 3 or 4 axes");
    return x;
  }

  /** Each head of keys or values stands next to itself, once for each head that asks it. */
  private static Tensor repeated(Call c, Tensor x, long heads) {
    long own = x.size(1);
    if (own == heads) {
      return x;
    }
    c.needs(own > 0 && heads % own == 0, heads + " heads for " + x.shape());
    return x.unsqueeze(2)
        .expand(Shape.of(x.size(0), own, heads / own, x.size(2), x.size(3)))
        .reshape(x.size(0), heads, x.size(2), x.size(3));
  }

  /** What is added to the scores: 0, or −∞ for what is not to be seen; null if all is. */
  private static @Nullable Tensor bias(Call c, Tensor q, long keys, long past) {
    Tensor bias = null;
    if (c.has(3)) {
      bias = c.in(3).dtype() == DType.BOOL ? hidden(q, c.in(3).not()) : c.in(3);
      c.supports(bias.dtype() == q.dtype(), "a mask of " + bias.dtype() + " for " + q.dtype());
      long missing = keys - bias.size(-1);
      if (missing > 0) {
        Shape more = bias.shape().with(bias.rank() - 1, missing);
        Tensor none = Tensor.full(bias.meta().with(more), Double.NEGATIVE_INFINITY);
        bias = Tensor.concat(bias.rank() - 1, bias, none);
      }
    }
    if (c.flag("is_causal", false)) {
      bias =
          both(bias, hidden(q, counts(keys).gt(counts(q.size(2)).add((double) past).unsqueeze(1))));
    }
    if (c.has(6)) {
      Tensor lengths = c.in(6).to(DType.F64).reshape(q.size(0), 1, 1, 1);
      bias = both(bias, hidden(q, counts(keys).ge(lengths)));
    }
    return bias;
  }

  private static Tensor both(@Nullable Tensor a, Tensor b) {
    return a == null ? b : a.add(b);
  }

  private static Tensor hidden(Tensor like, Tensor where) {
    Tensor none = Tensor.zeros(like.meta().with(where.shape()));
    return none.maskedFill(where, Double.NEGATIVE_INFINITY);
  }

  private static Tensor counts(long n) {
    return Tensor.arange(Math.toIntExact(n)).to(DType.F64);
  }

  private static DType precision(Call c, DType otherwise) {
    return c.says("softmax_precision")
        ? ConstantOps.dtype(c, c.integer("softmax_precision", 1))
        : otherwise;
  }

  /** Which scores are put out; of some, releases disagree at which point they are taken. */
  private static int mode(Call c, double cap, @Nullable Tensor bias) {
    int mode = (int) c.integer("qk_matmul_output_mode", 0);
    boolean clear = mode == 3 || (cap == 0 ? mode == 0 || bias == null : mode == 2);
    c.supports(clear || !c.wants(3), "qk_matmul_output_mode = " + mode + " here");
    return mode;
  }

  /** Pairs of numbers turned by the angles of their places; RoFormer, Su et al., 2021. */
  private static Tensor turn(Call c) {
    Tensor given = c.floating(0);
    Tensor x = given;
    if (x.rank() == 3) {
      long heads = c.integer("num_heads", 0);
      c.needs(heads > 0 && x.size(2) % heads == 0, x.shape() + " for " + heads + " heads");
      x = x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads);
    } else {
      c.needs(x.rank() == 4, "an input of " + x.shape());
      x = x.transpose(1, 2);
    }
    long told = c.integer("rotary_embedding_dim", 0);
    long turned = told == 0 ? x.size(3) : told;
    c.needs(turned % 2 == 0 && turned <= x.size(3), "turning " + turned + " of " + x.shape());
    Tensor cos = angles(c, 1, turned / 2);
    Tensor sin = angles(c, 2, turned / 2);
    boolean apart = c.flag("interleaved", false);
    Tensor a = apart ? x.slice(3, 0, turned, 2) : x.slice(3, 0, turned / 2);
    Tensor b = apart ? x.slice(3, 1, turned, 2) : x.slice(3, turned / 2, turned);
    Tensor real = cos.mul(a).sub(sin.mul(b));
    Tensor imaginary = sin.mul(a).add(cos.mul(b));
    Tensor both =
        apart ? Tensor.stack(4, real, imaginary).flatten(3) : Tensor.concat(3, real, imaginary);
    Tensor y = Tensor.concat(3, both, x.slice(3, turned, x.size(3)));
    return given.rank() == 3 ? y.reshape(given.shape().toArray()) : y.transpose(1, 2);
  }

  /** [batch, length, 1, half], chosen by the places if input 3 tells them. */
  private static Tensor angles(Call c, int i, long half) {
    Tensor all = c.floating(i);
    Tensor chosen = c.has(3) ? Embedding.of(all, c.in(3)) : all;
    c.supports(
        chosen.rank() == 3 && chosen.size(2) == half, "angles of " + all.shape() + ", not " + half);
    return chosen.unsqueeze(2);
  }

  /** x with the update written from a place on, one for each batch; circular goes on at 0. */
  private static Tensor write(Call c) {
    Tensor x = c.in(0);
    Tensor update = c.in(1);
    int axis = c.axis(c.integer("axis", -2), x.rank());
    c.needs(axis > 0 && update.rank() == x.rank(), "axis " + axis + " of " + x.shape());
    String mode = c.text("mode", "linear");
    c.supports(mode.equals("linear") || mode.equals("circular"), "mode '" + mode + "'");
    long[] from = c.has(2) ? c.longs(2) : new long[(int) x.size(0)];
    int batch = from.length;
    c.needs(batch == x.size(0), batch + " places for " + x.shape());
    int n = Math.toIntExact(update.size(axis));
    long[] places =
        LongStream.range(0, (long) batch * n)
            .map(i -> from[(int) (i / n)] + i % n)
            .map(i -> mode.equals("circular") ? Math.floorMod(i, x.size(axis)) : i)
            .toArray();
    Shape lines = Shape.of(batch);
    for (int i = 1; i < x.rank(); i++) {
      lines = lines.insert(i, i == axis ? n : 1);
    }
    Tensor index = Tensor.of(lines, places).expand(update.shape());
    return Scatter.of(x, axis, index, update);
  }
}
