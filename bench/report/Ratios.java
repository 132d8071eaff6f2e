package org.adjoint.bench.report;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.bench.Result.Ratio;
import org.adjoint.samples.cli.Html;

/** How many times as fast as each peer, with the interval that the number surely lies in. */
final class Ratios {
  private static final Comparator<Map.Entry<String, Ratio>> SLOWEST_FIRST =
      Comparator.comparingDouble(peer -> peer.getValue().median());

  /** What may be said of a ratio. */
  enum Verdict {
    FASTER("▲", "faster"),
    SLOWER("▼", "slower"),
    OPEN("○", "undecided");

    private final String sign;
    private final String word;

    Verdict(String sign, String word) {
      this.sign = sign;
      this.word = word;
    }

    /** A verdict only where the whole interval lies on one side of 1. */
    static Verdict of(Ratio ratio) {
      if (ratio.low() > 1) {
        return FASTER;
      }
      return ratio.high() < 1 ? SLOWER : OPEN;
    }
  }

  private final Html html;
  private final Report report;
  private final Axis axis;

  private Ratios(Html html, Report report, Axis axis) {
    this.html = html;
    this.report = report;
    this.axis = axis;
  }

  /** Kernels have one axis, whatever their family, and other things one of their own. */
  private static Axis axis(List<Row> rows, boolean kernels) {
    return Axis.around(
        2,
        all(rows.stream().filter(row -> Families.name(row).isEmpty() != kernels))
            .flatMap(ratio -> Stream.of(ratio.low(), ratio.high(), 0.5, 2.0))
            .mapToDouble(end -> end)
            .toArray());
  }

  static Stream<Ratio> all(Stream<Row> rows) {
    return rows.flatMap(row -> row.result().ratios().values().stream());
  }

  /** How many ratios have which verdict. */
  static Map<Verdict, Long> count(Report report) {
    return all(report.rows()).collect(Collectors.groupingBy(Verdict::of, Collectors.counting()));
  }

  static void add(Html html, Report report) {
    html.add("<section aria-labelledby=\"peers\">\n<h2 id=\"peers\">Beside the peers</h2>\n");
    List<Row> rows = report.rows().filter(row -> !row.result().ratios().isEmpty()).toList();
    if (rows.isEmpty()) {
      html.add("<p class=\"faint\">No peer was measured.</p>\n</section>\n");
      return;
    }
    html.add("<p>How many times as fast as the peer, on the same operands in the same run: a dot")
        .add(" for the median, a line for its 95 % interval. Right of 1 is faster; where the line")
        .add(" touches 1, nothing is claimed.</p>\n");
    Map<String, List<Row>> groups =
        rows.stream()
            .collect(Collectors.groupingBy(Ratios::group, LinkedHashMap::new, Collectors.toList()));
    groups.forEach((name, members) -> {
      Axis axis = axis(rows, !Families.name(members.getFirst()).isEmpty());
      new Ratios(html, report, axis).group(name, members, groups.size() == 1);
    });
    html.add("</section>\n");
  }

  /** The family of a kernel; what is none is one group. */
  private static String group(Row row) {
    String family = Families.name(row);
    return family.isEmpty() ? "other than kernels" : family;
  }

  private void group(String name, List<Row> rows, boolean alone) {
    if (!alone) {
      Map<Verdict, Long> verdicts =
          all(rows.stream()).collect(Collectors.groupingBy(Verdict::of, Collectors.counting()));
      html.add(
          "<details class=\"family\" open=\"open\"><summary><span class=\"title\">{}</span>", name);
      counts(html, verdicts);
      html.add("</summary>\n");
    }
    html.add("<div class=\"ratios\">\n");
    scale();
    rows.forEach(this::row);
    html.add("</div>\n").add(alone ? "" : "</details>\n");
  }

  private static void counts(Html html, Map<Verdict, Long> counts) {
    new EnumMap<>(counts)
        .forEach((verdict, count) ->
            html.add(" <span class=\"verdict {}\">{} ", verdict.word, verdict.sign)
                .add("{} {}</span>", count, verdict.word));
  }

  private void scale() {
    html.add(
        "<div class=\"ratio scale\" aria-hidden=\"true\"><span></span><svg class=\"whisker\">");
    for (double tick : axis.ticks()) {
      html.add("<text x=\"{}\" y=\"70%\" text-anchor=\"middle\">", axis.across(tick))
          .add("{}×</text>", tick < 1 ? "1/" + Units.tick(1 / tick) : Units.tick(tick));
    }
    html.add("</svg></div>\n");
  }

  private void row(Row row) {
    Row.Case of = row.of();
    html.add("<h3>");
    Figures.run(html, report, row.run());
    html.add("{} <span class=\"shape\">{} {}</span> ", of.what(), of.dtype(), of.shape())
        .add("<a href=\"#{}\"><code>{}</code></a>", row.id(), row.variant());
    if (Double.isFinite(row.error())) {
      html.add(" <span class=\"evidence\">error ");
      Figures.error(html, row);
      html.add("</span>");
    }
    html.add("</h3>\n<ul>\n");
    row.result().ratios().entrySet().stream()
        .sorted(SLOWEST_FIRST)
        .forEach(peer -> ratio(peer.getKey(), peer.getValue()));
    html.add("</ul>\n");
  }

  private void ratio(String peer, Ratio ratio) {
    Verdict verdict = Verdict.of(ratio);
    html.add("<li class=\"ratio {}\"><span class=\"peer\">{}</span>", verdict.word, peer)
        .add("<svg class=\"whisker\" aria-hidden=\"true\">");
    for (double tick : axis.ticks()) {
      html.add(tick == 1 ? "<line class=\"one\" " : "<line class=\"grid\" ")
          .add("x1=\"{}\" x2=\"{}\" ", axis.across(tick), axis.across(tick))
          .add("y1=\"0\" y2=\"100%\"/>");
    }
    html.add("<line class=\"interval\" x1=\"{}\" ", axis.across(ratio.low()))
        .add("x2=\"{}\" y1=\"50%\" y2=\"50%\"/>", axis.across(ratio.high()))
        .add("<circle cx=\"{}\" cy=\"50%\" r=\"5\"/></svg>", axis.across(ratio.median()))
        .add("<span class=\"number\"><strong>{}</strong> ", Units.times(ratio.median()))
        .add("<span class=\"faint\">[{}, ", Units.digits(ratio.low()))
        .add("{}]</span></span>", Units.digits(ratio.high()))
        .add("<span class=\"verdict {}\">{} ", verdict.word, verdict.sign)
        .add("{}</span></li>\n", verdict.word);
  }
}
