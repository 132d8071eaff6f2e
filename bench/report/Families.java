package org.adjoint.bench.report;

import java.util.List;
import org.adjoint.bench.KernelFacts;
import org.adjoint.samples.cli.Html;

/**
 * The families of kernels of a page, each with a colour and a mark of its own: seven colours and
 * four marks, so that 28 families differ, and neighbours in both.
 */
record Families(List<String> names) {
  private static final int COLOURS = 7;
  private static final List<String> MARKS =
      List.of(
          "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
          "M-4.5-4.5h9v9h-9z",
          "M0-5.6l5.6 9.8h-11.2z",
          "M0-6.2l6.2 6.2l-6.2 6.2l-6.2-6.2z");

  static Families of(Report report) {
    return new Families(report.kernels().map(Families::name).distinct().toList());
  }

  static String name(Row row) {
    KernelFacts kernel = row.result().kernel();
    return kernel == null ? "" : kernel.family();
  }

  String colour(String family) {
    return "f" + names.indexOf(family) % COLOURS;
  }

  String mark(String family) {
    return "m" + names.indexOf(family) % MARKS.size();
  }

  /** The outlines that marks refer to; once in a page. */
  static void define(Html html) {
    html.add("<svg class=\"defs\" aria-hidden=\"true\"><defs>");
    for (int i = 0; i < MARKS.size(); i++) {
      html.add("<path id=\"m{}\" d=\"{}\"/>", i, MARKS.get(i));
    }
    html.add("</defs></svg>\n");
  }

  /** A mark in a line of text. */
  void sign(Html html, String family) {
    html.add("<svg class=\"sign chosen {}\" viewBox=\"-8 -8 16 16\" ", colour(family))
        .add("aria-hidden=\"true\"><use href=\"#{}\"/></svg>", mark(family));
  }
}
