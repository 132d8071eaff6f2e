package org.adjoint.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Attention;
import org.adjoint.op.Pieces;
import org.jspecify.annotations.Nullable;

/**
 * Several attentions side by side, each in a part of its own of the embedding (Vaswani et al.,
 * Attention is all you need, 2017, section 3.2.2). With E the size of an embedding and h heads,
 *
 * <pre>
 *   q, k, v = query·W_qᵀ + b_q, key·W_kᵀ + b_k, value·W_vᵀ + b_v, each cut into h heads
 *   y = (attention(q₁, k₁, v₁), … attention(q_h, k_h, v_h))·W_oᵀ + b_o
 * </pre>
 *
 * <p>Parameters as PyTorch's: {@code in_proj_weight} [3E, E], the rows of q, k and v in this order;
 * {@code in_proj_bias} [3E]; {@code out_proj.weight} [E, E]; {@code out_proj.bias} [E]. They begin
 * as there: the first uniformly on ±√(6 / 4E) (Glorot and Bengio, 2010), the third on ±1/√E, the
 * biases at 0. The batch comes first.
 */
public final class MultiheadAttention implements Layer {
  private final Tensor inWeight;
  private final Tensor inBias;
  private final Tensor outWeight;
  private final Tensor outBias;
  private final int heads;

  /**
   * What comes out.
   *
   * @param outputs [.., T, E]
   * @param weights how much each query attends to each key, for each head: [.., h, T, S]
   */
  public record Result(Tensor outputs, Tensor weights) {}

  /** Attention by {@code heads}, which must divide the size of an embedding. */
  public MultiheadAttention(long embedding, int heads, Philox random) {
    if (embedding < 1 || heads < 1 || embedding % heads != 0) {
      throw new IllegalArgumentException(
          "attention: " + heads + " heads do not divide an embedding of size " + embedding);
    }
    this.heads = heads;
    inWeight = uniform(random, Math.sqrt(6.0 / (4 * embedding)), 3 * embedding, embedding);
    inBias = Tensor.zeros(3 * embedding).requireGrad();
    outWeight = uniform(random, 1 / Math.sqrt((double) embedding), embedding, embedding);
    outBias = Tensor.zeros(embedding).requireGrad();
  }

  private static Tensor uniform(Philox random, double bound, long... sizes) {
    return Tensor.uniform(random, -bound, bound, sizes).requireGrad();
  }

  @Override
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put("in_proj_weight", inWeight);
    all.put("in_proj_bias", inBias);
    all.put("out_proj.weight", outWeight);
    all.put("out_proj.bias", outBias);
    return all;
  }

  /** Self-attention: of all elements of sequences [.., T, E] to all. */
  @Override
  public Tensor forward(Tensor x) {
    return attend(x, x, x, null).outputs();
  }

  /**
   * Attention of queries to keys and their values.
   *
   * @param query [.., T, E]
   * @param key [.., S, E]
   * @param value [.., S, E]
   * @param mask broadcasts to [.., T, S], the same for all heads: BOOL, true where a query may see
   *     a key (mind that PyTorch's layer, unlike its function, means the opposite), or floating,
   *     added to the scores; null to see everything
   */
  public Result attend(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
    long size = outWeight.size(0);
    for (Tensor x : List.of(query, key, value)) {
      if (x.rank() < 2 || x.size(-1) != size) {
        throw new IllegalArgumentException(
            "attention: " + x.shape() + " must be [.., T, " + size + "]");
      }
    }
    Tensor[] w = Pieces.equal(inWeight, 0, 3);
    Tensor[] b = Pieces.equal(inBias, 0, 3);
    Tensor q = split(query.matmul(w[0].t()).add(b[0]));
    Tensor k = split(key.matmul(w[1].t()).add(b[1]));
    Tensor v = split(value.matmul(w[2].t()).add(b[2]));
    Tensor forHeads = mask == null || mask.rank() < 3 ? mask : mask.unsqueeze(-3);
    Tensor weights = Attention.weights(q, k, forHeads, Attention.scale(q));
    Tensor joined = weights.matmul(v).transpose(-3, -2);
    Shape shape = joined.shape().slice(0, joined.rank() - 1).with(-1, size);
    Tensor y = joined.reshape(shape.toArray()).matmul(outWeight.t()).add(outBias);
    return new Result(y, weights);
  }

  /** From [.., T, E] to [.., h, T, E / h]. */
  private Tensor split(Tensor x) {
    Shape shape = x.shape().with(-1, heads);
    return x.reshape(shape.insert(shape.rank(), x.size(-1) / heads).toArray()).transpose(-3, -2);
  }

  @Override
  public String toString() {
    return "MultiheadAttention(" + outWeight.size(0) + ", " + heads + ")";
  }
}
