package org.adjoint.op;

import java.util.List;
import org.adjoint.Tensor;

/**
 * One step of a plain recurrent network (Elman, Finding structure in time, 1990): h′ = tanh(x·W_ihᵀ
 * + b_ih + h·W_hhᵀ + b_hh), or with max(·, 0) in the place of tanh. A composition.
 */
public record RnnCell(boolean relu) implements RecurrentCell {
  /**
   * The next state by tanh, [B, H].
   *
   * @param x [B, I]
   * @param h [B, H]
   * @param weightIh [H, I]
   * @param weightHh [H, H]
   * @param biasIh [H]
   * @param biasHh [H]
   */
  public static Tensor of(
      Tensor x, Tensor h, Tensor weightIh, Tensor weightHh, Tensor biasIh, Tensor biasHh) {
    Weights weights = new Weights(weightIh, weightHh, biasIh, biasHh);
    return new RnnCell(false).apply(x, weights, h).get(0);
  }

  @Override
  public String name() {
    return "rnn_cell";
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public int states() {
    return 1;
  }

  @Override
  public List<Tensor> step(Tensor input, List<Tensor> state, Weights weights) {
    Tensor sum = input.add(weights.ofState(state.get(0)));
    return List.of(relu ? sum.relu() : sum.tanh());
  }

  private static Tensor tanh(Tensor... t) {
    return of(t[0], t[1], t[2], t[3], t[4], t[5]);
  }

  private static Tensor relu(Tensor... t) {
    return new RnnCell(true).apply(t[0], new Weights(t[2], t[3], t[4], t[5]), t[1]).get(0);
  }

  private static Draw[] draws(long batch, long in, long hidden) {
    return new Draw[] {
      Draw.normal(batch, in),
      Draw.normal(batch, hidden),
      Draw.normal(hidden, in),
      Draw.normal(hidden, hidden),
      Draw.normal(hidden),
      Draw.normal(hidden)
    };
  }

  static OpSpec spec() {
    return OpSpec.composition("rnn_cell")
        .formula("h′ = tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh)")
        .gradient("da = dh′ ⊙ (1 − h′²); dx = da·W_ih, dh = da·W_hh, dW_ih = daᵀ·x, dW_hh = daᵀ·h")
        .example("tanh", RnnCell::tanh, draws(2, 3, 2))
        .example("tanh", RnnCell::tanh, draws(2, 129, 1))
        .example("tanh", RnnCell::tanh, draws(0, 2, 3))
        .example("relu", RnnCell::relu, draws(2, 3, 2))
        .example("relu", RnnCell::relu, draws(1, 1, 1))
        .rejects(
            () ->
                tanh(
                    Tensor.zeros(2, 3),
                    Tensor.zeros(2, 4),
                    Tensor.zeros(4, 3),
                    Tensor.zeros(4, 5),
                    Tensor.zeros(4),
                    Tensor.zeros(4)),
            "rnn_cell: weights [4, 3] and [4, 5], biases [4] and [4]; they must be [R, I], [R,"
                + " H] and [R], R = 1 H")
        .build();
  }
}
