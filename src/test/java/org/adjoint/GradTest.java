package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user may ask of gradients, and what happens when they cannot be had. */
@Timeout(60)
class GradTest {
  private static Tensor leaf(double... values) {
    return Tensor.of(values).requireGrad();
  }

  private static void assertGrad(Tensor x, double... expected) {
    Tensor grad = x.grad();
    assertNotNull(grad);
    assertEquals(x.meta(), grad.meta());
    assertArrayEquals(expected, grad.toDoubles());
  }

  private static String failure(Class<? extends Exception> type, Executable work) {
    return String.valueOf(assertThrows(type, work).getMessage());
  }

  // ---- backward ------------------------------------------------------------------------------

  @Test
  void backwardLeavesTheGradientAtTheLeaves() {
    Tensor x = leaf(1, 2, 3);

    x.pow(2).sum().backward();

    assertGrad(x, 2, 4, 6);
  }

  @Test
  void aSecondBackwardAddsUp() {
    Tensor x = leaf(1, 2);

    x.pow(2).sum().backward();
    x.mul(10).sum().backward();

    assertGrad(x, 12, 14);
    x.zeroGrad();
    assertFalse(x.hasGrad());
  }

  @Test
  void gradOfReturnsAndLeavesGradAlone() {
    Tensor x = leaf(1, 2);
    x.sum().backward();

    Tensor[] gradients = Grad.of(x.pow(2).sum(), x);

    assertArrayEquals(new double[] {2, 4}, gradients[0].toDoubles());
    assertGrad(x, 1, 1);
  }

  @Test
  void aValueUsedTwiceGetsTheSumOfBoth() {
    Tensor x = leaf(3);

    assertEquals(6, Grad.of(x.mul(x).sum(), x)[0].item());
    assertEquals(2, Grad.of(x.add(x).sum(), x)[0].item());
    assertEquals(0, Grad.of(x.sub(x).sum(), x)[0].item());
    assertEquals(0, Grad.of(x.div(x).sum(), x)[0].item());
  }

  /** y = x²: one value, two ways to the loss, one gradient at their meeting. */
  @Test
  void aDiamondMeetsBeforeItGoesOn() {
    Tensor x = leaf(2);
    List<Double> seen = new ArrayList<>();
    Tensor y = x.pow(2);
    y.onGrad(g -> {
      seen.add(g.item());
      return g;
    });

    y.mul(3).add(y.mul(y)).sum().backward();

    assertEquals(List.of(3 + 2 * 4.0), seen);
    assertGrad(x, 4 * 11);
  }

  @Test
  void aLeafMayBeUsedAtDifferentDepths() {
    Tensor x = leaf(2);

    x.mul(x).mul(x).add(x).mul(x).sum().backward(); // x⁴ + x²

    assertGrad(x, 4 * 8 + 2 * 2);
  }

  @Test
  void broadcastValuesGetTheSumOverTheirCopies() {
    Tensor matrix = Tensor.of(Shape.of(2, 3), 1.0, 2, 3, 4, 5, 6).requireGrad();
    Tensor row = leaf(1, 10, 100);
    Tensor column = Tensor.of(Shape.of(2, 1), 1.0, -1).requireGrad();
    Tensor scalar = Tensor.scalar(2).requireGrad();

    matrix.mul(row).mul(column).mul(scalar).sum().backward();

    assertGrad(matrix, 2, 20, 200, -2, -20, -200);
    assertGrad(row, 2 * (1 - 4), 2 * (2 - 5), 2 * (3 - 6));
    assertGrad(column, 2 * 321, 2 * 654);
    assertGrad(scalar, 321 - 654);
  }

  @Test
  void backwardThroughAnExpandedViewAddsUpItsCopies() {
    Tensor x = leaf(1, 2, 3);

    x.unsqueeze(1).expand(Shape.of(3, 100_000)).sum().backward();

    assertGrad(x, 1e5, 1e5, 1e5);
  }

  /** Each element of a leaf counts for itself, whether or not the storage knows it once only. */
  @Test
  void theGradientDoesNotDependOnTheLayout() {
    Tensor leaf = Tensor.of(1.0, 2).expand(Shape.of(3, 2)).requireGrad();

    leaf.sum().backward();
    assertGrad(leaf, 1, 1, 1, 1, 1, 1);

    Tensor x = leaf(1, 2);
    Tensor expanded = x.expand(Shape.of(3, 2)).retainGrad();
    expanded.sum(0).mul(Tensor.of(1.0, 5)).sum().backward();
    assertGrad(expanded, 1, 5, 1, 5, 1, 5);
    assertGrad(x, 3, 15);
  }

  @Test
  void twoLeavesNeverShareOneGradient() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    a.add(b).mul(Tensor.of(5.0, 6)).sum().backward();

    Tensor grad = a.grad();
    assertNotNull(grad);
    grad.assign(grad.mul(0));

    assertGrad(a, 0, 0);
    assertGrad(b, 5, 6);
  }

  @Test
  void theLossMayBeTheLeaf() {
    Tensor x = Tensor.scalar(3).requireGrad();

    x.backward();

    assertGrad(x, 1);
    assertEquals(1, Grad.of(x, x)[0].item());
  }

  @Test
  void detachCutsTheGraph() {
    Tensor x = leaf(2);

    Tensor y = x.pow(2);
    Tensor loss = y.detach().mul(x).sum();

    assertFalse(y.detach().requiresGrad());
    assertEquals(4, Grad.of(loss, x)[0].item());
  }

  @Test
  void indicesCarryNoGradient() {
    Tensor x = leaf(1, 5, 2);

    Tensor best = x.argmax(0);

    assertFalse(best.requiresGrad());
    assertArrayEquals(
        new double[] {0, 1, 0}, Grad.of(x.gather(0, best.unsqueeze(0)).sum(), x)[0].toDoubles());
  }

  // ---- derivatives of derivatives ------------------------------------------------------------

  @Test
  void gradientsOfGradients() {
    Tensor x = leaf(2);
    Tensor y = x.pow(4).sum();

    Tensor first = Grad.ofDifferentiable(y, x)[0];
    Tensor second = Grad.ofDifferentiable(first.sum(), x)[0];
    Tensor third = Grad.ofDifferentiable(second.sum(), x)[0];
    Tensor fourth = Grad.of(third.sum(), x)[0];

    assertEquals(4 * 8, first.item());
    assertEquals(12 * 4, second.item());
    assertEquals(24 * 2, third.item());
    assertEquals(24, fourth.item());
  }

  @Test
  void mixedSecondDerivatives() {
    Tensor a = leaf(2);
    Tensor b = leaf(5);
    Tensor y = a.pow(2).mul(b.pow(3)).sum();

    Tensor da = Grad.ofDifferentiable(y, a)[0];

    assertEquals(2 * 2 * 3 * 25, Grad.of(da.sum(), b)[0].item());
  }

  /** The penalty |∂y/∂x|² of some losses: backward goes through a gradient. */
  @Test
  void aGradientMayBePartOfALoss() {
    Tensor x = leaf(3);
    Tensor gradient = Grad.ofDifferentiable(x.pow(3).sum(), x)[0];

    gradient.pow(2).sum().backward(); // (3x²)² = 9x⁴

    assertGrad(x, 36 * 27);
  }

  @Test
  void plainGradientsAreNotRecorded() {
    Tensor x = leaf(2);

    assertFalse(Grad.of(x.pow(3).sum(), x)[0].requiresGrad());
    assertTrue(Grad.ofDifferentiable(x.pow(3).sum(), x)[0].requiresGrad());
  }

  @Test
  void aDerivativeThatIsZeroEverywhereIsZeros() {
    Tensor x = leaf(1, 2);

    assertArrayEquals(new double[2], Grad.of(x.pow(0).sum(), x)[0].toDoubles());
  }

  // ---- Grad.off ------------------------------------------------------------------------------

  @Test
  void offRecordsNothing() {
    Tensor x = leaf(2);

    Tensor y = Grad.off(() -> x.pow(2));

    assertFalse(y.requiresGrad());
    assertTrue(x.pow(2).requiresGrad());
    Grad.off(() -> assertFalse(Grad.isOn()));
    assertTrue(Grad.isOn());
  }

  @Test
  void offEndsWithAnException() {
    assertThrows(
        IllegalStateException.class,
        () ->
            Grad.off(() -> {
              throw new IllegalStateException();
            }));

    assertTrue(Grad.isOn());
  }

  // ---- the graph's life ----------------------------------------------------------------------

  @Test
  void aSecondBackwardThroughAFreedGraphSaysWhatToDo() {
    Tensor x = leaf(2);
    Tensor loss = x.pow(2).sum();
    loss.backward();

    assertEquals(
        "backward: the graph through 'pow' was freed by an earlier backward;"
            + " call backward(retainGraph) the first time",
        failure(IllegalStateException.class, loss::backward));
    assertGrad(x, 4);
  }

  @Test
  void gradOfFreesTheGraphAndTheDifferentiableOneKeepsIt() {
    Tensor x = leaf(2);
    Tensor loss = x.pow(2).sum();

    Grad.ofDifferentiable(loss, x);
    Grad.of(loss, x);

    assertThrows(IllegalStateException.class, () -> Grad.of(loss, x));
  }

  @Test
  void aRetainedGraphMayBeWalkedAgain() {
    Tensor x = leaf(2);
    Tensor loss = x.pow(2).sum();

    loss.backward(true);
    loss.backward(true);
    assertEquals(4, Grad.ofDifferentiable(loss, x)[0].item());
    loss.backward();

    assertGrad(x, 12);
    assertThrows(IllegalStateException.class, loss::backward);
  }

  @Test
  void twoLossesMayShareTheirBeginning() {
    Tensor x = leaf(2);
    Tensor shared = x.pow(2);

    shared.mul(3).sum().backward(true);
    shared.mul(5).sum().backward();

    assertGrad(x, 8 * 4);
  }

  @Test
  void onlyWhatLiesOnTheWayIsFreed() {
    Tensor x = leaf(2);
    Tensor y = leaf(3);
    Tensor x2 = x.pow(2);
    Tensor loss = x2.mul(y).sum();

    assertEquals(4, Grad.of(loss, y)[0].item());
    assertEquals(4, Grad.of(x2.sum(), x)[0].item());
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 100_000})
  void aGraphMayBeDeeperThanTheStack(int depth) throws Exception {
    Tensor x = leaf(1);
    double[] slope = new double[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              Tensor y = x;
              for (int i = 0; i < depth; i++) {
                y = i % 2 == 0 ? y.add(x) : y.mul(0.5);
              }
              slope[0] = Grad.of(y.sum(), x)[0].item();
            },
            "deep",
            128 * 1024);
    thread.start();
    thread.join();

    assertEquals(1, slope[0], 1e-12); // s → (s + 1) / 2 from 1 stays at 1
  }

  // ---- intermediates -------------------------------------------------------------------------

  @Test
  void gradientsOfIntermediates() {
    Tensor x = leaf(2);
    Tensor h = x.pow(2);
    Tensor loss = h.pow(3).sum();

    Tensor[] gradients = Grad.of(loss, h, x);

    assertEquals(3 * 16, gradients[0].item());
    assertEquals(48 * 4, gradients[1].item());
  }

  @Test
  void onlyLeavesKeepTheirGradientUnlessAsked() {
    Tensor x = leaf(2);
    Tensor h = x.pow(2);
    Tensor kept = h.mul(3).retainGrad();

    kept.sum().backward();

    assertFalse(h.hasGrad());
    assertGrad(kept, 1);
    assertGrad(x, 12);
  }

  @Test
  void hooksSeeTheWholeGradientOfALeaf() {
    Tensor x = leaf(2);
    List<Double> seen = new ArrayList<>();
    x.onGrad(g -> {
      seen.add(g.item());
      return g;
    });

    x.mul(x).add(x).sum().backward();

    assertEquals(List.of(5.0), seen);
  }

  @Test
  void hooksReplaceTheGradient() {
    Tensor x = leaf(2).onGrad(g -> g.mul(10)).onGrad(g -> g.add(1));
    Tensor h = x.pow(2).onGrad(g -> g.mul(100)).retainGrad();

    h.sum().backward();

    assertGrad(h, 100);
    assertGrad(x, 4 * 100 * 10 + 1);
  }

  @Test
  void hooksRunForWhateverIsAskedFor() {
    Tensor x = leaf(2);
    Tensor h = x.pow(2).onGrad(g -> g.mul(100));

    assertEquals(100, Grad.of(h.sum(), h)[0].item());
    assertEquals(100, Grad.of(x.pow(2).onGrad(g -> g.mul(100)).reshape(), x)[0].item() / 4);
  }

  @Test
  void aHookMustKeepTheShape() {
    Tensor x = leaf(1, 2).onGrad(Tensor::sum);

    assertEquals(
        "hook is F64 [] on cpu where the value is F64 [2] on cpu",
        failure(IllegalStateException.class, () -> x.sum().backward()));
  }

  @Test
  @SuppressWarnings("NullAway")
  void aHookMustReturnSomething() {
    Tensor x = leaf(1, 2).onGrad(g -> null);

    assertEquals(
        "hook: it returned null; return the gradient it was given",
        failure(IllegalStateException.class, () -> x.sum().backward()));
  }

  // ---- what cannot be --------------------------------------------------------------------------

  @Test
  void theLossMustBeOneNumber() {
    assertEquals(
        "backward: the loss must be one number but is [2]; take sum() or mean()",
        failure(IllegalArgumentException.class, () -> leaf(1, 2).mul(2).backward()));
  }

  @Test
  void theLossMustDependOnSomething() {
    assertEquals(
        "grad: tensor F64 [] made by exp has no gradient: nothing it was computed from asks for"
            + " one; call requireGrad() on a parameter first",
        failure(IllegalArgumentException.class, () -> Tensor.scalar(1).exp().backward()));
  }

  @Test
  void anUnusedParameterIsNamedByItsPlace() {
    Tensor used = leaf(1);
    Tensor unused = leaf(1, 2, 3);

    assertEquals(
        "grad: the loss does not depend on value 1, F64 [3] on cpu",
        failure(IllegalArgumentException.class, () -> Grad.of(used.sum(), used, unused)));
  }

  @Test
  void whatIsComputedLaterIsNoCause() {
    Tensor x = leaf(1);
    Tensor loss = x.sum();
    Tensor later = x.mul(2);

    assertEquals(
        "grad: the loss does not depend on value 0, F64 [1] on cpu",
        failure(IllegalArgumentException.class, () -> Grad.of(loss, later)));
  }

  @Test
  void integersHaveNoGradients() {
    assertEquals(
        "requireGrad: I64 has no gradients",
        failure(IllegalArgumentException.class, () -> Tensor.of(1L).requireGrad()));
  }

  @Test
  void whatHasNoGradientHasNoHooks() {
    Tensor x = Tensor.of(1.0);

    assertEquals(
        "onGrad: tensor F64 [1] has no gradient",
        failure(IllegalArgumentException.class, () -> x.onGrad(g -> g)));
    assertEquals(
        "retainGrad: tensor F64 [1] has no gradient",
        failure(IllegalArgumentException.class, x::retainGrad));
  }

  // ---- assign ----------------------------------------------------------------------------------

  @Test
  void assigningToAValueThatBackwardNeedsIsFoundOut() {
    Tensor x = leaf(2);
    Tensor loss = x.pow(2).sum();
    x.assign(Tensor.of(3.0));

    assertEquals(
        "pow: backward needs input 0, F64 [1] on cpu, but assign changed it after the forward;"
            + " assign after backward, or to a copy",
        failure(IllegalStateException.class, loss::backward));
  }

  @Test
  void assigningThroughAViewIsFoundOutToo() {
    Tensor x = leaf(2, 3);
    Tensor loss = x.pow(2).sum();
    x.detach().slice(0, 0, 1).assign(Tensor.of(7.0));

    assertThrows(IllegalStateException.class, loss::backward);
  }

  @Test
  void assigningToAValueThatNobodyNeedsIsFine() {
    Tensor x = leaf(2);
    Tensor loss = x.mul(5).sum();
    x.assign(Tensor.of(3.0));

    loss.backward();

    assertGrad(x, 5);
  }

  @Test
  void assigningAfterBackwardIsHowOneLearns() {
    Tensor x = leaf(4);
    for (int step = 0; step < 3; step++) {
      x.zeroGrad();
      x.pow(2).sum().backward();
      Tensor grad = x.grad();
      assertNotNull(grad);
      x.assign(Grad.off(() -> x.sub(grad.mul(0.25))));
    }

    assertEquals(0.5, x.item());
  }

  @Test
  void computedValuesAreNotAssigned() {
    Tensor y = leaf(2).mul(3);

    assertEquals(
        "assign: tensor F64 [1] made by mul_scalar is part of a graph; assign to its detach() if"
            + " that is meant",
        failure(IllegalStateException.class, () -> y.assign(Tensor.of(1.0))));
    assertEquals(1, y.detach().assign(Tensor.of(1.0)).item());
    assertEquals(1, y.item());
  }

  @Test
  void assignWantsTheSameShapeAndType() {
    Tensor x = Tensor.of(1.0, 2);

    assertEquals(
        "assign: F64 [1] on cpu does not fit into F64 [2] on cpu",
        failure(IllegalArgumentException.class, () -> x.assign(Tensor.of(1.0))));
    assertEquals(
        "assign: F32 [2] on cpu does not fit into F64 [2] on cpu",
        failure(IllegalArgumentException.class, () -> x.assign(Tensor.of(1f, 2))));
  }

  @Test
  void expandedValuesAreNotAssigned() {
    Tensor x = Tensor.of(1.0, 2).expand(Shape.of(3, 2));

    assertEquals(
        "assign: tensor F64 [3, 2] made by expand is expanded, one element stands for many;"
            + " assign to its contiguous()",
        failure(IllegalArgumentException.class, () -> x.assign(x.contiguous())));
  }

  // ---- forward mode --------------------------------------------------------------------------

  @Test
  void vjpIsTheGradientOfAWeightedSum() {
    Tensor a = Tensor.of(0.5, -1);
    Tensor b = Tensor.of(2.0, 3);
    Tensor[] d =
        Grad.vjp(
            t -> new Tensor[] {t[0].mul(t[1]), t[0].pow(2)},
            new Tensor[] {a, b},
            Tensor.of(1.0, 10),
            Tensor.of(100.0, 1000));
    assertArrayEquals(new double[] {2 + 100, 30 - 2000}, d[0].toDoubles());
    assertArrayEquals(new double[] {0.5, -10}, d[1].toDoubles());
    assertFalse(d[0].requiresGrad());
    Tensor[] off =
        Grad.off(
            () -> Grad.vjp(t -> new Tensor[] {t[0].pow(2)}, new Tensor[] {a}, Tensor.of(1.0, 1)));
    assertArrayEquals(new double[] {1, -2}, off[0].toDoubles());
  }

  /** It is the partial derivative, though one x was made from another, and has its own. */
  @Test
  void vjpCanBeDifferentiated() {
    Tensor a = Tensor.of(3.0).requireGrad();
    Tensor b = a.mul(2);
    Tensor[] d =
        Grad.vjp(t -> new Tensor[] {t[0].pow(2).mul(t[1])}, new Tensor[] {a, b}, Tensor.of(1.0));
    assertEquals(2 * 3 * 6, d[0].item()); // 2ab
    assertEquals(9, d[1].item());
    assertEquals(8 * 3, Grad.of(d[0].sum(), a)[0].item()); // 2ab = 4a²
  }

  @Test
  void jvpIsTheDerivativeInADirection() {
    Tensor x = Tensor.of(0.5, -1, 2);
    Tensor v = Tensor.of(1.0, 10, 100);

    Tensor squares = Grad.jvp(t -> t.mul(t).mul(Tensor.of(1.0, 2, 3)), x, v);
    assertArrayEquals(new double[] {1, -40, 1200}, squares.toDoubles());

    Tensor product = Grad.jvp(t -> t.prod(), x, v);
    assertArrayEquals(new double[] {-2 + 10 - 50}, product.toDoubles(), 1e-12);
    assertFalse(product.requiresGrad());
  }

  @Test
  void jvpOfAGradientIsAHessianTimesAVector() {
    // The Hessian of x0² x1 is [[2 x1, 2 x0], [2 x0, 0]].
    Tensor hv =
        Grad.jvp(
            x -> Grad.ofDifferentiable(x.select(0, 0).pow(2).mul(x.select(0, 1)), x)[0],
            Tensor.of(3.0, 5),
            Tensor.of(1.0, 100));
    assertArrayEquals(new double[] {10 + 600, 6}, hv.toDoubles(), 1e-12);
  }

  @Test
  void jvpOfWhatIsFlatIsZero() {
    Tensor x = Tensor.of(1.0, -2);
    assertArrayEquals(new double[] {0, 0}, Grad.jvp(Tensor::sign, x, x).toDoubles());
    assertArrayEquals(
        new double[] {0}, Grad.jvp(t -> Tensor.of(7.0), x, x).toDoubles(), "independent of x");
    assertEquals(
        "jvp: the direction is F64 [1] on cpu where x is F64 [2] on cpu",
        failure(IllegalArgumentException.class, () -> Grad.jvp(Tensor::relu, x, Tensor.of(1.0))));
  }
}
