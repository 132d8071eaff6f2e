package org.adjoint.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** Text, and how a model is taught to predict what comes next in it. */
public final class Text {
  private Text() {}

  /**
   * A file of UTF-8, plain or gzipped.
   *
   * @throws IOException in one line: it is missing, damaged, larger than a quarter of the heap, or
   *     not UTF-8
   */
  public static String read(Path file) throws IOException {
    byte[] bytes = Unpacked.read(file, Unpacked.limit());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not UTF-8: " + e.getMessage(), e);
    }
  }

  /**
   * Windows on a text: example i is the {@code length} numbers from i · step on, as I64 [B, T], and
   * its targets are those one further on.
   *
   * @throws IllegalArgumentException if the text is not longer than a window, or the step below 1
   */
  public static Dataset windows(int[] text, int length, int step) {
    if (length < 1 || step < 1 || text.length <= length) {
      throw new IllegalArgumentException(
          "windows: length %d and step %d must be at least 1, and the text, of %d, longer"
              .formatted(length, step, text.length));
    }
    return new Windows(text.clone(), length, step);
  }

  @SuppressWarnings("ArrayRecordComponent") // no one compares two data sets by equals
  private record Windows(int[] text, int length, int step) implements Dataset {
    @Override
    public int size() {
      return (text.length - 1 - length) / step + 1;
    }

    @Override
    public Batch get(int... rows) {
      for (int row : rows) {
        Objects.checkIndex(row, size());
      }
      return new Batch(window(rows, 0), window(rows, 1));
    }

    private Tensor window(int[] rows, int shift) {
      long[] numbers = new long[Math.multiplyExact(rows.length, length)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = text[rows[i / length] * step + i % length + shift];
      }
      return Tensor.of(Shape.of(rows.length, length), numbers);
    }
  }
}
