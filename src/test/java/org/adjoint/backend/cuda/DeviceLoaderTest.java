package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Iterator;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.adjoint.data.Augment;
import org.adjoint.data.Batch;
import org.adjoint.data.Dataset;
import org.adjoint.data.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loader whose batches come on the device. */
class DeviceLoaderTest {
  private final Device gpu = TestGpu.device();

  private static Dataset numbers(int n) {
    return Dataset.of(Tensor.normal(new Philox(n), n, 3, 5, 5), Tensor.arange(n));
  }

  private static Loader loader(int n) {
    return Loader.shuffled(numbers(n), 4, new Philox(7)).augmented(Augment.shift(1), 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void theSameBatchesAsOnTheCpu(int ahead) {
    Loader here = loader(19);
    try (Loader there = loader(19).prefetch(ahead).to(gpu)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        Iterator<Batch> expected = here.iterator();
        for (Batch batch : there) {
          try (batch;
              Batch same = expected.next()) {
            assertEquals(same.inputs().meta().shape(), batch.inputs().shape());
            assertEquals(gpu, batch.inputs().device());
            assertEquals(gpu, batch.targets().device());
            assertArrayEquals(same.inputs().toFloats(), batch.inputs().toFloats());
            assertArrayEquals(same.targets().toLongs(), batch.targets().toLongs());
          }
        }
        assertEquals(false, expected.hasNext());
      }
    }
  }

  /** Nothing is read back before the end, so that all that should wait must wait by itself. */
  @Test
  void nobodyWaitsAndNothingIsMixedUp() {
    Tensor sum = Tensor.zeros(4, 3, 5, 5).to(gpu);
    Tensor expected = Tensor.zeros(4, 3, 5, 5);
    for (Batch batch : loader(40)) {
      expected.assign(expected.add(batch.inputs()));
    }
    try (Loader there = loader(40).to(gpu)) {
      for (Batch batch : there) {
        try (batch;
            Scope _ = Scope.open()) {
          sum.assign(sum.add(batch.inputs()));
        }
      }
    }
    assertArrayEquals(expected.toFloats(), sum.toFloats());
  }

  @Test
  void goesOnWhereItWasLeft() {
    Map<String, Tensor> state;
    try (Loader first = loader(19).to(gpu)) {
      Iterator<Batch> batches = first.iterator();
      batches.next().close();
      batches.next().close();
      state = first.state();
    }
    Iterator<Batch> here = loader(19).iterator();
    here.next();
    here.next();
    try (Loader second = loader(19).to(gpu)) {
      second.load(state);
      Iterator<Batch> there = second.iterator();
      while (here.hasNext()) {
        assertArrayEquals(here.next().targets().toLongs(), there.next().targets().toLongs());
      }
      assertEquals(false, there.hasNext());
    }
  }

  @Test
  void whatTheDataSetThrowsComesOutOfNext() {
    IllegalStateException fault = new IllegalStateException("example 8 is torn");
    Dataset torn =
        new Dataset() {
          @Override
          public int size() {
            return 12;
          }

          @Override
          public Batch get(int... rows) {
            if (rows[0] == 8) {
              throw fault;
            }
            return numbers(12).get(rows);
          }
        };
    try (Loader loader = Loader.inOrder(torn, 4).to(gpu)) {
      Iterator<Batch> batches = loader.iterator();
      batches.next().close();
      batches.next().close();
      assertSame(fault, assertThrows(IllegalStateException.class, batches::next));
    }
  }

  @Test
  void anAutoencodersInputsAreSentOnce() {
    Dataset same = numbers(4).map(some -> new Batch(some.inputs(), some.inputs()));
    try (Loader loader = Loader.inOrder(same, 4).to(gpu)) {
      Batch batch = loader.iterator().next();
      assertSame(batch.inputs(), batch.targets());
      batch.close();
    }
  }

  @Test
  void dataThatLiesThereStaysAndWhatLiesElsewhereIsRefused() {
    Tensor x = Tensor.ones(2, 2);
    try (Loader there = Loader.inOrder(x.to(gpu), x.to(gpu), 2).to(gpu);
        Loader mixed = Loader.inOrder(numbers(2).map(this::mixed), 2).to(gpu)) {
      assertEquals(gpu, there.iterator().next().inputs().device());
      assertEquals(
          "loader: a batch of inputs on cuda:0 and targets on cpu cannot go to cuda:0; have them"
              + " on cpu",
          assertThrows(IllegalArgumentException.class, () -> mixed.iterator().next()).getMessage());
    }
  }

  private Batch mixed(Batch some) {
    return new Batch(some.inputs().to(gpu), some.targets());
  }

  @Test
  void nothingIsLeftOfTenThousandBatchesOrOfAnEpochThatBreaksOff() throws Exception {
    Tensor x = Tensor.ones(10_000, 2);
    long live = TestGpu.settledBytes();
    try (Loader loader = Loader.inOrder(x, Tensor.arange(10_000).to(DType.I32), 1).to(gpu)) {
      loader.forEach(Batch::close);
      loader.iterator().next().close();
    }
    assertEquals(live, Backend.of(gpu).liveBytes());
  }
}
