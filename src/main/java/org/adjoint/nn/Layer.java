package org.adjoint.nn;

import java.util.Map;
import org.adjoint.Tensor;

/**
 * A function of a tensor, perhaps with parameters. A model of one's own is a class with layers and
 * parameters as fields:
 *
 * <pre>{@code
 * final class Net implements Layer {
 *   final Linear fc1, fc2;
 *
 *   Net(Philox random) {
 *     fc1 = new Linear(784, 100, random);
 *     fc2 = new Linear(100, 10, random);
 *   }
 *
 *   public Tensor forward(Tensor x) {
 *     return fc2.forward(fc1.forward(x).relu());
 *   }
 * }
 * }</pre>
 *
 * <p>A layer without parameters may as well be a lambda: {@code Tensor::relu}.
 */
@FunctionalInterface
public interface Layer {
  /** The layer's output for {@code x}. */
  Tensor forward(Tensor x);

  /**
   * All parameters in the order of their declaration, by PyTorch's names: fields joined by dots,
   * the elements of lists and of {@link Sequential} by number; {@code fc1.weight}, {@code 0.bias}.
   */
  default Map<String, Tensor> parameters() {
    return Fields.parameters(this);
  }

  /** Forgets the gradients of all parameters. */
  default void zeroGrad() {
    parameters().values().forEach(Tensor::zeroGrad);
  }

  /** Number of elements in all parameters; one that has two names counts once. */
  default long parameterCount() {
    return parameters().values().stream().distinct().mapToLong(p -> p.shape().count()).sum();
  }
}
