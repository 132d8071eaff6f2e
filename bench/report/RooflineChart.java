package org.adjoint.bench.report;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.adjoint.bench.Ceilings;
import org.adjoint.samples.cli.Html;
import org.jspecify.annotations.Nullable;

/**
 * The rooflines of a page (Williams, Waterman and Patterson, Roofline, 2009): for each run with
 * kernels, every variant's arithmetic per byte and its speed, below the ceilings of its device.
 */
final class RooflineChart {
  private final Html html;
  private final Run run;
  private final Families families;
  private final List<Row> points;
  private final Axis x;
  private final Axis y;

  private RooflineChart(Html html, Run run, Families families, List<Row> points) {
    this.html = html;
    this.run = run;
    this.families = families;
    this.points = points;
    Map<String, Double> peaks = peaks(run.ceilings());
    double copy = run.ceilings() == null ? Double.NaN : run.ceilings().bytesPerSecond();
    x =
        Axis.around(
            10,
            DoubleStream.concat(
                    points.stream().mapToDouble(Row::intensity),
                    peaks.values().stream().mapToDouble(peak -> 2 * peak / copy))
                .toArray());
    y =
        Axis.around(
            10,
            DoubleStream.concat(
                    points.stream().mapToDouble(Row::flopPerSecond),
                    peaks.values().stream().mapToDouble(peak -> peak))
                .toArray());
  }

  private static Map<String, Double> peaks(@Nullable Ceilings ceilings) {
    return ceilings == null ? Map.of() : ceilings.flopPerSecond();
  }

  static void add(Html html, Report report, Families families) {
    if (report.kernels().findAny().isEmpty()) {
      return;
    }
    html.add("<section aria-labelledby=\"roofline\">\n<h2 id=\"roofline\">Roofline</h2>\n");
    html.add("<p>Each point is a variant on one shape. The slope is the speed of memory, the level")
        .add(" lines are those of arithmetic; how near a point is to the lowest line above it is")
        .add(
            " its share of the roofline. Filled points are the variants that an operation takes by")
        .add(" itself. A point leads to its row in the table below.</p>\n");
    legend(html, families);
    for (Run run : report.runs()) {
      List<Row> kernels = run.kernels().toList();
      List<Row> points =
          kernels.stream()
              .filter(row -> row.flopPerSecond() > 0 && Double.isFinite(row.flopPerSecond()))
              .filter(row -> row.intensity() > 0 && Double.isFinite(row.intensity()))
              .sorted(Comparator.comparingDouble(Row::intensity))
              .toList();
      if (!points.isEmpty()) {
        new RooflineChart(html, run, families, points).draw(report);
      }
      left(html, kernels.size() - points.size());
    }
    html.add("</section>\n");
  }

  private static void legend(Html html, Families families) {
    html.add("<ul class=\"legend\" aria-label=\"Families\">\n");
    for (String family : families.names()) {
      html.add("<li>");
      families.sign(html, family);
      html.add(" {}</li>\n", family);
    }
    html.add("</ul>\n");
  }

  private static void left(Html html, int count) {
    if (count > 0) {
      html.add("<p class=\"faint\">{} {} no arithmetic, or no time,", count, rows(count))
          .add(" and so no place in the chart; the ladders and the table have them.</p>\n");
    }
  }

  private static String rows(int count) {
    return count == 1 ? "row has" : "rows have";
  }

  private void draw(Report report) {
    html.add("<figure class=\"roofline\">\n<figcaption>");
    Figures.run(html, report, run.letter());
    html.add("{}", run.device());
    if (run.isImplied()) {
      html.add(" <span class=\"badge implied\">implied, not measured</span>");
    }
    html.add(" <span class=\"faint\">{}</span>", ceilings());
    html.add("</figcaption>\n<p class=\"axis\">↑ FLOP/s</p>\n")
        .add("<svg class=\"plot\" role=\"group\" aria-label=\"Roofline of {}: ", run.device())
        .add("{} points. The arrow keys go from one to the next.\">\n", points.size());
    grid();
    if (run.ceilings() != null) {
      ceilings(run.ceilings());
    }
    // Chosen variants last: they lie on top.
    points.stream().sorted(Comparator.comparing(Row::isChosen)).forEach(this::point);
    html.add("</svg>\n<p class=\"axis end\">FLOP per byte that must be moved →</p>\n</figure>\n");
  }

  private String ceilings() {
    if (run.ceilings() == null) {
      return "The file names no ceilings.";
    }
    return run.ceilings().measured()
        ? "Ceilings measured in the same run."
        : "Ceilings are the maker's figures.";
  }

  private void grid() {
    for (double tick : x.ticks()) {
      html.add("<line class=\"grid\" x1=\"{}\" x2=\"{}\" ", x.across(tick), x.across(tick))
          .add("y1=\"0\" y2=\"100%\"/><text x=\"{}\" y=\"100%\" dy=\"1.4em\" ", x.across(tick))
          .add("text-anchor=\"middle\">{}</text>\n", Units.tick(tick));
    }
    for (double tick : y.ticks()) {
      html.add("<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{}\" ", y.down(tick))
          .add("y2=\"{}\"/><text x=\"0\" y=\"{}\" ", y.down(tick), y.down(tick))
          .add("dx=\"-.5em\" dy=\".35em\" text-anchor=\"end\">{}</text>\n", scale(tick));
    }
  }

  /** 10 G rather than 10.0 GFLOP/s: the unit stands above. */
  private static String scale(double rate) {
    return Units.flopPerSecond(rate).replace("FLOP/s", "").replaceFirst("\\.0+", "").strip();
  }

  private void ceilings(Ceilings ceilings) {
    double copy = ceilings.bytesPerSecond();
    double top = y.high();
    Map<Double, String> levels = new TreeMap<>(); // equal ones have one line
    ceilings
        .flopPerSecond()
        .forEach((kind, peak) -> levels.merge(peak, kind, (one, other) -> one + ", " + other));
    for (Map.Entry<Double, String> level : levels.entrySet()) {
      double peak = level.getKey();
      top = peak;
      line(Math.max(x.low(), peak / copy), peak, x.high(), peak);
      label(peak / copy, peak, level.getValue() + " " + Units.flopPerSecond(peak));
    }
    double left = Math.max(x.low(), y.low() / copy);
    double right = Math.min(x.high(), top / copy);
    line(left, left * copy, right, right * copy);
    double middle = Math.sqrt(left * right);
    label(middle, middle * copy, "copy " + Units.bytesPerSecond(copy));
  }

  private void line(double fromX, double fromY, double toX, double toY) {
    html.add("<line class=\"ceiling\" x1=\"{}\" y1=\"{}\" ", x.across(fromX), y.down(fromY))
        .add("x2=\"{}\" y2=\"{}\"/>\n", x.across(toX), y.down(toY));
  }

  /** Left of the slope, where no point can be. */
  private void label(double intensity, double rate, String text) {
    html.add("<text class=\"name\" x=\"{}\" y=\"{}\" ", x.across(intensity), y.down(rate))
        .add("dx=\"-.9em\" dy=\".2em\" text-anchor=\"end\">{}</text>\n", text);
  }

  private void point(Row row) {
    String family = Families.name(row);
    html.add("<a href=\"#{}\" class=\"{}", row.id(), families.colour(family))
        .add(row.isChosen() ? " chosen\">" : "\">")
        .add("<title>{}</title>", describe(row))
        .add("<use href=\"#{}\" ", families.mark(family))
        .add("x=\"{}\" y=\"{}\"/></a>\n", x.across(row.intensity()), y.down(row.flopPerSecond()));
  }

  private static String describe(Row row) {
    Row.Case of = row.of();
    return "%s, %s%s\n%s %s\n%s of the roofline\n%s, %s\n%s FLOP per byte, %s %s"
        .formatted(
            of.what(),
            row.variant(),
            row.isChosen() ? " (chosen)" : "",
            of.dtype(),
            of.shape(),
            Units.percent(row.shareOfRoof()),
            Units.flopPerSecond(row.flopPerSecond()),
            Units.bytesPerSecond(row.bytesPerSecond()),
            Units.digits(row.intensity()),
            Units.time(row.seconds()),
            row.isImplied() ? "implied" : "measured");
  }
}
