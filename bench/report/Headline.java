package org.adjoint.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.samples.cli.Html;
import org.jspecify.annotations.Nullable;

/** What was run, where, what came out of it, and how to read the rest. */
final class Headline {
  private static final String OF_KERNELS =
      """
      <li>A <em>variant</em> is one of several kernels for the same operation; no variant has a
      number here whose results and gradients were not first compared with a reference in double
      precision, and <em>error</em> is how much of the allowed error the worst element used up.</li>
      <li>The <em>roofline</em> is the best that a device's memory and arithmetic allow for the
      bytes that must be moved and the operations that must be done: at 100 % nothing is left to
      gain.</li>
      """;

  private static final String OF_RATIOS =
      """
      <li>A <em>ratio</em> of 2× means half the time of the peer; we say faster or slower only
      where the whole 95 % interval lies on one side of 1.</li>
      """;

  private static final String OF_COUNTS =
      """
      <li>Nothing was timed: a time is <em>implied</em> by the bytes that an emulated GPU counted
      and by the ceilings; a real one also has caches and delays, of which this knows nothing.</li>
      """;

  private static final String OF_TIMES =
      """
      <li>A time is the median of its samples, of which a tenth lies below p10 and a tenth above
      p90.</li>
      <li>All numbers of a run were taken on one machine: do not compare times of two.</li>
      """;

  private final Html html;
  private final Report report;
  private final List<Row> rows;

  private Headline(Html html, Report report) {
    this.html = html;
    this.report = report;
    rows = report.rows().toList();
  }

  static void add(Html html, Report report) {
    Headline headline = new Headline(html, report);
    html.add("<div class=\"cards\">\n");
    report.runs().forEach(headline::run);
    html.add("</div>\n");
    headline.summary();
    headline.guide();
  }

  /** Three or four figures that sum up the page. */
  private void summary() {
    html.add("<ul class=\"tiles\">\n");
    List<Row> chosen = report.kernels().filter(Row::isChosen).toList();
    List<Row> timed = Figures.measured(chosen);
    boolean measured = timed.stream().noneMatch(Row::isImplied);
    double share = Figures.median(timed, Row::shareOfRoof);
    if (Double.isFinite(share)) {
      tile(
          Units.percent(share),
          "of the roofline, the median of the chosen variants"
              + (measured ? "" : "; implied, not measured"));
    }
    double moved = Figures.median(chosen, Row::moved);
    if (Double.isFinite(moved)) {
      tile(Units.times(moved), "the bytes that must be moved: the median of the chosen variants");
    }
    Map<Ratios.Verdict, Long> verdicts = Ratios.count(report);
    if (!verdicts.isEmpty()) {
      long all = verdicts.values().stream().mapToLong(count -> count).sum();
      html.add("<li><strong>{} of {}</strong> ", count(verdicts, Ratios.Verdict.FASTER), all)
          .add("faster than the peer; {} slower, ", count(verdicts, Ratios.Verdict.SLOWER))
          .add("{} undecided</li>\n", count(verdicts, Ratios.Verdict.OPEN));
    }
    double worst = Figures.greatest(rows, Row::error);
    if (Double.isFinite(worst)) {
      long checked = rows.stream().filter(row -> Double.isFinite(row.error())).count();
      long without = report.kernels().filter(row -> Double.isNaN(row.error())).count();
      tile(
          Figures.brief(worst),
          "of the allowed error at worst, in %d rows that were checked".formatted(checked)
              + (without == 0 ? "" : "; of %d kernels no check is on record".formatted(without)));
    }
    html.add("</ul>\n");
  }

  private static long count(Map<Ratios.Verdict, Long> verdicts, Ratios.Verdict verdict) {
    return verdicts.getOrDefault(verdict, 0L);
  }

  private void tile(String figure, String meaning) {
    html.add("<li><strong>{}</strong> {}</li>\n", figure, meaning);
  }

  private void run(Run run) {
    html.add("<section class=\"card\"><h2>");
    Figures.run(html, report, run.letter());
    html.add("{}</h2>\n", run.device());
    if (run.isTimedOnGpu()) {
      html.add("<p class=\"badge\">kernels, timed on the GPU</p>\n");
    }
    if (run.isImplied()) {
      html.add("<p class=\"badge implied\">counted on an emulated GPU;")
          .add(" times implied, not measured</p>\n");
    }
    if (!run.trainings().isEmpty()) {
      html.add("<p class=\"badge\">training</p>\n");
    } else if (run.kernels().findAny().isEmpty()) {
      html.add("<p class=\"badge\">timed on the CPU</p>\n");
    }
    Environment environment = run.environment();
    html.add("<dl>");
    fact("Rows", rows(run));
    fact("Ceilings", ceilings(run.ceilings()));
    fact("Versions", versions(run.versions()));
    fact("Commit", commit(environment));
    html.add("</dl>\n<details><summary>The machine and the files</summary><dl>");
    fact("Processor", processor(environment));
    fact("Java", environment.java());
    fact("System", environment.os());
    fact(run.files().size() == 1 ? "File" : "Files", String.join(", ", run.files()));
    html.add("</dl></details></section>\n");
  }

  /** As much of it as tells it from others. */
  private static String commit(Environment environment) {
    String commit = environment.commit();
    if (commit == null) {
      return "not known";
    }
    String[] parts = commit.split("\\+", 2);
    String brief = parts[0].substring(0, Math.min(12, parts[0].length()));
    return parts.length == 1 ? brief : brief + " with changes";
  }

  private void fact(String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      html.add("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
    }
  }

  private static String rows(Run run) {
    List<String> parts = new ArrayList<>();
    long kernels = run.kernels().count();
    if (kernels > 0) {
      long families = run.kernels().map(Families::name).distinct().count();
      String word = families == 1 ? "family" : "families";
      parts.add("%d of kernels, in %d %s".formatted(kernels, families, word));
    }
    if (run.rows().size() > kernels) {
      long others = run.rows().size() - kernels;
      parts.add(kernels == 0 ? "" + others : others + " others");
    }
    if (!run.trainings().isEmpty()) {
      int runs = run.trainings().size();
      parts.add(runs == 1 ? "1 training run" : runs + " training runs");
    }
    return String.join(", ", parts);
  }

  private static String ceilings(@Nullable Ceilings ceilings) {
    if (ceilings == null) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    parts.add("copy\u00a0" + Units.bytesPerSecond(ceilings.bytesPerSecond()));
    ceilings
        .flopPerSecond()
        .forEach((kind, rate) -> parts.add(kind + "\u00a0" + Units.flopPerSecond(rate)));
    String whose = ceilings.measured() ? "measured in the same run" : "the maker's figures";
    return String.join(", ", parts) + "; " + whose;
  }

  private static String processor(Environment environment) {
    List<String> parts = new ArrayList<>();
    if (environment.cpu() != null) {
      parts.add(environment.cpu());
    }
    parts.add(environment.processors() + " processors");
    if (environment.threads() != null) {
      parts.add(environment.threads() + " threads");
    }
    if (environment.simd() != null) {
      parts.add(environment.simd() + " vectors");
    }
    return String.join(", ", parts);
  }

  private static String versions(Map<String, Set<String>> versions) {
    List<String> parts = new ArrayList<>();
    versions.forEach((name, numbers) -> parts.add(name + " " + String.join(" and ", numbers)));
    return String.join(", ", parts);
  }

  /** Three sentences, of which a page has those that are about it. */
  private void guide() {
    html.add("<section class=\"guide\" aria-labelledby=\"guide\">\n")
        .add("<h2 id=\"guide\">How to read this page</h2>\n<ol>\n");
    boolean kernels = report.kernels().findAny().isPresent();
    boolean ratios = !Ratios.count(report).isEmpty();
    boolean implied = report.runs().stream().anyMatch(Run::isImplied);
    html.add(kernels ? OF_KERNELS : "")
        .add(ratios ? OF_RATIOS : "")
        .add(implied && !ratios ? OF_COUNTS : "")
        .add(kernels ? "" : OF_TIMES)
        .add("</ol>\n</section>\n");
  }
}
