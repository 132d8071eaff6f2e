package org.adjoint.samples.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.common.Grid.Range;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PicturesTest {
  @TempDir Path dir;
  private final StringWriter out = new StringWriter();

  /** What a sample does, in a JVM of its own. */
  public static void main(String[] args) {
    Pictures pictures =
        Pictures.in(Path.of(args[0]), new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    boolean drawn = pictures.lines("a.png", "t", "x", "y", List.of(Series.counted("s", 1, 2)));
    drawn |= pictures.grid("b.png", "t", Grid.of(List.<float[][]>of(new float[][] {{1}})));
    System.out.println("went on, drawn: " + drawn);
  }

  @Test
  void withoutJavaDesktopTheSampleGoesOn() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.base",
                "-cp",
                System.getProperty("java.class.path"),
                PicturesTest.class.getName(),
                dir.resolve("none").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, java.waitFor(), said);
    assertEquals(
        List.of("pictures skipped: this Java has no java.desktop", "went on, drawn: false"),
        said.lines().toList());
    assertFalse(Files.exists(dir.resolve("none")));
  }

  @Test
  void linesAreDrawnWhateverTheNumbers() throws Exception {
    Pictures pictures = pictures();
    double nan = Double.NaN;
    double infinite = Double.POSITIVE_INFINITY;
    for (List<Series> series :
        List.of(
            List.of(Series.counted("one", 1)),
            List.of(Series.counted("flat", 1, 1, 1), Series.counted("hole", 1, nan, infinite, 0)),
            List.of(Series.counted("nothing", nan, nan)),
            List.of(Series.counted("long", new double[1000])),
            List.<Series>of())) {
      assertTrue(pictures.lines("a.png", "title", "x", "y", series));
      assertTrue(pictures.logLines("log.png", "title", "x", "y", series));
    }
    BufferedImage image = image("a.png");
    assertEquals(900, image.getWidth());
    assertEquals(600, image.getHeight());
    assertTrue(out.toString().contains("picture: " + dir.resolve("deep/er/a.png")));
  }

  @Test
  void aLineLeavesItsColour() throws Exception {
    pictures().lines("a.png", "t", "x", "y", List.of(Series.counted("s", 1, 3, 2)));
    long blue = count(image("a.png"), 0x0072B2);
    assertTrue(blue > 500, "pixels of the line: " + blue);
  }

  @Test
  void pixelsHaveTheGreyOfTheirValue() throws Exception {
    Grid grid =
        new Grid(
            List.of(new float[][] {{0, 1}, {Float.NaN, 0.5f}}, new float[][] {{0, 2}, {2, 2}}),
            List.of(),
            List.of(),
            2,
            10,
            Range.EACH);
    pictures().grid("each.png", "", grid);
    pictures().grid("common.png", "", grid.withRange(Range.COMMON));
    BufferedImage each = image("each.png");
    int at = Paper.MARGIN + 5;
    assertEquals(0x000000, each.getRGB(at, at) & 0xFFFFFF);
    assertEquals(0xFFFFFF, each.getRGB(at + 10, at) & 0xFFFFFF);
    assertEquals(0xCC0000, each.getRGB(at, at + 10) & 0xFFFFFF);
    assertEquals(0x808080, each.getRGB(at + 10, at + 10) & 0xFFFFFF);
    assertEquals(0x808080, image("common.png").getRGB(at + 10, at) & 0xFFFFFF);
  }

  @Test
  void pointsAreNotJoined() throws Exception {
    double[] x = {0, 1, 2};
    double[] y = {0, 2, 0};
    pictures().lines("line.png", "t", "x", "y", List.of(new Series("s", x, y)));
    pictures().lines("points.png", "t", "x", "y", List.of(Series.points("s", x, y)));
    long line = count(image("line.png"), 0x0072B2);
    long points = count(image("points.png"), 0x0072B2);
    assertTrue(points > 50 && points < line / 2, points + " pixels of points, " + line);
  }

  /** A plane that rises to the right: pale there, and lines of equal height stand upright. */
  @Test
  void surfacesAreMaps() throws Exception {
    Surface plane = new Surface(0, 2, 0, 1, new double[][] {{0, 5}, {0, 5}});
    double[] x = {0.5, 1.5};
    double[] y = {0.5, 0.5};
    pictures().surface("plane.png", "t", "x", "y", plane, List.of());
    pictures().surface("path.png", "t", "x", "y", plane, List.of(new Series("s", x, y)));
    BufferedImage map = image("plane.png");
    int left = Paper.MARGIN + 70;
    int top = Paper.MARGIN + 34;
    int line = 0;
    for (int column = 0; column < 560; column++) {
      int colour = map.getRGB(left + column, top + 100);
      assertEquals(colour, map.getRGB(left + column, top + 300), "column " + column);
      line += (colour & 0xFFFFFF) == 0x8FA6B8 ? 1 : 0;
    }
    assertEquals(23, line);
    assertTrue(
        (map.getRGB(left + 2, top + 9) & 0xFF0000) < (map.getRGB(left + 550, top + 9) & 0xFF0000));
    assertEquals(0, count(map, 0x0072B2));
    BufferedImage path = image("path.png");
    for (int column = 150; column < 410; column++) { // from 0.5 to 1.5 of 2, and half the height
      assertEquals(0x0072B2, path.getRGB(left + column, top + 280) & 0xFFFFFF);
    }
  }

  @Test
  void heatMapsAreDarkestAtTheGreatest() throws Exception {
    double[][] values = {{0, 1}, {Double.NaN, 10}};
    HeatMap map = new HeatMap("r", List.of("a", "b"), "c", List.of("1", "2"), values, "%.0f");
    pictures().heatMap("heat.png", "t", map);
    BufferedImage image = image("heat.png");
    int left = Paper.MARGIN + 130 + 4;
    int top = Paper.MARGIN + 34 + 4;
    assertEquals(0xF2F6FA, image.getRGB(left, top) & 0xFFFFFF);
    assertEquals(0xCC0000, image.getRGB(left, top + 52) & 0xFFFFFF);
    assertEquals(0x0B3C6F, image.getRGB(left + 96, top + 52) & 0xFFFFFF);
  }

  private static long count(BufferedImage image, int colour) {
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += (image.getRGB(x, y) & 0xFFFFFF) == colour ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void captionsWidenTheirColumns() throws Exception {
    Grid grid = Grid.of(List.of(new float[2][2], new float[2][2])).withZoom(1);
    pictures().grid("plain.png", "", grid);
    pictures().grid("captions.png", "", grid.withCaptions(List.of("a long caption", "b")));
    assertTrue(image("captions.png").getWidth() > image("plain.png").getWidth() + 100);
  }

  @Test
  void rowsHaveTheirNamesBesideThem() throws Exception {
    Grid grid = Grid.of(List.of(new float[9][9], new float[9][9])).withZoom(2);
    pictures().grid("plain.png", "", grid.withColumns(1));
    pictures().grid("rows.png", "", grid.withRows(1, List.of("a long name", "b")));
    BufferedImage plain = image("plain.png");
    BufferedImage rows = image("rows.png");
    int wider = rows.getWidth() - plain.getWidth();
    assertTrue(wider > 60, "wider by " + wider);
    assertEquals(plain.getHeight(), rows.getHeight());
    int middle = Paper.MARGIN + 9;
    assertEquals(0, shades(plain, Paper.MARGIN, middle));
    assertTrue(shades(rows, wider + Paper.MARGIN, middle) > 5, "no text beside the first row");
  }

  /** How many pixels left of {@code right}, near the height of {@code y}, are not white. */
  private static int shades(BufferedImage page, int right, int y) {
    int count = 0;
    for (int x = 0; x < right - 2; x++) {
      for (int dy = -4; dy <= 4; dy++) {
        count += (page.getRGB(x, y + dy) & 0xFFFFFF) == 0xFFFFFF ? 0 : 1;
      }
    }
    return count;
  }

  @Test
  void nothingTemporaryIsLeftAndFailureIsALine() throws Exception {
    pictures().grid("a.png", "", Grid.of(List.<float[][]>of(new float[2][2])));
    try (Stream<Path> files = Files.list(dir.resolve("deep/er"))) {
      assertEquals(1, files.count());
    }
    Files.writeString(dir.resolve("file"), "");
    Pictures blocked = Pictures.in(dir.resolve("file"), new PrintWriter(out));
    Grid grid = Grid.of(List.<float[][]>of(new float[2][2]));
    assertThrows(UserError.class, () -> blocked.grid("a.png", "", grid));
  }

  @Test
  void misshapenInputIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new Series("s", new double[2], new double[3]));
    assertThrows(IllegalArgumentException.class, () -> Series.counted("s"));
    List<float[][]> uneven = List.of(new float[2][2], new float[2][3]);
    assertThrows(IllegalArgumentException.class, () -> Grid.of(uneven));
    List<float[][]> empty = List.of();
    assertThrows(IllegalArgumentException.class, () -> Grid.of(empty));
    Grid one = Grid.of(List.<float[][]>of(new float[2][2]));
    assertThrows(IllegalArgumentException.class, () -> one.withCaptions(List.of("a", "b")));
    assertThrows(IllegalArgumentException.class, () -> one.withRows(1, List.of("a", "b")));
    double[][] ragged = {{1, 2}, {3}};
    assertThrows(IllegalArgumentException.class, () -> new Surface(0, 1, 0, 1, ragged));
    assertThrows(IllegalArgumentException.class, () -> new Surface(1, 1, 0, 1, new double[2][2]));
    List<String> two = List.of("a", "b");
    assertThrows(
        IllegalArgumentException.class, () -> new HeatMap("r", two, "c", two, ragged, "%s"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0",
        "0.05; 0.05",
        "-0.2; -0.2",
        "5000; 5,000",
        "0.30000000000000004; 0.3",
        "1e-9; 1E-9",
        "25000000; 2.5E7",
        "100; 100"
      })
  void ticksAreShort(double value, String label) {
    assertEquals(label, Chart.label(value));
  }

  private Pictures pictures() {
    Pictures pictures = Pictures.in(dir.resolve("deep/er"), new PrintWriter(out));
    assumeTrue(ModuleLayer.boot().findModule("java.desktop").isPresent(), "no java.desktop");
    return pictures;
  }

  private BufferedImage image(String name) throws Exception {
    return ImageIO.read(dir.resolve("deep/er").resolve(name).toFile());
  }
}
