package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches of a data set in which example i is the row (i, 10·i) with the label i. */
class LoaderTest {
  private static Tensor inputs(int examples) {
    Tensor i = Tensor.arange(examples).to(DType.F32);
    return i.unsqueeze(1).mul(Tensor.of(1f, 10));
  }

  private static Loader shuffled(int examples, int batch, long seed) {
    return Loader.shuffled(inputs(examples), Tensor.arange(examples), batch, new Philox(seed));
  }

  /** The examples of one epoch, batch after batch. */
  private static List<Long> epoch(Loader loader) {
    List<Long> seen = new ArrayList<>();
    for (Batch batch : loader) {
      float[] rows = batch.inputs().toFloats();
      long[] labels = batch.targets().toLongs();
      assertEquals(Shape.of(labels.length, 2), batch.inputs().shape());
      for (int i = 0; i < labels.length; i++) {
        assertEquals((float) labels[i], rows[2 * i], "inputs and targets belong together");
        assertEquals(10f * labels[i], rows[2 * i + 1]);
        seen.add(labels[i]);
      }
    }
    return seen;
  }

  private static List<Long> range(int n) {
    return LongStream.range(0, n).boxed().toList();
  }

  @Test
  void inOrderDealsTheRowsAsTheyCome() {
    Loader loader = Loader.inOrder(inputs(10), Tensor.arange(10), 4);

    assertEquals(range(10), epoch(loader));
    assertEquals(range(10), epoch(loader));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "10, 1", "10, 3", "10, 10", "10, 11", "100, 7"})
  void eachExampleComesOnceAnEpoch(int examples, int batch) {
    Loader loader = shuffled(examples, batch, 1);

    for (int i = 0; i < 3; i++) {
      assertEquals(range(examples), epoch(loader).stream().sorted().toList());
    }
  }

  @Test
  void theLastBatchMayBeShort() {
    Loader loader = shuffled(10, 4, 1);
    List<Long> sizes = new ArrayList<>();

    for (Batch batch : loader) {
      sizes.add(batch.inputs().size(0));
    }

    assertEquals(List.of(4L, 4L, 2L), sizes);
    assertEquals(10, loader.examples());
    assertEquals(3, loader.batches());
  }

  @Test
  void theOrderFollowsFromTheSeed() {
    Loader a = shuffled(50, 8, 3);
    Loader b = shuffled(50, 8, 3);

    List<Long> first = epoch(a);
    List<Long> second = epoch(a);

    assertEquals(first, epoch(b));
    assertEquals(second, epoch(b));
    assertNotEquals(first, second, "another order each epoch");
    assertNotEquals(range(50), first);
    assertNotEquals(first, epoch(shuffled(50, 8, 4)));
  }

  @Test
  void noExamplesMeanNoBatches() {
    Loader loader = Loader.inOrder(Tensor.zeros(0, 2), Tensor.zeros(0), 4);

    assertEquals(0, loader.batches());
    assertFalse(loader.iterator().hasNext());
  }

  @Test
  void afterTheLastBatchThereIsNone() {
    Iterator<Batch> batches = shuffled(2, 2, 1).iterator();
    batches.next();

    assertFalse(batches.hasNext());
    assertThrows(NoSuchElementException.class, batches::next);
  }

  /** Without a scope, closing the batches is all there is to do. */
  @Test
  void aClosedBatchGivesEverythingBack() {
    Loader loader = shuffled(1000, 100, 1);
    long before = Backend.of(Device.CPU).liveBytes();

    for (Batch batch : loader) {
      try (batch) {
        assertEquals(100, batch.inputs().size(0));
      }
      assertThrows(IllegalStateException.class, () -> batch.inputs().sum());
    }

    assertEquals(before, Backend.of(Device.CPU).liveBytes());
  }

  @Test
  void batchesAreNotPartOfAGraph() {
    Tensor inputs = inputs(4).requireGrad();

    for (Batch batch : Loader.inOrder(inputs, Tensor.arange(4), 2)) {
      assertFalse(batch.inputs().requiresGrad());
    }
  }

  @Test
  void viewsAreDealtAsTheyAreSeen() {
    Tensor reversed = inputs(4).flip(0);

    Batch batch = Loader.inOrder(reversed, Tensor.arange(4).flip(0), 2).iterator().next();

    assertArrayEquals(new float[] {3, 30, 2, 20}, batch.inputs().toFloats());
    assertArrayEquals(new long[] {3, 2}, batch.targets().toLongs());
  }

  @Test
  void whatIsNoDataSetIsRejected() {
    assertEquals(
        "loader: inputs [4, 2] and targets [3] must have one row per example",
        failure(inputs(4), Tensor.arange(3), 1));
    assertEquals(
        "loader: inputs [] and targets [1] must have one row per example",
        failure(Tensor.scalar(1), Tensor.arange(1), 1));
    assertEquals("loader: a batch of 0 is none", failure(inputs(4), Tensor.arange(4), 0));
  }

  private static String failure(Tensor inputs, Tensor targets, int batch) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Loader.inOrder(inputs, targets, batch))
            .getMessage());
  }
}
