package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.op.RecurrentCell.Weights;

/**
 * How far rounding may take an LSTM from its equations: a running error analysis (Higham, Accuracy
 * and stability of numerical algorithms, 2002, section 3.3), to first order in the unit roundoff u.
 * Each line of the equations adds errors of its own, and passes on those of its operands, times the
 * slope.
 */
final class Rounding {
  /** What σ and tanh are off by, in units of u: four ulp of what is just below 1. */
  private static final double FUNCTION = 4;

  /** What is of second order in u. */
  private static final double REST = 1.001;

  private Rounding() {}

  /**
   * A bound on the error of h [B, H] after each step.
   *
   * @param w of the cell, F64
   * @param x the inputs [T, B, I], F64
   * @param states what the steps gave, without error
   * @param u 2⁻⁵³ in F64, 2⁻²⁴ in F32
   */
  static List<Tensor> bounds(Weights w, Tensor x, List<LstmByHand.State> states, double u) {
    return Grad.off(() -> {
      List<Tensor> bounds = new ArrayList<>();
      Tensor zero = Tensor.zeros(x.size(1), w.hh().size(1)).to(DType.F64);
      LstmByHand.State last = new LstmByHand.State(zero, zero);
      LstmByHand.State error = last;
      for (int t = 0; t < states.size(); t++) {
        error = step(w, x.select(0, t), last, error, u);
        last = states.get(t);
        bounds.add(error.h().mul(REST));
      }
      return bounds;
    });
  }

  /** The errors after a step from those before it. */
  private static LstmByHand.State step(
      Weights w, Tensor x, LstmByHand.State last, LstmByHand.State error, double u) {
    Tensor sum = w.ofInput(x).add(w.ofState(last.h()));
    // A sum of n terms is rounded n times at most, each time by a share u of all of them.
    long n = x.size(-1) + last.h().size(-1) + 2;
    Tensor terms =
        x.abs()
            .matmul(w.ih().abs().t())
            .add(last.h().abs().matmul(w.hh().abs().t()))
            .add(w.biasIh().abs())
            .add(w.biasHh().abs());
    Tensor ofSum = terms.mul(n * u).add(error.h().matmul(w.hh().abs().t()));

    Tensor[] sums = sum.chunk(1, 4); // i, f, g, o
    Tensor[] errors = ofSum.chunk(1, 4);
    Tensor i = sums[0].sigmoid();
    Tensor f = sums[1].sigmoid();
    Tensor g = sums[2].tanh();
    Tensor o = sums[3].sigmoid();
    Tensor ofI = errors[0].div(4).add(FUNCTION * u); // σ′ ≤ 1/4
    Tensor ofF = errors[1].div(4).add(FUNCTION * u);
    Tensor ofG = errors[2].add(FUNCTION * u); // tanh′ ≤ 1
    Tensor ofO = errors[3].div(4).add(FUNCTION * u);

    Tensor kept = f.mul(last.c());
    Tensor taken = i.mul(g);
    Tensor ofC =
        f.mul(error.c())
            .add(last.c().abs().mul(ofF))
            .add(i.mul(ofG))
            .add(g.abs().mul(ofI))
            .add(kept.abs().add(taken.abs()).mul(2 * u));
    Tensor out = kept.add(taken).tanh();
    Tensor ofH = o.mul(ofC.add(FUNCTION * u)).add(out.abs().mul(ofO)).add(o.mul(out).abs().mul(u));
    return new LstmByHand.State(ofH, ofC);
  }
}
