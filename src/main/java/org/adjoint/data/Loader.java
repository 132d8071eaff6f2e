package org.adjoint.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Deals a data set out in batches, in a new random order each time it is iterated, or in its own
 * order. The order follows from the generator alone; the last batch may be shorter.
 */
public final class Loader implements Iterable<Batch> {
  private final Tensor inputs;
  private final Tensor targets;
  private final int batch;
  private final @Nullable Philox random;

  private Loader(Tensor inputs, Tensor targets, int batch, @Nullable Philox random) {
    if (inputs.rank() == 0 || targets.rank() == 0 || inputs.size(0) != targets.size(0)) {
      throw new IllegalArgumentException(
          "loader: inputs "
              + inputs.shape()
              + " and targets "
              + targets.shape()
              + " must have one row per example");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("loader: a batch of " + batch + " is none");
    }
    this.inputs = inputs;
    this.targets = targets;
    this.batch = batch;
    this.random = random;
  }

  /** Batches in a random order, another one each epoch. */
  public static Loader shuffled(Tensor inputs, Tensor targets, int batch, Philox random) {
    return new Loader(inputs, targets, batch, random);
  }

  /** Batches in the order of the rows. */
  public static Loader inOrder(Tensor inputs, Tensor targets, int batch) {
    return new Loader(inputs, targets, batch, null);
  }

  /** Number of examples. */
  public int examples() {
    return Math.toIntExact(inputs.size(0));
  }

  /** Number of batches in an epoch. */
  public int batches() {
    return Math.ceilDiv(examples(), batch);
  }

  @Override
  public Iterator<Batch> iterator() {
    int[] order =
        random == null ? IntStream.range(0, examples()).toArray() : random.permutation(examples());
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < order.length;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int end = Math.min(next + batch, order.length);
        long[] numbers = IntStream.range(next, end).mapToLong(i -> order[i]).toArray();
        next = end;
        try (Tensor rows = Tensor.of(numbers)) {
          return Grad.off(
              () -> new Batch(inputs.indexSelect(0, rows), targets.indexSelect(0, rows)));
        }
      }
    };
  }
}
