package org.adjoint.samples.common;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Locale;

/** A table in shades: the greater, the darker; what is no number is red. */
final class HeatMapDrawing {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 52;
  private static final int TEXT = 24;

  private HeatMapDrawing() {}

  static byte[] of(String title, HeatMap map) {
    int rows = map.rows().size();
    int columns = map.columns().size();
    int left = Paper.MARGIN + 130;
    int top = Paper.MARGIN + 34;
    int pageWidth = left + Math.max(4, columns) * WIDTH + Paper.MARGIN;
    int pageHeight = top + rows * HEIGHT + 2 * TEXT + Paper.MARGIN;
    var page = new BufferedImage(pageWidth, pageHeight, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = Paper.pen(page);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, pageWidth, pageHeight);
    pen.setColor(Paper.INK);
    pen.setFont(Paper.titleFont());
    centred(pen, title, pageWidth / 2, Paper.MARGIN + 16);
    pen.setFont(Paper.textFont());
    for (int row = 0; row < rows; row++) {
      int middle = top + row * HEIGHT + HEIGHT / 2 + 5;
      String label = map.rows().get(row);
      pen.setColor(Paper.INK);
      pen.drawString(label, left - 10 - pen.getFontMetrics().stringWidth(label), middle);
      for (int column = 0; column < columns; column++) {
        double value = map.values()[row][column];
        double share = share(map, value);
        int x = left + column * WIDTH;
        pen.setColor(shade(share));
        pen.fillRect(x, top + row * HEIGHT, WIDTH - 2, HEIGHT - 2);
        pen.setColor(share > 0.5 || Double.isNaN(share) ? Color.WHITE : Paper.INK);
        centred(pen, String.format(Locale.ROOT, map.format(), value), x + WIDTH / 2, middle);
      }
    }
    pen.setColor(Paper.INK);
    int below = top + rows * HEIGHT + TEXT - 6;
    for (int column = 0; column < columns; column++) {
      centred(pen, map.columns().get(column), left + column * WIDTH + WIDTH / 2, below);
    }
    centred(pen, map.columnTitle(), left + columns * WIDTH / 2, below + TEXT);
    pen.drawString(map.rowTitle(), Paper.MARGIN, below + TEXT);
    pen.dispose();
    return Paper.png(page);
  }

  private static void centred(Graphics2D pen, String text, int middle, int baseline) {
    pen.drawString(text, middle - pen.getFontMetrics().stringWidth(text) / 2, baseline);
  }

  /** Where a value lies between the least and the greatest; NaN if it is not finite. */
  private static double share(HeatMap map, double value) {
    double[] finite =
        Arrays.stream(map.values())
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    if (!Double.isFinite(value)) {
      return Double.NaN;
    }
    double span = finite[finite.length - 1] - finite[0];
    return span > 0 ? (value - finite[0]) / span : 0;
  }

  private static Color shade(double share) {
    if (Double.isNaN(share)) {
      return new Color(0xCC0000);
    }
    return new Color(
        (int) (0xF2 + share * (0x0B - 0xF2)),
        (int) (0xF6 + share * (0x3C - 0xF6)),
        (int) (0xFA + share * (0x6F - 0xFA)));
  }
}
