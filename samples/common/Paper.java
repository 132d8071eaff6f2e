package org.adjoint.samples.common;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * What all pictures have in common. This, {@link Chart} and the drawings need java.desktop: they
 * are loaded only where {@link Pictures} found it.
 */
final class Paper {
  static final Color INK = new Color(0x333333);
  static final Color RULE = new Color(0xDDDDDD);
  static final int MARGIN = 16;

  private Paper() {}

  /** Whether text can be drawn: a slim system may have no fonts, which shows in many ways. */
  static boolean canWrite() {
    try {
      Graphics2D pen = pen(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
      pen.drawString("x", 0, 0);
      pen.dispose();
      return true;
    } catch (RuntimeException | LinkageError | InternalError e) {
      return false;
    }
  }

  static Graphics2D pen(BufferedImage page) {
    Graphics2D pen = page.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.setFont(textFont());
    return pen;
  }

  static Font textFont() {
    return new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  }

  static Font titleFont() {
    return new Font(Font.SANS_SERIF, Font.BOLD, 18);
  }

  static byte[] png(BufferedImage image) {
    var bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", bytes)) {
        throw new IllegalStateException("every Java platform must write PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
    return bytes.toByteArray();
  }
}
