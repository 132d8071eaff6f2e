package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.samples.Autograd;
import org.adjoint.samples.ComputationalGraph;
import org.adjoint.samples.Convolution;
import org.adjoint.samples.LinearRegression;
import org.adjoint.samples.Quadratic;
import org.adjoint.samples.SequentialModel;
import org.adjoint.samples.TwoLayerTanh;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FirstLessonsTest {
  @TempDir Path folder;

  private static Stream<Supplier<Callable<Integer>>> all() {
    return Stream.of(
        LinearRegression::new,
        ComputationalGraph::new,
        Quadratic::new,
        Autograd::new,
        TwoLayerTanh::new,
        SequentialModel::new,
        Convolution::new);
  }

  @Test
  void linearRegressionGivesTheSameBitsBothWays() throws Exception {
    List<String> lines = Lessons.run(new LinearRegression());
    int second = lines.indexOf("by autograd: loss = (xw - y)^2");
    List<String> byHand = lines.subList(1, second - 1);
    List<String> byAutograd = lines.subList(second + 1, lines.size() - 2);
    assertEquals(402, byHand.size());
    assertEquals(byHand, byAutograd);
    assertEquals("same bits: true", lines.getLast());

    List<String> tokens =
        byHand.stream().flatMap(line -> Arrays.stream(line.strip().split("[ =]"))).toList();
    for (String figure :
        List.of(
            "4.0",
            "-2.0",
            "-7.84",
            "-16.2288",
            "1.260688",
            "4.919240100095999",
            "1.9999999999999236",
            "5.250973729513143E-26",
            "7.9999999999996945")) {
      assertEquals(1, tokens.stream().filter(figure::equals).count(), figure);
    }
    assertEquals(
        List.of(
            "predict (before training) 4 4.0",
            "\tgrad: 1 2 -2.0",
            "\tgrad: 2 4 -7.84",
            "\tgrad: 3 6 -16.2288",
            "progress: 0 w=1.260688 loss=4.919240100095999"),
        byHand.subList(0, 5));
    assertEquals(
        List.of(
            "progress: 99 w=1.9999999999999236 loss=5.250973729513143E-26",
            "predict (after training) 4 7.9999999999996945"),
        byHand.subList(400, 402));
  }

  @ParameterizedTest
  @CsvSource({
    "y_pred, 1.0",
    "loss, 1.0",
    "e, -1.0",
    "dloss/dloss, 1.0",
    "dloss/de, -2.0",
    "dloss/dy_pred, -2.0",
    "dloss/dw, -2.0",
    "dloss/dx, -2.0",
    "dloss/dy, 2.0",
  })
  void computationalGraphShowsEveryValue(String name, String value) throws Exception {
    List<String> found =
        Lessons.run(new ComputationalGraph(), "--out", folder.toString()).stream()
            .filter(line -> line.strip().startsWith(name + " "))
            .toList();
    assertEquals(1, found.size(), name);
    assertTrue(found.getFirst().endsWith("= " + value), found.getFirst());
  }

  @Test
  void computationalGraphDrawsValuesAndGradients() throws Exception {
    Path out = folder.resolve("not/there/yet");
    List<String> lines = Lessons.run(new ComputationalGraph(), "--out", out.toString());
    for (String suffix : List.of(".html", ".svg", ".dot")) {
      Path file = out.resolve("computational-graph" + suffix);
      assertTrue(lines.contains("  " + file), lines.toString());
    }
    Picture picture = Picture.read(out.resolve("computational-graph.svg"));
    assertEquals(3, picture.boxes().size());
    assertEquals(6, picture.ellipses().size());
    assertEquals(
        List.of(
            "x 1.0 grad -2.0",
            "w 1.0 grad -2.0",
            "mul",
            "y_pred 1.0 grad -2.0",
            "y 2.0 grad 2.0",
            "sub",
            "e -1.0 grad -2.0",
            "pow p=2.0",
            "loss 1.0 grad 1.0"),
        picture.labels());
  }

  @Test
  void quadraticAgreesInThreeWays() throws Exception {
    List<String> lines = Lessons.run(new Quadratic());
    assertTrue(lines.contains("loss at x=2, y=4, w2=w1=b=1: 9.0"), lines.toString());
    for (String way : List.of("by hand:     ", "in code:     ", "by autograd: ")) {
      assertTrue(lines.contains("  " + way + "dw2=24.0 dw1=12.0 db=6.0"), lines.toString());
    }
    assertTrue(lines.contains("  same bits: true"), lines.toString());
    String last = lines.getLast();
    assertTrue(last.startsWith("  largest deviation from 1: "), last);
    assertTrue(Double.parseDouble(last.substring(last.indexOf(':') + 1)) <= 1e-6, last);
  }

  @Test
  void autogradIsExact() throws Exception {
    assertEquals(
        List.of(
            "t           = F64[3] [1., 2., 4.]",
            "u = sum t^2 = F64[] 21.",
            "du/dt       = F64[3] [2., 4., 8.]"),
        Lessons.run(new Autograd()));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "20"})
  void gradientsOfTwoLayerTanhAreSlopes(String seed) throws Exception {
    List<String> lines =
        Lessons.run(new TwoLayerTanh(), "--seed", seed, "--out", folder.toString());
    for (String name : List.of("w1 [20, 10]", "b1 [20]", "w2 [5, 20]", "b2 [5]")) {
      List<String> found = lines.stream().filter(line -> line.startsWith("  " + name)).toList();
      assertEquals(1, found.size(), lines.toString());
      double difference = Double.parseDouble(found.getFirst().substring(2 + name.length()));
      assertTrue(difference > 0 && difference <= 1e-7, found.getFirst());
    }
    List<String> labels = Picture.read(folder.resolve("two-layer-tanh.svg")).labels();
    for (String label : List.of("w1 F64 [20, 10]", "b1 F64 [20]", "w2 F64 [5, 20]", "b2 F64 [5]")) {
      assertTrue(labels.contains(label), labels.toString());
    }
    assertTrue(Files.readString(folder.resolve("two-layer-tanh.dot")).contains("label=\"w1\\n"));
    assertTrue(Files.readString(folder.resolve("two-layer-tanh.html")).contains("<svg "));
  }

  @Test
  void sequentialHasTheLecturesSizes() throws Exception {
    List<String> lines = Lessons.run(new SequentialModel());
    assertEquals(
        """
        Linear(3, 1): 4 parameters
          weight    [1, 3]
          bias      [1]
        Sequential 3-9-2-2: 62 parameters
          0.weight  [9, 3]
          0.bias    [9]
          2.weight  [2, 9]
          2.bias    [2]
          4.weight  [2, 2]
          4.bias    [2]
        a batch [5, 3] through the sequential gives [5, 2]
        """,
        lines.stream().limit(11).collect(Collectors.joining("\n", "", "\n")));
  }

  @Test
  void convolutionIsExactCrossCorrelation() throws Exception {
    assertEquals(
        """
        signal                            (0,0,0,0,1,2,3,4,4,4,4)
        kernel                            (-1,1)
        cross-correlation, F32 fast       (0,0,0,1,1,1,1,0,0,0)
        cross-correlation, F64 reference  (0,0,0,1,1,1,1,0,0,0)
        kernel flipped                    (1,-1)
        true convolution, with it         (0,0,0,-1,-1,-1,-1,0,0,0)
        """,
        String.join("\n", Lessons.run(new Convolution())) + "\n");
  }

  @ParameterizedTest
  @MethodSource("all")
  void resultsAreWritten(Supplier<Callable<Integer>> sample) throws Exception {
    Path file = folder.resolve("results.json");
    Lessons.run(sample.get(), "--seed=7", "--json=" + file, "--out=" + folder);
    Results results = ResultFile.read(file);
    assertEquals("cpu", results.device());
    assertEquals(7, results.seed());
    for (Result figure : results.results()) {
      assertTrue(Double.isFinite(figure.median()), figure.what());
    }
  }

  @Test
  void unwritableResultsAreNoticedFirst() {
    String file = folder.resolve("nowhere/results.json").toString();
    assertThrows(UserError.class, () -> Lessons.run(new Autograd(), "--json", file));
  }

  @Test
  void unwritablePicturesAreOneLine() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThrows(
        UserError.class, () -> Lessons.run(new ComputationalGraph(), "--out", file.toString()));
  }
}
