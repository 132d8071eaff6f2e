package org.adjoint.optim;

import static org.adjoint.optim.OptimizersTest.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.LongStream;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;

/** Rates over the steps: PyTorch's, and what follows the loss. */
class ScheduleTest {
  private static void assertGolden(String name, Schedule schedule) {
    assertArrayEquals(
        Golden.of(name), LongStream.range(0, 30).mapToDouble(schedule::rate).toArray(), 1e-15);
  }

  @Test
  void ratesAreThoseOfPyTorch() {
    assertGolden("step", Schedule.step(0.2, 7, 0.5));
    assertGolden("multistep", Schedule.multiStep(0.2, 0.3, 3, 10, 11));
    assertGolden("exponential", Schedule.exponential(0.2, 0.9));
    assertGolden("linear", Schedule.linear(0.2, 20, 0.02));
    assertGolden("cosine", Schedule.cosine(0.2, 30, 0.02));
    assertGolden("onecycle", Schedule.oneCycle(0.5, 30));
    assertGolden("warmup", Schedule.constant(0.2).warmUp(5));
  }

  @Test
  void theEndHolds() {
    assertEquals(0.02, Schedule.cosine(0.2, 30, 0.02).rate(31));
    assertEquals(0.25, Schedule.linear(0.5, 4, 0.25).rate(100));
    assertEquals(0.5 / 250_000, Schedule.oneCycle(0.5, 30).rate(1000), 1e-18);
    assertEquals(0.5, Schedule.oneCycle(0.5, 1).rate(0) * 250_000, 1e-12);
  }

  @Test
  void afterTheWarmUpTheScheduleBegins() {
    Schedule schedule = Schedule.step(0.5, 2, 0.5).warmUp(4);

    assertArrayEquals(
        new double[] {0.125, 0.25, 0.375, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125},
        LongStream.range(0, 9).mapToDouble(schedule::rate).toArray());
  }

  @Test
  void whatIsNoScheduleIsRejected() {
    assertEquals(
        "schedule: rate -1.0 must be at least 0", failure(() -> Schedule.cosine(-1, 1, 0)));
    assertEquals("schedule: every 0 must be at least 1", failure(() -> Schedule.step(1, 0, 1)));
    assertEquals("schedule: steps 0 must be at least 1", failure(() -> Schedule.oneCycle(1, 0)));
  }

  private static Sgd sgd() {
    return new Sgd(Map.of("w", Tensor.of(1f).requireGrad()), 0.2, 0);
  }

  @Test
  void aPlateauLowersTheRateAsInPyTorch() {
    Sgd sgd = sgd();
    double[] losses = Golden.of("losses");
    Plateau plateau = new Plateau(sgd, 0.5, 2);
    double[] rates = new double[losses.length];
    for (int i = 0; i < losses.length; i++) {
      if (i == 10) { // a pause
        Map<String, Tensor> state = plateau.state();
        plateau = new Plateau(sgd, 0.5, 2);
        plateau.load(state);
      }
      plateau.observe(losses[i]);
      rates[i] = sgd.rate();
    }
    assertArrayEquals(Golden.of("plateau"), rates, 1e-15);
  }

  /** PyTorch takes any loss near a negative best for a better one. */
  @Test
  void aPlateauBelowZeroIsOneToo() {
    Sgd sgd = sgd();
    Plateau plateau = new Plateau(sgd, 0.5, 1);
    plateau.observe(-1);
    plateau.observe(-1);
    plateau.observe(-1);

    assertEquals(0.1, sgd.rate());
  }

  @Test
  void plateausThatCannotBeAreRejected() {
    assertEquals(
        "plateau: factor 1.0 must be in (0, 1), patience 2 at least 0",
        failure(() -> new Plateau(sgd(), 1, 2)));
  }

  @Test
  void trainingStopsWhenPatienceEnds() {
    EarlyStopping stopping = new EarlyStopping(2, 0.5);

    assertTrue(stopping.observe(3));
    assertFalse(stopping.observe(2.5), "within the margin");
    assertFalse(stopping.isOver());
    assertTrue(stopping.observe(2.4));
    assertFalse(stopping.observe(Double.NaN));
    assertFalse(stopping.isOver());
    assertFalse(stopping.observe(4));
    assertTrue(stopping.isOver());
    assertEquals(2.4, stopping.best());
    assertEquals(
        "early stopping: patience 0 must be at least 1, margin 0.0 at least 0",
        failure(() -> new EarlyStopping(0, 0)));
  }
}
