package org.adjoint.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator;
import org.adjoint.mutants.Family.Kernel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mutants of one kernel, whose fates are known. */
class CampaignTest {
  private static EmulatedDevice device;
  private static Lab lab;
  private static Kernel kernel;
  private static List<Trial> trials;
  private static Coverage coverage;
  private static int runs;

  @TempDir private Path folder;

  @BeforeAll
  static void build() {
    assumeTrue(Emulator.isAvailable(), "g++ is not on the PATH: no emulated GPU");
    Emulator emulator = Emulator.build(Emulator.home(), Emulator.Mode.CHECKED);
    Path source = Emulator.home().resolve("src/test/cuda/kernels/mutable.cu");
    Family family = new Family(emulator, source);
    Path kernels = Emulator.home().resolve("target/mutants/planted");
    emulator.compile(Map.of("mutable", family.sites().schemata()), kernels);
    device = new EmulatedDevice(emulator.libraries());
    var function = device.function(device.load(kernels.resolve("mutable.fatbin")), "add_up_f32");
    kernel = family.kernels().getFirst();
    lab = new Lab(device, family.sites().ids(), () -> {});
    trials = Stream.of(100, 64).map(n -> trial(function, n)).toList();
    coverage = new Coverage();
    lab.survey(trials, coverage, () -> false);
  }

  @AfterAll
  static void restore() {
    if (device != null) {
      device.quiet(false);
    }
  }

  private static Trial trial(java.lang.foreign.MemorySegment function, int n) {
    float[] x = new float[n];
    float sum = 0;
    for (int i = 0; i < n; i++) {
      x[i] = i + 1;
      sum += x[i];
    }
    float expected = sum;
    return new Trial(
        "sum of " + n,
        Arrays.toString(x),
        false,
        () -> {
          runs++;
          long from = device.upload(x);
          long to = device.allocate(4);
          int status = device.run(function, Shape.of(1, 64), n, from, to);
          return status == 0 && device.floats(to, 1)[0] == expected ? "" : "wrong";
        });
  }

  private Campaign.Outcome run(Results results, int max, BooleanSupplier isOver) {
    Campaign.Order order = new Campaign.Order(max, 1, false);
    PrintWriter out = new PrintWriter(Writer.nullWriter());
    return new Campaign(lab, trials, coverage, results, order, isOver, out).run(List.of(kernel));
  }

  @Test
  void onlyWhatChangesNothingSurvives() {
    Campaign.Outcome outcome = run(new Results(folder.resolve("results.json")), 100, () -> false);
    List<Mutant> mutants = outcome.mutants().get(kernel);
    assertEquals(kernel.sites().size(), mutants.size());
    assertEquals(29, mutants.size());
    for (Mutant mutant : mutants) {
      // n is never negative.
      boolean harmless = mutant.operator().equals("mask") && mutant.original().equals("n > 0");
      assertEquals(!harmless, mutant.killed(), mutant::toString);
    }
  }

  @Test
  void whatWasTriedIsNotTriedAgain() {
    Path file = folder.resolve("results.json");
    Results first = new Results(file);
    int[] asked = {0};
    assertEquals(7, run(first, 12, () -> ++asked[0] > 5).left());
    first.write(1, 12, _ -> true);
    Results second = new Results(file);
    runs = 0;
    Campaign.Outcome whole = run(second, 12, () -> false);
    assertEquals(0, whole.left());
    assertTrue(runs >= 7, "runs of trials: " + runs);
    second.write(1, 12, _ -> true);
    runs = 0;
    assertEquals(whole.mutants(), run(new Results(file), 12, () -> false).mutants());
    assertEquals(0, runs);
  }

  @Test
  void theSeedChooses() {
    BitSet reached = coverage.reached(kernel);
    List<Site> chosen = Chosen.of(kernel, reached, 12, 1);
    assertEquals(chosen, Chosen.of(kernel, reached, 12, 1));
    assertNotEquals(chosen, Chosen.of(kernel, reached, 12, 2));
    assertEquals(12, chosen.size());
    assertEquals(Operator.values().length, chosen.stream().map(Site::operator).distinct().count());
    List<Site> more = new ArrayList<>(Chosen.of(kernel, reached, 20, 1));
    assertTrue(more.containsAll(chosen));
  }

  @Test
  void aKernelGoesByManyNames() {
    assertEquals("add_up_f32", kernel.toString());
    assertTrue(kernel.definition().isCalled("add_up"));
    assertEquals(1, kernel.family().called("mutable").size());
    assertEquals(0, kernel.family().called("add").size());
  }
}
