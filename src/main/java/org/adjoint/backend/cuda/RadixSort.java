package org.adjoint.backend.cuda;

import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/** Puts unsigned keys in rising order, equals in the order they came in: the launches of it. */
final class RadixSort {
  /** Keys that one block sorts, or counts and moves, as in {@code radix.cu}. */
  static final int BLOCK_KEYS = 4096;

  private static final int TILE = 2048;
  private static final int FEW_TILES = 32;
  private static final int DIGITS = 256;
  private static final int DIGIT_BITS = 8;

  private RadixSort() {}

  /** Keys in order, and the position that each had within its line. */
  record Result(Operand keys, Operand from) {}

  /** How many keys each thread has of a line of {@code n} that one block sorts. */
  static int items(long n) {
    return n <= DIGITS ? 1 : n <= 4 * DIGITS ? 4 : 16;
  }

  /**
   * Sorts one line of I32 keys, unsigned, by their lower {@code bits}; a single launch if short.
   */
  static Result line(Gpu gpu, Operand keys, int bits) {
    long n = keys.count();
    if (n > BLOCK_KEYS) {
      return lines(gpu, keys, 1, n, bits);
    }
    Operand sorted = gpu.scratch(DType.I32, Shape.of(n));
    Operand from = gpu.scratch(DType.I32, Shape.of(n));
    gpu.call("radix", "radix_block" + items(n))
        .pointers(keys, sorted, from)
        .int32((int) n)
        .int32(bits)
        .grid(1)
        .block(DIGITS)
        .run();
    return new Result(sorted, from);
  }

  /** Sorts each of {@code lines} lines of {@code n} keys, I32 or I64, which are overwritten. */
  static Result lines(Gpu gpu, Operand keys, long lines, long n, int bits) {
    String size = keys.dtype() == DType.I64 ? "64" : "32";
    long tiles = Math.ceilDiv(n, TILE);
    Operand counts = gpu.scratch(DType.I32, Shape.of(lines * DIGITS * tiles));
    Operand totals = gpu.scratch(DType.I32, Shape.of(lines * DIGITS));
    Operand spare = gpu.scratch(keys.dtype(), keys.shape());
    Operand from = gpu.scratch(DType.I32, keys.shape());
    Operand spareFrom = gpu.scratch(DType.I32, keys.shape());
    for (int shift = 0; shift < bits; shift += DIGIT_BITS) {
      gpu.call("radix", "radix_count_" + size)
          .pointers(keys, counts)
          .int64(n)
          .int64(tiles)
          .int32(shift)
          .grid(lines * tiles)
          .block(DIGITS)
          .run();
      boolean few = tiles <= FEW_TILES;
      gpu.call("radix", few ? "radix_scan_few_32" : "radix_scan_32")
          .pointers(counts, totals)
          .int64(tiles)
          .grid(few ? lines : lines * DIGITS)
          .block(DIGITS)
          .run();
      Gpu.Call move = gpu.call("radix", "radix_move_" + size).pointer(keys);
      (shift == 0 ? move.int64(0) : move.pointer(from))
          .pointers(spare, spareFrom, counts, totals)
          .int64(n)
          .int64(tiles)
          .int32(shift)
          .grid(lines * tiles)
          .block(DIGITS)
          .run();
      Operand moved = spare;
      spare = keys;
      keys = moved;
      Operand movedFrom = spareFrom;
      spareFrom = from;
      from = movedFrom;
    }
    return new Result(keys, from);
  }
}
