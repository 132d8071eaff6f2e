package org.adjoint.op;

import java.util.List;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.QuickGru;
import org.adjoint.backend.cpu.RecurrentKernels;

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
public record GruCell() implements GatedCell {
  private static final Sigmoid SIGMOID = new Sigmoid();

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

  // ---- what Unrolled runs: kept are r, z, n and b_n
  // -----------------------------------------------

  @Override
  public int kept() {
    return 4;
  }

  @Override
  public int memory() {
    return 0;
  }

  @Override
  public boolean alike() {
    return false;
  }

  @Override
  public void step(double[] x, double[] b, double[][] state, double[] kept) {
    int n = state[0].length;
    for (int k = 0; k < n; k++) {
      double reset = SIGMOID.f(x[k] + b[k]);
      double keep = SIGMOID.f(x[n + k] + b[n + k]);
      double candidate = StrictMath.tanh(x[2 * n + k] + reset * b[2 * n + k]);
      state[0][k] = (1 - keep) * candidate + keep * state[0][k];
      kept[k] = reset;
      kept[n + k] = keep;
      kept[2 * n + k] = candidate;
      kept[3 * n + k] = b[2 * n + k];
    }
  }

  @Override
  public void back(double[] kept, double[] before, double[][] d, double[] dx, double[] db) {
    int n = before.length;
    for (int k = 0; k < n; k++) {
      double reset = kept[k];
      double keep = kept[n + k];
      double candidate = kept[2 * n + k];
      double dh = d[0][k];
      double da = dh * (1 - keep) * (1 - candidate * candidate);
      dx[k] = da * kept[3 * n + k] * reset * (1 - reset);
      dx[n + k] = dh * (before[k] - candidate) * keep * (1 - keep);
      dx[2 * n + k] = da;
      db[k] = dx[k];
      db[n + k] = dx[n + k];
      db[2 * n + k] = da * reset;
      d[0][k] = dh * keep;
    }
  }

  @Override
  public RecurrentKernels.Cell quick() {
    return new QuickGru();
  }

  @Override
  public boolean hasCudaKernels() {
    return true;
  }

  @Override
  public Tensor remember(Tensor x, Tensor b, Tensor... after) {
    Tensor[] a = Pieces.equal(x, 1, 3);
    Tensor[] s = Pieces.equal(b, 1, 3);
    Tensor reset = a[0].add(s[0]).sigmoid();
    Tensor keep = a[1].add(s[1]).sigmoid();
    return Concat.of(1, reset, keep, a[2].add(reset.mul(s[2])).tanh(), s[2]);
  }

  @Override
  public Tensor[] back(Tensor kept, Tensor before, Tensor... d) {
    Tensor[] k = Pieces.equal(kept, 1, 4);
    Tensor reset = k[0];
    Tensor keep = k[1];
    Tensor candidate = k[2];
    Tensor da = d[0].mul(keep.neg().add(1)).mul(candidate.mul(candidate).neg().add(1));
    Tensor dr = da.mul(k[3]).mul(reset).mul(reset.neg().add(1));
    Tensor dz = d[0].mul(before.sub(candidate)).mul(keep).mul(keep.neg().add(1));
    return new Tensor[] {
      Concat.of(1, dr, dz, da.mul(reset)), d[0].mul(keep), Concat.of(1, dr, dz, da)
    };
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
