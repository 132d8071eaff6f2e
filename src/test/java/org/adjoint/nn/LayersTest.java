package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Sliding;
import org.junit.jupiter.api.Test;

/** What layers compute, and what they say to inputs that do not fit. */
class LayersTest {
  private final Philox random = new Philox(5);

  private static String failure(Layer layer, Tensor x) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> layer.forward(x)).getMessage());
  }

  @Test
  void linearIsXTimesWTransposedPlusB() {
    Linear linear = new Linear(3, 2, random);
    linear.weight().assign(Tensor.of(Shape.of(2, 3), 1f, 2, 3, 4, 5, 6));
    linear.bias().assign(Tensor.of(10f, 20));

    assertArrayEquals(
        new float[] {10 + 1 + 4 + 9, 20 + 4 + 10 + 18},
        linear.forward(Tensor.of(1f, 2, 3)).toFloats());
    assertEquals(
        Shape.of(5, 4, 2), linear.forward(Tensor.zeros(5, 4, 3)).shape(), "any axes before");
    assertEquals(Shape.of(0, 2), linear.forward(Tensor.zeros(0, 3)).shape());
  }

  @Test
  void linearSaysWhatDoesNotFit() {
    Linear linear = new Linear(784, 10, random);

    assertEquals(
        "linear: the last size of [32, 28, 28] must be 784",
        failure(linear, Tensor.zeros(32, 28, 28)));
    assertEquals("linear: the last size of [] must be 784", failure(linear, Tensor.zeros()));
    assertEquals(
        "matmul: dtypes F64 and F32 differ; convert one with to(DType.F64)",
        failure(linear, Tensor.zeros(1, 784).to(DType.F64)));
  }

  @Test
  void convMovesAWindowAndAddsABias() {
    Conv conv = new Conv(1, 2, 2, random);
    conv.weight().assign(Tensor.of(Shape.of(2, 1, 2, 2), 1f, 0, 0, 1, 0, 1, -1, 0));
    conv.bias().assign(Tensor.of(100f, 0));
    Tensor x = Tensor.of(Shape.of(1, 1, 2, 3), 1f, 2, 3, 4, 5, 6);

    Tensor y = conv.forward(x);

    assertEquals(Shape.of(1, 2, 1, 2), y.shape());
    assertArrayEquals(new float[] {106, 108, 2 - 4, 3 - 5}, y.toFloats());
  }

  @Test
  void convWorksOverAnyNumberOfAxes() {
    Conv overTime = new Conv(2, 4, new int[] {3}, Sliding.over(1).withPadding(1), 2, random);

    assertEquals(Shape.of(5, 4, 9), overTime.forward(Tensor.zeros(5, 2, 9)).shape());
    assertEquals(Shape.of(4, 1, 3), overTime.weight().shape());
    assertEquals("Conv(2, 4, [3])", overTime.toString());
  }

  @Test
  void convSaysWhatDoesNotFit() {
    Conv conv = new Conv(3, 6, 5, random);

    assertEquals(
        "conv: [8, 1, 32, 32] has 1 channels; filters [6, 3, 5, 5] in 1 group take 3",
        failure(conv, Tensor.zeros(8, 1, 32, 32)));
    for (Tensor x : List.of(Tensor.zeros(), Tensor.zeros(3), Tensor.zeros(3, 32, 32))) {
      String message = failure(conv, x);
      assertTrue(message.startsWith("conv: " + x.shape() + " and filters [6, 3, 5, 5]"), message);
    }
    assertEquals(
        "conv: 3 and 4 channels do not divide into 2 groups",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Conv(3, 4, new int[] {1}, Sliding.over(1), 2, random))
            .getMessage());
  }

  @Test
  void theOthersDoAsTheirNamesSay() {
    Tensor x = Tensor.of(Shape.of(1, 1, 2, 2), -1f, 2, 0, 1);

    assertArrayEquals(new float[] {0, 2, 0, 1}, new Relu().forward(x).toFloats());
    assertArrayEquals(x.tanh().toFloats(), new Tanh().forward(x).toFloats());
    assertArrayEquals(x.sigmoid().toFloats(), new Sigmoid().forward(x).toFloats());
    assertArrayEquals(new float[] {2}, new MaxPool(2).forward(x).toFloats());
    assertEquals(Shape.of(1, 4), new Flatten().forward(x).shape());
  }

  @Test
  void anEmptySequentialIsTheIdentity() {
    Tensor x = Tensor.zeros(2);

    assertEquals(x, new Sequential().forward(x));
  }
}
