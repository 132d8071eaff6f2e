package org.adjoint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Epoch;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.bench.report.Report.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import picocli.CommandLine;

class ReportPageTest {
  private static final String HOSTILE =
      "</script><img src=x onerror=alert(1)>\"' onload='alert(1) {} %s & \u0000 ]]>";

  @TempDir Path folder;

  static Document parse(String page) throws Exception {
    // Fails where a tag is not closed, an attribute is bare, or a < or & is not escaped.
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Document page, String tag) {
    NodeList found = page.getElementsByTagName(tag);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static List<String> texts(Document page, String tag) {
    return elements(page, tag).stream().map(Element::getTextContent).toList();
  }

  private static Report examples() {
    return Report.of(
        List.of(
            new Source("gpu.json", Examples.gpu()),
            new Source("emulator.json", Examples.emulator())));
  }

  @Test
  void exampleFilesAreWhatTheClassWrites() {
    assertEquals(Examples.gpu(), ResultFile.read(Examples.FOLDER.resolve("example-gpu.json")));
    assertEquals(
        Examples.emulator(), ResultFile.read(Examples.FOLDER.resolve("example-emulator.json")));
  }

  @Test
  void everyRowHasItsPlaces() throws Exception {
    Report report = examples();
    Document page = parse(ReportPage.of(report));
    long rows = report.rows().count();
    assertEquals(rows, ids(page, "tr").size());
    assertEquals(2, page.getElementsByTagName("figure").getLength());
    // All but those that do no arithmetic: the embedding, once in each file.
    assertEquals(rows - 2, page.getElementsByTagName("title").getLength() - 1);
    assertEquals(
        List.of("Roofline", "Ladders", "Beside the peers", "All rows"),
        texts(page, "h2").stream().skip(3).toList());
    long rungs =
        elements(page, "ol").stream()
            .filter(list -> list.getAttribute("class").equals("ladder"))
            .mapToLong(list -> list.getElementsByTagName("li").getLength())
            .sum();
    assertEquals(rows, rungs);
    assertTrue(texts(page, "footer").getFirst().contains("./adjoint bench report"));
  }

  private static List<String> ids(Document page, String tag) {
    return elements(page, tag).stream()
        .map(element -> element.getAttribute("id"))
        .filter(id -> !id.isEmpty())
        .toList();
  }

  @Test
  void linksLeadSomewhereAndIdsAreUnique() throws Exception {
    Document page = parse(ReportPage.of(examples()));
    List<String> ids = ids(page, "*");
    Set<String> unique = new HashSet<>(ids);
    assertEquals(unique.size(), ids.size());
    for (String tag : List.of("a", "use")) {
      for (Element link : elements(page, tag)) {
        String to = link.getAttribute("href");
        assertTrue(to.startsWith("#") && unique.contains(to.substring(1)), to);
      }
    }
    for (Element part : elements(page, "*")) {
      String by = part.getAttribute("aria-labelledby");
      assertTrue(by.isEmpty() || unique.contains(by), by);
    }
  }

  @Test
  void impliedTimesAreSaidToBe() throws Exception {
    String emulated =
        ReportPage.of(Report.of(List.of(new Source("emulator.json", Examples.emulator()))));
    assertTrue(emulated.contains("counted on an emulated GPU; times implied, not measured"));
    assertTrue(emulated.contains("the maker&#39;s figures"));
    assertTrue(
        parse(emulated).getElementsByTagName("title").item(1).getTextContent().endsWith("implied"));
    String timed = ReportPage.of(Report.of(List.of(new Source("gpu.json", Examples.gpu()))));
    assertFalse(timed.contains("implied, not measured"));
    // Beside each other, what is implied changes nothing in what was measured.
    String both = ReportPage.of(examples());
    assertEquals(first(timed, "strong"), first(both, "strong"));
    assertNotEquals(first(timed, "strong"), first(emulated, "strong"));
    assertTrue(timed.contains("Ceilings measured in the same run."));
  }

  private static String first(String page, String tag) throws Exception {
    return texts(parse(page), tag).getFirst();
  }

  @Test
  void whatIsWrongIsSaidToBe() {
    KernelFacts facts = new KernelFacts("copy", "F32", true, null, null, null, null, null);
    Result row =
        Result.of("copy")
            .samples("us", 1)
            .bytes(2_000_000)
            .flop(1)
            .errorShare(1.5)
            .kernel(facts)
            .build();
    Environment where = new Environment(null, "25", "Linux", null, 1, 1, null, null, null);
    Results file =
        Results.rows(where, List.of(row)).withCeilings(new Ceilings(true, 1e12, Map.of()));
    String page = ReportPage.of(Report.of(List.of(new Source("file", file))));
    assertTrue(page.contains("above the roof: the time or a ceiling is wrong"));
    assertTrue(page.contains("<strong class=\"wrong\">wrong</strong>"));
  }

  @Test
  void whatAFileSaysIsTextAndNothingElse() throws Exception {
    String x = HOSTILE;
    Environment where = new Environment(x, x, x, x, 1, 1, x, 1, x);
    KernelFacts facts = new KernelFacts(x, x, true, x, null, null, null, null);
    Result row =
        Result.of(x)
            .variant(x)
            .device(x)
            .dtype(x)
            .shape(x)
            .samples("us", 1, 2)
            .bytes(100)
            .flop(100)
            .version(x, x)
            .ratio(x, new Result.Ratio(1, 1, 1))
            .kernel(facts)
            .build();
    Results run =
        Results.run(where, x, x, 1, 1, List.of(new Epoch(1, 1, 0.5, 1), new Epoch(2, 1, 0.2, 1)))
            .withVariant(x)
            .withResults(List.of(row, Result.of(x).value(x, 1).build()))
            .withCeilings(new Ceilings(true, 1e12, Map.of(x, 1e13)));
    String text = ReportPage.of(Report.of(List.of(new Source(x, run), new Source(x, run))));
    Document page = parse(text);
    assertEquals(0, page.getElementsByTagName("img").getLength());
    assertEquals(1, page.getElementsByTagName("script").getLength());
    for (Element element : elements(page, "*")) {
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        assertFalse(element.getAttributes().item(i).getNodeName().startsWith("on"));
      }
    }
    String shown = x.replace('\u0000', '\ufffd');
    assertTrue(texts(page, "code").contains(shown));
    assertTrue(texts(page, "figcaption").getFirst().contains(shown));
    assertFalse(text.contains("\u0000"));
  }

  @Test
  void otherFilesHaveTablesToo() throws Exception {
    Source contest = source("cpu-epyc-avx512.json");
    Document page =
        parse(ReportPage.of(Report.of(List.of(contest, source("lenet5-mnist-0.json")))));
    assertEquals(0, page.getElementsByTagName("figure").getLength());
    List<String> heads = texts(page, "h2");
    assertTrue(heads.containsAll(List.of("Beside the peers", "Training", "All rows")), "" + heads);
    assertEquals(
        contest.results().results().stream().mapToInt(row -> row.ratios().size()).sum(),
        elements(page, "li").stream()
            .filter(li -> li.getAttribute("class").startsWith("ratio"))
            .count());
  }

  private static Source source(String name) {
    return new Source(name, ResultFile.read(Path.of("bench/results", name)));
  }

  @Test
  void theCommandWritesOnePage() throws Exception {
    Path page = folder.resolve("page.html");
    String file = Examples.FOLDER.resolve("example-gpu.json").toString();
    var out = new StringWriter();
    CommandLine command = new CommandLine(new ReportCommand()).setOut(new PrintWriter(out, true));
    command.setExecutionExceptionHandler((e, c, parsed) -> {
      throw e;
    });
    assertEquals(0, command.execute(file, "--out", page.toString()));
    assertEquals(
        ReportPage.of(Report.of(List.of(new Source("example-gpu.json", Examples.gpu())))),
        Files.readString(page));
    assertTrue(out.toString().startsWith(Examples.gpu().results().size() + " rows in "), "" + out);
  }

  @Test
  void mistakesAreOneLine() {
    String file = Examples.FOLDER.resolve("example-gpu.json").toString();
    assertEquals(
        file + ": is a file to read; name another with --out", mistake(file, "--out", file));
    assertEquals("none.json: no such file", mistake("none.json", "--out", folder + "/p.html"));
    assertTrue(mistake(file, "--out", folder.toString()).contains("is a folder"));
  }

  private static String mistake(String... args) {
    CommandLine command = new CommandLine(new ReportCommand());
    String[] message = new String[1];
    command.setExecutionExceptionHandler((e, c, parsed) -> {
      message[0] = e.getMessage();
      return 1;
    });
    assertEquals(1, command.execute(args));
    return message[0];
  }
}
