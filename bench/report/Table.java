package org.adjoint.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.adjoint.samples.cli.Html;
import org.jspecify.annotations.Nullable;

/** All rows with all their numbers; a script lets them be sorted and searched. */
final class Table {
  /**
   * A column.
   *
   * @param hint what its name leaves open
   * @param number that rows are sorted by; null where they are sorted by their text
   */
  private record Column(
      String name,
      String hint,
      @Nullable ToDoubleFunction<Row> number,
      BiConsumer<Html, Row> cell) {
    /** Whether a row has anything to say in it. */
    boolean isUsed(List<Row> rows) {
      return number == null
          || rows.stream().anyMatch(row -> Double.isFinite(number.applyAsDouble(row)));
    }
  }

  private Table() {}

  private static Column text(String name, Function<Row, String> text) {
    return new Column(name, "", null, (html, row) -> html.add("{}", text.apply(row)));
  }

  private static Column number(
      String name, String hint, ToDoubleFunction<Row> number, Function<Row, String> text) {
    return new Column(name, hint, number, (html, row) -> html.add("{}", text.apply(row)));
  }

  private static List<Column> columns(Report report) {
    List<Column> columns = new ArrayList<>();
    if (report.isMixed()) {
      columns.add(text("run", Row::run));
    }
    columns.add(text("what", row -> row.result().what()));
    columns.add(new Column("variant", "", null, Table::variant));
    columns.add(text("dtype", row -> row.of().dtype()));
    columns.add(text("shape", row -> row.of().shape()));
    columns.add(number("time", "median; “~” is implied", Row::seconds, Table::time));
    columns.add(
        number(
            "p10 to p90",
            "of the samples",
            row -> spread(row) ? row.seconds() : Double.NaN,
            Table::spreadText));
    columns.add(number("value", "where it is no time", Table::value, Table::valueText));
    columns.add(number("n", "samples", row -> row.result().n(), row -> "" + row.result().n()));
    columns.add(
        number("due", "bytes that must be moved", Row::bytes, row -> Units.bytes(row.bytes())));
    columns.add(
        number(
            "of that",
            "in a second",
            Row::bytesPerSecond,
            row -> Units.bytesPerSecond(row.bytesPerSecond())));
    columns.add(
        number(
            "arithmetic",
            "in a second",
            Row::flopPerSecond,
            row -> Units.flopPerSecond(row.flopPerSecond())));
    columns.add(
        number("roofline", "share", Row::shareOfRoof, row -> Units.percent(row.shareOfRoof())));
    columns.add(number("moved", "÷ due", Row::moved, row -> Units.times(row.moved())));
    columns.add(
        number("conflicts", "of banks", Row::conflicts, row -> Units.count(row.conflicts())));
    columns.add(new Column("error", "÷ allowed", Row::error, Figures::error));
    return columns;
  }

  private static void variant(Html html, Row row) {
    html.add("<code>{}</code>", row.variant())
        .add(row.isChosen() ? " <span class=\"badge\">chosen</span>" : "");
  }

  private static String time(Row row) {
    return (row.isImplied() ? "~\u202f" : "") + Units.time(row.seconds());
  }

  private static boolean spread(Row row) {
    return row.result().n() > 1 && Double.isFinite(row.inSeconds(1));
  }

  private static String spreadText(Row row) {
    return Units.time(row.inSeconds(row.result().p10()))
        + " to "
        + Units.time(row.inSeconds(row.result().p90()));
  }

  private static double value(Row row) {
    return Double.isFinite(row.inSeconds(1)) ? Double.NaN : row.result().median();
  }

  private static String valueText(Row row) {
    return Units.with(row.result().median(), row.result().unit());
  }

  static void add(Html html, Report report) {
    List<Row> rows = report.rows().toList();
    if (rows.isEmpty()) {
      return;
    }
    List<Column> columns = columns(report).stream().filter(c -> c.isUsed(rows)).toList();
    html.add("<section aria-labelledby=\"rows\">\n<h2 id=\"rows\">All rows</h2>\n")
        .add("<p class=\"needs-script\" hidden=\"hidden\"><label for=\"search\">Show rows with all")
        .add(" of these words, such as <code>softmax F32 chosen</code></label>")
        .add("<input id=\"search\" type=\"search\" autocomplete=\"off\"/>")
        .add("<span id=\"found\" class=\"faint\" role=\"status\">{} rows</span></p>\n", rows.size())
        .add("<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-labelledby=\"rows\">")
        .add("<table id=\"all\"><thead><tr>");
    for (Column column : columns) {
      html.add(column.number() == null ? "<th scope=\"col\" class=\"text\">" : "<th scope=\"col\">")
          .add("{}", column.name())
          .add(column.hint().isEmpty() ? "" : "<small>{}</small>", hint(column))
          .add("</th>");
    }
    html.add("</tr></thead><tbody>\n");
    rows.forEach(row -> row(html, columns, row));
    html.add("</tbody></table></div>\n</section>\n");
  }

  private static Object[] hint(Column column) {
    return column.hint().isEmpty() ? new Object[0] : new Object[] {column.hint()};
  }

  private static void row(Html html, List<Column> columns, Row row) {
    html.add("<tr id=\"{}\" tabindex=\"-1\">", row.id());
    for (Column column : columns) {
      ToDoubleFunction<Row> number = column.number();
      if (number == null) {
        html.add("<td class=\"text\">");
        column.cell().accept(html, row);
      } else {
        double key = number.applyAsDouble(row);
        if (Double.isFinite(key)) {
          html.add("<td data-v=\"{}\">", key);
          column.cell().accept(html, row);
        } else {
          html.add("<td>");
        }
      }
      html.add("</td>");
    }
    html.add("</tr>\n");
  }
}
