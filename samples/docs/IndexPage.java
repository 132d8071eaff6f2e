package org.adjoint.samples.docs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.adjoint.op.OpSpec;
import org.adjoint.samples.cli.Course.Sample;
import org.adjoint.samples.cli.Html;

/** The first page: the operations under their headings, a search in them, and the course. */
final class IndexPage {
  /** Hides what does not have every word typed; Enter goes to the first that is left. */
  private static final String SEARCH =
      """
      <script>
      const box = document.getElementById("search");
      const rows = [...document.querySelectorAll("[data-row]")];
      const parts = [...document.querySelectorAll("[data-part]")];
      const visible = () => rows.filter(row => !row.hidden);
      const search = () => {
        const words = box.value.toLowerCase().split(" ");
        for (const row of rows) {
          row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
        }
        for (const part of parts) {
          part.hidden = part.querySelector("[data-row]:not([hidden])") === null;
        }
        document.getElementById("found").textContent = visible().length + " of " + rows.length;
      };
      box.addEventListener("input", search);
      box.addEventListener("keydown", event => {
        if (event.key === "Enter") { visible()[0]?.querySelector("a").click(); }
      });
      document.getElementById("searching").hidden = false;
      search();
      </script>
      """;

  private IndexPage() {}

  static Html of(Map<Group, List<OpSpec>> groups, List<Sample> course, Path folder, Sources sources)
      throws IOException {
    Html html =
        new Html()
            .add("<main>\n<h1>Adjoint</h1>\n<p>Every operation: its definition, its gradient,")
            .add(" what it refuses, and what it is checked on; and the course.</p>\n")
            .add("<p id=\"searching\" hidden=\"hidden\"><label for=\"search\">Search the")
            .add(" operations</label> <span id=\"found\" class=\"faint\" role=\"status\"></span>")
            .add("<input id=\"search\" type=\"search\" autocomplete=\"off\"/></p>\n")
            .add("<nav aria-label=\"Parts\"><ul class=\"inline\">\n");
    for (Group group : groups.keySet()) {
      html.add("<li><a href=\"#{}\">{}</a></li>\n", group, group.title());
    }
    html.add("<li><a href=\"#COURSE\">The course</a></li>\n</ul></nav>\n");
    groups.forEach((group, specs) -> section(html, group, specs));
    course(html, course, folder, sources);
    return html.add("</main>\n").add(SEARCH);
  }

  private static void section(Html html, Group group, List<OpSpec> specs) {
    html.add("<section data-part=\"\" aria-labelledby=\"{}\">\n", group)
        .add("<h2 id=\"{}\">{}</h2>\n<ul class=\"rows pair\">\n", group, group.title());
    for (OpSpec spec : specs) {
      html.add("<li data-row=\"\"><a href=\"ops/{}.html\">", spec.name())
          .add("<code>{}</code></a> <code>{}</code></li>\n", spec.name(), spec.formula());
    }
    html.add("</ul>\n</section>\n");
  }

  private static void course(Html html, List<Sample> course, Path folder, Sources sources)
      throws IOException {
    html.add("<section aria-labelledby=\"COURSE\">\n<h2 id=\"COURSE\">The course</h2>\n")
        .add("<p><code>./adjoint run NAME</code> runs a sample.</p>\n<ul class=\"rows pair\">\n");
    for (Sample sample : course) {
      Optional<Path> source = sources.ofSample(sample);
      html.add("<li>");
      if (source.isPresent()) {
        html.add("<a href=\"{}\">", Sources.link(folder, source.get()))
            .add("<code>{} {}</code></a>", sample.number(), sample.name());
      } else {
        html.add("<code>{} {}</code>", sample.number(), sample.name());
      }
      html.add(" <span>{}</span></li>\n", sample.description());
    }
    html.add("</ul>\n</section>\n");
  }
}
