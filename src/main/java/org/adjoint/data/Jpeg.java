package org.adjoint.data;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes JPEG by the JDK's own reader: the one class that needs the module java.desktop. */
final class Jpeg {
  private Jpeg() {}

  /**
   * The picture as planes of red, green and blue, each row by row; a grey one has three alike.
   *
   * @throws IOException if it is damaged, or of another size
   */
  static byte[] planes(byte[] jpeg, int height, int width) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
      reader.setInput(in, true, true);
      // The size is checked first: a header may promise a picture larger than any memory.
      if (reader.getHeight(0) != height || reader.getWidth(0) != width) {
        throw new IOException(
            "a picture of %d×%d, not %d×%d"
                .formatted(reader.getHeight(0), reader.getWidth(0), height, width));
      }
      return planes(reader.read(0));
    } catch (RuntimeException e) { // the reader has some of its own for damaged files
      throw new IOException("not a sound JPEG: " + e, e);
    } finally {
      reader.dispose();
    }
  }

  private static byte[] planes(BufferedImage image) throws IOException {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    if (bands != 1 && bands != 3) {
      throw new IOException("a picture of " + bands + " channels");
    }
    int area = image.getHeight() * image.getWidth();
    byte[] planes = new byte[3 * area];
    for (int i = 0; i < planes.length; i++) {
      int pixel = i % area;
      int band = bands == 1 ? 0 : i / area;
      planes[i] = (byte) raster.getSample(pixel % image.getWidth(), pixel / image.getWidth(), band);
    }
    return planes;
  }
}
