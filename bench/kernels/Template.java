package org.adjoint.bench.kernels;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.autograd.Op;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;

/**
 * A case but for its sizes, which the emulator wants smaller and a user otherwise.
 *
 * @param axes what the sizes are, such as {@code *rows =columns}: one with {@code *} only says how
 *     many there are of something, as rows or images, of which the emulator is to be left {@code
 *     *rows>=768} for what a kernel does once for many; one with {@code =} lies in memory in order
 * @param sizes those of a real use
 */
record Template(
    String family, OpSpec spec, DType dtype, List<String> axes, List<Long> sizes, Make make) {

  /** The operation of a call, and what its inputs are drawn from. */
  record Call(Op op, Draw... inputs) {}

  /** Makes a call for sizes. */
  @FunctionalInterface
  interface Make {
    Call of(long... sizes);
  }

  /** The case at other sizes. */
  KernelCase at(List<Long> other) {
    Call call = call(other);
    return new KernelCase(family, spec, call.op, dtype, Arrays.asList(call.inputs), call(sizes));
  }

  private Call call(List<Long> other) {
    return make.of(other.stream().mapToLong(n -> n).toArray());
  }

  /** The case at its own sizes. */
  KernelCase full() {
    return at(sizes);
  }

  Template with(DType other) {
    return new Template(family, spec, other, axes, sizes, make);
  }

  Template with(List<Long> other) {
    return new Template(family, spec, dtype, axes, other, make);
  }

  /** Which sizes are cut first: 0 for counts, 1, 2 for what lies in order. */
  int rank(int axis) {
    return switch (axes.get(Math.min(axis, axes.size() - 1)).charAt(0)) {
      case '*' -> 0;
      case '=' -> 2;
      default -> 1;
    };
  }

  /** How many the emulator is to be left of something, if there are as many. */
  long least(int axis) {
    String[] parts = axes.get(Math.min(axis, axes.size() - 1)).split(">=");
    return parts.length == 1 ? 1 : Math.min(sizes.get(axis), Long.parseLong(parts[1]));
  }

  /** Whether it takes as many sizes as one likes. */
  boolean isOpen() {
    return axes.size() == 1 && sizes.size() > 1;
  }

  /** The axes as they are typed: {@code rows×columns}. */
  String typed() {
    return String.join("×", axes).replaceAll(">=\\d+|[*=]", "");
  }
}
