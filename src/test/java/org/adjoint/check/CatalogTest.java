package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.autograd.Op;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every check on every operation. */
class CatalogTest {
  /** Differences and gradients err by a twentieth of their bound, more or less. */
  private static final double MEANINGFUL = 0.01;

  static Stream<Arguments> checksAndOperations() {
    return operations()
        .flatMap(op -> Stream.of(Check.values()).map(check -> Arguments.of(check, op)));
  }

  static Stream<Named<OpSpec>> operations() {
    return OpCatalog.all().stream().map(spec -> Named.of(spec.name(), spec));
  }

  @ParameterizedTest
  @MethodSource("checksAndOperations")
  void passes(Check check, OpSpec spec) {
    Tally tally = check.on(spec);
    assertEquals(List.of(), tally.failures());
    boolean derivative = check == Check.FIRST_DERIVATIVE || check == Check.SECOND_DERIVATIVE;
    assertEquals(
        check != Check.REJECTIONS && !(derivative && isOfIntegers(spec)), tally.compared() > 0);
  }

  private static boolean isOfIntegers(OpSpec spec) {
    return spec.examples().stream().noneMatch(e -> Problem.of(e).isDifferentiable());
  }

  @Test
  void onlyIntegersAndTruthValuesHaveNoGradient() {
    assertEquals(
        List.of(
            "compare",
            "compare_scalar",
            "is_nan",
            "is_finite",
            "and",
            "or",
            "not",
            "one_hot",
            "non_zero",
            "argmax",
            "argmin"),
        OpCatalog.all().stream().filter(CatalogTest::isOfIntegers).map(OpSpec::name).toList());
  }

  @Test
  void boundsOfDerivativesAreMeaningful() {
    List<Double> medians = new ArrayList<>();
    for (OpSpec spec : OpCatalog.all()) {
      Tally tally = Check.FIRST_DERIVATIVE.on(spec);
      if (tally.inexact() > 0) {
        medians.add(tally.median());
      }
    }
    assertTrue(medians.size() > 5, "operations whose differences have an error: " + medians);
    double median = Tally.median(medians.stream().mapToDouble(m -> m).toArray());
    assertTrue(median > MEANINGFUL, "the median share of the bound is " + median);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void everyFaultIsNoticed(OpSpec spec) {
    MutationCheck mutants = MutationCheck.of(spec);
    assertEquals(List.of(), mutants.survived());
    boolean direct = spec.examples().stream().anyMatch(e -> e.op() != null);
    assertEquals(direct && !isOfIntegers(spec), mutants.total() > 0);
    if (spec.tolerance().whole()) {
      assertTrue(mutants.killed().contains("last summand dropped"), spec.name());
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whatCanRefuseHasARejection(OpSpec spec) {
    int refused = 0;
    for (Example example : spec.examples()) {
      Op op = example.op();
      refused += op == null ? 0 : Rejections.changed(op, example, new Tally("", ""));
    }
    if (refused > 0 || spec.type() == null) {
      assertFalse(spec.rejections().isEmpty(), spec.name() + " refuses calls; list one");
    }
  }
}
