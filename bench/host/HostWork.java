package org.adjoint.bench.host;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A piece of host code whose time is measured.
 *
 * @param what one operation of it is, in words
 * @param calls operations of one run; what takes less than a clock can see is done many times
 * @param begin prepares it, in the process that measures
 */
public record HostWork(String name, String what, int calls, Supplier<Session> begin) {
  /** A work that is ready to run, again and again. */
  public interface Session extends AutoCloseable {
    /** Does it; what comes back cannot be optimised away. */
    @Nullable Object run();

    @Override
    default void close() {}
  }

  /** All there are, in the order of the table. */
  static final List<HostWork> ALL =
      List.of(
          new HostWork("launch", "a launch with 4 arguments", 100, CudaHost::launch),
          new HostWork("alloc-cuda", "64 KiB taken and given back", 100, CudaHost::allocation),
          new HostWork("eager-add", "[10] + [10]", 100, CpuHost::add),
          new HostWork("eager-add-grad", "the same, on the tape", 100, CpuHost::addWithGrad),
          new HostWork("eager-matmul", "[8, 8] × [8, 8]", 100, CpuHost::matmul),
          new HostWork("tape", "forward and backward of [10] ⊙ [10]", 100, CpuHost::chain),
          new HostWork("loader", "a batch of 64 images", CpuHost.BATCHES, CpuHost::loader),
          new HostWork("loader-ahead", "the same, prefetched", CpuHost.BATCHES, CpuHost::ahead));

  /** The one of that name. */
  public static Optional<HostWork> named(String name) {
    return ALL.stream().filter(work -> work.name.equals(name)).findFirst();
  }
}
