package org.adjoint.data;

import java.util.function.UnaryOperator;
import org.adjoint.Grad;
import org.adjoint.Scope;

/** Another data set, each batch seen through a function. */
record MappedDataset(Dataset source, UnaryOperator<Batch> f) implements Dataset {
  @Override
  public int size() {
    return source.size();
  }

  @Override
  public Batch get(int... rows) {
    try (Scope making = Scope.open()) {
      Batch batch = Grad.off(() -> f.apply(source.get(rows)));
      making.keep(batch.inputs());
      if (!batch.targets().equals(batch.inputs())) {
        making.keep(batch.targets());
      }
      return batch;
    }
  }
}
