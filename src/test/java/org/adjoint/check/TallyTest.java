package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TallyTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 0, true",
    "0, -0.0, 0, true",
    "NaN, NaN, 0, true",
    "Infinity, Infinity, 0, true",
    "-Infinity, -Infinity, 1, true",
    "1, 1.5, 0.5, true",
    "1, 1.5, 0.25, false",
    "1, NaN, 1, false",
    "NaN, 1, 1, false",
    "1, NaN, Infinity, false",
    "Infinity, -Infinity, 1, false",
    "Infinity, 1, 1e300, false",
    "1, 2, NaN, false",
    "1, 2, 0, false",
  })
  void agreesOrNot(double expected, double got, double bound, boolean agrees) {
    Tally tally = new Tally("op", "check");
    tally.compare("element 0", expected, got, bound);
    assertEquals(agrees, tally.failures().isEmpty());
  }

  @Test
  void sharesAreThoseOfErrors() {
    Tally tally = new Tally("op", "check");
    tally.compareAll("y", new double[] {1, 1, 1, 1}, new double[] {1, 2, 3, 1}, 4);
    assertEquals(4, tally.compared());
    assertEquals(2, tally.inexact());
    assertEquals(0.5, tally.worst());
    assertEquals(0.5, tally.median());
  }

  @Test
  void failureIsOneLineWithAllThatIsKnown() {
    Tally tally = new Tally("matmul", "fast");
    tally.during("[2, 3]", () -> tally.compare("element 4", 1, 2, 0.5));
    tally.during(
        "[3]",
        () -> {
          throw new IllegalStateException("a\nb");
        });
    assertEquals(
        "matmul: [2, 3]: fast: element 4: expected 1.0, got 2.0, bound 0.500",
        tally.failures().get(0).toString());
    assertEquals(
        "matmul: [3]: fast: threw java.lang.IllegalStateException: a b",
        tally.failures().get(1).toString());
  }

  @Test
  void lengthsMustAgree() {
    Tally tally = new Tally("op", "check");
    tally.compareAll("y", new double[2], new double[3], 1);
    assertEquals(1, tally.failures().size());
  }

  @Test
  void wideBoundIsAFailure() {
    Tally tally = new Tally("op", "check");
    tally.compareBound(1e-9, 1, 1e-8);
    tally.compareBound(0, 0, 1e-8);
    assertTrue(tally.failures().isEmpty());
    tally.compareBound(1e-7, 1, 1e-8);
    tally.compareBound(Double.NaN, 1, 1e-8);
    assertEquals(2, tally.failures().size());
    assertEquals(1e-7, tally.widest());
  }
}
