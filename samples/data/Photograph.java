package org.adjoint.samples.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** Reads photographs, in any form that the JDK decodes (PNG, JPEG, …); needs java.desktop. */
public final class Photograph {
  /** Of a decoded pixel: four channels of 16 bits. */
  private static final int MOST_BYTES = 8;

  private Photograph() {}

  /**
   * The largest square in the middle of a picture, as F32 [1, 3, side, side]: planes of red, green
   * and blue from 0 to 255. Each pixel is the mean of those that it stands for; a picture that has
   * the size already is left as it is.
   *
   * @throws IOException in one line, if {@code file} is missing, no sound picture, or too large
   */
  public static Tensor square(Path file, int side) throws IOException {
    BufferedImage image = read(file);
    int size = Math.min(image.getWidth(), image.getHeight());
    int left = (image.getWidth() - size) / 2;
    int top = (image.getHeight() - size) / 2;
    float[] planes = new float[3 * side * side];
    for (int y = 0; y < side; y++) {
      // Even windows, as those of adaptive pooling: they may share a row where sizes do not divide.
      int above = (int) ((long) y * size / side);
      int below = (int) Math.ceilDiv((y + 1L) * size, side);
      for (int x = 0; x < side; x++) {
        int west = (int) ((long) x * size / side);
        int east = (int) Math.ceilDiv((x + 1L) * size, side);
        int[] pixels =
            image.getRGB(
                left + west, top + above, east - west, below - above, null, 0, east - west);
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          for (int pixel : pixels) {
            sum += (pixel >> (16 - 8 * c)) & 0xff;
          }
          planes[(c * side + y) * side + x] = (float) (sum / pixels.length);
        }
      }
    }
    return Tensor.of(Shape.of(1, 3, side, side), planes);
  }

  private static BufferedImage read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": " + (Files.exists(file) ? "not a file" : "no such file"));
    }
    if (ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
      throw new IOException(file + ": this Java has no java.desktop to read pictures with");
    }
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException(file + ": not a picture that this Java can read");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        // A header may promise a picture larger than any memory.
        if (pixels * MOST_BYTES > Runtime.getRuntime().maxMemory() / 2) {
          throw new IOException(
              "%s: %d pixels are too many for the memory; start Java with a larger -Xmx"
                  .formatted(file, pixels));
        }
        return reader.read(0);
      } catch (RuntimeException e) { // the readers have some of their own for damaged files
        throw new IOException(file + ": not a sound picture: " + e, e);
      } finally {
        reader.dispose();
      }
    }
  }
}
