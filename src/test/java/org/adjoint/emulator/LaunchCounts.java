package org.adjoint.emulator;

import java.nio.file.Path;
import java.util.List;
import org.adjoint.backend.cuda.LaunchCounter;
import org.jspecify.annotations.Nullable;

/** The emulator's counters, for whoever measures kernels. */
final class LaunchCounts implements LaunchCounter {
  private final Path libraries;
  private @Nullable EmulatedDevice device;

  LaunchCounts(Path libraries) {
    this.libraries = libraries;
  }

  @Override
  public synchronized Counts during(List<Range> broadcast, Runnable work) {
    EmulatedDevice here = device == null ? new EmulatedDevice(libraries) : device;
    device = here;
    here.require("cuCtxSynchronize");
    here.count(true);
    broadcast.forEach(range -> here.broadcast(range.address(), range.bytes()));
    try {
      work.run();
      here.require("cuCtxSynchronize");
      Counters seen = here.counters();
      return new Counts(
          seen.launches(),
          seen.load().bytes(),
          seen.store().bytes(),
          seen.load().sectors() + seen.store().sectors(),
          seen.load().cached() + seen.store().cached(),
          seen.load().ideal() + seen.store().ideal(),
          seen.sharedTurns() - seen.sharedIdeal(),
          seen.barriers(),
          seen.atomics());
    } finally {
      here.count(false);
    }
  }
}
