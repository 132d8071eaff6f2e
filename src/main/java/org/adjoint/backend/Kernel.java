package org.adjoint.backend;

import java.util.List;
import org.adjoint.backend.cuda.Variant;
import org.jspecify.annotations.Nullable;

/**
 * A computation as a backend sees it: some operands in, some operands out, and several ways to get
 * from one to the other that must agree.
 *
 * <p>The {@linkplain #reference reference} is the definition and the oracle. The other ways are
 * variants, checked against it: {@code fast} on the CPU, hand-written kernels on a GPU. {@code
 * -Dadjoint.kernel.NAME=VARIANT} chooses one by hand.
 */
public interface Kernel {
  /** The name in messages, tables and properties, by default that of the class. */
  default String name() {
    return nameOf(getClass());
  }

  /** {@code log_softmax} for a class LogSoftmax, {@code conv.input_grad} for Conv.InputGrad. */
  static String nameOf(Class<?> type) {
    return KernelNames.of(type);
  }

  /** What {@code -Dadjoint.kernel.NAME} says of how to run a kernel; empty if it says nothing. */
  static String choice(Kernel kernel) {
    return KernelNames.choice(kernel);
  }

  /**
   * The definition, in plain loops. Inputs are whole, contiguous and widened to double; outputs are
   * zeroed, have the inferred shapes, and are rounded to their dtype afterwards.
   */
  void reference(Dense[] in, Dense[] out);

  /**
   * The quick road on the CPU: writes every element of every output, or returns false, having
   * written none, where it does not apply: to this dtype, or these strides.
   */
  default boolean fast(Operand[] in, Operand[] out) {
    return false;
  }

  /**
   * The ways to run on a GPU, the best first; the first that supports the operands is taken. None
   * where the operation has no kernels.
   */
  default List<Variant> cuda() {
    return List.of();
  }

  /** Why this runs on the CPU alone and is to; null if it has, or should have, CUDA kernels. */
  default @Nullable String cpuOnly() {
    return null;
  }
}
