package org.adjoint.nn;

import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Tensor;

/**
 * Products in a short dtype, everything else as it is: while it is on, {@link Linear} and the
 * convolutions round their input and their weight (and {@link Conv} its bias), multiply, and give
 * the result back in the input's dtype. Parameters and their gradients stay as they are, so that
 * small steps are not rounded away (Micikevicius et al., Mixed precision training, 2018, section
 * 3.1).
 *
 * <pre>{@code
 * Tensor loss = Autocast.to(DType.BF16, () -> model.forward(x)).crossEntropy(labels);
 * }</pre>
 *
 * <p>With F16, gradients may vanish: see {@code LossScaler}. A bare {@code x.matmul(w)} is not
 * touched; a layer of one's own calls {@link #product}.
 */
public final class Autocast {
  private static final ScopedValue<DType> DTYPE = ScopedValue.newInstance();

  private Autocast() {}

  /**
   * Runs {@code work} with products in {@code dtype}.
   *
   * @throws IllegalArgumentException if the dtype is not floating
   */
  public static <T> T to(DType dtype, Supplier<T> work) {
    if (!dtype.isFloating()) {
      throw new IllegalArgumentException("autocast: " + dtype + " is not floating");
    }
    return ScopedValue.where(DTYPE, dtype).call(work::get);
  }

  /** {@code op} of {@code x} and {@code weight}, by the rule above. */
  public static Tensor product(Tensor x, Tensor weight, BinaryOperator<Tensor> op) {
    if (!DTYPE.isBound()) {
      return op.apply(x, weight);
    }
    DType dtype = DTYPE.get();
    return op.apply(x.to(dtype), weight.to(dtype)).to(x.dtype());
  }
}
