package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.adjoint.CudaGraph;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Storage;
import org.adjoint.nn.Dropout;
import org.junit.jupiter.api.Test;

/** The memory of graphs: theirs alone while they live, and everybody's again afterwards. */
class CudaGraphMemoryTest {
  private final Device gpu = TestGpu.device();
  private final CudaBackend backend = CudaBackend.of(gpu);

  private Tensor there(double value, long size) {
    return Tensor.full(new Meta(Shape.of(size), DType.F32, gpu), value);
  }

  /** Less there may be: what other tests left to the collector. */
  private void requireNoMore(long live, long held) {
    assertTrue(backend.liveBytes() <= live, backend.liveBytes() + " bytes, before " + live);
    assertTrue(backend.heldBytes() <= held, backend.heldBytes() + " bytes, before " + held);
  }

  private static void add(Tensor sum, Tensor term) {
    try (Scope _ = Scope.open()) {
      sum.assign(sum.add(term.mul(2).mul(0.5)));
    }
  }

  private static float first(Tensor x) {
    try (Scope _ = Scope.open()) {
      return x.slice(0, 0, 1).toFloats()[0];
    }
  }

  @Test
  void graphsAndEagerWorkLeaveEachOtherAlone() {
    try (Scope _ = Scope.open()) {
      Tensor a = there(0, 300);
      Tensor b = there(0, 300);
      Tensor one = there(1, 300);
      try (CudaGraph first = CudaGraph.capture(gpu, () -> add(a, one));
          CudaGraph second = CudaGraph.capture(gpu, () -> add(b, a))) {
        float expected = 1;
        for (int i = 2; i < 30; i++) {
          first.replay();
          Tensor between = a.mul(3).add(b);
          List<Tensor> others = new ArrayList<>();
          for (int k = 0; k < 5; k++) {
            others.add(there(-1, 300));
          }
          second.replay();
          assertEquals(3 * i + expected, first(between));
          expected += i;
          assertEquals(i, first(a));
          assertEquals(expected, first(b));
          others.forEach(other -> assertEquals(-1, first(other)));
          others.forEach(Tensor::close);
        }
      }
    }
  }

  @Test
  void allComesBackWhenTheGraphIsClosed() {
    Tensor x = there(1, 5000);
    Tensor y = there(0, 5000);
    add(y, x);
    backend.flush();
    long live = backend.liveBytes();
    long held = backend.heldBytes();
    CudaGraph graph = CudaGraph.capture(gpu, () -> add(y, x));
    graph.replay();
    assertEquals(3, first(y));
    graph.close();
    backend.flush();
    requireNoMore(live, held);
    x.close();
    y.close();
  }

  @Test
  void aThousandGraphsLeaveNothingBehind() {
    Tensor x = there(1, 3);
    Tensor y = there(0, 3);
    long live = -1;
    long held = -1;
    for (int i = 0; i < 1000; i++) {
      try (CudaGraph graph = CudaGraph.capture(gpu, () -> add(y, x))) {
        graph.replay();
      }
      if (i == 10) {
        backend.flush();
        live = backend.liveBytes();
        held = backend.heldBytes();
      }
    }
    backend.flush();
    assertEquals(2000, first(y));
    requireNoMore(live, held);
    x.close();
    y.close();
  }

  /** The graph has the address of its input, so nobody else gets it before the graph is closed. */
  @Test
  void whatTheStepUsesStaysUntilTheGraphIsClosed() {
    Tensor x = there(5, 4000);
    Tensor y = there(0, 4000);
    CudaGraph graph = CudaGraph.capture(gpu, () -> add(y, x));
    long before = backend.liveBytes();
    x.close();
    assertEquals(before, backend.liveBytes());
    try (Scope _ = Scope.open()) {
      for (int i = 0; i < 5; i++) {
        there(7, 4000);
      }
    }
    graph.replay();
    assertEquals(10, first(y));
    graph.close();
    assertTrue(backend.liveBytes() < before);
    y.close();
  }

  /** What a step hands out is overwritten by each replay, and outlives the graph. */
  @Test
  void resultsOutliveTheGraph() {
    Tensor x = there(1, 1000);
    Tensor[] kept = new Tensor[1];
    CudaGraph graph = CudaGraph.capture(gpu, () -> kept[0] = x.mul(3));
    graph.replay();
    assertEquals(3, first(kept[0]));
    x.assign(there(2, 1000));
    graph.replay();
    assertEquals(6, first(kept[0]));
    graph.close();
    List<Tensor> others = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      others.add(there(-1, 1000));
    }
    assertEquals(6, first(kept[0]));
    others.forEach(Tensor::close);
    kept[0].close();
    x.close();
  }

  /** Without a scope the collector gives a step's tensors back, whenever it comes. */
  @Test
  void garbageMayComeBackAtAnyTime() throws InterruptedException {
    Tensor x = there(1, 2000);
    Tensor y = there(0, 2000);
    long live = backend.liveBytes();
    Runnable step =
        () -> {
          for (int i = 0; i < 20; i++) {
            Tensor t = x.mul(2).mul(0.5);
            System.gc();
            y.assign(y.add(t));
          }
        };
    try (CudaGraph graph = CudaGraph.capture(gpu, step)) {
      assertEquals(20, first(y));
      collect(() -> backend.liveBytes() <= live + 512);
      Tensor other = there(9, 2000);
      graph.replay();
      assertEquals(40, first(y));
      assertEquals(9, first(other));
      other.close();
    }
    collect(() -> backend.liveBytes() <= live);
    assertTrue(backend.liveBytes() <= live, backend.liveBytes() + " bytes, before " + live);
    x.close();
    y.close();
  }

  /** The step has worked in a block of the table's size, and given it back, before it drops. */
  @Test
  void numbersThatChangeLieApart() {
    Philox draws = new Philox(3);
    Dropout dropout = new Dropout(0.5, draws);
    Tensor x = there(1, 128);
    Tensor y = there(0, 128);
    Runnable step =
        () -> {
          try (Scope _ = Scope.open()) {
            x.mul(2).close();
            y.assign(dropout.forward(x));
          }
        };
    try (CudaGraph graph = CudaGraph.capture(gpu, step)) {
      for (int i = 0; i < 3; i++) {
        Philox same = new Philox(3);
        same.seek(draws.position());
        graph.replay();
        float[] expected = new Dropout(0.5, same).forward(x).toFloats();
        assertArrayEquals(expected, y.toFloats());
        assertEquals(same.position(), draws.position());
      }
    }
    x.close();
    y.close();
  }

  /** With a cache, where a block that comes back is the next that is taken. */
  @Test
  void nobodyElseGetsTheBlocksOfAGraph() {
    CudaBackend caching = new CudaBackend(gpu, true);
    int n = 1000;
    Storage y = caching.allocate(DType.F32, n);
    long[] used = new long[1];
    Runnable step =
        () -> {
          CudaStorage between = (CudaStorage) caching.allocate(DType.F32, n);
          used[0] = between.address();
          caching.fill(between, 3);
          caching.copy(between.whole(), ((CudaStorage) y).whole());
          between.release();
        };
    RecordedStep graph = RecordedStep.capture(caching, gpu, step);
    long held = caching.heldBytes();
    CudaStorage other = (CudaStorage) caching.allocate(DType.F32, n);
    assertNotEquals(used[0], other.address());
    caching.fill(other, 9);
    graph.replay();
    assertEquals(9, ((float[]) caching.read(other.whole()))[0]);
    assertEquals(3, ((float[]) caching.read(((CudaStorage) y).whole()))[n - 1]);
    graph.close();
    CudaStorage next = (CudaStorage) caching.allocate(DType.F32, n);
    assertEquals(used[0], next.address());
    assertEquals(held, caching.heldBytes());
    other.release();
    next.release();
    y.release();
    assertEquals(0, caching.liveBytes());
  }

  private static void collect(BooleanSupplier done) throws InterruptedException {
    for (int i = 0; i < 100 && !done.getAsBoolean(); i++) {
      System.gc();
      Thread.sleep(20);
    }
  }

  /** A backward that saved a weight must not run once a replay has changed it. */
  @Test
  void aReplayChangesVersions() {
    Tensor w = there(1, 2).requireGrad();
    try (CudaGraph graph = CudaGraph.capture(gpu, () -> add(w.detach(), there(1, 2)))) {
      graph.replay();
      Tensor loss = w.mul(w).sum();
      graph.replay();
      long version = w.storage().version();
      graph.replay();
      assertFalse(version == w.storage().version());
      IllegalStateException e = assertThrows(IllegalStateException.class, loss::backward);
      assertEquals(
          "mul: backward needs input 1, F32 [2] on cuda:0, but assign changed it after the forward;"
              + " assign after backward, or to a copy",
          e.getMessage());
      assertArrayEquals(new float[] {5, 5}, w.toFloats());
    }
  }
}
