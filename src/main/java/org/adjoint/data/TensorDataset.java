package org.adjoint.data;

import java.util.Arrays;
import org.adjoint.Grad;
import org.adjoint.Tensor;

/** The rows of two tensors. */
record TensorDataset(Tensor inputs, Tensor targets) implements Dataset {
  TensorDataset {
    if (inputs.rank() == 0 || targets.rank() == 0 || inputs.size(0) != targets.size(0)) {
      throw new IllegalArgumentException(
          "loader: inputs "
              + inputs.shape()
              + " and targets "
              + targets.shape()
              + " must have one row per example");
    }
  }

  @Override
  public int size() {
    return Math.toIntExact(inputs.size(0));
  }

  @Override
  public Batch get(int... rows) {
    long[] numbers = Arrays.stream(rows).asLongStream().toArray();
    try (Tensor index = Tensor.of(numbers);
        Tensor there = index.to(inputs.device())) {
      return Grad.off(() -> new Batch(inputs.indexSelect(0, there), targets.indexSelect(0, there)));
    }
  }
}
