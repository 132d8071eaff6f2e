package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;

/** Products in a short dtype. */
class AutocastTest {
  private final Philox random = new Philox(3);

  @Test
  void productsAreRoundedAndNothingElse() {
    Linear linear = new Linear(5, 4, random);
    Tensor x = Tensor.normal(random, 3, 5);
    Tensor product = x.to(DType.BF16).matmul(linear.weight().to(DType.BF16).t()).to(DType.F32);

    Tensor y = Autocast.to(DType.BF16, () -> linear.forward(x));

    assertEquals(DType.F32, y.dtype());
    assertArrayEquals(product.add(linear.bias()).toFloats(), y.toFloats());
    assertFalse(Arrays.equals(linear.forward(x).toFloats(), y.toFloats()));
  }

  @Test
  void convolutionsAreToo() {
    Conv conv = new Conv(2, 3, 3, random);
    Tensor x = Tensor.normal(random, 1, 2, 5, 5);

    float[] plain = conv.forward(x).toFloats();
    Tensor y = Autocast.to(DType.BF16, () -> conv.forward(x));

    assertEquals(DType.F32, y.dtype());
    assertFalse(Arrays.equals(plain, y.toFloats()));
    // 18 products, each of two roundings, and one of the sum.
    assertArrayEquals(plain, y.toFloats(), 0.05f);
  }

  /** Steps of 10⁻⁴ on a weight of 1 are lost in BF16, but not in the weights that are kept. */
  @Test
  void masterWeightsTakeSmallSteps() {
    Linear linear = new Linear(1, 1, random);
    Init.constant(linear.weight(), 1);
    Sgd sgd = new Sgd(linear, 1e-4);
    for (int i = 0; i < 100; i++) {
      try (Scope _ = Scope.open()) {
        sgd.zeroGrad();
        Autocast.to(DType.BF16, () -> linear.forward(Tensor.ones(1, 1))).sum().backward();
        assertEquals(DType.F32, linear.weight().grad().dtype());
        sgd.step();
      }
    }
    assertEquals(0.99, linear.weight().item(), 1e-5);
  }

  @Test
  void aNetworkLearnsInShortProducts() {
    Sequential net =
        new Sequential(new Linear(2, 16, random), new Tanh(), new Linear(16, 1, random));
    Sgd sgd = new Sgd(net, 0.1, 0.9);
    double first = 0;
    double loss = 0;
    for (int i = 0; i < 200; i++) {
      try (Scope _ = Scope.open()) {
        Tensor x = Tensor.uniform(random, -1, 1, 32, 2);
        Tensor y = x.slice(1, 0, 1).mul(x.slice(1, 1, 2));
        sgd.zeroGrad();
        Tensor error = Autocast.to(DType.BF16, () -> net.forward(x)).mse(y);
        error.backward();
        sgd.step();
        loss = error.item();
        first = i == 0 ? loss : first;
      }
    }
    assertTrue(loss < first / 5, first + " became " + loss);
  }

  @Test
  void wholeNumbersAreNoPlaceForProducts() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Autocast.to(DType.I64, () -> Tensor.ones(1)));
    assertEquals("autocast: I64 is not floating", e.getMessage());
  }
}
