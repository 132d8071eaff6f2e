package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of samples of a GPU that is slowed down. */
class GpuClockTest {
  /** Slows down as often as it is told. */
  private record Slow(AtomicInteger times) implements Governor {
    @Override
    public boolean isSlowing() {
      return times.getAndDecrement() > 0;
    }

    @Override
    public int megahertz() {
      return 1000;
    }
  }

  @Test
  void slowSamplesAreTakenAgain() {
    AtomicInteger runs = new AtomicInteger();
    try (GpuClock clock = GpuClock.of(TestGpu.device(), new Slow(new AtomicInteger(3)))) {
      clock.time(runs::incrementAndGet);
      assertEquals(4, runs.get());
      clock.timeCold(runs::incrementAndGet);
      assertEquals(5, runs.get());
      assertEquals(3, clock.dropped());
      assertEquals(0, clock.slow());
    }
  }

  @Test
  void whatIsAlwaysSlowIsKeptInTheEnd() {
    AtomicInteger runs = new AtomicInteger();
    try (GpuClock clock = GpuClock.of(TestGpu.device(), new Slow(new AtomicInteger(1000)))) {
      clock.time(runs::incrementAndGet);
      assertEquals(101, runs.get());
      assertEquals(100, clock.dropped());
      assertEquals(1, clock.slow());
    }
  }
}
