package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Anomaly mode: the first NaN or infinity stops the program where it is made. */
class AnomalyTest {
  private static Tensor leaf(double... values) {
    return Tensor.of(values).requireGrad();
  }

  private static int line() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
  }

  private static String anomaly(Runnable work) {
    return String.valueOf(
        assertThrows(ArithmeticException.class, () -> Grad.anomaly(work)).getMessage());
  }

  @Test
  void anInfinityIsNamedWithItsOperationAndLine() {
    int[] line = new int[1];

    String message =
        anomaly(() -> {
          line[0] = line() + 1;
          Tensor.of(1.0, 0).log().mul(0);
        });

    assertEquals(
        "anomaly: the result of log (made at AnomalyTest.java:"
            + line[0]
            + "), [2], is -Infinity at element 1",
        message);
  }

  @Test
  void nanIsFoundInAForwardPass() {
    String message = anomaly(() -> Tensor.of(1.0, -1).log());

    assertTrue(message.endsWith(", [2], is NaN at element 1"), message);
  }

  /** √x is 0 at 0, and as steep as can be: only the way back sees it. */
  @Test
  void whatGoesWrongOnTheWayBackNamesTheLineOfTheWayThere() {
    int[] line = new int[1];

    String message =
        anomaly(() -> {
          line[0] = line() + 1;
          Tensor root = leaf(4, 0).pow(0.5);
          root.sum().backward();
        });

    assertTrue(
        message.endsWith(
            ", [2], is Infinity at element 1, in the gradient of pow (made at AnomalyTest.java:"
                + line[0]
                + ")"),
        message);
  }

  /** log(x)·0 has the gradient 0/x: NaN at 0, where the product is NaN already. */
  @Test
  void theFirstAnomalyIsTheOneReported() {
    String message = anomaly(() -> leaf(0).log().mul(0).sum().backward());

    assertTrue(message.startsWith("anomaly: the result of log "), message);
  }

  @Test
  void aGradientFromOutsideTheOperationsIsLookedAt() {
    String message = anomaly(() -> leaf(1e200).mul(1e200).mul(1e-200).sum().backward());

    assertTrue(message.startsWith("anomaly: the result of mul_scalar "), message);
  }

  @Test
  void withoutItNumbersTakeTheirCourse() {
    Tensor x = leaf(0);

    x.log().mul(0).sum().backward();

    Tensor grad = x.grad();
    assertTrue(grad != null && Double.isNaN(grad.item()));
    assertFalse(Grad.isAnomalyMode());
  }

  @Test
  void integersCannotBeAnomalous() {
    Grad.anomaly(() -> assertEquals(3, Tensor.of(1L, 2).sum().item()));
  }

  @Test
  void itEndsWithItsBlock() {
    Grad.anomaly(() -> assertTrue(Grad.isAnomalyMode()));

    assertFalse(Grad.isAnomalyMode());
    assertEquals(Double.NEGATIVE_INFINITY, Tensor.scalar(0).log().item());
  }
}
