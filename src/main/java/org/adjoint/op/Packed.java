package org.adjoint.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of different lengths without their padding: first the first elements of all sequences,
 * then the second elements of those that have one, and so on. The longest sequence comes first, so
 * that at each step the sequences still running are the first ones.
 *
 * @param data [P, I], P the sum of the lengths
 * @param sizes how many sequences run at each step; falling
 * @param padded [T, B], the sizes that {@link #pad} restores
 * @param rows where each row of {@code data} comes from among the T·B; null if from all, in order
 * @param order which sequence is the longest, the second longest, …; null if they keep their order
 */
public record Packed(
    Tensor data, List<Long> sizes, Shape padded, @Nullable Tensor rows, @Nullable Tensor order) {

  /** Sequences that all are as long as they can be: x [T, B, I]. */
  public static Packed of(Tensor x) {
    requireSequences(x);
    Shape padded = x.shape().slice(0, 2);
    List<Long> sizes = Collections.nCopies((int) x.size(0), x.size(1));
    return new Packed(x.reshape(padded.count(), x.size(2)), sizes, padded, null, null);
  }

  /**
   * The first {@code lengths[b]} elements of each sequence b of x [T, B, I]. What comes after them
   * is never looked at.
   */
  public static Packed of(Tensor x, int... lengths) {
    requireSequences(x);
    long steps = x.size(0);
    int batch = (int) x.size(1);
    boolean fit = lengths.length == batch;
    for (int length : lengths) {
      fit &= length >= 0 && length <= steps;
    }
    if (!fit || Arrays.stream(lengths).allMatch(n -> n == 0)) {
      throw new IllegalArgumentException(
          "packed: lengths "
              + Arrays.toString(lengths)
              + " of "
              + x.shape()
              + "; there must be "
              + batch
              + ", from 0 to "
              + steps
              + ", one of them above 0");
    }
    int[] order =
        IntStream.range(0, batch)
            .boxed()
            .sorted(Comparator.comparingInt(b -> -lengths[b]))
            .mapToInt(b -> b)
            .toArray();
    int longest = lengths[order[0]];
    List<Long> sizes =
        IntStream.range(0, longest)
            .mapToObj(t -> Arrays.stream(lengths).filter(n -> n > t).count())
            .toList();
    long[] rows =
        IntStream.range(0, longest)
            .boxed()
            .flatMapToLong(
                t -> LongStream.range(0, sizes.get(t)).map(j -> (long) t * batch + order[(int) j]))
            .toArray();
    Tensor from = Tensor.of(rows).to(x.device());
    Shape padded = x.shape().slice(0, 2);
    return new Packed(
        x.reshape(padded.count(), x.size(2)).indexSelect(0, from),
        sizes,
        padded,
        from,
        Tensor.of(Arrays.stream(order).asLongStream().toArray()).to(x.device()));
  }

  private static void requireSequences(Tensor x) {
    if (x.rank() != 3 || x.size(0) == 0) {
      throw new IllegalArgumentException(
          "packed: " + x.shape() + " must be [T, B, I] with at least one step");
    }
  }

  /** Other data [P, O] of the same sequences. */
  public Packed with(Tensor other) {
    return new Packed(other, sizes, padded, rows, order);
  }

  /** The sequences as [T, B, I], with zeros after their ends. */
  public Tensor pad() {
    Tensor all = rows == null ? data : new IndexSelect.Add(0, padded.count()).apply(data, rows);
    return all.reshape(padded.size(0), padded.size(1), data.size(1));
  }

  /** States [B, H] in the order in which they came, the longest sequence first. */
  Tensor sort(Tensor states) {
    return order == null ? states : states.indexSelect(0, order);
  }

  /** Undoes {@link #sort}. */
  Tensor unsort(Tensor states) {
    return order == null ? states : new IndexSelect.Add(0, states.size(0)).apply(states, order);
  }
}
