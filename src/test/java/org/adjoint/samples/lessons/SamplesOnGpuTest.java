package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.bench.Epoch;
import org.adjoint.bench.Result;
import org.adjoint.samples.Approximation;
import org.adjoint.samples.AttentionByHand;
import org.adjoint.samples.Autoencoders;
import org.adjoint.samples.CharRnn;
import org.adjoint.samples.Imperative;
import org.adjoint.samples.Interpolation;
import org.adjoint.samples.LeNet5;
import org.adjoint.samples.StochasticDescent;
import org.adjoint.samples.Xor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A few steps of each sample that takes a device: its figures are those of the CPU. */
class SamplesOnGpuTest {
  @TempDir static Path data;
  @TempDir Path folder;

  private final Device gpu = TestGpu.device();

  /**
   * A sample, made small.
   *
   * @param bound on the difference of each figure, as a share of it or of 1
   */
  private record Case(Supplier<Callable<Integer>> sample, double bound, String... options) {
    @Override
    public String toString() {
      return sample.get().getClass().getSimpleName();
    }
  }

  private static Stream<Case> cases() {
    return Stream.of(
        new Case(Xor::new, 1e-5, "--steps=2"),
        new Case(Approximation::new, 1e-9, "--steps=1"),
        new Case(StochasticDescent::new, 1e-5, "--learn=5"),
        new Case(Imperative::new, 1e-4, "--steps=2"),
        new Case(AttentionByHand::new, 1e-6, "--steps=2"),
        new Case(CharRnn::new, 1e-4, "--steps=1", "--hidden=8", "--write=5"),
        new Case(LeNet5::new, 1e-4, "--epochs=1", "--batch=12"),
        new Case(Autoencoders::new, 1e-4, "--d=2", "--epochs=1", "--batch=12"),
        new Case(Interpolation::new, 1e-3, "--epochs=1", "--pairs=2"));
  }

  @BeforeAll
  static void write() throws Exception {
    FewDigits.write(data, 34, 6);
    Files.writeString(data.resolve("text"), "the cat sat on the mat, and ".repeat(80));
  }

  private Lessons.Ran run(Case one, Device device) throws Exception {
    List<String> options = new ArrayList<>(List.of(one.options()));
    Callable<Integer> sample = one.sample().get();
    options.add(sample instanceof CharRnn ? "--text=" + data.resolve("text") : "--data=" + data);
    return Lessons.measureOn(device, folder, sample, options.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void asOnTheCpu(Case one) throws Exception {
    Lessons.Ran here = run(one, Device.CPU);
    Lessons.Ran there = run(one, gpu);
    List<Result> expected = here.results().results();
    assertTrue(!expected.isEmpty());
    assertEquals(names(expected), names(there.results().results()));
    for (int i = 0; i < expected.size(); i++) {
      Result figure = expected.get(i);
      if (!figure.unit().equals("s")) {
        requireClose(
            one, figure.what(), figure.median(), there.results().results().get(i).median());
      }
    }
    List<Epoch> epochs = here.results().epochs();
    assertEquals(epochs.size(), there.results().epochs().size());
    for (int i = 0; i < epochs.size(); i++) {
      requireClose(
          one, "loss", epochs.get(i).trainLoss(), there.results().epochs().get(i).trainLoss());
    }
  }

  private static List<String> names(List<Result> figures) {
    return figures.stream().map(Result::what).toList();
  }

  private static void requireClose(Case one, String what, double here, double there) {
    assertEquals(here, there, one.bound() * Math.max(1, Math.abs(here)), what);
  }
}
