package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.adjoint.CudaGraph;
import org.adjoint.Device;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.optim.Optimizer;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;

/** What a captured step must not do: each is one line that says so, and leaves all as it was. */
class CudaGraphErrorsTest extends CudaGraphCase {
  private static final String RECORDED = " while a step is being recorded; ";

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
}
