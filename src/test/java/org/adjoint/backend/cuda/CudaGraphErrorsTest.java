package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.adjoint.CudaGraph;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.nn.Linear;
import org.adjoint.optim.Optimizer;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a captured step must not do: each is one line that says so, and leaves all as it was. */
class CudaGraphErrorsTest {
  private static final String RECORDED = " while a step is being recorded; ";

  private final Device gpu = TestGpu.device();
  private final CudaBackend backend = CudaBackend.of(gpu);
  private final Tensor x = Tensor.of(1f, 2, 3).to(gpu);
  private final Tensor y = Tensor.zeros(3).to(gpu);

  /** A step that is sound. */
  private void twice() {
    try (Scope _ = Scope.open()) {
      y.assign(x.mul(2));
    }
  }

  /** Eager work goes on, and so does capturing, whatever went wrong. */
  @AfterEach
  void nothingIsLeftBehind() {
    y.assign(Tensor.zeros(3));
    twice();
    assertArrayEquals(new float[] {2, 4, 6}, y.toFloats());
    try (CudaGraph graph = CudaGraph.capture(gpu, this::twice)) {
      x.assign(Tensor.of(4f, 5, 6));
      graph.replay();
      assertArrayEquals(new float[] {8, 10, 12}, y.toFloats());
    }
  }

  /** The message of a step that is sound when it runs, and fails when it is recorded. */
  private String failure(Runnable work) {
    AtomicInteger runs = new AtomicInteger();
    String message =
        assertThrows(
                IllegalStateException.class,
                () ->
                    CudaGraph.capture(
                        gpu,
                        () -> {
                          runs.incrementAndGet();
                          work.run();
                        }))
            .getMessage();
    assertEquals(2, runs.get());
    return message;
  }

  @Test
  void elementsCannotBeRead() {
    String after =
        RECORDED
            + "let the step assign it to a tensor from outside, and read that after"
            + " replay()";
    String sum = "tensor F32 [] made by reshape cannot be read";
    assertEquals("item: " + sum + after, failure(() -> x.sum().item()));
    assertEquals("toDoubles: " + sum + after, failure(() -> x.sum().toDoubles()));
    assertEquals("toFloats: " + sum + after, failure(() -> x.sum().toFloats()));
    assertEquals("toArray: " + sum + after, failure(() -> x.sum().toArray()));
    assertEquals("to_device: " + sum + after, failure(() -> x.sum().to(Device.CPU)));
    assertEquals(
        "toLongs: tensor I64 [] made by reshape cannot be read" + after,
        failure(() -> x.argmax(0).toLongs()));
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(
          "copyTo: tensor F32 [3] made by to_device cannot be read" + after,
          failure(() -> x.copyTo(arena.allocate(12))));
    }
  }

  @Test
  void theHostGivesNothing() {
    assertEquals(
        "to_device: tensor F32 [3] cannot go from cpu to cuda:0"
            + RECORDED
            + "make it there beforehand, and assign to it before replay()",
        failure(() -> x.add(Tensor.of(1f, 1, 1).to(gpu))));
    Tensor other = Tensor.of(1f, 1, 1);
    assertEquals(
        "to_device: tensor F32 [3] cannot go from cpu to cuda:0"
            + RECORDED
            + "make it there beforehand, and assign to it before replay()",
        failure(() -> y.assign(other)));
  }

  @Test
  void nothingElseComputes() {
    Tensor here = Tensor.of(1f, 2);
    String advice = RECORDED + "do it before the step, or on cuda:0";
    assertEquals(
        "add: on cpu it would run now, and no replay would repeat it," + advice,
        failure(() -> here.add(here)));
    assertEquals(
        "assign: on cpu it would run now, and no replay would repeat it," + advice,
        failure(() -> here.assign(Tensor.of(2f, 3))));
  }

  @Test
  void nothingIsWaitedFor() {
    assertEquals(
        "synchronize: there is nothing to wait for" + RECORDED + "wait after replay()",
        failure(backend::synchronize));
    assertEquals(
        "flush: the device cannot be waited for" + RECORDED + "do it before or after",
        failure(backend::flush));
  }

  @Test
  void gradientsOfEarlierStepsAreNotAddedTo() {
    Tensor w = Tensor.of(1f, 2, 3).to(gpu).requireGrad();
    assertEquals(
        "backward: tensor F32 [3] made by to_device has a gradient from before, which cannot be"
            + " added to"
            + RECORDED
            + "call zeroGrad() within the step",
        failure(() -> w.mul(x).sum().backward()));
    // Those of one step are, twice in each.
    Runnable both =
        () -> {
          try (Scope _ = Scope.open()) {
            w.zeroGrad();
            w.mul(x).sum().backward();
            w.mul(w).sum().backward();
          }
        };
    try (CudaGraph graph = CudaGraph.capture(gpu, both)) {
      graph.replay();
      graph.replay();
      assertArrayEquals(new float[] {3, 6, 9}, w.grad().toFloats());
    }
  }

  /** As a hidden state is that each step makes anew of the last one. */
  @Test
  void whatAStepHandsToTheNextIsAssigned() {
    Tensor[] state = {x.add(0)};
    assertEquals(
        "add: takes F32 [3] of the step before, as each replay would,"
            + RECORDED
            + "assign it to a tensor from outside; if it is to stay, run the step before capture",
        failure(() -> state[0] = state[0].add(x)));
    // Right so:
    Tensor h = Tensor.zeros(x.meta());
    try (CudaGraph graph = CudaGraph.capture(gpu, () -> h.assign(h.add(x)))) {
      graph.replay();
      assertArrayEquals(new float[] {2, 4, 6}, h.toFloats());
    }
  }

  @Test
  void theRateIsSetOutside() {
    Sgd sgd = new Sgd(Map.of("w", Tensor.ones(2).to(gpu).requireGrad()), 0.1, 0);
    assertEquals(
        "sgd: the rate cannot be set" + RECORDED + "set it before replay()",
        failure(() -> sgd.rate(0.2)));
  }

  /** A method of one's own, whose update is made of tensors, takes its numbers as they are. */
  private static final class Own extends Optimizer {
    private final boolean counting;

    Own(Tensor w, boolean counting) {
      super("own", Map.of("w", w), 1);
      this.counting = counting;
    }

    @Override
    protected void update(Parameter p, Tensor gradient) {
      p.weight().assign(p.weight().sub(gradient.mul(counting ? rate() / p.steps() : rate())));
    }
  }

  @Test
  void numbersThatAreInTheRecordingMustStay() {
    Tensor w = Tensor.of(9f, 8).to(gpu).requireGrad();
    Own fixed = new Own(w, false);
    Runnable step =
        () -> {
          w.zeroGrad();
          w.sum().backward();
          fixed.step();
        };
    try (CudaGraph graph = CudaGraph.capture(gpu, step)) {
      graph.replay();
      assertArrayEquals(new float[] {7, 6}, w.toFloats());
      fixed.rate(2);
      assertEquals(
          "own: the rate is 2.0 now, and was 1.0 when a step was captured; capture it again",
          assertThrows(IllegalStateException.class, graph::replay).getMessage());
      fixed.rate(1);
      graph.replay();
      assertArrayEquals(new float[] {6, 5}, w.toFloats());
      assertEquals(3, fixed.state().get("w.step").toLongs()[0]);
    }
    Own counting = new Own(w, true);
    assertEquals(
        "own: a step depends on how many there were"
            + RECORDED
            + "this optimizer cannot be captured",
        failure(() -> {
          w.zeroGrad();
          w.sum().backward();
          counting.step();
        }));
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
}
