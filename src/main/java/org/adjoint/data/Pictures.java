package org.adjoint.data;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/** Pictures and their labels as bytes, which become numbers only as they are asked for. */
public final class Pictures {
  private Pictures() {}

  /**
   * Pictures of {@code channels} × {@code height} × {@code width} bytes each, one after the other,
   * as F32 [B, C, H, W] from 0 to 1, and their labels as I64 [B].
   *
   * @throws IllegalArgumentException if there are not as many pictures as labels
   */
  public static Dataset of(byte[] pixels, byte[] labels, int channels, int height, int width) {
    long each = Shape.of(channels, height, width).count();
    if (each == 0 || pixels.length != each * labels.length) {
      throw new IllegalArgumentException(
          "pictures: %d bytes are not %d × %d × %d for each of %d labels"
              .formatted(pixels.length, channels, height, width, labels.length));
    }
    return new Bytes(pixels, labels, new int[] {channels, height, width});
  }

  @SuppressWarnings("ArrayRecordComponent") // no one compares two data sets by equals
  private record Bytes(byte[] pixels, byte[] labels, int[] sizes) implements Dataset {
    @Override
    public int size() {
      return labels.length;
    }

    @Override
    public Batch get(int... rows) {
      Shape shape = Shape.of(rows.length, sizes[0], sizes[1], sizes[2]);
      int each = sizes[0] * sizes[1] * sizes[2];
      float[] values = new float[Math.toIntExact(shape.count())];
      long[] classes = new long[rows.length];
      for (int i = 0; i < rows.length; i++) {
        classes[i] = labels[rows[i]] & 0xff;
        for (int k = 0; k < each; k++) {
          values[i * each + k] = (pixels[rows[i] * each + k] & 0xff) / 255f;
        }
      }
      return new Batch(Tensor.of(shape, values), Tensor.of(classes));
    }
  }
}
