package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Pad;
import org.adjoint.op.Sliding;

/**
 * How a node's window slides, one number per spatial axis: what its attributes say, and for {@code
 * auto_pad} what follows from them.
 */
record Sliders(int[] kernel, int[] strides, int[] dilations, int[] before, int[] after) {
  /** The geometry of {@code call} for an input [N, C, spatial] and windows of {@code kernel}. */
  static Sliders of(Call call, Shape input, int... kernel) {
    int n = kernel.length;
    call.needs(
        input.rank() == n + 2, "a window of " + n + " axes does not fit an input of " + input);
    int[] strides = each(call, "strides", n, 1);
    int[] dilations = each(call, "dilations", n, 1);
    int[] pads = each(call, "pads", 2 * n, 0);
    int[] before = Arrays.copyOf(pads, n);
    int[] after = Arrays.copyOfRange(pads, n, 2 * n);
    String auto = call.text("auto_pad", "NOTSET");
    switch (auto.isEmpty() ? "NOTSET" : auto) {
      case "NOTSET" -> {}
      case "VALID" -> {
        Arrays.fill(before, 0);
        Arrays.fill(after, 0);
      }
      case "SAME_UPPER", "SAME_LOWER" -> {
        // As many outputs as strides fit into the input; an odd cell goes to the side named.
        for (int i = 0; i < n; i++) {
          long size = input.size(i + 2);
          long out = Math.ceilDiv(size, strides[i]);
          long all = (out - 1) * strides[i] + (kernel[i] - 1L) * dilations[i] + 1 - size;
          int total = (int) Math.max(0, all);
          before[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
          after[i] = total - before[i];
        }
      }
      default -> throw call.unsupported("auto_pad = '" + auto + "'");
    }
    boolean negative =
        IntStream.concat(Arrays.stream(before), Arrays.stream(after)).anyMatch(p -> p < 0);
    call.supports(!negative, "negative pads");
    return new Sliders(kernel, strides, dilations, before, after);
  }

  /** The attribute {@code name} with {@code n} numbers, or {@code otherwise} for each. */
  static int[] each(Call call, String name, int n, int otherwise) {
    int[] all = new int[n];
    Arrays.fill(all, otherwise);
    if (call.says(name)) {
      all = Arrays.stream(call.integers(name)).mapToInt(Math::toIntExact).toArray();
      call.needs(all.length == n, name + " must have " + n + " numbers");
    }
    return all;
  }

  /** The sizes of a window that pools. */
  static int[] kernel(Call call) {
    return Arrays.stream(call.integers("kernel_shape")).mapToInt(Math::toIntExact).toArray();
  }

  /** Whether as much is padded before as after, along each axis. */
  boolean isEven() {
    return Arrays.equals(before, after);
  }

  boolean isPadded() {
    return Arrays.stream(before).anyMatch(p -> p > 0) || Arrays.stream(after).anyMatch(p -> p > 0);
  }

  /**
   * How many cells windows reach beyond the padding where their number is rounded up. A window that
   * would begin beyond the cells and the padding before them is none.
   */
  int[] beyond(Shape input) {
    int[] more = new int[kernel.length];
    for (int i = 0; i < kernel.length; i++) {
      long size = input.size(i + 2) + before[i];
      long reach = (kernel[i] - 1L) * dilations[i] + 1;
      long last = Math.ceilDiv(size + after[i] - reach, strides[i]) * strides[i];
      more[i] = last >= size ? 0 : Math.toIntExact(Math.max(0, last + reach - size - after[i]));
    }
    return more;
  }

  /** Without padding. */
  Sliding bare() {
    return Sliding.over(kernel.length).withStride(strides).withDilation(dilations);
  }

  /** With padding, which must be even. */
  Sliding padded() {
    return bare().withPadding(before);
  }

  /** {@code x} with cells of {@code value} where the padding is. */
  Tensor pad(Tensor x, double value) {
    int n = kernel.length;
    int[] amounts = new int[2 * n];
    for (int i = 0; i < n; i++) {
      amounts[2 * (n - 1 - i)] = before[i];
      amounts[2 * (n - 1 - i) + 1] = after[i];
    }
    return isPadded() ? Pad.constant(x, value, amounts) : x;
  }
}
