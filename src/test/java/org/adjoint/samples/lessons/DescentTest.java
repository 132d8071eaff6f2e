package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.adjoint.data.Mnist;
import org.adjoint.samples.Activations;
import org.adjoint.samples.Approximation;
import org.adjoint.samples.Imperative;
import org.adjoint.samples.LearningRate;
import org.adjoint.samples.Losses;
import org.adjoint.samples.Perceptron;
import org.adjoint.samples.QuadraticModel;
import org.adjoint.samples.SlidingWindow;
import org.adjoint.samples.StochasticDescent;
import org.adjoint.samples.Xor;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.data.DrawnDigits;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** And what all of these samples have in common. */
class DescentTest {
  /** Where MNIST is not at hand, a few drawn digits in its form. */
  @TempDir static Path digits;

  @TempDir Path folder;

  @BeforeAll
  static void drawDigits() throws Exception {
    if (Mnist.locate(null).folder() == null) {
      Mnist drawn = DrawnDigits.draw(0, 2000, 500);
      write("train-images-idx3-ubyte", drawn.trainImages(), 2000, 28, 28);
      write("train-labels-idx1-ubyte", drawn.trainLabels(), 2000);
      write("t10k-images-idx3-ubyte", drawn.testImages(), 500, 28, 28);
      write("t10k-labels-idx1-ubyte", drawn.testLabels(), 500);
    }
  }

  /** The IDX format: 0, 0, the type (8 for bytes), the number of sizes, the sizes, the bytes. */
  private static void write(String name, byte[] bytes, int... sizes) throws Exception {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + bytes.length);
    file.putInt(0x800 + sizes.length);
    for (int size : sizes) {
      file.putInt(size);
    }
    Files.write(digits.resolve(name), file.put(bytes).array());
  }

  private static String[] onDigits(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    if (Mnist.locate(null).folder() == null) {
      all.add("--data=" + digits);
    }
    return all.toArray(String[]::new);
  }

  private static Stream<Supplier<Callable<Integer>>> all() {
    return Stream.of(
        Perceptron::new,
        Xor::new,
        Approximation::new,
        Activations::new,
        Losses::new,
        QuadraticModel::new,
        LearningRate::new,
        StochasticDescent::new,
        SlidingWindow::new,
        Imperative::new);
  }

  @Test
  void rateBelowTwoOverCurvatureConverges() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new LearningRate());
    assertEquals(10, ran.figure("largest curvature"), 1e-9);
    double minimum = Math.log(2) + 1;
    double u = Math.sqrt(Math.log(2));
    double x = u * Math.cos(Math.toRadians(30));
    double y = u * Math.sin(Math.toRadians(30));
    for (String start : List.of("from (0.0, 0.7)", "from (-0.6, 0.4)")) {
      assertEquals(minimum, ran.figure("loss, rate 0.125 " + start), 1e-9);
      assertTrue(ran.figure("loss, rate 0.5 " + start) > 1e50, ran.results().toString());
      String place =
          start.contains("-") ? "(%.4f, %.4f)".formatted(-x, -y) : "(%.4f, %.4f)".formatted(x, y);
      String line = "rate 0.125 " + start + ": after 50 steps at " + place;
      assertTrue(ran.lines().stream().anyMatch(l -> l.startsWith(line)), ran.lines().toString());
    }
    assertTrue(Files.exists(folder.resolve("converges.png")));
    assertTrue(Files.exists(folder.resolve("diverges.png")));
  }

  @Test
  void meanOfMiniBatchGradientsIsTheFullOne() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new StochasticDescent(), onDigits("--learn=600"));
    double difference = ran.figure("mean of batches against all, relative");
    assertTrue(difference > 0 && difference <= 1e-5, "off by " + difference);

    double good = ran.figure("error, rate 0.1 batch 16");
    assertTrue(good < 0.4, ran.results().toString());
    for (int batch : List.of(1, 4, 16, 64, 256)) {
      double tooFast = ran.figure("error, rate 10.0 batch " + batch);
      assertTrue(tooFast > 0.7, ran.results().toString());
    }
    assertTrue(ran.figure("error, rate 0.1 batch 1") > good + 0.3, ran.results().toString());
    assertTrue(ran.figure("error, rate 0.001 batch 256") > good + 0.3, ran.results().toString());
    assertTrue(Files.exists(folder.resolve("sgd.png")));
  }

  @Test
  void windowGivesTheLecturesNumbers() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new SlidingWindow());
    assertEquals(
        List.of(
            "x  1 4 -1 0 2 -2 1 3 3 1",
            "w  1 2 0 -1",
            "y  9 0 1 3 -5 -3 6",
            "dy 1 0 -1 2 0 1 -1",
            "dx 1 2 -1 -1 4 2 -1 -2 -1 1",
            "dw -1 6 -7 6"),
        ran.lines().subList(0, 6));
    assertEquals(1, ran.figure("channels exact"));

    String page = Files.readString(folder.resolve("sliding-window.html"));
    List<List<String>> frames = frames(page);
    assertEquals(14, frames.size());
    assertTrue(String.join(" ", frames.get(6)).endsWith("y 9 0 1 3 -5 -3 6"), frames.toString());
    String last = String.join(" ", frames.getLast());
    assertTrue(last.contains("dx 1 2 -1 -1 4 2 -1 -2 -1 1 x"), last);
    assertTrue(last.endsWith("dw -1 6 -7 6"), last);
    assertFalse(page.contains("src=") || page.contains("href="), "needs other files");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
  void matchedFilterPeaksAtItsPattern(long seed) throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new SlidingWindow(), "--seed=" + seed);
    assertEquals(31, ran.figure("row of the strongest answer"));
    assertEquals(9, ran.figure("column of the strongest answer"));
    assertEquals(1, ran.figure("channels exact"));
  }

  @Test
  void netPrintsItsTensorsAndLearns() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new Imperative(), onDigits("--steps=21"));
    assertEquals(3_222_538, ran.results().parameters());
    assertTrue(ran.lines().contains("3,222,538 parameters"));
    List<String> debug = ran.lines().stream().filter(line -> line.startsWith("Debug: ")).toList();
    assertEquals(2, debug.size());
    assertTrue(debug.getFirst().startsWith("Debug: [50, 1024], the first F32[1024] ["));
    for (String tensor : List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias")) {
      assertTrue(ran.lines().contains(tensor), tensor);
    }
    assertEquals(Math.log(10), ran.figure("first loss"), 0.3);
    assertTrue(ran.figure("last loss") < ran.figure("first loss") - 0.3, ran.results().toString());
  }

  @Test
  void aDeviceThatIsNotThereIsOneLine() {
    for (Callable<Integer> sample :
        List.of(new Xor(), new Approximation(), new StochasticDescent(), new Imperative())) {
      UserError error =
          assertThrows(UserError.class, () -> Lessons.run(sample, "--device", "cuda:99"));
      assertFalse(String.valueOf(error.getMessage()).contains("\n"));
    }
  }

  @Test
  void senselessNumbersAreRefused() {
    for (Callable<Integer> sample :
        List.<Callable<Integer>>of(new Xor(), new Approximation(), new Imperative())) {
      assertThrows(UserError.class, () -> Lessons.run(sample, "--steps=-1"));
    }
    assertThrows(
        UserError.class,
        () -> Lessons.measure(folder, new StochasticDescent(), onDigits("--learn=0")));
  }

  /** The text of each frame's cells and labels, in their order. */
  private static List<List<String>> frames(String page) {
    List<List<String>> frames = new ArrayList<>();
    for (String figure : page.split("<figure>")) {
      List<String> texts = new ArrayList<>();
      Matcher text = Pattern.compile("<text [^>]*>([^<]+)</text>").matcher(figure);
      while (text.find()) {
        texts.add(text.group(1));
      }
      if (!texts.isEmpty()) {
        frames.add(texts);
      }
    }
    return frames;
  }
}
