package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.adjoint.bench.Bootstrap;
import org.adjoint.bench.Interval;
import org.adjoint.bench.Result;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  private static final Work SGEMM = Work.ALL.get(0); // must 0.75× openblas, goals 0.9×, 1× pytorch

  @Test
  void intervalOfAMedian() {
    assertEquals(new Interval(3, 3), Bootstrap.median(3, 3, 3));
    // A median of 9 draws is at most k if 5 or more hit 1..k: 0.1 % at k = 1, 3.0 % at 2.
    Interval nine = Bootstrap.median(9, 1, 8, 2, 7, 3, 6, 4, 5);
    assertEquals(2, nine.low());
    assertEquals(8, nine.high());
    assertEquals(nine, Bootstrap.median(1, 2, 3, 4, 5, 6, 7, 8, 9));
  }

  @Test
  void intervalHoldsTheMedianAsOftenAsItSays() {
    Random random = new Random(1);
    int held = 0;
    for (int i = 0; i < 100; i++) {
      Interval interval = Bootstrap.median(random.doubles(25).toArray());
      held += interval.low() <= 0.5 && interval.high() >= 0.5 ? 1 : 0;
    }
    assertTrue(held >= 88, held + " of 100");
  }

  @Test
  void ratiosAreTakenRoundByRound() {
    // The machine was three times as slow in the second round, and all alike.
    Outcome outcome = sgemm(new double[] {0.001, 0.003, 0.001}, 0.002, 0.006, 0.002);
    assertArrayEquals(new double[] {1, 3, 1}, outcome.of("adjoint"), 1e-12);
    assertArrayEquals(new double[] {2, 2, 2}, outcome.quotients("openblas"), 1e-12);
    assertEquals(new Interval(2, 2), outcome.ratios().get("openblas"));
    assertEquals(2, outcome.spread("openblas"), 1e-12);
  }

  @Test
  void wildRoundsDecideNothing() {
    double[] own = {0.001, 0.001, 0.001};
    assertEquals(Must.Met.YES, sgemm(own, 0.002, 0.0025, 0.002).decide(SGEMM.must()));
    assertEquals(Must.Met.UNCLEAR, sgemm(own, 0.002, 0.0035, 0.002).decide(SGEMM.must()));
    assertEquals(Must.Met.UNKNOWN, sgemm(own, 0.002, 0.0035, 0.002).decide(Must.ratio("q", 1)));
  }

  @Test
  void wildRoundsWithinALimitAreWithinIt() {
    Outcome outcome = sgemm(new double[] {0.001, 0.002, 0.003}, 0.002, 0.002, 0.002);
    assertEquals(Must.Met.YES, outcome.decide(Must.time(3)));
    assertEquals(Must.Met.UNCLEAR, outcome.decide(Must.time(0.9)));
  }

  private static Outcome sgemm(double[] adjoint, double... openblas) {
    return Outcome.of(SGEMM, Map.of("adjoint", adjoint, "openblas", openblas));
  }

  @Test
  void mustsAreDecidedByTheWholeInterval() {
    Interval time = new Interval(1, 2);
    Map<String, Interval> ratios = Map.of("p", new Interval(0.8, 1.2));
    assertEquals(Must.Met.YES, Must.ratio("p", 0.8).decide(time, ratios));
    assertEquals(Must.Met.UNCLEAR, Must.ratio("p", 1).decide(time, ratios));
    assertEquals(Must.Met.NO, Must.ratio("p", 1.3).decide(time, ratios));
    assertEquals(Must.Met.UNKNOWN, Must.ratio("q", 0.1).decide(time, ratios));
    assertEquals(Must.Met.YES, Must.time(2).decide(time, ratios));
    assertEquals(Must.Met.UNCLEAR, Must.time(1.5).decide(time, ratios));
    assertEquals(Must.Met.NO, Must.time(0.9).decide(time, ratios));
  }

  @Test
  void tableShowsWhatWasAsked() {
    StringWriter text = new StringWriter();
    Report report = new Report(new PrintWriter(text, true));
    report.head();
    report.show(Outcome.of(SGEMM, Map.of("adjoint", new double[] {0.001, 0.001, 0.001})));
    report.show(new Outcome(SGEMM, Map.of("adjoint", new double[] {2})));
    report.foot();
    String table = text.toString();
    assertTrue(table.contains("sgemm-512                 adjoint         1.000 ms"), table);
    assertTrue(table.contains(" 268 "), table); // 2·512³ FLOP in 1 ms
    assertTrue(table.contains("must ≥ 0.75× openblas: unknown; goal ≥ 0.90× openblas"), table);
    assertTrue(table.contains("musts: unknown 2"), table);
  }

  @Test
  void rowsCarrySamplesAndRatios() {
    Outcome outcome =
        Outcome.of(
            SGEMM,
            Map.of(
                "adjoint", new double[] {0.001, 0.002}, "openblas", new double[] {0.002, 0.002}));
    List<Result> rows = Report.rows(outcome, Map.of("openblas", Map.of("openblas", "0.3")));
    Result own = rows.stream().filter(r -> "adjoint".equals(r.variant())).findFirst().orElseThrow();
    assertEquals(new Result.Ratio(1.5, 1, 2), own.ratios().get("openblas"));
    assertEquals(List.of(1.0, 2.0), own.samples());
    assertEquals("ms", own.unit());
    assertEquals(2L * 512 * 512 * 512, own.flop());
    Result peer = rows.get(rows.indexOf(own) == 0 ? 1 : 0);
    assertEquals(Map.of("openblas", "0.3"), peer.versions());
    assertTrue(peer.ratios().isEmpty());
  }

  @Test
  void worksAreMeantByNameOrFamily() {
    Work softmax = work("softmax-4096x1024");
    assertTrue(softmax.isMeantBy("softmax") && softmax.isMeantBy("softmax-4096x1024"));
    assertFalse(softmax.isMeantBy("soft") || softmax.isMeantBy("softmax-grad"));
    assertTrue(work("softmax-grad-4096x1024").isMeantBy("softmax-grad"));
  }

  static Work work(String name) {
    return Work.ALL.stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow();
  }
}
