package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.op.MatMul;
import org.adjoint.op.Max;
import org.adjoint.op.OpCatalog;
import org.junit.jupiter.api.Test;

class AgreementTest {
  private static final double TF32 = 0x1p-11;

  private static Agreement product(double rounding) {
    return Agreement.with(
        OpCatalog.of(MatMul.class), new MatMul(), DType.F32, rounding, a(), a().t().contiguous());
  }

  private static Tensor a() {
    return Tensor.arange(64).to(DType.F32).mul(0.7).sin().reshape(4, 16);
  }

  private static boolean agrees(Agreement agreement, DoubleUnaryOperator change) {
    double[] right = a().matmul(a().t()).toDoubles();
    double[] got = Arrays.stream(right).map(change).toArray();
    return agreement.of("peer", List.of(got)).failures().isEmpty();
  }

  @Test
  void roundingAgreesAndMistakesDoNot() {
    assertTrue(agrees(product(0), y -> y));
    assertTrue(agrees(product(0), y -> y * (1 + 1e-7)));
    assertFalse(agrees(product(0), y -> y * 1.001));
    assertFalse(agrees(product(0), y -> y + 0.01));
    assertFalse(agrees(product(0), y -> Double.NaN));
    assertTrue(agrees(product(TF32), y -> y * 1.0005));
    assertFalse(agrees(product(TF32), y -> y * 1.5));
  }

  @Test
  void anOutputMayBeLeftOutButNotAllAndNoElement() {
    Agreement max =
        Agreement.with(OpCatalog.of(Max.class), new Max(0), DType.F32, 0, Tensor.of(1f, 3f, 2f));
    assertEquals(List.of(), max.of("peer", Arrays.asList(new double[] {3}, null)).failures());
    assertEquals(List.of(), max.of("peer", List.of(new double[] {3}, new double[] {1})).failures());
    assertFalse(max.of("peer", List.of(new double[] {3}, new double[] {0})).failures().isEmpty());
    assertEquals(
        "max: peer: beside the reference: computed nothing",
        max.of("peer", Arrays.asList(null, null)).failures().getFirst().toString());
    assertFalse(max.of("peer", List.of(new double[] {3, 3})).failures().isEmpty());
  }
}
