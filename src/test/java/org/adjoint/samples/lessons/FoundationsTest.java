package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adjoint.samples.Activations;
import org.adjoint.samples.Approximation;
import org.adjoint.samples.Losses;
import org.adjoint.samples.Perceptron;
import org.adjoint.samples.QuadraticModel;
import org.adjoint.samples.Xor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoundationsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4})
  void perceptronKeepsNovikoffsBound(long seed) throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new Perceptron(), "--seed=" + seed);
    assertEquals(0, ran.figure("errors left"));
    assertTrue(ran.figure("mistakes") > 0);
    assertTrue(ran.figure("mistakes") <= ran.figure("Novikoff's bound"), ran.results().toString());
    assertTrue(ran.figure("XOR, most right answers") < 4, ran.results().toString());
    assertEquals(3.5, ran.figure("weighted sum of the neuron by hand"));
  }

  @Test
  void neuronsHaveTheirFormsAndGates() throws Exception {
    List<String> lines = Lessons.measure(folder, new Perceptron()).lines();
    for (String line :
        List.of(
            "  w.x = 3.5",
            "  step(w.x) = 1",
            "  sign(w.x) = 1.0",
            "  sigmoid(w.x) = " + 1 / (1 + StrictMath.exp(-3.5)),
            "  u AND v  00->0  01->0  10->0  11->1",
            "  u OR v   00->0  01->1  10->1  11->1",
            "  NOT u    00->1  01->1  10->0  11->0")) {
      assertTrue(lines.contains(line), line + " is not in " + lines);
    }
  }

  @Test
  void xorNeedsFeaturesOrUnits() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new Xor());
    assertEquals(0, ran.figure("line"));
    assertEquals(20, ran.figure("features"));
    assertTrue(ran.figure("4 tanh") >= 19, ran.results().toString());
    double two = ran.figure("2 tanh");
    assertTrue(two > 0 && two < 20, ran.results().toString());
    assertTrue(Files.exists(folder.resolve("xor.png")));
    // What gradient descent does, not how the models begin, makes the difference.
    assertTrue(Lessons.measure(folder, new Xor(), "--steps=0").figure("4 tanh") < 10);
  }

  @Test
  void curvesAreSumsOfReluPieces() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new Approximation(), "--steps=100");
    for (int units = 4; units <= 128; units *= 2) {
      for (String how : List.of(" laid", " learned")) {
        double fewer = ran.figure("rms, " + units / 2 + how);
        assertTrue(ran.figure("rms, " + units + how) < fewer, ran.results().toString());
      }
      double laid = ran.figure("rms, " + units + " laid");
      assertTrue(ran.figure("rms, " + units + " learned") < laid, ran.results().toString());
    }
    assertTrue(ran.figure("greatest error, 128 learned") <= 0.05, ran.results().toString());
    assertTrue(ran.figure("greatest error, 2 learned") > 0.5, ran.results().toString());
  }

  @Test
  void activationsKeepTheirIdentity() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new Activations());
    for (String dtype : List.of("F64", "F32")) {
      double deviation = ran.figure("largest deviation in " + dtype + ", in ulp(1)");
      assertTrue(deviation > 0 && deviation <= 2, ran.results().toString());
    }
    assertEquals(0, ran.figure("ReLU'(0)"));
    assertTrue(ran.lines().contains("  ReLU'(0) = 0.0"));
    assertTrue(ran.lines().contains("  sigmoid'(0) = 0.25"));
    assertTrue(ran.lines().contains("  tanh'(0) = 1.0"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void lossesAreLikelihoodsWithGradients(long seed) throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new Losses(), "--seed=" + seed);
    for (String loss : List.of("mse", "cross-entropy")) {
      double difference = ran.figure(loss + ", largest relative difference of its gradient");
      assertTrue(difference > 0 && difference <= 1e-7, ran.results().toString());
    }
    double mse = number(ran.lines(), "by hand:");
    assertEquals(mse, number(ran.lines(), "-2 log(density)/(ND):"), 1e-12);
    assertEquals(mse, numbers(ran.lines(), "by Tensor:").getFirst(), 1e-12);
    assertEquals(
        number(ran.lines(), "-log(likelihood)/N:"),
        numbers(ran.lines(), "by Tensor:").getLast(),
        1e-12);
    // (0 + 10,000 + 20,000) / 3, and nowhere a NaN but in the naive formula.
    assertEquals(10_000, ran.figure("cross-entropy of huge logits"));
    List<String> nan = ran.lines().stream().filter(line -> line.contains("NaN")).toList();
    assertEquals(1, nan.size(), nan.toString());
    assertTrue(nan.getFirst().contains("naive"));
    assertTrue(ran.lines().stream().noneMatch(line -> line.contains("inf")));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void gradientStepIsTheMinimumOfTheLocalModel(long seed) throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new QuadraticModel(), "--seed=" + seed);
    double apart = ran.figure("largest deviation of the minimum from the step");
    assertTrue(apart > 0 && apart < 1e-9, ran.results().toString());
    double slope = ran.figure("largest gradient of the model at the step");
    assertTrue(slope < 1e-9, ran.results().toString());
  }

  private static double number(List<String> lines, String after) {
    List<Double> numbers = numbers(lines, after);
    assertEquals(1, numbers.size(), after);
    return numbers.getFirst();
  }

  private static List<Double> numbers(List<String> lines, String after) {
    return lines.stream()
        .map(String::strip)
        .filter(line -> line.startsWith(after))
        .map(line -> Double.parseDouble(line.substring(after.length())))
        .toList();
  }
}
