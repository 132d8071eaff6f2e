package org.adjoint.bench.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.autograd.Op;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;

/**
 * What is timed, by each variant that can: an operation on inputs of given shapes.
 *
 * @param family of kernels, such as {@code softmax}
 * @param dtype of the floating inputs
 * @param whole what this was cut from: the call of the true sizes
 */
record KernelCase(
    String family, OpSpec spec, Op op, DType dtype, List<Draw> inputs, Template.Call whole) {
  /** More inputs than these are told by their number. */
  private static final int MANY = 7;

  /** Inputs that do not change any more. */
  KernelCase {
    inputs = List.copyOf(inputs);
  }

  /** The operation and its parameters, such as {@code sum axes=[1]}. */
  String what() {
    String parameters =
        op.toString()
            .replaceFirst("^\\w+(?:\\[(.*)])?$", "$1")
            .replaceAll("\\w+=([A-Z]\\w*)\\[]", "$1")
            .replaceAll("\\w+=[A-Z]\\w*\\[", "[")
            .replace("=" + Long.MIN_VALUE, "=none")
            .replaceAll("(\\d+)(?:, \\1){3,}", "$1, …");
    return (op.name() + " " + parameters).strip();
  }

  /** The shapes of the inputs, as messages print them; or how many there are. */
  String shapes() {
    if (inputs.size() > MANY) {
      return "%d tensors of %,d elements"
          .formatted(inputs.size(), inputs.stream().mapToLong(draw -> draw.shape().count()).sum());
    }
    return inputs.stream().map(draw -> draw.shape().toString()).collect(Collectors.joining(" "));
  }

  private Meta[] metas() {
    return inputs.stream()
        .map(draw -> new Meta(draw.shape(), draw.dtype(dtype), Device.CPU))
        .toArray(Meta[]::new);
  }

  /**
   * Elements of all operands.
   *
   * @throws IllegalArgumentException if the operation does not take such inputs
   */
  long elements() {
    Meta[] in = metas();
    return Stream.of(in, op.infer(in))
        .flatMap(Arrays::stream)
        .mapToLong(meta -> meta.shape().count())
        .sum();
  }

  /** Floating-point operations of one run. */
  double flop() {
    Meta[] in = metas();
    return op.flop(in, op.infer(in));
  }

  Draw[] draws() {
    return inputs.toArray(Draw[]::new);
  }
}
