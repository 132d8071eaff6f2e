package org.adjoint.io.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.adjoint.Shape;
import org.adjoint.io.Quoted;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * Reads a TensorProto. Its elements are raw bytes, or numbers in the field of their type (in that
 * of the 32-bit integers, if they are narrower), which become raw bytes here.
 */
final class OnnxConstant {
  private static final int MOST_AXES = 255;

  private final WireReader in;
  private final Numbers sizes = new Numbers();
  private final Numbers numbers = new Numbers();
  private String name = "";
  private @Nullable ElementType type;
  private byte @Nullable [] raw;
  private int numbersField;

  private OnnxConstant(WireReader in) {
    this.in = in;
  }

  static Constant read(WireReader in) throws IOException {
    OnnxConstant constant = new OnnxConstant(in);
    while (in.next()) {
      constant.field();
    }
    return constant.checked();
  }

  private void field() throws IOException {
    int field = in.field();
    switch (field) {
      case 1 -> in.integers(sizes::add);
      case 2 -> type = OnnxReader.type(in, in.integer());
      case 4 -> in.fixed(4, numbers(field));
      case 5, 7, 11 -> in.integers(numbers(field));
      case 10 -> in.fixed(8, numbers(field));
      case 8 -> name = in.text();
      case 9 -> raw = in.bytes();
      case 3 -> throw in.unknown("tensor " + Quoted.of(name) + " is cut into segments");
      case 6 -> throw in.unknown("tensor " + Quoted.of(name) + " holds texts");
      case 13 ->
          throw in.unknown(
              "tensor "
                  + Quoted.of(name)
                  + " lies in another file; save the model with its weights inside");
      case 14 -> {
        if (in.integer() != 0) {
          throw in.unknown(
              "tensor "
                  + Quoted.of(name)
                  + " lies in another file; save the model with its weights inside");
        }
      }
      default -> in.skip();
    }
  }

  private LongConsumer numbers(int field) throws IOException {
    if (numbersField != 0 && numbersField != field) {
      throw refused("has elements of two kinds");
    }
    numbersField = field;
    return numbers::add;
  }

  private Constant checked() throws IOException {
    ElementType known = type;
    if (known == null) {
      throw refused("does not tell its type");
    }
    Shape shape = shape();
    byte[] bytes = raw;
    if (bytes == null) {
      bytes = bytes(known);
    } else if (numbers.count > 0) {
      throw refused("has elements of two kinds");
    }
    int width = known.encoding().bytes();
    // Compared by division: the product may be more than a long holds.
    if (bytes.length % width != 0 || bytes.length / width != shape.count()) {
      throw refused("%s %s does not take %d bytes".formatted(known, shape, bytes.length));
    }
    return new Constant(name, known, shape, bytes);
  }

  private Shape shape() throws IOException {
    if (sizes.count > MOST_AXES) {
      throw refused("has " + sizes.count + " axes; " + MOST_AXES + " are the most");
    }
    try {
      return Shape.of(Arrays.copyOf(sizes.values, sizes.count));
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  /** The numbers as raw bytes. */
  private byte[] bytes(ElementType known) throws IOException {
    if (numbers.count > 0 && numbersField != known.field()) {
      throw refused("of type " + known + " has its elements in field " + numbersField);
    }
    int width = known.encoding().bytes();
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.allocate(Math.multiplyExact(numbers.count, width));
    } catch (ArithmeticException e) {
      throw refused("has more than 2^31 bytes");
    }
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < numbers.count; i++) {
      long number = numbers.values[i];
      // Either the sign or zeros may fill up what lies above the number's own bits.
      if (width < 8 && number >> (8 * width) != 0 && number >> (8 * width - 1) != -1) {
        throw refused("has %d where %s is due".formatted(number, known));
      }
      switch (width) {
        case 1 -> bytes.put((byte) number);
        case 2 -> bytes.putShort((short) number);
        case 4 -> bytes.putInt((int) number);
        default -> bytes.putLong(number);
      }
    }
    return bytes.array();
  }

  private IOException refused(String why) {
    return in.bad("tensor " + Quoted.of(name) + " " + why);
  }

  /** Numbers as they come. */
  private static final class Numbers {
    private long[] values = new long[8];
    private int count;

    void add(long value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
    }
  }
}
