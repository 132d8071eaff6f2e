package org.adjoint.op;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.RecurrentCell.Weights;

/**
 * A recurrent network, unrolled along time: state_t = cell(x_t, state_{t−1}). A composition: of one
 * {@link Unrolled} where the cell is made for that, else of the operations of each step.
 *
 * <p>What the inputs bring is computed for all steps by one matrix product. The sequences are
 * {@link Packed}: a step computes those that still run, and what has ended keeps its last state.
 */
public final class Recurrence {
  private static final ScopedValue<Boolean> STEP_BY_STEP = ScopedValue.newInstance();

  private Recurrence() {}

  /**
   * What comes out of a layer.
   *
   * @param outputs the cell's first state at each step: packed [P, H]
   * @param states the last state of each sequence, each [B, H]
   */
  public record Result(Packed outputs, List<Tensor> states) {}

  /**
   * Runs a cell along sequences.
   *
   * @param x inputs, packed [P, I]
   * @param initial the states before the first step, each [B, H]; as many as the cell has
   * @param reverse whether to run from the last element of each sequence to its first
   */
  public static Result of(
      RecurrentCell cell, Packed x, List<Tensor> initial, Weights weights, boolean reverse) {
    cell.requireShapes(weights, x.data().shape());
    long batch = x.padded().size(1);
    Shape expected = Shape.of(batch, weights.hh().size(1));
    if (initial.size() != cell.states()
        || initial.stream().anyMatch(state -> !state.shape().equals(expected))) {
      throw new IllegalArgumentException(
          cell.name()
              + ": initial states "
              + initial.stream().map(Tensor::shape).toList()
              + "; there must be "
              + cell.states()
              + " of "
              + expected);
    }
    List<Tensor> start = initial.stream().map(x::sort).toList();
    return cell instanceof GatedCell gated && !STEP_BY_STEP.isBound()
        ? atOnce(gated, x, start, weights, reverse)
        : stepByStep(cell, x, start, weights, reverse);
  }

  /** By {@link Unrolled}. */
  private static Result atOnce(
      GatedCell cell, Packed x, List<Tensor> start, Weights weights, boolean reverse) {
    List<Tensor> in = new ArrayList<>();
    if (cell.alike()) { // then one pass over all gates does for both biases, and back for both sums
      in.add(x.data().matmul(weights.ih().t()));
      in.add(weights.biasIh().add(weights.biasHh()));
    } else {
      in.add(weights.ofInput(x.data()));
      in.add(weights.biasHh());
    }
    in.add(weights.hh());
    in.addAll(start);
    Unrolled unrolled = new Unrolled(cell, x.sizes(), reverse);
    Tensor[] all = Tensor.apply(unrolled, in.toArray(Tensor[]::new));
    List<Tensor> last = new ArrayList<>();
    for (int s = 0; s < all.length; s++) {
      last.add(x.unsort(unrolled.last(start.get(s), all[s])));
    }
    return new Result(x.with(all[0]), last);
  }

  /** Runs {@code work} with an operation for each part of each step, as ONNX wants it. */
  public static <T> T stepByStep(Supplier<T> work) {
    return ScopedValue.where(STEP_BY_STEP, true).call(work::get);
  }

  private static Result stepByStep(
      RecurrentCell cell, Packed x, List<Tensor> start, Weights weights, boolean reverse) {
    long batch = x.padded().size(1);
    int steps = x.sizes().size();
    Tensor[] inputs = Pieces.of(weights.ofInput(x.data()), 0, x.sizes());
    Tensor[] outputs = new Tensor[steps];
    List<Tensor> state = reverse ? rows(start, 0, 0) : start;
    Deque<List<Tensor>> ended = new ArrayDeque<>();
    for (int k = 0; k < steps; k++) {
      int t = reverse ? steps - 1 - k : k;
      long running = x.sizes().get(t);
      long before = state.get(0).size(0);
      if (before > running) {
        ended.addFirst(rows(state, running, before));
        state = rows(state, 0, running);
      } else if (before < running) {
        state = join(List.of(state, rows(start, before, running)));
      }
      state = cell.step(inputs[t], state, weights);
      outputs[t] = state.get(0);
    }
    ended.addFirst(state);
    long seen = x.sizes().get(0);
    if (reverse && seen < batch) {
      ended.addLast(rows(start, seen, batch)); // sequences of no elements
    }
    List<Tensor> last = join(List.copyOf(ended)).stream().map(x::unsort).toList();
    return new Result(x.with(Concat.of(0, outputs)), last);
  }

  private static List<Tensor> rows(List<Tensor> state, long from, long to) {
    return state.stream().map(part -> part.slice(0, from, to)).toList();
  }

  /** The states of several groups of sequences, one below the other. */
  private static List<Tensor> join(List<List<Tensor>> groups) {
    if (groups.size() == 1) {
      return groups.get(0);
    }
    List<Tensor> joined = new ArrayList<>();
    for (int i = 0; i < groups.get(0).size(); i++) {
      int part = i;
      joined.add(Concat.of(0, groups.stream().map(g -> g.get(part)).toArray(Tensor[]::new)));
    }
    return joined;
  }

  /** Outputs and last states in one tensor, [T + states, B, H], for the examples. */
  private static Tensor all(RecurrentCell cell, Packed x, boolean reverse, Tensor... t) {
    int states = cell.states();
    Weights weights = new Weights(t[1 + states], t[2 + states], t[3 + states], t[4 + states]);
    Result result = of(cell, x, List.of(t).subList(1, 1 + states), weights, reverse);
    Tensor all = result.outputs.pad();
    for (Tensor state : result.states) {
      all = Concat.of(0, all, state.unsqueeze(0));
    }
    return all;
  }

  private static Draw[] draws(RecurrentCell cell, long steps, long batch, long in, long hidden) {
    List<Draw> draws = new ArrayList<>(List.of(Draw.normal(steps, batch, in)));
    for (int i = 0; i < cell.states(); i++) {
      draws.add(Draw.normal(batch, hidden));
    }
    long rows = cell.gates() * hidden;
    draws.add(Draw.normal(rows, in));
    draws.add(Draw.normal(rows, hidden));
    draws.add(Draw.normal(rows));
    draws.add(Draw.normal(rows));
    return draws.toArray(Draw[]::new);
  }

  static OpSpec spec() {
    RecurrentCell lstm = new LstmCell();
    RecurrentCell gru = new GruCell();
    RecurrentCell rnn = new RnnCell(false);
    return OpSpec.composition("recurrence")
        .formula("state_t = cell(x_t, state_{t−1}), y_t = the first part of state_t")
        .gradient("by the cell's, from the last step to the first: backpropagation through time")
        .example("lstm", t -> all(lstm, Packed.of(t[0]), false, t), draws(lstm, 3, 2, 2, 2))
        .example("gru", t -> all(gru, Packed.of(t[0]), false, t), draws(gru, 3, 2, 2, 2))
        .example("rnn", t -> all(rnn, Packed.of(t[0]), false, t), draws(rnn, 5, 1, 1, 1))
        .example("rnn reversed", t -> all(rnn, Packed.of(t[0]), true, t), draws(rnn, 3, 2, 2, 2))
        .example(
            "lstm of lengths 1, 4, 0 and 2",
            t -> all(lstm, Packed.of(t[0], 1, 4, 0, 2), false, t),
            draws(lstm, 4, 4, 1, 2))
        .example(
            "gru of lengths 1, 3, 0 and 1, reversed",
            t -> all(gru, Packed.of(t[0], 1, 3, 0, 1), true, t),
            draws(gru, 4, 4, 1, 2))
        .example("no sequences", t -> all(rnn, Packed.of(t[0]), false, t), draws(rnn, 2, 0, 3, 2))
        .rejects(
            () -> Packed.of(Tensor.zeros(4, 2, 3), 4, 5),
            "packed: lengths [4, 5] of [4, 2, 3]; there must be 2, from 0 to 4, one of them above"
                + " 0")
        .rejects(
            () -> Packed.of(Tensor.zeros(4, 3)),
            "packed: [4, 3] must be [T, B, I] with at least one step")
        .rejects(
            () ->
                all(
                    rnn,
                    Packed.of(Tensor.zeros(4, 2, 3)),
                    false,
                    Tensor.zeros(),
                    Tensor.zeros(2, 6),
                    Tensor.zeros(5, 3),
                    Tensor.zeros(5, 5),
                    Tensor.zeros(5),
                    Tensor.zeros(5)),
            "rnn_cell: initial states [[2, 6]]; there must be 1 of [2, 5]")
        .build();
  }
}
