package org.adjoint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Epoch;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.adjoint.bench.report.Report.Source;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Environment HERE = environment("abc");

  private static Environment environment(String commit) {
    return new Environment(commit, "25", "Linux", "CPU", 2, 1 << 30, null, null, null);
  }

  private static Source file(String name, Environment where, Result... rows) {
    return new Source(name, Results.rows(where, List.of(rows)));
  }

  private static Result row(String what, double ms) {
    return Result.of(what).variant("own").samples("ms", ms, ms).build();
  }

  private static List<Double> medians(Run run) {
    return run.rows().stream().map(row -> row.result().median()).toList();
  }

  @Test
  void laterRowsOfOnePlaceReplaceEarlierOnesAndANoteSaysSo() {
    Report report =
        Report.of(
            List.of(
                file("old.json", HERE, row("a", 1), row("b", 2)),
                file("new.json", HERE, row("b", 3), row("c", 4))));
    assertEquals(1, report.runs().size());
    assertEquals(List.of(1.0, 3.0, 4.0), medians(report.runs().getFirst()));
    assertEquals(List.of("old.json", "new.json"), report.runs().getFirst().files());
    assertEquals(
        List.of("1 row of old.json replaced by those of new.json, which is later"), report.notes());
    assertFalse(report.isMixed());
  }

  @Test
  void otherPlacesStandBesideEachOther() {
    Report report =
        Report.of(
            List.of(
                file("a.json", HERE, row("a", 1)),
                file("b.json", environment("def"), row("a", 2)),
                file("c.json", HERE, row("b", 3))));
    assertEquals(List.of("A", "B"), report.runs().stream().map(Run::letter).toList());
    assertEquals(List.of(1.0, 3.0), medians(report.runs().get(0)));
    assertEquals(List.of(2.0), medians(report.runs().get(1)));
    assertEquals(List.of(), report.notes());
    assertEquals(List.of("r1", "r2", "r3"), report.rows().map(Row::id).toList());
  }

  @Test
  void figuresOfTrainingRunsBelongToTheirSeeds() {
    List<Source> files =
        List.of(0L, 1L).stream()
            .map(seed -> {
              List<Epoch> epochs = List.of(new Epoch(1, 0.5, 0.1, 2));
              Results run = Results.run(HERE, "lenet", "cpu", seed, 10, epochs);
              return new Source(seed + ".json", run.withResults(List.of(row("MLP", seed + 1))));
            })
            .toList();
    Report report = Report.of(files);
    assertEquals(List.of(1.0, 2.0), medians(report.runs().getFirst()));
    assertEquals(2, report.runs().getFirst().trainings().size());
    assertEquals(List.of(), report.notes());
  }

  @Test
  void whatFollowsFromARowBesideTheCeilings() {
    Ceilings ceilings = new Ceilings(true, 1e12, Map.of("F32", 10e12));
    KernelFacts facts = new KernelFacts("copy", "F32", true, null, null, null, null, null);
    Result.Builder row = Result.of("copy").samples("us", 4).bytes(2_000_000);
    // By memory 2 µs, by arithmetic 1 µs; it takes 4.
    Row memory = new Row("r1", "A", row.flop(10_000_000).kernel(facts).build(), ceilings);
    assertEquals(0.5, memory.shareOfRoof(), 1e-12);
    assertEquals(5, memory.intensity(), 1e-12);
    assertEquals(2.5e12, memory.flopPerSecond(), 1);
    assertFalse(memory.isImplied() || memory.isAboveRoof());
    // By arithmetic 5 µs, which cannot be done in 4.
    Row arithmetic = new Row("r1", "A", row.flop(50_000_000).build(), ceilings);
    assertEquals(1.25, arithmetic.shareOfRoof(), 1e-12);
    assertTrue(arithmetic.isAboveRoof());
    assertTrue(Double.isNaN(new Row("r1", "A", row.build(), null).shareOfRoof()));
  }

  @Test
  void timesOfAnEmulatedGpuAreTheImpliedOnes() {
    Ceilings ceilings = new Ceilings(false, 1e12, Map.of());
    var traffic = new KernelFacts.Traffic(1, 1, 3_000_000, 2_000_000, 1, 5, 0, 0);
    KernelFacts facts = new KernelFacts("copy", "F32", true, null, null, null, traffic, 3.0);
    Result result =
        Result.of("copy").value("bytes moved", 3e6).bytes(2_000_000).kernel(facts).build();
    Row row = new Row("r1", "A", result, ceilings);
    assertTrue(row.isImplied());
    assertEquals(3e-6, row.seconds(), 1e-18);
    assertEquals(2.0 / 3, row.shareOfRoof(), 1e-12);
    assertEquals(1, row.moved(), 1e-12);
    assertEquals(1.5, row.requested(), 1e-12);
    assertEquals(5, row.conflicts());
  }

  @Test
  void verdictsNeedTheWholeInterval() {
    assertEquals(Ratios.Verdict.FASTER, Ratios.Verdict.of(new Result.Ratio(1.1, 1.01, 1.2)));
    assertEquals(Ratios.Verdict.SLOWER, Ratios.Verdict.of(new Result.Ratio(0.9, 0.8, 0.99)));
    assertEquals(Ratios.Verdict.OPEN, Ratios.Verdict.of(new Result.Ratio(1.1, 1, 1.2)));
    assertEquals(Ratios.Verdict.OPEN, Ratios.Verdict.of(new Result.Ratio(0.9, 0.8, 1)));
  }

  @Test
  void numbersHaveThreeDigitsAndAUnit() {
    assertEquals("12.3\u00a0µs", Units.time(12.345e-6));
    assertEquals("1.00\u00a0ms", Units.time(0.9996e-3));
    assertEquals("0.250\u00a0ns", Units.time(0.25e-9));
    assertEquals("2.99\u00a0TB/s", Units.bytesPerSecond(2.987e12));
    assertEquals("94.2\u00a0%", Units.percent(0.9421));
    assertEquals("1,234×", Units.times(1234.4));
    assertEquals("10.0\u00a0B", Units.bytes(9.999));
    assertEquals("–", Units.time(Double.NaN));
    assertEquals("–", Units.percent(Double.POSITIVE_INFINITY));
    assertEquals("0", Units.digits(0));
    assertEquals("0.1", Units.tick(0.1));
    assertEquals("100", Units.tick(100));
  }

  @Test
  void axesEndAtTicksAndKeepWhatIsOutsideAtTheirEnds() {
    Axis axis = Axis.around(10, 0.5, 200);
    assertEquals(0.1, axis.low(), 1e-12);
    assertEquals(1000, axis.high(), 1e-9);
    assertEquals(0.25, axis.place(1), 1e-12);
    assertEquals(0, axis.place(1e-9));
    assertEquals("25.00%", axis.across(1));
    assertEquals("75.00%", axis.down(1));
    assertEquals(5, axis.ticks().size());
    assertEquals(2, Axis.around(2, 1, 1).high(), 1e-12);
    assertTrue(Axis.around(10, 1e-20, 1e20).ticks().size() <= 11);
  }
}
