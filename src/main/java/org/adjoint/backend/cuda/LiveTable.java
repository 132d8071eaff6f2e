package org.adjoint.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The numbers of a recorded step that change from replay to replay, in a table on the device from
 * which its kernels read them. The host writes them as {@link Words}, and waits for nothing.
 */
final class LiveTable {
  /** Numbers that go in one write. */
  private static final int CHUNK = 64;

  private final CudaBackend backend;
  private final List<Block> chunks = new ArrayList<>();

  /** In the order in which the step met them, as it would draw and count anew. */
  private final List<Runnable> renewals = new ArrayList<>();

  /** Come before all that advances. */
  private final List<Runnable> checks = new ArrayList<>();

  private int used;
  private long[] now = {};
  private long[] written = {};

  LiveTable(CudaBackend backend) {
    this.backend = backend;
  }

  /**
   * Room for {@code count} numbers that lie together.
   *
   * @param next their bits at the next replay
   * @return where the first one lies
   */
  long add(int count, Supplier<long[]> next) {
    if (count > CHUNK) {
      throw new IllegalArgumentException(
          "live: " + count + " numbers are more than " + CHUNK + " together");
    }
    if (used % CHUNK + count > CHUNK) {
      used = now.length;
    }
    int at = used;
    used += count;
    if (used > now.length) {
      // Written before the graph runs, so nothing in the graph may have written there earlier.
      chunks.add(backend.allocator().takeApart(CHUNK * Long.BYTES));
      now = Arrays.copyOf(now, now.length + CHUNK);
    }
    renewals.add(() -> System.arraycopy(next.get(), 0, now, at, count));
    return chunks.get(at / CHUNK).address() + at % CHUNK * (long) Long.BYTES;
  }

  /** What the step changes on the host, to be changed at each replay. */
  void add(Runnable change) {
    renewals.add(change);
  }

  /** What throws if a replay would be wrong. */
  void check(Runnable check) {
    checks.add(check);
  }

  /** Asks for all numbers anew, and queues writing those that are not what they were. */
  void renew() {
    checks.forEach(Runnable::run);
    renewals.forEach(Runnable::run);
    boolean first = written.length == 0;
    for (int i = 0; i < chunks.size(); i++) {
      int from = i * CHUNK;
      int to = Math.min(from + CHUNK, used);
      if (first || !Arrays.equals(now, from, to, written, from, to)) {
        MemorySegment changed = MemorySegment.ofArray(Arrays.copyOfRange(now, from, to));
        Words.write(backend.gpu(), changed, chunks.get(i).address());
      }
    }
    written = now.clone();
  }

  void close(Allocator allocator) {
    chunks.forEach(allocator::give);
    chunks.clear();
  }
}
