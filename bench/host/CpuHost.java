package org.adjoint.bench.host;

import java.util.function.Supplier;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.bench.host.HostWork.Session;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;

/** Host code around tensors so small that their elements cost next to nothing. */
final class CpuHost {
  static final int BATCHES = 16;

  private static final int BATCH = 64;
  private static final int CALLS = 100;

  private CpuHost() {}

  static Session add() {
    Tensor x = normal(10);
    Tensor y = normal(10);
    return repeated(() -> x.add(y));
  }

  static Session addWithGrad() {
    Tensor x = normal(10).requireGrad();
    Tensor y = normal(10).requireGrad();
    return repeated(() -> x.add(y));
  }

  static Session matmul() {
    Tensor x = normal(8, 8);
    Tensor y = normal(8, 8);
    return repeated(() -> x.matmul(y));
  }

  private static Session repeated(Supplier<Tensor> call) {
    return () -> {
      try (Scope _ = Scope.open()) {
        Tensor last = call.get();
        for (int i = 1; i < CALLS; i++) {
          last = call.get();
        }
        return last;
      }
    };
  }

  /** x ⊙ w ⊙ w ⊙ …, and back: each link adds to the gradient of w. */
  static Session chain() {
    Tensor x = normal(10);
    Tensor w = Tensor.ones(10).requireGrad();
    return () -> {
      try (Scope _ = Scope.open()) {
        w.zeroGrad();
        Tensor y = x;
        for (int i = 0; i < CALLS; i++) {
          y = y.mul(w);
        }
        y.sum().backward();
        return w.grad();
      }
    };
  }

  static Session loader() {
    return epochs(shuffled());
  }

  static Session ahead() {
    return epochs(shuffled().prefetch(2));
  }

  private static Loader shuffled() {
    Tensor images = normal((long) BATCHES * BATCH, 1, 28, 28);
    return Loader.shuffled(images, normal((long) BATCHES * BATCH), BATCH, new Philox(1));
  }

  private static Session epochs(Loader loader) {
    return new Session() {
      @Override
      public Object run() {
        long examples = 0;
        for (Batch batch : loader) {
          examples += batch.inputs().size(0);
          batch.close();
        }
        return examples;
      }

      @Override
      public void close() {
        loader.close();
      }
    };
  }

  static Tensor normal(long... shape) {
    return Tensor.normal(new Philox(0), shape);
  }
}
