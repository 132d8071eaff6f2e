package org.adjoint.samples.common;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Charts of lines and points, by XChart. */
final class Chart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 600;

  /** Okabe and Ito's colours, which colour-blind readers tell apart; the yellow is too faint. */
  private static final Color[] COLOURS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0x56B4E9),
    new Color(0xE69F00),
    new Color(0x000000)
  };

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP
  };

  /** With more points than this, marks would only thicken the line. */
  private static final int MARKED = 40;

  /** With more points than this, not each can have a tick. */
  private static final int TICKED = 12;

  private Chart() {}

  /** The colour of line {@code number}, counted from 0. */
  static Color colour(int number) {
    return COLOURS[number % COLOURS.length];
  }

  static byte[] lines(
      String title, String xTitle, String yTitle, boolean logarithmic, List<Series> series) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart.getStyler(), series.size() > 1, logarithmic);
    int number = 0;
    for (Series line : series) {
      double[] y = drawable(line.y(), logarithmic);
      if (Arrays.stream(y).allMatch(Double::isNaN)) {
        continue; // a line of nothing but NaN has no place on the axes
      }
      XYSeries drawn = chart.addSeries(line.name(), line.x(), y);
      boolean marked = !line.joined() || y.length <= MARKED;
      drawn.setMarker(marked ? MARKERS[number++ % MARKERS.length] : SeriesMarkers.NONE);
      if (!line.joined()) {
        drawn.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      }
    }
    roundTicks(chart.getStyler(), series);
    return Paper.png(BitmapEncoder.getBufferedImage(chart));
  }

  /**
   * For a few equally spaced x XChart puts a tick at each, which suits epochs. For many it puts one
   * at each so many-th, at 4,080, 8,160 and so on: an end that is out of step turns that off.
   */
  private static void roundTicks(XYStyler style, List<Series> series) {
    if (series.stream().anyMatch(line -> line.x().length > TICKED)) {
      DoubleSummaryStatistics x =
          series.stream().flatMapToDouble(line -> Arrays.stream(line.x())).summaryStatistics();
      style.setXAxisMin(x.getMin());
      style.setXAxisMax(x.getMax() + 1e-3 * (x.getMax() - x.getMin()));
    }
  }

  private static void style(XYStyler style, boolean legend, boolean logarithmic) {
    style.setLocale(Locale.ROOT);
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setChartFontColor(Paper.INK);
    style.setChartPadding(Paper.MARGIN);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 20));
    style.setChartTitleBoxVisible(false);
    style.setChartTitlePadding(10);
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 16));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setAxisTickLabelsColor(Paper.INK);
    style.setAxisTickMarksColor(Paper.INK);
    style.setAxisTitlePadding(10);
    style.setXAxisTickMarkSpacingHint(90);
    style.setXAxisTickLabelsFormattingFunction(Chart::label);
    style.setYAxisTickLabelsFormattingFunction(Chart::label);
    style.setPlotGridLinesColor(Paper.RULE);
    style.setPlotGridLinesStroke(new BasicStroke(1));
    style.setLegendVisible(legend);
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setLegendBorderColor(Color.WHITE);
    // Below the plot no line can run through it.
    style.setLegendPosition(Styler.LegendPosition.OutsideS);
    style.setLegendLayout(Styler.LegendLayout.Horizontal);
    style.setYAxisLogarithmic(logarithmic);
    style.setSeriesColors(COLOURS);
    style.setSeriesLines(new BasicStroke[] {new BasicStroke(2.2f)});
    style.setMarkerSize(7);
    style.setAntiAlias(true);
    style.setTextAntiAlias(true);
  }

  /** A number on an axis, short and in full: XChart's own would write 0.05 as .05. */
  static String label(double value) {
    var number = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    double size = Math.abs(value);
    return size != 0 && (size < 1e-3 || size >= 1e7)
        ? number.toString().replace("E+", "E")
        : String.format(Locale.ROOT, "%,." + Math.max(0, number.scale()) + "f", number);
  }

  /** XChart leaves gaps for NaN, and fails on infinities. */
  private static double[] drawable(double[] y, boolean logarithmic) {
    return Arrays.stream(y)
        .map(v -> Double.isFinite(v) && (v > 0 || !logarithmic) ? v : Double.NaN)
        .toArray();
  }
}
