package org.adjoint.op;

import java.util.List;
import org.adjoint.Tensor;

/**
 * One step of an LSTM (Hochreiter and Schmidhuber, Long short-term memory, 1997; with the forget
 * gates of Gers, Schmidhuber and Cummins, Learning to forget, 2000). A composition.
 *
 * <pre>
 *   i, f, g, o = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh, cut into four
 *   c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g)
 *   h′ = σ(o) ⊙ tanh(c′)
 * </pre>
 */
public record LstmCell() implements RecurrentCell {
  /** What is put out, h, and what is remembered, c; both [B, H]. */
  public record State(Tensor h, Tensor c) {}

  /**
   * The next state.
   *
   * @param x [B, I]
   * @param h [B, H]
   * @param c [B, H]
   * @param weightIh [4H, I], the rows of i, f, g and o, in this order
   * @param weightHh [4H, H]
   * @param biasIh [4H]
   * @param biasHh [4H]
   */
  public static State of(
      Tensor x,
      Tensor h,
      Tensor c,
      Tensor weightIh,
      Tensor weightHh,
      Tensor biasIh,
      Tensor biasHh) {
    Weights weights = new Weights(weightIh, weightHh, biasIh, biasHh);
    List<Tensor> next = new LstmCell().apply(x, weights, h, c);
    return new State(next.get(0), next.get(1));
  }

  @Override
  public String name() {
    return "lstm_cell";
  }

  @Override
  public int gates() {
    return 4;
  }

  @Override
  public int states() {
    return 2;
  }

  @Override
  public List<Tensor> step(Tensor input, List<Tensor> state, Weights weights) {
    Tensor[] gates = Pieces.equal(input.add(weights.ofState(state.get(0))), 1, 4);
    Tensor in = gates[0].sigmoid();
    Tensor forget = gates[1].sigmoid();
    Tensor out = gates[3].sigmoid();
    Tensor c = forget.mul(state.get(1)).add(in.mul(gates[2].tanh()));
    return List.of(out.mul(c.tanh()), c);
  }

  private static Tensor both(Tensor... t) {
    State next = of(t[0], t[1], t[2], t[3], t[4], t[5], t[6]);
    return Concat.of(1, next.h, next.c);
  }

  private static Draw[] draws(long batch, long in, long hidden) {
    return new Draw[] {
      Draw.normal(batch, in),
      Draw.normal(batch, hidden),
      Draw.normal(batch, hidden),
      Draw.normal(4 * hidden, in),
      Draw.normal(4 * hidden, hidden),
      Draw.normal(4 * hidden),
      Draw.normal(4 * hidden)
    };
  }

  static OpSpec spec() {
    return OpSpec.composition("lstm_cell")
        .formula("c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g), h′ = σ(o) ⊙ tanh(c′)")
        .gradient(
            "dc += dh′ ⊙ σ(o) ⊙ (1 − tanh²(c′)) on its way to i, f, g and c; do = dh′ ⊙ tanh(c′) ⊙"
                + " σ′(o); all gates on to x, h and the weights")
        .example("step", LstmCell::both, draws(2, 3, 2))
        .example("step", LstmCell::both, draws(1, 1, 1))
        .example("step", LstmCell::both, draws(2, 129, 1))
        .example("step", LstmCell::both, draws(0, 2, 3))
        .rejects(
            () ->
                both(
                    Tensor.zeros(2, 3),
                    Tensor.zeros(2, 5),
                    Tensor.zeros(2, 4),
                    Tensor.zeros(16, 3),
                    Tensor.zeros(16, 4),
                    Tensor.zeros(16),
                    Tensor.zeros(16)),
            "lstm_cell: x [2, 3] and a state [2, 5]; they must be [B, 3] and [B, 4]")
        .rejects(
            () ->
                both(
                    Tensor.zeros(2, 3),
                    Tensor.zeros(2, 4),
                    Tensor.zeros(2, 4),
                    Tensor.zeros(12, 3),
                    Tensor.zeros(12, 4),
                    Tensor.zeros(12),
                    Tensor.zeros(12)),
            "lstm_cell: weights [12, 3] and [12, 4], biases [12] and [12]; they must be [R, I],"
                + " [R, H] and [R], R = 4 H")
        .rejects(
            () ->
                both(
                    Tensor.zeros(2, 5),
                    Tensor.zeros(2, 4),
                    Tensor.zeros(2, 4),
                    Tensor.zeros(16, 3),
                    Tensor.zeros(16, 4),
                    Tensor.zeros(16),
                    Tensor.zeros(16)),
            "lstm_cell: the last size of x [2, 5] must be 3")
        .build();
  }
}
