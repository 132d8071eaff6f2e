package org.adjoint.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Device;
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
 *
 * <p>A tensor in a field that asks for a gradient is a parameter; one that does not is a buffer,
 * part of what is saved, such as a running mean. Parameters, buffers and the layers that {@link
 * #train} reaches are found by one walk over fields that are tensors, layers, or lists or arrays of
 * them. It does not look into lambdas, and leaves out fields marked {@code transient}, for values
 * that one keeps to look at.
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

  /** All buffers, as {@link #parameters}; by PyTorch's names in this package's layers. */
  default Map<String, Tensor> buffers() {
    return Fields.buffers(this);
  }

  /**
   * All that is to be saved: parameters and buffers, the tensors themselves. {@link State#copy}
   * makes copies that training does not change.
   */
  default Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>(parameters());
    all.putAll(buffers());
    return all;
  }

  /**
   * Gives parameters and buffers the elements of their namesakes in {@code state}; nothing changes
   * if one of them does not fit.
   *
   * @throws IllegalArgumentException with a line for each tensor that is missing, unexpected or of
   *     another shape or dtype
   */
  default void load(Map<String, Tensor> state) {
    State.load("load", state(), state);
  }

  /**
   * Says whether this layer and those in it are being trained, which is so at first, or used.
   * Layers that then differ, such as dropout, remember it in a field; a layer of one's own that
   * overrides this passes it on: {@code Layer.super.train(on)}.
   */
  default void train(boolean on) {
    Fields.layers(this).forEach(layer -> layer.train(on));
  }

  /** {@code train(true)}: for training. */
  default void train() {
    train(true);
  }

  /** {@code train(false)}: for use. */
  default void eval() {
    train(false);
  }

  /**
   * Brings all parameters and buffers to {@code device}; they stay the same tensors. An optimiser
   * is to be made afterwards, since what it remembers lies where the parameters lay.
   */
  default void to(Device device) {
    state().values().forEach(tensor -> tensor.relocate(device));
  }

  /**
   * Converts all floating parameters and buffers to {@code dtype}; they stay the same tensors. An
   * optimiser is to be made afterwards.
   */
  default void to(DType dtype) {
    state().values().stream()
        .filter(tensor -> tensor.dtype().isFloating())
        .forEach(tensor -> tensor.convert(dtype));
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
