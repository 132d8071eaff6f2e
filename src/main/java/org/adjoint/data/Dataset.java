package org.adjoint.data;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.adjoint.Philox;
import org.adjoint.Tensor;

/**
 * Examples by number. What comes of some numbers must always be the same, and may be asked for on
 * another thread (see {@link Loader#prefetch}); so a data set may read a file or draw a picture
 * only when it is asked for.
 */
public interface Dataset {
  /** Number of examples. */
  int size();

  /**
   * The examples {@code rows}, in their order, as fresh tensors: axis 0 counts the rows.
   *
   * @throws IndexOutOfBoundsException if one of them is not 0 .. size() − 1
   */
  Batch get(int... rows);

  /**
   * The rows of two tensors.
   *
   * @throws IllegalArgumentException if they do not have as many rows
   */
  static Dataset of(Tensor inputs, Tensor targets) {
    return new TensorDataset(inputs, targets);
  }

  /** The examples {@code rows} of this one, in their order. */
  default Dataset subset(int... rows) {
    return new Subset(this, rows.clone());
  }

  /**
   * This one with each batch seen through {@code f}; what {@code f} makes besides is given back.
   */
  default Dataset map(UnaryOperator<Batch> f) {
    return new MappedDataset(this, f);
  }

  /** Two data sets without a common example. */
  record Split(Dataset train, Dataset validation) {}

  /**
   * Sets {@code validation} random examples aside.
   *
   * @throws IllegalArgumentException if there are not as many
   */
  default Split split(int validation, Philox random) {
    if (validation < 0 || validation > size()) {
      throw new IllegalArgumentException(
          "split: " + validation + " of " + size() + " examples cannot be set aside");
    }
    int[] order = random.permutation(size());
    int train = size() - validation;
    return new Split(
        subset(Arrays.copyOf(order, train)),
        subset(Arrays.copyOfRange(order, train, order.length)));
  }
}
