package org.adjoint.samples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.adjoint.check.Check;
import org.adjoint.check.Tally;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.samples.cli.Course;
import org.adjoint.samples.cli.Course.Sample;
import org.adjoint.samples.cli.Html;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import picocli.CommandLine;

class DocsCommandTest {
  private static final List<OpSpec> ALL = OpCatalog.all();

  @TempDir static Path whole;
  private static final Map<Path, Document> PAGES = new TreeMap<>();

  @TempDir Path folder;

  @BeforeAll
  static void writeAll() throws Exception {
    assertEquals(0, docs(ALL, "--out=" + whole));
    for (Path page : files(whole)) {
      if (page.toString().endsWith(".html")) {
        // Parsing fails where a tag is not closed, an attribute is bare, or a < is not escaped.
        PAGES.put(
            page, DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(page.toFile()));
      }
    }
  }

  /** The status, or what the command threw. */
  private static int docs(List<OpSpec> specs, String... args) throws Exception {
    int[] status = {-1};
    Exception[] thrown = new Exception[1];
    CommandLine command = new CommandLine(new DocsCommand(specs, Course.SAMPLES));
    command.setOut(new PrintWriter(Writer.nullWriter()));
    command.setExecutionExceptionHandler((e, c, parsed) -> {
      thrown[0] = e;
      return 1;
    });
    status[0] = command.execute(args);
    if (thrown[0] != null) {
      throw thrown[0];
    }
    return status[0];
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static List<Element> elements(Document page, String tag) {
    NodeList found = page.getElementsByTagName(tag);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static List<String> texts(Document page, String tag) {
    return elements(page, tag).stream().map(Element::getTextContent).toList();
  }

  private static Document page(OpSpec spec) {
    return page("ops/" + spec.name() + ".html");
  }

  private static Document page(String name) {
    return Objects.requireNonNull(PAGES.get(whole.resolve(name)), name);
  }

  @Test
  void everyOperationHasAPageWithAllItsSpecSays() {
    assertEquals(ALL.size() + 1, PAGES.size());
    for (OpSpec spec : ALL) {
      Document page = page(spec);
      assertEquals(List.of(spec.name()), texts(page, "h1"));
      assertEquals(List.of(spec.formula(), spec.gradient()), texts(page, "pre"));
      assertFalse(spec.formula().isBlank() || spec.gradient().isBlank(), spec.name());
      List<String> code = texts(page, "code");
      for (OpSpec.Rejection rejection : spec.rejections()) {
        assertTrue(code.contains(rejection.message()), rejection.message());
      }
      for (OpSpec.Example example : spec.examples()) {
        assertTrue(code.contains(example.label()), spec.name() + ": " + example.label());
      }
    }
  }

  @Test
  void everyPageHasATitleOfItsOwnAHeadingAndALanguage() {
    List<String> titles = new ArrayList<>();
    for (Document page : PAGES.values()) {
      titles.addAll(texts(page, "title"));
      assertEquals(1, elements(page, "h1").size());
      assertEquals("en", page.getDocumentElement().getAttribute("lang"));
    }
    assertEquals(PAGES.size(), titles.stream().distinct().count());
  }

  @Test
  void everyLinkLeadsSomewhereAndNoneOutside() throws IOException {
    int followed = 0;
    for (Map.Entry<Path, Document> page : PAGES.entrySet()) {
      for (Element link : elements(page.getValue(), "a")) {
        String href = link.getAttribute("href");
        if (href.startsWith("#")) {
          String id = href.substring(1);
          assertTrue(
              elements(page.getValue(), "h2").stream()
                  .anyMatch(h -> h.getAttribute("id").equals(id)),
              href);
        } else {
          // From where the page really lies, as the link to a source is meant.
          Path target = Path.of(page.getKey().toRealPath().toUri().resolve(URI.create(href)));
          assertTrue(Files.isRegularFile(target), page.getKey() + " links to " + href);
        }
        followed++;
      }
      assertFalse(Files.readString(page.getKey()).contains("http"), page.getKey().toString());
    }
    assertTrue(followed > 4 * ALL.size(), followed + " links");
  }

  @Test
  void everyPageNamesItsSource() {
    for (OpSpec spec : ALL) {
      assertTrue(
          texts(page(spec), "a").stream()
              .anyMatch(t -> t.startsWith("src/main/java/org/adjoint/op/")),
          spec.name());
    }
  }

  @Test
  void indexHasEveryOperationUnderAHeadingAndTheWholeCourse() {
    Document index = page("index.html");
    List<String> headings = new ArrayList<>();
    headings.addAll(Arrays.stream(Group.values()).map(Group::title).toList());
    headings.add("The course");
    assertEquals(headings, texts(index, "h2"), "a group's first operation is gone or has moved");
    List<String> rows = new ArrayList<>();
    for (OpSpec spec : ALL) {
      rows.add(spec.name() + " " + spec.formula());
    }
    for (Sample sample : Course.SAMPLES) {
      rows.add(sample.number() + " " + sample.name() + " " + sample.description());
    }
    List<String> found = texts(index, "li");
    assertEquals(rows, found.subList(found.size() - rows.size(), found.size()));
  }

  @Test
  void whatIsPutInIsEscaped() {
    Html body = new Html().add("<p title=\"{}\">{}</p>", "a \"b\"", "x < y &amp; z > {} '\u0000");
    assertEquals(
        "<p title=\"a &quot;b&quot;\">x &lt; y &amp;amp; z &gt; {} &#39;\ufffd</p>",
        body.toString());
    String page = Page.of("1 < 2", body);
    assertTrue(page.contains("<body>\n" + body), page);
    assertTrue(page.contains("<title>1 &lt; 2</title>"), page);
    Html html = new Html();
    assertThrows(IllegalArgumentException.class, () -> html.add("{}"));
    assertThrows(IllegalArgumentException.class, () -> html.add("{}", 1, 2));
  }

  @Test
  void roadsAreTheOnesThereAre() {
    Map<String, String> expected =
        Map.of(
            "gelu", "A composition: ",
            "permute", "A view: ",
            "matmul", "Variants: reference, ",
            "relu", "Variants: reference, ",
            "sin", "Variants: reference alone");
    expected.forEach((name, words) ->
        assertTrue(
            texts(page("ops/" + name + ".html"), "p").stream().anyMatch(p -> p.startsWith(words)),
            name + ": " + texts(page("ops/" + name + ".html"), "p")));
  }

  @Test
  void measuredFiguresAreThoseOfTheChecks() throws Exception {
    List<OpSpec> exp = ALL.stream().filter(spec -> spec.name().equals("exp")).toList();
    docs(exp, "--measure", "--out=" + folder);
    String page = Files.readString(folder.resolve("ops/exp.html"));
    Tally first = Check.FIRST_DERIVATIVE.on(exp.get(0));
    assertTrue(first.worst() > 0);
    assertTrue(
        page.contains(
            String.format(
                Locale.ROOT,
                "<tr><th>1st derivative</th><td>%,d</td><td>%.3f</td><td>%.3f</td></tr>",
                first.compared(),
                first.median(),
                first.worst())),
        page);
  }

  @Test
  void samePagesAgainWithoutThoseOfOperationsThatAreGone() throws Exception {
    docs(ALL.subList(0, 2), "--out=" + folder);
    String before = Files.readString(folder.resolve("index.html"));
    docs(ALL.subList(0, 3), "--out=" + folder);
    assertTrue(Files.exists(folder.resolve("ops").resolve(ALL.get(2).name() + ".html")));
    docs(ALL.subList(0, 2), "--out=" + folder);
    assertEquals(before, Files.readString(folder.resolve("index.html")));
    assertEquals(4, files(folder).size(), files(folder).toString());
  }

  @Test
  void otherPeoplesFilesStay() throws Exception {
    Path theirs = Files.writeString(folder.resolve("index.html"), "mine");
    UserError holds = assertThrows(UserError.class, () -> docs(ALL, "--out=" + folder));
    assertEquals(
        folder + " holds other files; name an empty folder with --out", holds.getMessage());
    assertEquals("mine", Files.readString(theirs));
    assertEquals(List.of(theirs), files(folder));
    UserError file = assertThrows(UserError.class, () -> docs(ALL, "--out=" + theirs));
    assertEquals(theirs + " is a file; name a folder with --out", file.getMessage());
    UserError below = assertThrows(UserError.class, () -> docs(ALL, "--out=" + theirs + "/docs"));
    String message = String.valueOf(below.getMessage());
    assertTrue(message.startsWith("cannot write " + theirs), message);
    assertEquals(1, message.lines().count());
  }
}
