package org.adjoint.op;

import java.util.List;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * One step of a recurrent network: from an input and a state to the next state. {@link Recurrence}
 * repeats it along a sequence.
 *
 * <p>B is the size of a batch, I that of an input, H that of a state.
 */
public interface RecurrentCell {
  /**
   * What a cell learns, laid out as PyTorch does: the rows of all gates, one gate after the other.
   * With G gates:
   *
   * @param ih [G·H, I]
   * @param hh [G·H, H]
   * @param biasIh [G·H]
   * @param biasHh [G·H]
   */
  record Weights(Tensor ih, Tensor hh, Tensor biasIh, Tensor biasHh) {
    /** What the inputs x [B, I] bring to each gate: x·ihᵀ + biasIh, [B, G·H]. */
    public Tensor ofInput(Tensor x) {
      return x.matmul(ih.t()).add(biasIh);
    }

    /** What the states h [B, H] bring to each gate: h·hhᵀ + biasHh, [B, G·H]. */
    public Tensor ofState(Tensor h) {
      return h.matmul(hh.t()).add(biasHh);
    }
  }

  /** The name in messages. */
  String name();

  /** How many gates there are, G. */
  int gates();

  /** How many tensors [B, H] make a state; the first of them is what the cell puts out. */
  int states();

  /**
   * The next state.
   *
   * @param input {@link Weights#ofInput} of the step's input, [B, G·H]
   * @param state tensors [B, H], as many as {@link #states} says
   */
  List<Tensor> step(Tensor input, List<Tensor> state, Weights weights);

  /** Checks the shapes of one step and takes it. */
  default List<Tensor> apply(Tensor x, Weights weights, Tensor... state) {
    requireShapes(weights, x.shape());
    Shape expected = Shape.of(x.size(0), weights.hh.size(1));
    for (Tensor part : state) {
      if (x.rank() != 2 || !part.shape().equals(expected)) {
        throw new IllegalArgumentException(
            name()
                + ": x "
                + x.shape()
                + " and a state "
                + part.shape()
                + "; they must be [B, "
                + weights.ih.size(1)
                + "] and [B, "
                + weights.hh.size(1)
                + "]");
      }
    }
    return step(weights.ofInput(x), List.of(state), weights);
  }

  /** Checks that the weights fit together, and inputs of shape [.., I] to them. */
  default void requireShapes(Weights w, Shape x) {
    long size = w.hh.rank() == 2 ? w.hh.size(1) : 0;
    Shape bias = Shape.of(gates() * size);
    boolean fit =
        w.hh.shape().equals(Shape.of(gates() * size, size))
            && w.ih.rank() == 2
            && w.ih.size(0) == gates() * size
            && w.biasIh.shape().equals(bias)
            && w.biasHh.shape().equals(bias);
    if (!fit) {
      throw new IllegalArgumentException(
          "%s: weights %s and %s, biases %s and %s; they must be [R, I], [R, H] and [R], R = %d H"
              .formatted(
                  name(), w.ih.shape(), w.hh.shape(), w.biasIh.shape(), w.biasHh.shape(), gates()));
    }
    if (x.rank() < 2 || x.size(-1) != w.ih.size(1)) {
      throw new IllegalArgumentException(
          name() + ": the last size of x " + x + " must be " + w.ih.size(1));
    }
  }
}
