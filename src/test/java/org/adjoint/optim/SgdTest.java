package org.adjoint.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Objects;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Sequential;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradient descent against its formulas, bit for bit. */
class SgdTest {
  /**
   * Some numbers to learn; the loss is Σ a·w³, so that the gradient 3a·w² changes with each step.
   */
  private static final class Numbers implements Layer {
    final Tensor w;
    final Tensor unused = Tensor.of(7f).requireGrad();

    Numbers(float... values) {
      w = Tensor.of(values).requireGrad();
    }

    @Override
    public Tensor forward(Tensor a) {
      return w.mul(w).mul(w).mul(a).sum();
    }
  }

  private static final float[] START = {0.3f, -1.7f, 1e-3f, 0.9f};
  private static final Tensor A = Tensor.of(0.1f, 0.2f, -0.3f, 0.7f);

  private static float[] gradient(Numbers model) {
    model.zeroGrad();
    model.forward(A).backward();
    Tensor grad = model.w.grad();
    assertNotNull(grad);
    return grad.toFloats();
  }

  @Test
  void plainStepsFollowTheFormula() {
    Numbers model = new Numbers(START);
    Sgd sgd = new Sgd(model, 0.09375);
    float[] w = START.clone();

    for (int step = 0; step < 20; step++) {
      float[] g = gradient(model);
      sgd.step();
      for (int i = 0; i < w.length; i++) {
        w[i] = w[i] - 0.09375f * g[i];
      }
      assertArrayEquals(w, model.w.toFloats(), "step " + step);
    }
  }

  @Test
  void stepsWithMomentumFollowTheFormula() {
    Numbers model = new Numbers(START);
    Sgd sgd = new Sgd(model, 0.09375, 0.875);
    float[] w = START.clone();
    float[] v = new float[w.length];

    for (int step = 0; step < 20; step++) {
      float[] g = gradient(model);
      sgd.step();
      for (int i = 0; i < w.length; i++) {
        v[i] = 0.875f * v[i] + g[i];
        w[i] = w[i] - 0.09375f * v[i];
      }
      assertArrayEquals(w, model.w.toFloats(), "step " + step);
    }
  }

  @Test
  void theFirstStepWithMomentumIsAPlainOne() {
    Numbers plain = new Numbers(START);
    Numbers heavy = new Numbers(START);
    gradient(plain);
    gradient(heavy);

    new Sgd(plain, 0.1).step();
    new Sgd(heavy, 0.1, 0.9).step();

    assertArrayEquals(plain.w.toFloats(), heavy.w.toFloats());
  }

  @Test
  void aParameterWithoutGradientStays() {
    Numbers model = new Numbers(START);
    gradient(model);

    new Sgd(model, 0.1, 0.9).step();

    assertFalse(model.unused.hasGrad());
    assertEquals(7, model.unused.item());
  }

  @Test
  void aSharedParameterTakesOneStep() {
    Linear shared = new Linear(2, 2, new Philox(1));
    Sequential twice = new Sequential(shared, shared);
    float[] before = shared.bias().toFloats();
    shared.forward(Tensor.ones(1, 2)).sum().backward();

    new Sgd(twice, 0.5).step();

    assertArrayEquals(new float[] {before[0] - 0.5f, before[1] - 0.5f}, shared.bias().toFloats());
  }

  @Test
  void zeroGradForgets() {
    Numbers model = new Numbers(START);
    Sgd sgd = new Sgd(model, 0.1);
    gradient(model);

    sgd.zeroGrad();
    sgd.step();

    assertFalse(model.w.hasGrad());
    assertArrayEquals(START, model.w.toFloats());
  }

  /** Each step in a scope of its own: velocities and parameters live on, and nothing else does. */
  @Test
  void stepsInScopesLeakNothing() {
    Numbers free = new Numbers(START);
    Numbers scoped = new Numbers(START);
    Sgd ofFree = new Sgd(free, 0.1, 0.9);
    Sgd ofScoped = new Sgd(scoped, 0.1, 0.9);
    long live = -1;
    for (int step = 0; step < 5; step++) {
      gradient(free);
      ofFree.step();
    }
    for (int step = 0; step < 5; step++) {
      try (Scope _ = Scope.open()) {
        gradient(scoped);
        ofScoped.step();
      }
      long now = Backend.of(Device.CPU).liveBytes();
      live = live < 0 ? now : live;
      assertEquals(live, now, "step " + step);
    }

    assertArrayEquals(free.w.toFloats(), scoped.w.toFloats());
  }

  @Test
  void stepsAreNotRecorded() {
    Numbers model = new Numbers(START);
    gradient(model);

    new Sgd(model, 0.1, 0.9).step();

    assertNull(Objects.requireNonNull(model.w.slot()).node());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "-0.1; 0; sgd: rate -0.1 must be finite and at least 0",
        "NaN; 0; sgd: rate NaN must be finite and at least 0",
        "Infinity; 0; sgd: rate Infinity must be finite and at least 0",
        "0.1; 1; sgd: momentum 1.0 must be in [0, 1)",
        "0.1; -0.5; sgd: momentum -0.5 must be in [0, 1)",
        "0.1; NaN; sgd: momentum NaN must be in [0, 1)"
      })
  void whatCannotBeARateOrMomentumIsRejected(double rate, double momentum, String message) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new Sgd(new Numbers(START), rate, momentum));

    assertEquals(message, e.getMessage());
  }
}
