package org.adjoint.emulator;

import java.nio.file.Path;
import org.adjoint.backend.cuda.LaunchCounter;
import org.jspecify.annotations.Nullable;

/** The emulator's counters, for whoever measures kernels. */
final class LaunchCounts implements LaunchCounter {
  private static final int SECTOR = 32;

  private final Path libraries;
  private @Nullable EmulatedDevice device;

  LaunchCounts(Path libraries) {
    this.libraries = libraries;
  }

  @Override
  public synchronized Counts during(Runnable work) {
    EmulatedDevice here = device == null ? new EmulatedDevice(libraries) : device;
    device = here;
    here.require("cuCtxSynchronize");
    here.count(true);
    try {
      work.run();
      here.require("cuCtxSynchronize");
      Counters seen = here.counters();
      long bytes = seen.load().bytes() + seen.store().bytes();
      return new Counts(
          seen.load().bytes(),
          seen.store().bytes(),
          seen.load().sectors() + seen.store().sectors(),
          Math.ceilDiv(bytes, SECTOR),
          seen.sharedTurns() - seen.sharedIdeal(),
          seen.barriers(),
          seen.atomics());
    } finally {
      here.count(false);
    }
  }
}
