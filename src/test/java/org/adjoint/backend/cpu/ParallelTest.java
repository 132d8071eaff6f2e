package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ParallelTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyTurnRunsOnce(int threads) {
    for (int n : new int[] {0, 1, 2, 7, 1000}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(n);
      Parallel.withThreads(threads, () -> Parallel.forRange(n, runs::incrementAndGet));
      for (int i = 0; i < n; i++) {
        assertEquals(1, runs.get(i));
      }
    }
  }

  @Test
  void threadsRunAtTheSameTimeAndTheCallerIsOneOfThem() {
    CyclicBarrier barrier = new CyclicBarrier(3);
    Thread[] ran = new Thread[3];
    Parallel.withThreads(
        3,
        () ->
            Parallel.forRange(
                3,
                i -> {
                  ran[i] = Thread.currentThread();
                  try {
                    barrier.await(30, TimeUnit.SECONDS); // passes only if all three are here
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                }));
    assertEquals(3, Arrays.stream(ran).distinct().count());
    assertTrue(Arrays.asList(ran).contains(Thread.currentThread()));
    assertTrue(
        Arrays.stream(ran).filter(t -> t != Thread.currentThread()).allMatch(Thread::isDaemon));
  }

  @Test
  void chunksCoverTheRangeWhateverTheThreads() {
    for (int threads = 1; threads <= 3; threads++) {
      long[] starts = new long[4];
      long[] ends = new long[4];
      Parallel.withThreads(
          threads,
          () ->
              Parallel.forRange(
                  3_000_000_007L,
                  1_000_000_000L,
                  (from, to) -> {
                    starts[(int) (from / 1_000_000_000L)] = from;
                    ends[(int) (from / 1_000_000_000L)] = to;
                  }));
      assertArrayEquals(new long[] {0, 1_000_000_000L, 2_000_000_000L, 3_000_000_000L}, starts);
      assertArrayEquals(
          new long[] {1_000_000_000L, 2_000_000_000L, 3_000_000_000L, 3_000_000_007L}, ends);
    }
    AtomicLong sum = new AtomicLong();
    Parallel.forRange(10, Long.MAX_VALUE, (from, to) -> sum.addAndGet(to - from));
    assertEquals(10, sum.get());
    assertThrows(IllegalArgumentException.class, () -> Parallel.forRange(1, 0, (from, to) -> {}));
  }

  @Test
  void aLoopWithinALoopStaysOnItsThread() {
    Parallel.withThreads(
        3,
        () ->
            Parallel.forRange(
                20,
                i -> {
                  Thread outer = Thread.currentThread();
                  assertEquals(1, Parallel.threads());
                  Parallel.forRange(20, j -> assertSame(outer, Thread.currentThread()));
                }));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void whatABodyThrowsReachesTheCallerAsItIs(int threads) {
    IllegalStateException thrown = new IllegalStateException("turn 5");
    for (int repeat = 0; repeat < 100; repeat++) {
      Throwable caught =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Parallel.withThreads(
                      threads,
                      () ->
                          Parallel.forRange(
                              10,
                              i -> {
                                if (i == 5) {
                                  throw thrown;
                                }
                              })));
      assertSame(thrown, caught);
    }
    IOException checked = new IOException();
    assertSame(
        checked,
        assertThrows(
            IOException.class,
            () ->
                Parallel.callWithThreads(
                    threads,
                    () -> {
                      throw checked;
                    })));
  }

  @Test
  void theThreadCountEndsWithItsScope() {
    int before = Parallel.threads();
    assertEquals(5, Parallel.callWithThreads(5, Parallel::threads));
    assertEquals(before, Parallel.threads());
    assertThrows(IllegalArgumentException.class, () -> Parallel.withThreads(0, () -> {}));
  }

  @Test
  void anInterruptIsKept() {
    Parallel.withThreads(
        2,
        () -> {
          Thread.currentThread().interrupt();
          AtomicLong sum = new AtomicLong();
          Parallel.forRange(100, sum::addAndGet);
          assertTrue(Thread.interrupted());
          assertEquals(4950, sum.get());
        });
  }
}
