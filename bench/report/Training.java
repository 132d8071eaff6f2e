package org.adjoint.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.adjoint.bench.Epoch;
import org.adjoint.bench.Results;
import org.adjoint.samples.cli.Html;
import org.jspecify.annotations.Nullable;

/** Training runs: one a line, and those that only the seed tells apart beside their mean. */
final class Training {
  /** Runs of one kind differ in nothing but the seed. */
  private record Kind(
      Run run, String sample, String device, @Nullable Long parameters, int epochs) {}

  private Training() {}

  static void add(Html html, Report report) {
    Map<Kind, List<Results>> kinds = new LinkedHashMap<>();
    for (Run run : report.runs()) {
      for (Results training : run.trainings()) {
        kinds.computeIfAbsent(kind(run, training), _ -> new ArrayList<>()).add(training);
      }
    }
    if (kinds.isEmpty()) {
      return;
    }
    html.add("<section aria-labelledby=\"training\">\n<h2 id=\"training\">Training</h2>\n")
        .add("<p>What an epoch takes, beside the mean of the runs that differ in the seed alone;")
        .add(" and the error on the test set after the last one.</p>\n");
    kinds.forEach((kind, runs) -> table(html, report, kind, runs));
    html.add("</section>\n");
  }

  private static Kind kind(Run run, Results training) {
    String device = Objects.requireNonNullElse(training.device(), "");
    String variant = training.variant() == null ? "" : ", " + training.variant();
    return new Kind(
        run,
        Objects.requireNonNullElse(training.sample(), ""),
        device + variant,
        training.parameters(),
        training.epochs().size());
  }

  private static void table(Html html, Report report, Kind kind, List<Results> runs) {
    String parameters = kind.parameters() == null ? "" : Units.count(kind.parameters());
    html.add("<h3>");
    Figures.run(html, report, kind.run().letter());
    html.add("{} <span class=\"shape\">{}, ", kind.sample(), kind.device())
        .add("{} parameters, {} epochs</span></h3>\n", parameters, kind.epochs())
        .add(
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Training of {}\">",
            kind.sample())
        .add("<table><thead><tr><th scope=\"col\">seed</th>")
        .add("<th scope=\"col\" class=\"text\">test error by epoch</th>")
        .add("<th scope=\"col\">test error</th>")
        .add("<th scope=\"col\">an epoch takes</th><th scope=\"col\">beside the mean</th>")
        .add("</tr></thead><tbody>\n");
    double mean = runs.stream().mapToDouble(Training::seconds).average().orElse(Double.NaN);
    for (Results run : runs) {
      html.add("<tr><th scope=\"row\">{}</th><td>", Objects.requireNonNullElse(run.seed(), 0L));
      curve(html, run.epochs());
      html.add("</td><td>{}</td>", error(run))
          .add("<td>{}</td>", Units.time(seconds(run)))
          .add("<td>{}</td></tr>\n", Units.times(seconds(run) / mean));
    }
    if (runs.size() > 1) {
      double error = runs.stream().mapToDouble(Training::lastError).average().orElse(Double.NaN);
      html.add("<tr class=\"mean\"><th scope=\"row\">mean</th><td></td><td>{}</td>", percent(error))
          .add("<td>{}</td><td></td></tr>\n", Units.time(mean));
    }
    html.add("</tbody></table></div>\n");
  }

  private static double seconds(Results run) {
    return run.epochs().stream().mapToDouble(Epoch::seconds).average().orElse(Double.NaN);
  }

  private static double lastError(Results run) {
    Double error = run.epochs().isEmpty() ? null : run.epochs().getLast().testError();
    return error == null ? Double.NaN : error;
  }

  private static String error(Results run) {
    return percent(lastError(run));
  }

  /** Two decimals, as everywhere in this field. */
  private static String percent(double share) {
    return Double.isFinite(share)
        ? String.format(Locale.ROOT, "%.2f\u00a0%%", 100 * share)
        : Units.UNKNOWN;
  }

  /** From the greatest error, above, to none, below. */
  private static void curve(Html html, List<Epoch> epochs) {
    double[] errors =
        epochs.stream()
            .map(Epoch::testError)
            .filter(Objects::nonNull)
            .mapToDouble(error -> error)
            .toArray();
    double most = 0;
    for (double error : errors) {
      most = Math.max(most, error);
    }
    if (errors.length < 2 || most == 0) {
      return;
    }
    var points = new StringBuilder();
    for (int i = 0; i < errors.length; i++) {
      double across = 100.0 * i / (errors.length - 1);
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", across, 24 * (1 - errors[i] / most)));
    }
    html.add("<svg class=\"curve\" viewBox=\"0 0 100 24\" preserveAspectRatio=\"none\" ")
        .add("aria-hidden=\"true\"><polyline points=\"{}\"/></svg>", points.toString().strip());
  }
}
