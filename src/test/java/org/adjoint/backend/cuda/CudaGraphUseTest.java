package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.adjoint.CudaGraph;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.nn.Linear;
import org.junit.jupiter.api.Test;

/** How graphs are made, replayed and closed, and what comes of doing it wrong. */
class CudaGraphUseTest extends CudaGraphCase {
  @Test
  void capturesDoNotNest() {
    Runnable inner = () -> CudaGraph.capture(gpu, this::twice);
    String message =
        "capture: a step is being captured already, and this one would be a part of"
            + " it; capture the one before the other";
    assertEquals(
        message,
        assertThrows(IllegalStateException.class, () -> CudaGraph.capture(gpu, inner))
            .getMessage());
    try (CudaGraph graph = CudaGraph.capture(gpu, this::twice)) {
      assertEquals(
          "replay: within a step that is being captured; replay the one after the other",
          assertThrows(IllegalStateException.class, () -> CudaGraph.capture(gpu, graph::replay))
              .getMessage());
    }
  }

  @Test
  void aClosedGraphIsNotReplayed() {
    CudaGraph graph = CudaGraph.capture(gpu, this::twice);
    graph.close();
    graph.close();
    assertEquals(
        "replay: the graph was closed; capture the step again",
        assertThrows(IllegalStateException.class, graph::replay).getMessage());
  }

  @Test
  void theCpuHasNoGraphs() {
    assertEquals(
        "capture: cpu records no steps, cuda:0 does; run the step as it is",
        assertThrows(
                IllegalArgumentException.class, () -> CudaGraph.capture(Device.CPU, this::twice))
            .getMessage());
  }

  @Test
  void aVirtualThreadCapturesNothing() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            CudaGraph.capture(gpu, this::twice);
          } catch (IllegalStateException e) {
            thrown.set(e);
          }
        })
        .join();
    assertEquals(
        "capture: CUDA records a thread of the system, and a virtual one may change it; capture on"
            + " a platform thread",
        thrown.get().getMessage());
  }

  @Test
  void shapesStay() {
    try (CudaGraph graph = CudaGraph.capture(gpu, this::twice)) {
      assertEquals(
          "assign: F32 [2] on cpu does not fit into F32 [3] on cuda:0",
          assertThrows(IllegalArgumentException.class, () -> x.assign(Tensor.of(1f, 2)))
              .getMessage());
      graph.replay();
      assertArrayEquals(new float[] {2, 4, 6}, y.toFloats());
    }
  }

  @Test
  void aWrongIndexComesToLightLater() {
    Tensor rows = Tensor.of(0L, 1).to(gpu);
    Runnable step =
        () -> {
          try (Scope _ = Scope.open()) {
            y.slice(0, 0, 2).assign(x.indexSelect(0, rows));
          }
        };
    try (CudaGraph graph = CudaGraph.capture(gpu, step)) {
      rows.assign(Tensor.of(2L, 1));
      graph.replay();
      assertArrayEquals(new float[] {3, 2, 0}, y.toFloats());
      rows.assign(Tensor.of(2L, 3));
      graph.replay();
      assertEquals(
          "index_select: index 3 at element 1 lies outside 0 to 2",
          assertThrows(IndexOutOfBoundsException.class, y::toFloats).getMessage());
      rows.assign(Tensor.of(1L, 0));
      graph.replay();
      assertArrayEquals(new float[] {2, 1, 0}, y.toFloats());
    }
  }

  @Test
  void aModelOnTheCpuIsToldApart() {
    Linear model = new Linear(3, 2, new Philox(1));
    assertEquals(
        "matmul: one operand is on cuda:0, another on cpu; move one of them",
        assertThrows(
                IllegalArgumentException.class,
                () -> CudaGraph.capture(gpu, () -> model.forward(x.reshape(1, 3))))
            .getMessage());
  }

  @Test
  void whatTheStepThrowsComesOut() {
    IllegalArgumentException own = new IllegalArgumentException("own");
    AtomicInteger runs = new AtomicInteger();
    for (int last : new int[] {1, 2}) {
      runs.set(0);
      Runnable step =
          () -> {
            x.mul(2);
            if (runs.incrementAndGet() == last) {
              throw own;
            }
          };
      assertSame(own, assertThrows(RuntimeException.class, () -> CudaGraph.capture(gpu, step)));
    }
  }
}
