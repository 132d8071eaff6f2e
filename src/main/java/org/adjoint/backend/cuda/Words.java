package org.adjoint.backend.cuda;

import java.lang.foreign.MemorySegment;

/**
 * Small writes to the device, as arguments of a launch of {@code words.cu}: in the order of all
 * other work, and without waiting for it.
 */
final class Words {
  private static final int FEW = 64;
  private static final int MANY = 480;

  private Words() {}

  /** Whether as many bytes go at once. */
  static boolean fit(long bytes) {
    return bytes <= MANY * Long.BYTES;
  }

  /** Queues writing bytes that {@link #fit} to an address that is a multiple of 8. */
  static void write(Gpu gpu, MemorySegment bytes, long to) {
    long size = bytes.byteSize();
    if (size == 0) {
      return;
    }
    boolean few = size <= FEW * Long.BYTES;
    long[] words = new long[few ? FEW : MANY];
    MemorySegment.copy(bytes, 0, MemorySegment.ofArray(words), 0, size);
    gpu.call("words", few ? "words_few" : "words_many")
        .longs(words)
        .int32((int) size)
        .int64(to)
        .block(words.length)
        .run();
  }
}
