package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.adjoint.backend.Backend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long tensors live. */
class ScopeTest {
  private long before;

  @BeforeEach
  void count() {
    before = live();
  }

  @AfterEach
  void noScopeIsLeftOpen() {
    Tensor x = Tensor.zeros(1);
    assertNull(x.scope());
    x.close();
  }

  private static long live() {
    return Backend.of(Device.CPU).liveBytes();
  }

  private static int line() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
  }

  private static String failure(Runnable work) {
    return String.valueOf(assertThrows(IllegalStateException.class, work::run).getMessage());
  }

  @Test
  void whatIsMadeInAScopeDiesWithIt() {
    Tensor x;
    try (Scope _ = Scope.open()) {
      x = Tensor.zeros(1000);
      assertTrue(live() >= before + 4000);
    }

    assertEquals(before, live());
    assertThrows(IllegalStateException.class, x::toFloats);
  }

  @Test
  void useAfterCloseNamesTheTensorAndWhereItsScopeWasClosed() {
    Scope step = Scope.open();
    Tensor x = Tensor.zeros(2, 3).exp();
    int line = line() + 1;
    step.close();

    assertEquals(
        "add_scalar: tensor F32 [2, 3] made by exp was closed by its scope, at ScopeTest.java:"
            + line
            + "; keep() it, or use it before",
        failure(() -> x.add(1)));
    assertEquals(
        "tensor F32 [2, 3] made by exp, closed by its scope, at ScopeTest.java:" + line,
        x.toString());
  }

  @Test
  void useAfterCloseByHandNamesTheLine() {
    Tensor x = Tensor.zeros(2);
    int line = line() + 1;
    x.close();
    x.close(); // once more does nothing

    assertEquals(
        "mul: tensor F32 [2] was closed by close() at ScopeTest.java:"
            + line
            + "; keep() it, or use it before",
        failure(() -> Tensor.zeros(2).mul(x)));
  }

  @Test
  void keepMovesOneScopeOutward() {
    Tensor x;
    Tensor y;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        x = inner.keep(Tensor.ones(2));
        y = inner.keep(Tensor.ones(2));
      }
      assertEquals(2, x.sum().item());
      assertSame(x, outer.keep(x));
    }

    assertEquals(2, x.sum().item());
    assertThrows(IllegalStateException.class, y::sum);
    x.close();
  }

  @Test
  void onlyTheScopeWhereATensorLivesKeepsIt() {
    Tensor free = Tensor.zeros(1);
    try (Scope _ = Scope.open()) {
      try (Scope inner = Scope.open()) {
        Tensor x = inner.keep(Tensor.zeros(1));
        for (Tensor stranger : new Tensor[] {x, free}) {
          IllegalArgumentException e =
              assertThrows(IllegalArgumentException.class, () -> inner.keep(stranger));
          assertEquals("keep: tensor F32 [1] does not live in this scope", e.getMessage());
        }
      }
    }
    free.close();
  }

  @Test
  void aKeptViewKeepsItsStorage() {
    Tensor view;
    try (Scope step = Scope.open()) {
      view = step.keep(Tensor.arange(1000).slice(0, 10, 12));
    }

    assertArrayEquals(new long[] {10, 11}, view.toLongs());
    assertEquals(before + 8000, live());
    view.close();
    assertEquals(before, live());
  }

  @Test
  void aViewOutlivesWhatItViews() {
    Tensor x = Tensor.arange(4);
    Tensor view = x.flip(0);
    x.close();

    assertArrayEquals(new long[] {3, 2, 1, 0}, view.toLongs());
    view.close();
  }

  @Test
  void closingTwiceDoesNothing() {
    Scope step = Scope.open();
    step.close();

    assertDoesNotThrow(step::close);
  }

  @Test
  void scopesCloseFromTheInside() {
    Scope outer = Scope.open();
    Scope inner = Scope.open();

    assertEquals("scope: close the scope inside it first", failure(outer::close));

    inner.close();
    outer.close();
  }

  @Test
  void aScopeBelongsToItsThread() throws Exception {
    AtomicReference<String> said = new AtomicReference<>("");
    Tensor[] made = new Tensor[1];
    try (Scope step = Scope.open()) {
      Thread other =
          new Thread(() -> {
            made[0] = Tensor.ones(3);
            said.set(failure(step::close));
          });
      other.start();
      other.join();
    }

    assertEquals("scope: it belongs to thread " + Thread.currentThread().getName(), said.get());
    assertEquals(3, made[0].sum().item(), "another thread's tensors are not in this scope");
  }

  @Test
  void anExceptionClosesTheScope() {
    Tensor[] x = new Tensor[1];
    assertThrows(
        ArithmeticException.class,
        () -> {
          try (Scope step = Scope.open()) {
            x[0] = step.keep(Tensor.zeros(10)).add(1);
            throw new ArithmeticException();
          }
        });

    assertThrows(IllegalStateException.class, () -> x[0].sum());
  }

  @Test
  void anOperationThatFailsLeavesNothingBehind() {
    try (Scope _ = Scope.open()) {
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> Tensor.zeros(1000).indexSelect(0, Tensor.of(1000L)));
    }

    assertEquals(before, live());
  }

  // ---- with gradients --------------------------------------------------------------------------

  @Test
  void gradientsOfParametersOutliveTheStep() {
    Tensor w = Tensor.ones(3).requireGrad();
    for (int i = 1; i <= 3; i++) {
      try (Scope _ = Scope.open()) {
        w.mul(w).sum().backward();
      }
      Tensor grad = w.grad();
      assertNotNull(grad);
      assertArrayEquals(new float[] {2 * i, 2 * i, 2 * i}, grad.toFloats());
    }
    w.zeroGrad();
    w.close();
    assertEquals(before, live());
  }

  @Test
  void aGradientMovesWithItsTensor() {
    Tensor x;
    try (Scope step = Scope.open()) {
      x = Tensor.ones(3).requireGrad();
      x.mul(2).sum().backward();
      step.keep(x);
    }

    Tensor grad = x.grad();
    assertNotNull(grad);
    assertArrayEquals(new float[] {2, 2, 2}, grad.toFloats());
    x.close();
    assertEquals(before, live());
  }

  @Test
  void aStepWithEveryKindOfTemporaryGivesAllBack() {
    Tensor w = Tensor.ones(8, 8).requireGrad();
    for (int i = 0; i < 3; i++) {
      try (Scope _ = Scope.open()) {
        Tensor x = Tensor.arange(64).to(DType.F32).reshape(8, 8);
        Tensor y = x.t().flip(0).matmul(w.flip(1)).tanh().softmax(1);
        Tensor rows = y.indexSelect(0, Tensor.of(1L, 3, 5).flip(0));
        Tensor loss = rows.gather(1, rows.argmax(1).unsqueeze(1)).log().mean();
        assertTrue(Double.isFinite(loss.item()));
        assertTrue(loss.toString().startsWith("F32[]"));
        loss.backward();
        w.assign(Grad.off(() -> w.sub(w.flip(0).mul(0.1))));
        w.assign(w.detach().t());
      }
      w.zeroGrad();
    }
    w.close();

    assertEquals(before, live());
  }

  @Test
  void lookingAtATensorLeavesNothingBehind() {
    Tensor x = Tensor.ones(100);
    long held = live();

    assertEquals(100, x.toDoubles().length);
    assertEquals(100, x.to(DType.F32).toFloats().length);
    assertEquals("F32[100] [1., 1., 1., …, 1., 1., 1.]", x.toString());
    Tensor.full(x.meta(), 3).close();
    x.assign(x);

    assertEquals(held, live());
    x.close();
  }

  @Test
  void backwardWithoutAValueItNeedsNamesIt() {
    Tensor w = Tensor.ones(3).requireGrad();
    Scope step = Scope.open();
    Tensor loss = step.keep(w.exp().mul(2).sum());
    step.close();

    String message = failure(loss::backward);

    assertTrue(
        message.startsWith(
            "exp: backward needs output 0: tensor F32 [3] made by exp was closed by its scope, at"
                + " ScopeTest.java:"),
        message);
  }

  @Test
  void backwardToAClosedLeafNamesIt() {
    Scope step = Scope.open();
    Tensor leaf = Tensor.of(1f, 2).requireGrad();
    Tensor loss = step.keep(leaf.add(1).sum());
    step.close();

    String message = failure(loss::backward);

    assertTrue(
        message.startsWith("backward: tensor F32 [2] was closed by its scope, at ScopeTest"),
        message);
  }
}
