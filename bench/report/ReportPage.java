package org.adjoint.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;
import org.adjoint.samples.cli.Html;

/**
 * A report as one page of HTML. It is whole without its script, which adds sorting, searching,
 * hints and the choice between light and dark. By its own policy nothing is fetched from anywhere,
 * and no script runs but that one, whatever a file of results says.
 */
final class ReportPage {
  private ReportPage() {}

  static String of(Report report) {
    Families families = Families.of(report);
    Html html = new Html();
    Families.define(html);
    html.add("<header><h1>Adjoint benchmarks</h1>")
        .add("<button id=\"theme\" type=\"button\" class=\"needs-script\" hidden=\"hidden\">")
        .add("Dark</button></header>\n<main>\n");
    Headline.add(html, report);
    RooflineChart.add(html, report, families);
    Ladders.add(html, report, families);
    if (report.rows().findAny().isPresent()) {
      Ratios.add(html, report);
    }
    Training.add(html, report);
    Table.add(html, report);
    html.add("</main>\n<footer><p>Written by <code>./adjoint bench report</code>.</p>\n");
    for (String note : report.notes()) {
      html.add("<p>{}.</p>\n", note);
    }
    html.add("</footer>\n");
    return page(html, resource("report.css"), resource("report.js"));
  }

  private static String page(Html body, String style, String script) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>Adjoint benchmarks</title>
    <style>
    %s</style>
    </head>
    <body>
    %s<script>%s</script>
    </body>
    </html>
    """
        .formatted(sha256(script), style, body, script);
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(ReportPage.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
