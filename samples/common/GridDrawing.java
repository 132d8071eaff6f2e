package org.adjoint.samples.common;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Small grey images side by side. */
final class GridDrawing {
  private static final int GAP = 8;

  private GridDrawing() {}

  static byte[] of(String title, Grid grid) {
    int zoom = grid.zoom();
    int width = grid.images().get(0)[0].length * zoom;
    int height = grid.images().get(0).length * zoom;
    var probe = Paper.pen(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
    int caption = longest(grid.captions(), probe);
    int left = grid.rows().isEmpty() ? 0 : longest(grid.rows(), probe) + GAP;
    int captionHeight = grid.captions().isEmpty() ? 0 : probe.getFontMetrics().getHeight() + 2;
    int titleWidth = probe.getFontMetrics(Paper.titleFont()).stringWidth(title);
    int titleHeight =
        title.isEmpty() ? 0 : probe.getFontMetrics(Paper.titleFont()).getHeight() + GAP;
    probe.dispose();

    int columns = Math.min(grid.columns(), grid.images().size());
    int rows = (grid.images().size() + columns - 1) / columns;
    int stepX = Math.max(width, caption) + GAP; // wide enough for the longest caption
    int stepY = height + captionHeight + GAP;
    int across = left + columns * stepX - GAP;
    int pageWidth = 2 * Paper.MARGIN + Math.max(across, titleWidth);
    int pageHeight = 2 * Paper.MARGIN + titleHeight + rows * stepY - GAP;

    var page = new BufferedImage(pageWidth, pageHeight, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = Paper.pen(page);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, pageWidth, pageHeight);
    pen.setColor(Paper.INK);
    pen.setFont(Paper.titleFont());
    centred(pen, title, pageWidth / 2, Paper.MARGIN);
    pen.setFont(Paper.textFont());
    float[] common = range(grid.images());
    for (int i = 0; i < grid.images().size(); i++) {
      float[][] image = grid.images().get(i);
      int cell = (pageWidth - across) / 2 + left + i % columns * stepX;
      int x = cell + (stepX - GAP - width) / 2;
      int y = Paper.MARGIN + titleHeight + i / columns * stepY;
      paint(
          page,
          image,
          grid.range() == Grid.Range.EACH ? range(List.<float[][]>of(image)) : common,
          zoom,
          x,
          y);
      pen.setColor(Paper.RULE);
      pen.drawRect(x - 1, y - 1, width + 1, height + 1); // else white images have no edge
      pen.setColor(Paper.INK);
      if (left > 0 && i % columns == 0) {
        FontMetrics metrics = pen.getFontMetrics();
        String name = grid.rows().get(i / columns);
        int end = cell - GAP - metrics.stringWidth(name);
        pen.drawString(name, end, y + (height + metrics.getAscent() - metrics.getDescent()) / 2);
      }
      if (captionHeight > 0) {
        centred(pen, grid.captions().get(i), cell + (stepX - GAP) / 2, y + height + 2);
      }
    }
    pen.dispose();
    return Paper.png(page);
  }

  private static int longest(List<String> texts, Graphics2D pen) {
    return texts.stream().mapToInt(pen.getFontMetrics()::stringWidth).max().orElse(0);
  }

  private static void centred(Graphics2D pen, String text, int middle, int top) {
    FontMetrics metrics = pen.getFontMetrics();
    pen.drawString(text, middle - metrics.stringWidth(text) / 2, top + metrics.getAscent());
  }

  private static void paint(
      BufferedImage page, float[][] image, float[] range, int zoom, int left, int top) {
    for (int y = 0; y < image.length * zoom; y++) {
      for (int x = 0; x < image[0].length * zoom; x++) {
        page.setRGB(left + x, top + y, colour(image[y / zoom][x / zoom], range[0], range[1]));
      }
    }
  }

  private static int colour(float value, float black, float white) {
    if (!Float.isFinite(value)) {
      return 0xCC0000;
    }
    // In double: the span of two floats may be no float.
    double share = white > black ? ((double) value - black) / ((double) white - black) : 0.5;
    int grey = (int) Math.round(255 * share);
    return grey << 16 | grey << 8 | grey;
  }

  /** The least and the greatest finite value. */
  private static float[] range(List<float[][]> images) {
    float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    for (float[][] image : images) {
      for (float[] row : image) {
        for (float value : row) {
          if (Float.isFinite(value)) {
            range[0] = Math.min(range[0], value);
            range[1] = Math.max(range[1], value);
          }
        }
      }
    }
    return range;
  }
}
