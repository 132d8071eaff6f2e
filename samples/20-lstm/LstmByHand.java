package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.nn.Lstm;
import org.adjoint.op.LstmCell;
import org.adjoint.op.RecurrentCell.Weights;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The equations of an LSTM, one tensor call for each sign in them, with x the input of a step, h
 * what the last step put out and c what it remembered:
 *
 * <pre>
 *   i = σ(U_i·x + W_i·h + b_i)      what to take in
 *   f = σ(U_f·x + W_f·h + b_f)      what to keep
 *   o = σ(U_o·x + W_o·h + b_o)      what to put out
 *   g = tanh(U_g·x + W_g·h + b_g)   what there is to take in
 *   c′ = i ⊙ g + f ⊙ c
 *   h′ = o ⊙ tanh(c′)
 * </pre>
 *
 * <p>After C. Laurent, "Réseaux récurrents II" (école d'hiver IVADO, 2018). The same 20 steps are
 * taken three times: so, in F64; by the operation {@code lstm_cell}, in F64; and by the layer
 * {@code Lstm}, in F32. How far rounding may part them is bounded step by step, by {@link
 * Rounding}. Expect differences within the bound. And expect the gradient through all 20 steps,
 * which is a sum over the paths on which a number reached the end, to be the slope: for each weight
 * and each element of the input.
 */
@Command(
    name = "lstm",
    description = "the equations of an LSTM, against the operation and the layer")
public final class LstmByHand implements Callable<Integer> {
  private static final int STEPS = 20;
  private static final int BATCH = 2;
  private static final int INPUT = 3;
  private static final int HIDDEN = 4;

  @Mixin private RunOptions run;

  /** What is put out and what is remembered, both [B, H]. */
  record State(Tensor h, Tensor c) {}

  /** u [H, I], w [H, H] and b [H] of one gate, before its σ or tanh. */
  private record Gate(Tensor u, Tensor w, Tensor b) {
    /** The rows of the {@code k}-th gate, of all of them. */
    static Gate of(Weights all, int k) {
      long from = (long) k * HIDDEN;
      long to = from + HIDDEN;
      return new Gate(
          all.ih().slice(0, from, to),
          all.hh().slice(0, from, to),
          all.biasIh().slice(0, from, to).add(all.biasHh().slice(0, from, to)));
    }

    /** U·x + W·h + b, a row for each example. */
    Tensor apply(Tensor x, Tensor h) {
      return x.matmul(u.t()).add(h.matmul(w.t())).add(b);
    }
  }

  /** The equations. */
  private record Equations(Gate i, Gate f, Gate g, Gate o) {
    static Equations of(Weights all) {
      return new Equations(Gate.of(all, 0), Gate.of(all, 1), Gate.of(all, 2), Gate.of(all, 3));
    }

    State step(Tensor x, State last) {
      Tensor in = i.apply(x, last.h).sigmoid();
      Tensor forget = f.apply(x, last.h).sigmoid();
      Tensor out = o.apply(x, last.h).sigmoid();
      Tensor what = g.apply(x, last.h).tanh();
      Tensor c = in.mul(what).add(forget.mul(last.c));
      return new State(out.mul(c.tanh()), c);
    }
  }

  /** A step from a state to the next. */
  private interface Step {
    State take(Tensor x, State last);
  }

  /** All states, the first after the first input of x [T, B, I]. */
  private static List<State> unroll(Step step, Tensor x) {
    Tensor zero = Tensor.zeros(BATCH, HIDDEN).to(x.dtype());
    State state = new State(zero, zero);
    List<State> states = new ArrayList<>();
    for (int t = 0; t < STEPS; t++) {
      state = step.take(x.select(0, t), state);
      states.add(state);
    }
    return states;
  }

  private static List<State> byHand(Weights w, Tensor x) {
    return unroll(Equations.of(w)::step, x);
  }

  private static List<State> byOperation(Weights w, Tensor x) {
    return unroll(
        (input, last) -> {
          LstmCell.State next =
              LstmCell.of(input, last.h, last.c, w.ih(), w.hh(), w.biasIh(), w.biasHh());
          return new State(next.h(), next.c());
        },
        x);
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Philox random = new Philox(run.seed());
    Lstm layer = new Lstm(INPUT, HIDDEN, random);
    Tensor small = Tensor.normal(random, STEPS, BATCH, INPUT);
    Tensor x = exact(small);
    Weights w32 = layer.weights().getFirst();
    Weights w =
        new Weights(exact(w32.ih()), exact(w32.hh()), exact(w32.biasIh()), exact(w32.biasHh()));

    System.out.printf("h after %d steps%n", STEPS);
    List<State> hand = byHand(w, x);
    List<State> operation = byOperation(w, x);
    Tensor outputs = layer.forward(small); // [T, B, H]
    System.out.println("  by hand       " + hand.getLast().h.select(0, 0));
    System.out.println("  by lstm_cell  " + operation.getLast().h.select(0, 0));
    System.out.println("  by Lstm       " + outputs.select(0, STEPS - 1).select(0, 0));

    System.out.println("largest error of all steps, as a share of what rounding may make of it");
    List<Tensor> bounds64 = Rounding.bounds(w, x, hand, 0x1p-53);
    List<Tensor> bounds32 = Rounding.bounds(w, x, hand, 0x1p-24);
    double cell = 0;
    double f32 = 0;
    double widest = 0;
    for (int t = 0; t < STEPS; t++) {
      Tensor h = hand.get(t).h;
      // Both are rounded, so that they may be twice as far apart.
      cell = Math.max(cell, share(operation.get(t).h, h, bounds64.get(t).mul(2)));
      Tensor inBoth = bounds32.get(t).add(bounds64.get(t));
      widest = Math.max(widest, inBoth.max().item());
      f32 = Math.max(f32, share(outputs.select(0, t).to(DType.F64), h, inBoth));
    }
    System.out.printf(Locale.ROOT, "  lstm_cell, F64  %.3f%n", cell);
    System.out.printf(Locale.ROOT, "  Lstm, F32       %.3f of at most %.1e%n", f32, widest);

    double difference = gradients(w, x, random);
    Lesson.end(
        run,
        "lstm",
        layer.parameterCount(),
        Lesson.figure("lstm_cell, share of the bound", cell),
        Lesson.figure("Lstm, share of the bound", f32),
        Lesson.figure("Lstm, bound", widest),
        Lesson.figure("gradient, largest relative difference", difference));
    return 0;
  }

  /** The same numbers in F64, which may be asked for a gradient. */
  private static Tensor exact(Tensor x) {
    return x.detach().to(DType.F64).requireGrad();
  }

  /** The largest error as a share of its bound. */
  private static double share(Tensor y, Tensor expected, Tensor bound) {
    return y.sub(expected).abs().div(bound).max().item();
  }

  /** Compares gradients with slopes, of a weighted sum of the last h and the last c. */
  private static double gradients(Weights w, Tensor x, Philox random) {
    Tensor weightH = Tensor.normal(random, BATCH, HIDDEN).to(DType.F64);
    Tensor weightC = Tensor.normal(random, BATCH, HIDDEN).to(DType.F64);
    Supplier<Tensor> byHand = () -> loss(byHand(w, x).getLast(), weightH, weightC);
    Supplier<Tensor> byOperation = () -> loss(byOperation(w, x).getLast(), weightH, weightC);
    Tensor[] leaves = {w.ih(), w.hh(), w.biasIh(), w.biasHh(), x};
    List<String> names = List.of("U", "W", "b", "b′", "x");
    Tensor[] hand = Grad.of(byHand.get(), leaves);
    Tensor[] operation = Grad.of(byOperation.get(), leaves);
    System.out.println("gradient through " + STEPS + " steps, largest relative difference");
    System.out.println("             by hand from slope     by lstm_cell from by hand");
    double worst = 0;
    for (int i = 0; i < leaves.length; i++) {
      double fromSlope = Slopes.difference(byHand, leaves[i], hand[i]);
      double fromHand = Slopes.difference(operation[i].toDoubles(), hand[i].toDoubles());
      System.out.printf(
          "  %-2s %-10s %-22s %s%n", names.get(i), leaves[i].shape(), fromSlope, fromHand);
      worst = Math.max(worst, Math.max(fromSlope, fromHand));
    }
    Tensor early = hand[4].select(0, 0);
    System.out.println("the first input's gradient " + early.select(0, 0));
    return worst;
  }

  private static Tensor loss(State last, Tensor weightH, Tensor weightC) {
    return last.h.mul(weightH).sum().add(last.c.mul(weightC).sum());
  }
}
