package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loaders that are stopped and taken up again, and loaders with a thread of their own. */
@Timeout(60)
class ResumeTest {
  private static final int EXAMPLES = 23;

  private static Loader loader(int ahead) {
    Tensor pictures = Tensor.normal(new Philox(2), EXAMPLES, 1, 3, 3);
    Loader loader =
        Loader.shuffled(pictures, Tensor.arange(EXAMPLES), 5, new Philox(1))
            .augmented(Augment.flip().then(Augment.shift(1)), 8);
    return ahead == 0 ? loader : loader.prefetch(ahead);
  }

  private static String text(Batch batch) {
    return Arrays.toString(batch.inputs().toFloats()) + Arrays.toString(batch.targets().toLongs());
  }

  private static List<String> epoch(Loader loader) {
    List<String> seen = new ArrayList<>();
    for (Batch batch : loader) {
      try (batch) {
        seen.add(text(batch));
      }
    }
    return seen;
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "100"})
  void aheadOrNotTheBatchesAreTheSame(int ahead) {
    Loader plain = loader(0);
    try (Loader quick = loader(ahead)) {
      List<String> first = epoch(plain);
      assertEquals(first, epoch(quick));
      List<String> second = epoch(plain);
      assertEquals(second, epoch(quick));
      assertNotEquals(first, second);
      assertEquals(5, first.size());
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "3, 0, 0", "3, 0, 2", "5, 2, 0", "7, 2, 2", "4, 2, 0", "10, 0, 3"})
  void aPauseLeavesNoTrace(int done, int aheadBefore, int aheadAfter) {
    List<String> straight = epochs(loader(0), 20);
    List<String> parts = new ArrayList<>();
    Map<String, Tensor> state;
    try (Loader first = loader(aheadBefore)) {
      parts.addAll(epochs(first, done));
      state = first.state();
    }
    try (Loader second = loader(aheadAfter)) {
      second.load(state);
      assertEquals(numbers(state), numbers(second.state()), "loaded, but not begun");
      parts.addAll(epochs(second, 20 - done));
    }
    assertEquals(straight, parts);
  }

  private static List<Double> numbers(Map<String, Tensor> state) {
    return state.keySet().stream()
        .sorted()
        .map(k -> state.getOrDefault(k, Tensor.of(0)).item())
        .toList();
  }

  /** The next {@code n} batches, over the ends of epochs. */
  private static List<String> epochs(Loader loader, int n) {
    List<String> seen = new ArrayList<>();
    while (seen.size() < n) {
      Iterator<Batch> batches = loader.iterator();
      while (seen.size() < n && batches.hasNext()) {
        seen.add(text(batches.next()));
      }
    }
    return seen;
  }

  @Test
  void anEpochLeftInTheMiddleIsOver() {
    Loader left = loader(0);
    Loader whole = loader(0);
    epochs(left, 2);
    epoch(whole);

    assertEquals(epoch(whole), epoch(left));
  }

  @Test
  void aStateOfAnotherLoaderIsRefused() {
    Loader loader = loader(0);
    assertEquals(
        "loader: batch 5 is not one of 5; is it another data set?",
        failure(() -> loader.load(Map.of("batch", Tensor.of(5L)))));
    assertEquals(
        "loader: its state needs a whole number generator",
        failure(() -> loader.load(Map.of("batch", Tensor.of(1L), "epoch", Tensor.of(1L)))));
    assertEquals(
        "loader: its state needs a whole number batch",
        failure(() -> loader.load(Map.of("batch", Tensor.of(1.0)))));
    assertEquals("loader: 0 batches ahead are none", failure(() -> loader.prefetch(0)));
  }

  private static String failure(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  /** Counts how often it is asked, and fails from some batch on. */
  private record Failing(int good, AtomicInteger asked, Supplier<RuntimeException> failure)
      implements Dataset {
    @Override
    public int size() {
      return 100;
    }

    @Override
    public Batch get(int... rows) {
      if (asked.getAndIncrement() >= good) {
        throw failure.get();
      }
      return new Batch(Tensor.zeros(1000), Tensor.zeros(1));
    }
  }

  @Test
  void whatTheDataSetThrowsComesOut() {
    RuntimeException broken = new IllegalStateException("broken disk");
    Loader loader =
        Loader.inOrder(new Failing(3, new AtomicInteger(), () -> broken), 10).prefetch(2);
    Iterator<Batch> batches = loader.iterator();
    for (int i = 0; i < 3; i++) {
      batches.next().close();
    }

    assertSame(broken, assertThrows(IllegalStateException.class, batches::next));
  }

  @Test
  void closingEndsTheThreadAndGivesEverythingBack() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    Dataset data = new Failing(1000, asked, IllegalStateException::new);
    long before = Backend.of(Device.CPU).liveBytes();
    Loader loader = Loader.inOrder(data, 1).prefetch(3);
    Iterator<Batch> batches = loader.iterator();
    batches.next().close();
    for (int i = 0; i < 2000 && asked.get() < 5; i++) {
      Thread.sleep(5);
    }
    Thread.sleep(20);
    assertEquals(5, asked.get(), "one taken, three waiting, one in the hand");

    loader.close();

    assertEquals(before, Backend.of(Device.CPU).liveBytes());
    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(t -> t.getName().equals("adjoint-prefetch")));
    assertEquals(
        "loader: closed, or begun anew, in the middle of an epoch",
        assertThrows(IllegalStateException.class, batches::next).getMessage());
  }

  @Test
  void batchesJoinTheScopeThatAsksForThem() {
    long before = Backend.of(Device.CPU).liveBytes();
    try (Loader loader =
        Loader.inOrder(new Failing(1000, new AtomicInteger(), IllegalStateException::new), 10)
            .prefetch(2)) {
      for (Iterator<Batch> batches = loader.iterator(); batches.hasNext(); ) {
        try (Scope _ = Scope.open()) {
          assertEquals(1000, batches.next().inputs().size(0));
        }
      }
    }
    assertEquals(before, Backend.of(Device.CPU).liveBytes());
  }

  @Test
  void aSplitSharesNothingAndLosesNothing() {
    Dataset all = Dataset.of(Tensor.arange(10), Tensor.arange(10));

    Dataset.Split split = all.split(3, new Philox(1));

    assertEquals(7, split.train().size());
    assertEquals(3, split.validation().size());
    List<Long> seen = new ArrayList<>();
    for (Dataset part : List.of(split.train(), split.validation())) {
      for (Batch batch : Loader.inOrder(part, 4)) {
        Arrays.stream(batch.targets().toLongs()).forEach(seen::add);
      }
    }
    assertEquals(10, seen.stream().distinct().count());
    assertNotEquals(seen.stream().sorted().toList(), seen);
    assertEquals(
        "split: 11 of 10 examples cannot be set aside",
        failure(() -> all.split(11, new Philox(1))));
    assertEquals(
        "subset: there is no example 10 among 10",
        assertThrows(IndexOutOfBoundsException.class, () -> all.subset(1, 10)).getMessage());
  }

  @Test
  void mappedBatchesLeaveNothingBehind() {
    Tensor x = Tensor.of(1f, 2, 3);
    long before = Backend.of(Device.CPU).liveBytes();
    Dataset doubled =
        Dataset.of(x, x).map(b -> new Batch(b.inputs().mul(3).sub(b.inputs()), b.targets()));

    try (Batch batch = doubled.get(2, 0)) {
      assertEquals("[6.0, 2.0]", Arrays.toString(batch.inputs().toFloats()));
      assertEquals("[3.0, 1.0]", Arrays.toString(batch.targets().toFloats()));
    }

    assertEquals(before, Backend.of(Device.CPU).liveBytes());
    try (Batch same = Dataset.of(x, x).map(b -> new Batch(b.inputs(), b.inputs())).get(1)) {
      assertTrue(same.targets().item() == 2);
    }
  }
}
