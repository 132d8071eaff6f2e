package org.adjoint.op;

import java.util.List;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.QuickLstm;
import org.adjoint.backend.cpu.RecurrentKernels;

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
public record LstmCell() implements GatedCell {
  private static final Sigmoid SIGMOID = new Sigmoid();

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

  // ---- what Unrolled runs: kept are σ(i), σ(f), tanh(g), σ(o) and tanh(c′)
  // ------------------------

  @Override
  public int kept() {
    return 5;
  }

  @Override
  public int memory() {
    return 1;
  }

  @Override
  public boolean alike() {
    return true;
  }

  @Override
  public void step(double[] x, double[] b, double[][] state, double[] kept) {
    int n = state[0].length;
    for (int k = 0; k < n; k++) {
      double in = SIGMOID.f(x[k] + b[k]);
      double forget = SIGMOID.f(x[n + k] + b[n + k]);
      double candidate = StrictMath.tanh(x[2 * n + k] + b[2 * n + k]);
      double out = SIGMOID.f(x[3 * n + k] + b[3 * n + k]);
      double c = forget * state[1][k] + in * candidate;
      state[0][k] = out * StrictMath.tanh(c);
      state[1][k] = c;
      kept[k] = in;
      kept[n + k] = forget;
      kept[2 * n + k] = candidate;
      kept[3 * n + k] = out;
      kept[4 * n + k] = StrictMath.tanh(c);
    }
  }

  @Override
  public void back(double[] kept, double[] before, double[][] d, double[] dx, double[] db) {
    int n = before.length;
    for (int k = 0; k < n; k++) {
      double in = kept[k];
      double forget = kept[n + k];
      double candidate = kept[2 * n + k];
      double out = kept[3 * n + k];
      double tanh = kept[4 * n + k];
      double dh = d[0][k];
      double dc = d[1][k] + dh * out * (1 - tanh * tanh);
      db[k] = dc * candidate * in * (1 - in);
      db[n + k] = dc * before[k] * forget * (1 - forget);
      db[2 * n + k] = dc * in * (1 - candidate * candidate);
      db[3 * n + k] = dh * tanh * out * (1 - out);
      d[0][k] = 0;
      d[1][k] = dc * forget;
    }
  }

  @Override
  public RecurrentKernels.Cell quick() {
    return new QuickLstm();
  }

  @Override
  public boolean hasCudaKernels() {
    return true;
  }

  @Override
  public Tensor remember(Tensor x, Tensor b, Tensor... after) {
    Tensor[] gates = Pieces.equal(x.add(b), 1, 4);
    return Concat.of(
        1,
        gates[0].sigmoid(),
        gates[1].sigmoid(),
        gates[2].tanh(),
        gates[3].sigmoid(),
        after[1].tanh());
  }

  @Override
  public Tensor[] back(Tensor kept, Tensor before, Tensor... d) {
    Tensor[] k = Pieces.equal(kept, 1, 5);
    Tensor in = k[0];
    Tensor forget = k[1];
    Tensor candidate = k[2];
    Tensor out = k[3];
    Tensor tanh = k[4];
    Tensor dc = d[1].add(d[0].mul(out).mul(tanh.mul(tanh).neg().add(1)));
    Tensor db =
        Concat.of(
            1,
            dc.mul(candidate).mul(in).mul(in.neg().add(1)),
            dc.mul(before).mul(forget).mul(forget.neg().add(1)),
            dc.mul(in).mul(candidate.mul(candidate).neg().add(1)),
            d[0].mul(tanh).mul(out).mul(out.neg().add(1)));
    return new Tensor[] {db, d[0].mul(0), dc.mul(forget)};
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
