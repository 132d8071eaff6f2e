package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Arrival;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.driver.Graph;
import org.junit.jupiter.api.Test;

/** Batches on the copy stream, and kernels that read them, with nobody waiting in between. */
class UploadsTest {
  private static final int LENGTH = 3000;

  private final Device gpu = TestGpu.device();

  private static Operand batch(int length, int number) {
    Tensor values = Tensor.full(new Meta(Shape.of(length), DType.F32, Device.CPU), number);
    return new Operand(values.storage(), values.layout());
  }

  private static Operand whole(Storage storage) {
    return new Operand(storage, Layout.contiguous(Shape.of(storage.length())));
  }

  private static void requireAll(float expected, Object read) {
    float[] values = (float[]) read;
    assertTrue(
        IntStream.range(0, values.length).allMatch(i -> values[i] == expected),
        () -> values[0] + " … " + values[values.length - 1] + ", not " + expected);
  }

  /** Each batch is read by a kernel that is queued, and given back before the kernel has run. */
  @Test
  void noBatchIsOverwrittenBeforeItWasRead() {
    CudaBackend backend = new CudaBackend(gpu, true);
    List<Storage> seen = new ArrayList<>();
    Arrival coming = backend.receive(batch(LENGTH, 0));
    for (int i = 0; i < 12; i++) {
      Storage here = coming.await()[0];
      coming = backend.receive(batch(LENGTH, i + 1));
      Storage copy = backend.allocate(DType.F32, LENGTH);
      backend.copy(whole(here), whole(copy));
      here.release();
      seen.add(copy);
    }
    coming.close();
    for (int i = 0; i < seen.size(); i++) {
      requireAll(i, backend.read(whole(seen.get(i))));
      seen.get(i).release();
    }
    assertEquals(0, backend.liveBytes());
  }

  @Test
  void tensorsOfABatchDoNotOverlap() {
    CudaBackend backend = new CudaBackend(gpu, true);
    Tensor rows = Tensor.arange(7 * 9).to(DType.F32).reshape(7, 9);
    Tensor turned = rows.permute(1, 0).slice(0, 2, 8);
    Arrival coming =
        backend.receive(
            new Operand(turned.storage(), turned.layout()),
            batch(0, 1),
            batch(1, 2),
            batch(129, 3));
    Storage[] there = coming.await();
    assertArrayEquals(turned.toFloats(), (float[]) backend.read(whole(there[0])));
    assertEquals(0, there[1].length());
    requireAll(2, backend.read(whole(there[2])));
    requireAll(3, backend.read(whole(there[3])));
    for (Storage storage : there) {
      storage.release();
    }
  }

  @Test
  void tenThousandBatchesTakeTheMemoryOfThree() {
    CudaBackend backend = new CudaBackend(gpu, true);
    Operand batch = batch(64, 1);
    Arrival coming = backend.receive(batch);
    for (int i = 0; i < 10_000; i++) {
      Storage here = coming.await()[0];
      coming = backend.receive(batch);
      here.release();
    }
    coming.await()[0].release();
    assertEquals(0, backend.liveBytes());
    assertTrue(backend.heldBytes() <= 3 * 512, backend.heldBytes() + " bytes held");
    backend.flush();
    assertEquals(0, backend.heldBytes());
  }

  @Test
  void whatNobodyTakesIsGivenBack() {
    CudaBackend backend = new CudaBackend(gpu, true);
    backend.receive(batch(LENGTH, 1)).close();
    assertEquals(0, backend.liveBytes());
    Storage there = backend.receive(batch(LENGTH, 2)).await()[0];
    requireAll(2, backend.read(whole(there)));
    there.release();
  }

  /** Pinning, copying and waiting on one thread leave the graph alone that another captures. */
  @Test
  void aCaptureAndAnUploadDoNotSeeEachOther() {
    CudaBackend backend = new CudaBackend(gpu, true);
    Storage from = backend.allocate(DType.F32, LENGTH);
    Storage to = backend.allocate(DType.F32, LENGTH);
    List<Arrival> coming = new ArrayList<>();
    try (Graph graph =
        Graph.capture(
            backend.stream(),
            () -> {
              backend.copy(whole(from), whole(to));
              for (int i = 0; i < 4; i++) {
                int number = i;
                coming.add(
                    CompletableFuture.supplyAsync(() -> backend.receive(batch(LENGTH, number)))
                        .join());
              }
              IllegalStateException e =
                  assertThrows(IllegalStateException.class, () -> coming.getFirst().await());
              assertEquals(
                  "upload: a batch was asked for while a graph is captured; take it before, and"
                      + " assign it to a tensor that the graph reads",
                  e.getMessage());
            })) {
      for (int i = 0; i < coming.size(); i++) {
        Storage there = coming.get(i).await()[0];
        backend.copy(whole(there), whole(from));
        there.release();
        graph.launch(backend.stream());
        requireAll(i, backend.read(whole(to)));
      }
    }
    from.release();
    to.release();
  }
}
