package org.adjoint.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.adjoint.check.Quantiles;
import org.adjoint.samples.cli.Html;

/** Small parts that several sections share. */
final class Figures {
  private Figures() {}

  /** Those that were measured, if any were: what is implied is never mixed with it. */
  static List<Row> measured(List<Row> rows) {
    List<Row> measured = rows.stream().filter(row -> !row.isImplied()).toList();
    return measured.isEmpty() ? rows : measured;
  }

  /** The median of what is known of it; NaN if nothing is. */
  static double median(List<Row> rows, ToDoubleFunction<Row> figure) {
    return Quantiles.median(rows.stream().mapToDouble(figure));
  }

  static double greatest(List<Row> rows, ToDoubleFunction<Row> figure) {
    return rows.stream().mapToDouble(figure).filter(Double::isFinite).max().orElse(Double.NaN);
  }

  /** A bar that is full at 1. */
  static void bar(Html html, String kind, double share) {
    double width = Double.isFinite(share) ? Math.clamp(share, 0, 1) : 0;
    html.add("<span class=\"bar {}\" aria-hidden=\"true\">", kind)
        .add("<i style=\"width:{}\"></i></span>", Axis.percent(width));
  }

  /** The error as a share of its bound: a bar and a number. */
  static void error(Html html, Row row) {
    double error = row.error();
    if (!Double.isFinite(error)) {
      html.add("<span class=\"faint\">{}</span>", Units.UNKNOWN);
      return;
    }
    bar(html, error > 1 ? "error wrong" : "error", error);
    html.add(" {}", brief(error));
    if (error > 1) {
      html.add(" <strong class=\"wrong\">wrong</strong>");
    }
  }

  /** Two digits, down to a thousandth. */
  static String brief(double share) {
    return share > 0 && share < 0.001
        ? "<\u202f0.001"
        : String.format(Locale.ROOT, share < 0.01 ? "%.3f" : "%.2f", share);
  }

  /** The letter of a run, where there are several. */
  static void run(Html html, Report report, String letter) {
    if (report.isMixed()) {
      html.add("<span class=\"run\"><span class=\"unseen\">run </span>{}</span> ", letter);
    }
  }
}
