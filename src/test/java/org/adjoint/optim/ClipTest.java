package org.adjoint.optim;

import static org.adjoint.optim.OptimizersTest.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.junit.jupiter.api.Test;

/** Gradients kept short. */
class ClipTest {
  private static Tensor withGradient(Shape shape, float... gradient) {
    Tensor g = Tensor.of(shape, gradient);
    Tensor p = Tensor.zeros(g.meta()).requireGrad();
    p.mul(g).sum().backward();
    return p;
  }

  @Test
  void theNormOfAllGradientsTogetherIsPyTorchs() {
    Tensor a = withGradient(Shape.of(3), 3, -4, 0.5f);
    Tensor b = withGradient(Shape.of(1, 2), 1, 2);
    Tensor without = Tensor.of(1f).requireGrad();

    double norm = Clip.norm(List.of(a, b, without, a), 2);

    assertEquals(Golden.of("norm")[0], norm, 1e-12);
    double[] clipped = Golden.of("clipped");
    double[] gradients = new double[5];
    System.arraycopy(a.grad().toDoubles(), 0, gradients, 0, 3);
    System.arraycopy(b.grad().toDoubles(), 0, gradients, 3, 2);
    assertArrayEquals(clipped, gradients, 2e-7);
    assertFalse(without.hasGrad());
  }

  @Test
  void shortGradientsStay() {
    Tensor p = withGradient(Shape.of(2), 3, 4);

    assertEquals(5, Clip.norm(List.of(p), 5.1));

    assertArrayEquals(new float[] {3, 4}, p.grad().toFloats());
  }

  @Test
  void largeFloatsHaveANorm() {
    assertEquals(5e30, Clip.norm(List.of(withGradient(Shape.of(2), 3e30f, 4e30f)), 1), 1e24);
  }

  @Test
  void aBadGradientIsSeenInTheNorm() {
    Tensor p = withGradient(Shape.of(2), 3, Float.NaN);

    assertEquals(Double.NaN, Clip.norm(List.of(p), 1));
  }

  @Test
  void valuesAreCut() {
    Tensor p = withGradient(Shape.of(5), 0.3f, -0.1f, Float.NaN, -7, Float.POSITIVE_INFINITY);
    long before = Backend.of(Device.CPU).liveBytes();

    Clip.value(List.of(p), 0.25);

    assertArrayEquals(new float[] {0.25f, -0.1f, Float.NaN, -0.25f, 0.25f}, p.grad().toFloats());
    assertEquals(DType.F32, p.grad().dtype());
    assertEquals(before, Backend.of(Device.CPU).liveBytes());
  }

  @Test
  void limitsThatCannotBeAreRejected() {
    assertEquals("clip: a norm of 0.0 is not above 0", failure(() -> Clip.norm(List.of(), 0)));
    assertEquals(
        "clip: a value of NaN is not above 0", failure(() -> Clip.value(List.of(), Double.NaN)));
  }
}
