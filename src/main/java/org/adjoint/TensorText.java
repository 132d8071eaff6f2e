package org.adjoint;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/** Writes a tensor as nested brackets, aligned, with the middle of long axes left out. */
final class TensorText {
  private static final int EDGE = 3;
  private static final int LONGEST = 8;

  private final Tensor tensor;
  // What is shown of the elements, in row-major order; first the numbers, then their texts.
  private final List<Object> elements = new ArrayList<>();
  private List<String> texts = List.of();
  private int next;

  private TensorText(Tensor tensor) {
    this.tensor = tensor;
  }

  static String of(Tensor tensor) {
    String head = tensor.dtype() + tensor.shape().toString() + " ";
    return head + new TensorText(tensor).write(head.length() + 1);
  }

  private String write(int indent) {
    collect(tensor.layout(), 0);
    texts = aligned(elements.stream().map(format()).toList());
    StringBuilder text = new StringBuilder();
    write(0, indent, text);
    return text.toString();
  }

  /** Reads straight from the storage: showing a tensor computes nothing. */
  private void collect(Layout part, int axis) {
    if (axis < tensor.rank() && tensor.size(axis) > LONGEST) {
      collect(part, axis, 0, EDGE);
      collect(part, axis, tensor.size(axis) - EDGE, EDGE);
    } else if (axis < tensor.rank()) {
      collect(part, axis, 0, tensor.size(axis));
    } else {
      Object array = Backend.of(tensor.device()).read(new Operand(tensor.storage(), part));
      for (int i = 0; i < Array.getLength(array); i++) {
        elements.add(element(Array.get(array, i)));
      }
    }
  }

  private void collect(Layout part, int axis, long start, long count) {
    if (axis == tensor.rank() - 1) {
      collect(part.slice(axis, start, count, 1), axis + 1);
      return;
    }
    for (long i = start; i < start + count; i++) {
      collect(part.slice(axis, i, 1, 1), axis + 1);
    }
  }

  /** A Double for floating dtypes, a Long for integers, a Boolean for truth values. */
  private Object element(Object stored) {
    return switch (tensor.dtype()) {
      case F64, F32 -> ((Number) stored).doubleValue();
      case BF16 -> (double) Float.intBitsToFloat((Short) stored << 16);
      case F16 -> (double) Float.float16ToFloat((Short) stored);
      case I64, I32 -> ((Number) stored).longValue();
      case U8 -> (long) Byte.toUnsignedInt((Byte) stored);
      case BOOL -> (Byte) stored != 0;
    };
  }

  /**
   * One format for all: whole numbers, four decimals, or powers of ten for large and small ones.
   */
  private Function<Object, String> format() {
    boolean whole = true;
    double largest = 0;
    double smallest = Double.POSITIVE_INFINITY;
    for (Object element : elements) {
      if (element instanceof Double x && Double.isFinite(x)) {
        whole &= x == Math.rint(x);
        if (x != 0) {
          largest = Math.max(largest, Math.abs(x));
          smallest = Math.min(smallest, Math.abs(x));
        }
      }
    }
    boolean plain = largest < 1e6 && smallest >= 1e-3;
    String pattern = !plain ? "%.4e" : whole ? "%.0f." : "%.4f";
    return element ->
        element instanceof Double x && Double.isFinite(x)
            ? String.format(Locale.ROOT, pattern, x)
            : element.toString();
  }

  private static List<String> aligned(List<String> texts) {
    int width = texts.stream().mapToInt(String::length).max().orElse(0);
    return texts.stream().map(text -> " ".repeat(width - text.length()) + text).toList();
  }

  private void write(int axis, int indent, StringBuilder text) {
    if (axis == tensor.rank()) {
      text.append(texts.get(next++));
      return;
    }
    long size = tensor.size(axis);
    String separator = axis == tensor.rank() - 1 ? ", " : ",\n" + " ".repeat(indent);
    text.append('[');
    for (long i = 0; i < size; i++) {
      if (size > LONGEST && i == EDGE) {
        text.append("…").append(separator);
        i = size - EDGE;
      }
      write(axis + 1, indent + 1, text);
      text.append(i == size - 1 ? "" : separator);
    }
    text.append(']');
  }
}
