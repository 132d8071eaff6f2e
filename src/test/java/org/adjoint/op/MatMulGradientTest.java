package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;

class MatMulGradientTest {
  private final Philox random = new Philox(7);
  private final Tensor x = Tensor.normal(random, 5, 129);
  private final Tensor w = Tensor.normal(random, 17, 129);
  private final Tensor dy = Tensor.normal(random, 5, 17);

  @Test
  void theGradientOfWhatWasTransposedLiesAsThatDoes() {
    Tensor weight = w.detach().requireGrad();
    Tensor straight = w.t().contiguous().requireGrad();
    Tensor dw = Grad.of(x.matmul(weight.t()).mul(dy).sum(), weight)[0];
    Tensor dStraight = Grad.of(x.matmul(straight).mul(dy).sum(), straight)[0];
    assertTrue(dw.layout().isContiguous());
    assertTrue(dStraight.layout().isContiguous());
    assertArrayEquals(dStraight.t().contiguous().toFloats(), dw.toFloats());
  }

  @Test
  void theGradientOfTheLeftOneDoesSoToo() {
    Tensor left = x.t().contiguous().requireGrad();
    Tensor d = Grad.of(left.t().matmul(w.t()).mul(dy).sum(), left)[0];
    assertTrue(d.layout().isContiguous());
    assertEquals(x.t().shape(), d.shape());
  }

  @Test
  void whatOnlyItsLayoutIsAskedOfMayHaveChanged() {
    Tensor weight = w.detach().requireGrad();
    Tensor loss = x.matmul(weight.t()).mul(dy).sum();
    Tensor expected = dy.t().matmul(x);
    weight.detach().assign(Tensor.zeros(17, 129));
    assertArrayEquals(expected.toFloats(), Grad.of(loss, weight)[0].toFloats());
  }
}
