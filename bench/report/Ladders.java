package org.adjoint.bench.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.adjoint.bench.KernelFacts;
import org.adjoint.samples.cli.Html;

/** Family by family, the variants of each operation as the rungs of a ladder. */
final class Ladders {
  /** Each run by itself, its slowest first. */
  private static final Comparator<Row> UPWARDS =
      Comparator.comparing(Row::run)
          .thenComparingDouble(row -> -row.seconds())
          .thenComparing(Row::isChosen);

  private final Html html;
  private final Report report;
  private final Families families;

  private Ladders(Html html, Report report, Families families) {
    this.html = html;
    this.report = report;
    this.families = families;
  }

  static void add(Html html, Report report, Families families) {
    Map<String, List<Row>> all = grouped(report.kernels().toList(), Families::name);
    if (all.isEmpty()) {
      return;
    }
    html.add("<section aria-labelledby=\"ladders\">\n<h2 id=\"ladders\">Ladders</h2>\n");
    html.add("<p>How each family climbs: every rung is a variant, with what it changed. The wide")
        .add(" bar is its share of the roofline. <em>Moved</em> is what it moved beside what it")
        .add(" had to, at best 1×; what all blocks share counts once a block there, and each time")
        .add(" in brackets. <em>Error</em> is the worst error beside what is allowed, at most")
        .add(" 1.</p>\n");
    Ladders ladders = new Ladders(html, report, families);
    boolean first = true;
    for (Map.Entry<String, List<Row>> family : all.entrySet()) {
      ladders.family(family.getKey(), family.getValue(), first);
      first = false;
    }
    html.add("</section>\n");
  }

  private static <K> Map<K, List<Row>> grouped(List<Row> rows, Function<Row, K> key) {
    return rows.stream()
        .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
  }

  private void family(String name, List<Row> rows, boolean open) {
    html.add(open ? "<details class=\"family\" open=\"open\">" : "<details class=\"family\">");
    html.add("<summary>");
    families.sign(html, name);
    html.add(" <span class=\"title\">{}</span> ", name);
    List<Row> chosen = rows.stream().filter(Row::isChosen).toList();
    double share = Figures.median(Figures.measured(chosen), Row::shareOfRoof);
    if (!Double.isNaN(share)) {
      html.add("<span class=\"sum\">");
      Figures.bar(html, "roof", share);
      html.add(
          " {} <span class=\"faint\">median of the chosen</span></span>", Units.percent(share));
    }
    double moved = Figures.median(chosen, Row::moved);
    if (!Double.isNaN(moved)) {
      html.add(
          " <span class=\"sum\">{} <span class=\"faint\">moved</span></span>", Units.times(moved));
    }
    double error = Figures.greatest(rows, Row::error);
    if (!Double.isNaN(error)) {
      html.add(" <span class=\"sum\">{} ", Figures.brief(error))
          .add("<span class=\"faint\">worst error</span></span>");
    }
    html.add("</summary>\n");
    grouped(rows, row -> row.of().what()).values().forEach(this::operation);
    html.add("</details>\n");
  }

  /** The greatest shape in sight, the others folded. */
  private void operation(List<Row> rows) {
    List<List<Row>> cases =
        grouped(rows, Row::of).values().stream()
            .sorted(Comparator.comparingDouble(rungs -> -Figures.greatest(rungs, Row::bytes)))
            .toList();
    rungs(cases.getFirst());
    int more = cases.size() - 1;
    if (more > 0) {
      html.add("<details class=\"more\"><summary>{} more {} ", more, more == 1 ? "case" : "cases")
          .add("of {}</summary>\n", rows.getFirst().of().what());
      cases.subList(1, cases.size()).forEach(this::rungs);
      html.add("</details>\n");
    }
  }

  private void rungs(List<Row> rungs) {
    Row.Case of = rungs.getFirst().of();
    html.add("<h3>{} <span class=\"shape\">{} {}</span></h3>\n", of.what(), of.dtype(), of.shape())
        .add("<ol class=\"ladder\">\n");
    rungs.stream().sorted(UPWARDS).forEach(this::rung);
    html.add("</ol>\n");
  }

  private void rung(Row row) {
    html.add(row.isChosen() ? "<li class=\"chosen\">" : "<li>").add("<div class=\"who\">");
    Figures.run(html, report, row.run());
    html.add("<a href=\"#{}\"><code>{}</code></a>", row.id(), row.variant());
    if (row.isChosen()) {
      html.add(" <span class=\"badge\">chosen</span>");
    }
    KernelFacts kernel = row.result().kernel();
    if (kernel != null && kernel.change() != null) {
      html.add("<span class=\"change\">{}</span>", kernel.change());
    }
    html.add("</div>\n<div class=\"speed\">");
    Figures.bar(html, "roof", row.shareOfRoof());
    if (Double.isFinite(row.shareOfRoof())) {
      html.add(" <strong>{}</strong> of the roofline", Units.percent(row.shareOfRoof()));
    } else {
      html.add(" <span class=\"faint\">checked, neither timed nor counted</span>");
    }
    if (row.isAboveRoof()) {
      html.add(" <strong class=\"wrong\">above the roof: the time or a ceiling is wrong</strong>");
    }
    html.add("</div>\n<dl>");
    times(row);
    html.add("<div class=\"error\"><dt>error</dt><dd>");
    Figures.error(html, row);
    html.add("</dd></div></dl></li>\n");
  }

  private void times(Row row) {
    fact(row.isImplied() ? "implied" : "cold", Units.time(row.seconds()));
    KernelFacts kernel = row.result().kernel();
    if (kernel != null && kernel.warm() != null) {
      String warm = Units.time(1e-6 * kernel.warm().median());
      fact("warm", warm + (kernel.warm().queued() ? " (by the host)" : ""));
    }
    if (row.traffic() != null) {
      boolean same = row.requested() == row.moved();
      String all = same ? "" : " (" + Units.times(row.requested()) + ")";
      fact("moved", Units.times(row.moved()) + all);
      fact("conflicts", Units.count(row.conflicts()));
    }
  }

  private void fact(String name, String value) {
    html.add("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
  }
}
