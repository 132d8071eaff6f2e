package org.adjoint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.report.Report.Source;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The page in a real Chromium, as wide as a phone and as a desk; skipped where there is none. */
class ReportInBrowserTest {
  /** The least contrast of letters that WCAG 2.2 allows at level AA. */
  private static final double CONTRAST = 4.5;

  /**
   * Every text in sight whose colour is too near to that behind it, by WCAG's formula. A canvas
   * turns whatever a colour is written as into red, green and blue.
   */
  private static final String PALE =
      """
      (() => {
        const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const known = new Map();
        const rgba = colour => {
          if (!known.has(colour)) {
            pen.clearRect(0, 0, 1, 1);
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
            known.set(colour, [...pen.getImageData(0, 0, 1, 1).data]);
          }
          return known.get(colour);
        };
        const light = colour => {
          const [r, g, b] = rgba(colour).slice(0, 3).map(part => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        };
        const behind = part => {
          while (part && rgba(getComputedStyle(part).backgroundColor)[3] !== 255) {
            part = part.parentElement;
          }
          return getComputedStyle(part).backgroundColor;
        };
        const pale = [];
        for (const part of document.querySelectorAll("body *:not(script)")) {
          const own = [...part.childNodes].some(n => n.nodeType === 3 && n.data.trim());
          if (own && part.checkVisibility()) {
            const style = getComputedStyle(part);
            const letters = light(part.closest("svg") ? style.fill : style.color);
            const paper = light(behind(part));
            const contrast = Math.max(letters, paper) / Math.min(letters, paper);
            if (!(contrast >= %s)) {
              pale.push(part.tagName + " " + part.textContent.slice(0, 30) + " " + contrast);
            }
          }
        }
        return pale.join("\\n");
      })()
      """
          .formatted(CONTRAST);

  /** What sticks out to the right of the window and does not scroll in a box of its own. */
  private static final String WIDE =
      """
      [...document.querySelectorAll("body *:not(.scroll *, .unseen)")]
        .filter(part => part.getBoundingClientRect().right > innerWidth + 0.5)
        .map(part => part.tagName + "." + part.className).join(" ")
      """;

  @TempDir static Path folder;
  private static Chromium browser;
  private static Path page;

  @BeforeAll
  static void writeAndStart() throws IOException, InterruptedException {
    Optional<Path> binary = Chromium.find();
    assumeTrue(binary.isPresent(), "there is no Chromium on the PATH to open the page in");
    List<Source> files =
        List.of(
            new Source("gpu.json", Examples.gpu()),
            new Source("emulator.json", Examples.emulator()),
            new Source("a.json", ResultFile.read(Path.of("bench/results/lenet-mnist-0.json"))));
    page = folder.resolve("page.html");
    Files.write(page, ReportPage.of(Report.of(files)).getBytes(StandardCharsets.UTF_8));
    browser = Chromium.start(binary.get(), folder.resolve("profile"));
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static JsonNode see(String script) {
    return browser.evaluate(script);
  }

  private static String text(String script) {
    return see(script).asString();
  }

  @ParameterizedTest
  @CsvSource({"390, false", "390, true", "1280, false", "1280, true"})
  void fitsAndCanBeRead(int width, boolean dark) {
    browser.open(page, width, dark);
    assertEquals(width, see("innerWidth").asInt());
    see("document.querySelectorAll('details').forEach(part => { part.open = true; })");
    assertEquals(
        see("document.documentElement.clientWidth"), see("document.documentElement.scrollWidth"));
    assertEquals("", text(WIDE));
    assertEquals("", text(PALE));
    assertEquals(
        dark, text("getComputedStyle(document.body).backgroundColor").startsWith("rgb(20, "));
    assertEquals(List.of(), browser.complaints);
    assertEquals(List.of(page.toUri().toString()), browser.requests);
  }

  /** Goes on with the Tab key until it is there; each stop on the way must be seen to be one. */
  private static void tabTo(String selector) {
    for (int i = 0; i < 400; i++) {
      browser.press("Tab");
      assertTrue(
          see("getComputedStyle(document.activeElement).outlineStyle !== 'none'").asBoolean(),
          () -> "no focus is seen at " + text("document.activeElement.outerHTML"));
      if (see("document.activeElement.matches(\"" + selector + "\")").asBoolean()) {
        return;
      }
    }
    throw new AssertionError("the Tab key never comes to " + selector);
  }

  private static String column(int number) {
    return text(
        "[...document.querySelectorAll('#all tbody tr:not([hidden])')]"
            + ".map(row => row.cells[%d].dataset.v ?? '').join(' ')".formatted(number));
  }

  @Test
  void rowsAreFoundAndSortedByKeyboard() {
    browser.open(page, 1280, false);
    tabTo("#search");
    browser.type("SoftMax.grad chosen");
    int wanted = 2 * 3; // shapes, in two files
    assertEquals(
        wanted + " of " + rows() + " rows", text("document.getElementById('found').textContent"));
    int time =
        see("[...document.querySelectorAll('#all th')].findIndex(h =>"
                + " h.textContent.startsWith('time'))")
            .asInt();
    String found = column(time);
    tabTo("#all th:nth-child(%d) button".formatted(time + 1));
    browser.press("Enter");
    String upwards = column(time);
    assertEquals(sorted(found, 1), upwards);
    assertEquals("ascending", text("document.activeElement.parentElement.ariaSort"));
    browser.press("Enter");
    assertEquals(sorted(found, -1), column(time));
    assertEquals(1, see("document.querySelectorAll('#all [aria-sort]').length").asInt());
    assertEquals(List.of(), browser.complaints);
  }

  private static long rows() {
    return Examples.gpu().results().size() + Examples.emulator().results().size();
  }

  private static String sorted(String numbers, int sign) {
    return String.join(
        " ",
        List.of(numbers.split(" ")).stream()
            .sorted((a, b) -> sign * Double.compare(Double.parseDouble(a), Double.parseDouble(b)))
            .toList());
  }

  @Test
  void pointsOfTheRooflineAreWalkedThroughByArrows() {
    browser.open(page, 390, false);
    tabTo(".plot a");
    String first = text("document.querySelector('.hint').textContent");
    assertEquals(text("document.activeElement.getAttribute('aria-label')"), first);
    browser.press("ArrowRight");
    String second = text("document.querySelector('.hint').textContent");
    assertTrue(!second.equals(first) && second.contains("of the roofline"), second);
    assertTrue(
        see("document.querySelector('.hint').getBoundingClientRect().right <= 390").asBoolean());
    browser.press("Escape");
    assertTrue(see("document.querySelector('.hint').hidden").asBoolean());
    // One stop of the Tab key: the next is not a point of the same chart.
    browser.press("Tab");
    assertEquals(
        0, see("document.querySelectorAll('.plot')[0].querySelectorAll('a:focus').length").asInt());
    browser.press("Home");
    // A point leads to its row, even if the search has hidden it.
    see(
        "document.getElementById('search').value = 'nothing at all'; "
            + "document.getElementById('search').dispatchEvent(new Event('input'))");
    assertEquals(0, see("document.querySelectorAll('#all tbody tr:not([hidden])').length").asInt());
    see("document.querySelector('.plot a').focus()");
    browser.press("Enter");
    assertTrue(see("document.querySelector('tr:target').checkVisibility()").asBoolean());
  }

  @Test
  void lightAndDarkAreChosenByKeyboard() {
    browser.open(page, 390, false);
    String light = text("getComputedStyle(document.body).backgroundColor");
    tabTo("#theme");
    browser.press("Enter");
    String dark = text("getComputedStyle(document.body).backgroundColor");
    assertTrue(!dark.equals(light), dark);
    assertEquals("Light", text("document.activeElement.textContent"));
    assertEquals("", text(PALE));
    browser.press("Enter");
    assertEquals(light, text("getComputedStyle(document.body).backgroundColor"));
    see("localStorage.clear()");
  }
}
