package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.GoldenTensors;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Principal components, of many points and of many coordinates. */
class PcaTest {
  private static final GoldenTensors GOLDENS = GoldenTensors.read("spectra.txt");

  @ParameterizedTest
  @ValueSource(strings = {"points", "pictures"})
  void componentsAreNumPys(String name) {
    Tensor x = GOLDENS.get(name + ".x");
    Pca pca = Pca.fit(x, 3);
    GOLDENS.mustEqual(name + ".components", pca.components(), 256);
    GOLDENS.mustEqual(name + ".variances", pca.variances(), 256);
    assertArrayEquals(x.mean(0).toDoubles(), pca.mean().toDoubles());
  }

  @ParameterizedTest
  @ValueSource(strings = {"points", "pictures"})
  void allComponentsGiveThePointsBack(String name) {
    Tensor x = GOLDENS.get(name + ".x");
    int k = (int) Math.min(x.size(0), x.size(1));
    Pca pca = Pca.fit(x, k);
    Tensor z = pca.transform(x);
    assertEquals(Shape.of(x.size(0), k), z.shape());
    assertArrayEquals(x.toDoubles(), pca.inverse(z).toDoubles(), 1e-13);
    // Along the components the points are uncorrelated, with the variances that were found.
    Tensor covariance = z.t().matmul(z).div((double) x.size(0) - 1);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        double expected = i == j ? pca.variances().toDoubles()[i] : 0;
        assertEquals(expected, covariance.toDoubles()[i * k + j], 1e-13);
      }
    }
  }

  @Test
  void pointsOnALineNeedOneComponent() {
    Tensor t = Tensor.normal(new Philox(4), 50, 1);
    Tensor x = t.matmul(Tensor.of(Shape.of(1, 3), 3f, -6, 2)).add(Tensor.of(5f, 0, -1));
    Pca pca = Pca.fit(x, 2);
    assertEquals(DType.F32, pca.components().dtype());
    assertArrayEquals(
        new float[] {-3 / 7f, 6 / 7f, -2 / 7f},
        pca.components().select(0, 0).toFloats(),
        1e-6f,
        "the largest coordinate is positive");
    assertTrue(pca.variances().toDoubles()[1] <= 1e-5 * pca.variances().toDoubles()[0]);
    assertTrue(pca.variances().toDoubles()[1] >= 0);
    Pca one = Pca.fit(x, 1);
    assertArrayEquals(x.toFloats(), one.inverse(one.transform(x)).toFloats(), 2e-5f);
  }

  @Test
  void outlivesTheScopeOfItsFitting() {
    Tensor x = GOLDENS.get("points.x");
    Pca pca = Pca.fit(x.detach().requireGrad(), 2);
    try (Scope _ = Scope.open()) {
      assertEquals(Shape.of(12, 2), pca.transform(x).shape());
    }
    assertFalse(pca.components().requiresGrad());
    pca.components().close();
    pca.mean().close();
    pca.variances().close();
  }

  @Test
  void whatDoesNotFitIsSaid() {
    for (Tensor x : new Tensor[] {Tensor.zeros(1, 5), Tensor.zeros(5, 1), Tensor.zeros(7)}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Pca.fit(x, 2)).getMessage();
      assertEquals(
          "pca: 2 components of "
              + x.shape()
              + "; it must be [N, D] with at least two points, and no size below the number of"
              + " components",
          message);
    }
  }

  @Test
  void componentsAreOrthonormalWhateverTheRank() {
    Philox random = new Philox(6);
    Tensor x = Tensor.normal(random, 40, 2).matmul(Tensor.normal(random, 2, 90)); // of rank 2
    Pca pca = Pca.fit(x, 32);
    Tensor gram = pca.components().matmul(pca.components().t());
    float[] products = gram.toFloats();
    for (int i = 0; i < products.length; i++) {
      assertEquals(i % 33 == 0 ? 1 : 0, products[i], 1e-5, "element " + i);
    }
    double[] lost = pca.inverse(pca.transform(x)).sub(x).abs().toDoubles();
    assertTrue(Arrays.stream(lost).max().orElse(1) < 1e-4);
  }
}
