package org.adjoint.op;

import java.util.List;
import org.adjoint.Tensor;

/**
 * One step of a gated recurrent unit (Cho et al., Learning phrase representations using RNN
 * encoder-decoder, 2014), in the form of PyTorch and cuDNN, where the reset gate acts on the
 * product and its bias. A composition.
 *
 * <pre>
 *   a_r, a_z, a_n = x·W_ihᵀ + b_ih and b_r, b_z, b_n = h·W_hhᵀ + b_hh, each cut into three
 *   r = σ(a_r + b_r)
 *   z = σ(a_z + b_z)
 *   n = tanh(a_n + r ⊙ b_n)
 *   h′ = (1 − z) ⊙ n + z ⊙ h
 * </pre>
 */
public record GruCell() implements RecurrentCell {
  /**
   * The next state, [B, H].
   *
   * @param x [B, I]
   * @param h [B, H]
   * @param weightIh [3H, I], the rows of r, z and n, in this order
   * @param weightHh [3H, H]
   * @param biasIh [3H]
   * @param biasHh [3H]
   */
  public static Tensor of(
      Tensor x, Tensor h, Tensor weightIh, Tensor weightHh, Tensor biasIh, Tensor biasHh) {
    Weights weights = new Weights(weightIh, weightHh, biasIh, biasHh);
    return new GruCell().apply(x, weights, h).get(0);
  }

  @Override
  public String name() {
    return "gru_cell";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public int states() {
    return 1;
  }

  @Override
  public List<Tensor> step(Tensor input, List<Tensor> state, Weights weights) {
    Tensor h = state.get(0);
    Tensor[] a = Pieces.equal(input, 1, 3);
    Tensor[] b = Pieces.equal(weights.ofState(h), 1, 3);
    Tensor reset = a[0].add(b[0]).sigmoid();
    Tensor keep = a[1].add(b[1]).sigmoid();
    Tensor candidate = a[2].add(reset.mul(b[2])).tanh();
    return List.of(keep.neg().add(1).mul(candidate).add(keep.mul(h)));
  }

  private static Tensor next(Tensor... t) {
    return of(t[0], t[1], t[2], t[3], t[4], t[5]);
  }

  private static Draw[] draws(long batch, long in, long hidden) {
    return new Draw[] {
      Draw.normal(batch, in),
      Draw.normal(batch, hidden),
      Draw.normal(3 * hidden, in),
      Draw.normal(3 * hidden, hidden),
      Draw.normal(3 * hidden),
      Draw.normal(3 * hidden)
    };
  }

  static OpSpec spec() {
    return OpSpec.composition("gru_cell")
        .formula("h′ = (1 − z) ⊙ n + z ⊙ h, n = tanh(a_n + r ⊙ b_n), r and z sigmoids")
        .gradient("dn = dh′ ⊙ (1 − z), dz = dh′ ⊙ (h − n), dh = dh′ ⊙ z, and through the gates")
        .example("step", GruCell::next, draws(2, 3, 2))
        .example("step", GruCell::next, draws(1, 1, 1))
        .example("step", GruCell::next, draws(2, 129, 1))
        .example("step", GruCell::next, draws(0, 2, 3))
        .rejects(
            () ->
                of(
                    Tensor.zeros(2, 3),
                    Tensor.zeros(3, 4),
                    Tensor.zeros(12, 3),
                    Tensor.zeros(12, 4),
                    Tensor.zeros(12),
                    Tensor.zeros(12)),
            "gru_cell: x [2, 3] and a state [3, 4]; they must be [B, 3] and [B, 4]")
        .build();
  }
}
