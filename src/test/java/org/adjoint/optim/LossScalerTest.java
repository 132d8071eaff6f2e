package org.adjoint.optim;

import static org.adjoint.optim.OptimizersTest.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.nn.Autocast;
import org.adjoint.nn.Linear;
import org.junit.jupiter.api.Test;

/** Training in F16: gradients that would vanish or overflow. */
class LossScalerTest {
  private final Tensor w = Tensor.of(1f, 2).requireGrad();
  private final Sgd sgd = new Sgd(Map.of("w", w), 0.5, 0);

  private boolean step(LossScaler scaler, float... slopes) {
    sgd.zeroGrad();
    scaler.scale(w.mul(Tensor.of(slopes)).sum()).backward();
    return scaler.step(sgd);
  }

  @Test
  void stepsAreThoseWithoutIt() {
    LossScaler scaler = new LossScaler();

    assertTrue(step(scaler, 0.5f, -1));

    assertArrayEquals(new float[] {0.75f, 2.5f}, w.toFloats());
    assertEquals(65_536, scaler.scale());
  }

  @Test
  void aStepThatOverflowsIsLeftOut() {
    LossScaler scaler = new LossScaler(4, 2);

    assertTrue(step(scaler, 0, 0));
    assertFalse(step(scaler, 1, Float.POSITIVE_INFINITY));
    assertFalse(step(scaler, Float.NaN, 0));
    assertArrayEquals(new float[] {1, 2}, w.toFloats());
    assertEquals(1, scaler.scale());
    assertTrue(step(scaler, 0, 0));
    assertEquals(1, scaler.scale(), "an overflow begins the count anew");
    assertTrue(step(scaler, 0, 0));
    assertEquals(2, scaler.scale());
  }

  @Test
  void gradientsMayBeClippedInBetween() {
    LossScaler scaler = new LossScaler();
    scaler.scale(w.mul(Tensor.of(3f, 4)).sum()).backward();

    scaler.unscale(sgd);
    assertEquals(5, Clip.norm(sgd.parameters().values(), 1));
    assertThrows(IllegalStateException.class, () -> scaler.unscale(sgd));
    assertTrue(scaler.step(sgd));

    assertArrayEquals(new float[] {1 - 0.3f, 2 - 0.4f}, w.toFloats(), 1e-6f);
  }

  /** 10⁻⁶ / 100 is below F16's smallest number: without a scale the gradient is 0. */
  @Test
  void smallGradientsSurviveF16() {
    Linear linear = new Linear(2, 2, new Philox(1));
    Tensor x = Tensor.of(org.adjoint.Shape.of(1, 2), 1e-4f, 2e-4f);
    Sgd optimizer = new Sgd(linear, 1);

    gradient(linear, x, 1);
    assertEquals(0, linear.weight().grad().toDoubles()[0]);
    LossScaler scaler = new LossScaler();
    gradient(linear, x, scaler.scale());
    scaler.unscale(optimizer);

    assertEquals(1e-8, linear.weight().grad().toDoubles()[0], 1e-10);
    assertEquals(2e-8, linear.weight().grad().toDoubles()[3], 2e-10);
  }

  private static void gradient(Linear linear, Tensor x, double scale) {
    linear.zeroGrad();
    Autocast.to(DType.F16, () -> linear.forward(x)).mul(1e-4).sum().mul(scale).backward();
  }

  @Test
  void aPauseLeavesNoTrace() {
    LossScaler first = new LossScaler(8, 3);
    step(first, 1, 1);
    step(first, Float.NaN, 1);
    step(first, 1, 1);
    step(first, 1, 1);
    LossScaler second = new LossScaler();
    LossScaler third = new LossScaler(1, 3);

    second.load(first.state());
    third.load(first.state());
    step(third, 1, 1);

    assertEquals(4, second.scale());
    assertEquals(8, third.scale());
    assertEquals(
        "loss scaler: scale -1.0 must be above 0",
        failure(() ->
            second.load(Map.of("scale", Tensor.scalar(-1), "growth_tracker", Tensor.of(0L)))));
  }

  @Test
  void whatCannotBeAScaleIsRejected() {
    assertEquals("loss scaler: scale 0.0 must be above 0", failure(() -> new LossScaler(0, 1)));
    assertEquals("loss scaler: interval 0 must be at least 1", failure(() -> new LossScaler(1, 0)));
  }
}
