package org.adjoint.samples.common;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/** A map of a surface: darker is lower, lines join equal heights, and paths wander over it. */
final class SurfaceDrawing {
  private static final int SIDE = 560;
  private static final int LEVELS = 24;
  private static final int LINE = 22; // of text, with the space between

  private final Surface surface;
  private final BufferedImage page;
  private final Graphics2D pen;
  private final int left;
  private final int top;

  private SurfaceDrawing(Surface surface, int paths) {
    this.surface = surface;
    left = Paper.MARGIN + 70;
    top = Paper.MARGIN + 34;
    int height = top + SIDE + 2 * LINE + 10 + paths * LINE + Paper.MARGIN;
    page = new BufferedImage(left + SIDE + Paper.MARGIN, height, BufferedImage.TYPE_INT_RGB);
    pen = Paper.pen(page);
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, page.getWidth(), page.getHeight());
  }

  static byte[] of(String title, String x, String y, Surface surface, List<Series> paths) {
    var drawing = new SurfaceDrawing(surface, paths.size());
    drawing.heights();
    drawing.axes(title, x, y);
    for (int i = 0; i < paths.size(); i++) {
      drawing.path(paths.get(i), Chart.colour(i), i);
    }
    drawing.pen.dispose();
    return Paper.png(drawing.page);
  }

  /**
   * A pixel is on a line of equal height where its level is not that of its neighbour below or on
   * its right. The levels are finer near the least value, where minima are.
   */
  private void heights() {
    double least = extreme(true);
    double span = extreme(false) - least;
    double[][] share = new double[SIDE + 1][SIDE + 1];
    for (int row = 0; row <= SIDE; row++) {
      for (int column = 0; column <= SIDE; column++) {
        double height = surface.at(x(column), y(row)) - least;
        share[row][column] = span > 0 ? Math.sqrt(Math.max(0, height / span)) : 0;
      }
    }
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double here = share[row][column];
        boolean line =
            level(here) != level(share[row][column + 1])
                || level(here) != level(share[row + 1][column]);
        page.setRGB(left + column, top + row, line ? 0x8FA6B8 : shade(here));
      }
    }
  }

  private static int level(double share) {
    return Math.min(LEVELS - 1, (int) (share * LEVELS));
  }

  private double extreme(boolean least) {
    var finite =
        Arrays.stream(surface.values()).flatMapToDouble(Arrays::stream).filter(Double::isFinite);
    return (least ? finite.min() : finite.max()).orElse(0);
  }

  /** From a pale blue, low, to nearly white, high: paths must be seen on it. */
  private static int shade(double share) {
    return new Color(
            (int) (0xB4 + share * (0xFC - 0xB4)),
            (int) (0xCF + share * (0xFC - 0xCF)),
            (int) (0xE4 + share * (0xFC - 0xE4)))
        .getRGB();
  }

  private double x(int column) {
    return surface.left() + (surface.right() - surface.left()) * column / SIDE;
  }

  private double y(int row) {
    return surface.top() - (surface.top() - surface.bottom()) * row / SIDE;
  }

  private void axes(String title, String x, String y) {
    pen.setColor(Paper.INK);
    pen.drawRect(left - 1, top - 1, SIDE + 1, SIDE + 1);
    for (int i = 0; i <= 4; i++) {
      int at = i * SIDE / 4;
      centred(Chart.label(x(at)), left + at, top + SIDE + LINE - 4);
      String height = Chart.label(y(at));
      pen.drawString(height, left - 8 - width(height), top + at + 5);
    }
    centred(x, left + SIDE / 2, top + SIDE + 2 * LINE - 2);
    pen.drawString(y, Paper.MARGIN, top + SIDE / 2 + 5);
    pen.setFont(Paper.titleFont());
    centred(title, page.getWidth() / 2, Paper.MARGIN + 16);
    pen.setFont(Paper.textFont());
  }

  private void centred(String text, int middle, int baseline) {
    pen.drawString(text, middle - width(text) / 2, baseline);
  }

  private int width(String text) {
    return pen.getFontMetrics().stringWidth(text);
  }

  private void path(Series path, Color colour, int number) {
    pen.setColor(colour);
    pen.setStroke(new BasicStroke(2));
    pen.setClip(left, top, SIDE, SIDE);
    for (int i = 0; i < path.x().length; i++) {
      double across = left + (path.x()[i] - surface.left()) / (x(SIDE) - x(0)) * SIDE;
      double down = top + (path.y()[i] - surface.top()) / (y(SIDE) - y(0)) * SIDE;
      double radius = i == 0 ? 6 : 3.5; // a path begins at its large dot
      pen.fill(new Ellipse2D.Double(across - radius, down - radius, 2 * radius, 2 * radius));
      if (i > 0 && path.joined()) {
        double fromX = left + (path.x()[i - 1] - surface.left()) / (x(SIDE) - x(0)) * SIDE;
        double fromY = top + (path.y()[i - 1] - surface.top()) / (y(SIDE) - y(0)) * SIDE;
        pen.draw(new Line2D.Double(fromX, fromY, across, down));
      }
    }
    pen.setClip(null);
    int baseline = top + SIDE + 10 + (number + 3) * LINE - 6;
    pen.fill(new Ellipse2D.Double(left, baseline - 10, 10, 10));
    pen.setColor(Paper.INK);
    pen.drawString(path.name(), left + 18, baseline);
  }
}
