package org.adjoint;

import java.util.Locale;

/** Writes a tensor as nested brackets, aligned, with the middle of long axes left out. */
final class TensorText {
  private static final int EDGE = 3;
  private static final int LONGEST = 8;

  private final Tensor tensor;

  private TensorText(Tensor tensor) {
    this.tensor = tensor;
  }

  static String of(Tensor tensor) {
    String head = tensor.dtype() + tensor.shape().toString() + " ";
    return Grad.off(() -> head + new TensorText(tensor).write(tensor, head.length() + 1));
  }

  private String write(Tensor part, int indent) {
    if (part.rank() == 0) {
      return number(part.item());
    }
    long size = part.size(0);
    boolean innermost = part.rank() == 1;
    String separator = innermost ? ", " : ",\n" + " ".repeat(indent);
    StringBuilder text = new StringBuilder("[");
    for (long i = 0; i < size; i++) {
      if (size > LONGEST && i == EDGE) {
        text.append("…").append(separator);
        i = size - EDGE;
      }
      text.append(write(part.select(0, i), indent + 1));
      text.append(i == size - 1 ? "" : separator);
    }
    return text.append("]").toString();
  }

  private String number(double value) {
    if (tensor.dtype() == DType.BOOL) {
      return value != 0 ? "true" : "false";
    }
    boolean floating = tensor.dtype().isFloating();
    if (!floating || value == Math.rint(value) && Math.abs(value) < 1e6) {
      return floating ? String.format(Locale.ROOT, "%.0f.", value) : Long.toString((long) value);
    }
    boolean plain = Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6;
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.4e", value);
  }
}
