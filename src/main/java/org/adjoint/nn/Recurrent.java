package org.adjoint.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Concat;
import org.adjoint.op.Packed;
import org.adjoint.op.Recurrence;
import org.adjoint.op.RecurrentCell;
import org.adjoint.op.RecurrentCell.Weights;
import org.jspecify.annotations.Nullable;

/**
 * Layers of recurrent cells, each fed with the outputs of the one below. A bidirectional one runs
 * once in each direction and puts both outputs side by side, so that its outputs are twice as wide.
 *
 * <p>T is the number of steps, B the size of a batch, I of an input, H of a state, L the number of
 * layers and D that of directions. Parameters are named and laid out as PyTorch's: {@code
 * weight_ih_l0}, {@code weight_hh_l0}, {@code bias_ih_l0}, {@code bias_hh_l0}, {@code
 * weight_ih_l0_reverse}, … {@code weight_ih_l1}, … They begin uniformly on ±1/√H.
 */
public abstract sealed class Recurrent implements Layer permits Rnn, Lstm, Gru {
  private final RecurrentCell cell;
  private final long input;
  private final int hidden;
  private final int layers;
  private final int directions;
  private final List<Weights> weights = new ArrayList<>();
  private boolean batchFirst;
  private Layer between = new Identity();

  /**
   * What comes out.
   *
   * @param outputs of the last layer at each step: [T, B, D·H], or [B, T, D·H] if the batch comes
   *     first; zeros after the end of a sequence
   * @param states after each sequence's last step (its first, in the reverse direction), each [L·D,
   *     B, H]: hidden, and for an {@link Lstm} the memory; layer by layer, forward before reverse
   */
  public record Result(Tensor outputs, List<Tensor> states) {
    /** The states that are put out, [L·D, B, H]. */
    public Tensor hidden() {
      return states.get(0);
    }

    /** The memory of an {@link Lstm}, [L·D, B, H]; others have none. */
    public Tensor memory() {
      if (states.size() < 2) {
        throw new IllegalStateException("memory: only an Lstm has one");
      }
      return states.get(1);
    }
  }

  Recurrent(
      RecurrentCell cell,
      long input,
      int hidden,
      int layers,
      boolean bidirectional,
      Philox random) {
    if (input < 1 || hidden < 1 || layers < 1) {
      throw new IllegalArgumentException(
          "parameters: " + layers + " layers of " + hidden + " units for inputs of size " + input);
    }
    this.cell = cell;
    this.input = input;
    this.hidden = hidden;
    this.layers = layers;
    directions = bidirectional ? 2 : 1;
    long rows = (long) cell.gates() * hidden;
    for (int i = 0; i < layers * directions; i++) {
      long in = i < directions ? input : (long) directions * hidden;
      weights.add(
          new Weights(
              uniform(random, rows, in),
              uniform(random, rows, hidden),
              uniform(random, rows),
              uniform(random, rows)));
    }
  }

  private Tensor uniform(Philox random, long... sizes) {
    double bound = 1 / Math.sqrt(hidden);
    return Tensor.uniform(random, -bound, bound, sizes).requireGrad();
  }

  void setBatchFirst() {
    batchFirst = true;
  }

  void setDropout(double p, Philox random) {
    if (layers == 1 && p > 0) {
      throw new IllegalArgumentException(
          cell.name() + ": dropout stands between layers, and there is but one");
    }
    between = new Dropout(p, random);
  }

  /** Size of a state. */
  public int hidden() {
    return hidden;
  }

  /** Weights of each layer, and of each direction of it: D·layer + direction. */
  public List<Weights> weights() {
    return Collections.unmodifiableList(weights);
  }

  @Override
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < weights.size(); i++) {
      String end = "_l" + i / directions + (i % directions == 1 ? "_reverse" : "");
      Weights w = weights.get(i);
      all.put("weight_ih" + end, w.ih());
      all.put("weight_hh" + end, w.hh());
      all.put("bias_ih" + end, w.biasIh());
      all.put("bias_hh" + end, w.biasHh());
    }
    return all;
  }

  /** The outputs alone, from states of zero: x [T, B, I] to [T, B, D·H]. */
  @Override
  public Tensor forward(Tensor x) {
    return unroll(x).outputs();
  }

  /** Runs along sequences of one length, from states of zero. */
  public Result unroll(Tensor x) {
    return unroll(x, null, null);
  }

  /**
   * Runs along sequences of different lengths, from states of zero. What comes after an end is not
   * looked at, and costs nothing.
   *
   * @param lengths of each sequence, from 0 to T, in any order
   */
  public Result unroll(Tensor x, int... lengths) {
    return unroll(x, null, lengths);
  }

  /**
   * Runs along sequences.
   *
   * @param x [T, B, I], or [B, T, I] if the batch comes first
   * @param initial the states to begin with, as {@link Result#states}; null for zeros
   * @param lengths of each sequence, from 0 to T, in any order; null if all have length T
   */
  public Result unroll(Tensor x, @Nullable List<Tensor> initial, int @Nullable [] lengths) {
    if (x.rank() != 3 || x.size(2) != input) {
      throw new IllegalArgumentException(
          "%s: x %s must be [%s, %d]"
              .formatted(cell.name(), x.shape(), batchFirst ? "B, T" : "T, B", input));
    }
    Tensor steps = batchFirst ? x.transpose(0, 1) : x;
    Packed packed = lengths == null ? Packed.of(steps) : Packed.of(steps, lengths);
    List<Tensor> begin = initial == null ? zeros(x, steps.size(1)) : initial;
    requireStates(begin, steps.size(1));
    List<List<Tensor>> last = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      if (layer > 0) {
        packed = packed.with(between.forward(packed.data()));
      }
      Tensor[] outputs = new Tensor[directions];
      for (int direction = 0; direction < directions; direction++) {
        int at = layer * directions + direction;
        List<Tensor> state = begin.stream().map(s -> s.select(0, at)).toList();
        Recurrence.Result result =
            Recurrence.of(cell, packed, state, weights.get(at), direction == 1);
        outputs[direction] = result.outputs().data();
        last.add(result.states());
      }
      packed = packed.with(directions == 1 ? outputs[0] : Concat.of(1, outputs));
    }
    Tensor y = packed.pad();
    return new Result(batchFirst ? y.transpose(0, 1) : y, stack(last));
  }

  private List<Tensor> zeros(Tensor x, long batch) {
    Shape shape = Shape.of((long) layers * directions, batch, hidden);
    Tensor zero = Tensor.zeros(new Meta(shape, x.dtype(), x.device()));
    return Collections.nCopies(cell.states(), zero);
  }

  private void requireStates(List<Tensor> states, long batch) {
    Shape expected = Shape.of((long) layers * directions, batch, hidden);
    if (states.size() != cell.states()
        || states.stream().anyMatch(s -> !s.shape().equals(expected))) {
      throw new IllegalArgumentException(
          cell.name()
              + ": initial states "
              + states.stream().map(Tensor::shape).toList()
              + "; there must be "
              + cell.states()
              + " of "
              + expected);
    }
  }

  /** From the states of each layer to, for each state, a tensor of all layers. */
  private List<Tensor> stack(List<List<Tensor>> last) {
    List<Tensor> stacked = new ArrayList<>();
    for (int i = 0; i < cell.states(); i++) {
      int part = i;
      stacked.add(
          Concat.of(
              0,
              last.stream().map(states -> states.get(part).unsqueeze(0)).toArray(Tensor[]::new)));
    }
    return stacked;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + input
        + ", "
        + hidden
        + (layers == 1 ? "" : ", " + layers + " layers")
        + (directions == 1 ? "" : ", bidirectional")
        + ")";
  }
}
