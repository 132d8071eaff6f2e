package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.Operand;

/**
 * Adding to chosen places along an axis, in F32. Internal to the backends.
 *
 * <p>Lines along the axis have nothing to do with each other, so they are shared out among threads;
 * within a line, additions happen in order. So the bits do not depend on the number of threads.
 */
public final class ScatterKernels {
  // Lines are cut so that a thread gets about this many additions.
  private static final int GRAIN = 1 << 14;

  private final float[] x;
  private final long[] index;
  private final float[] y;
  private final int xAt;
  private final int indexAt;
  private final int yAt;
  private final int count;
  private final int size;
  private final int inner;

  private ScatterKernels(Operand x, Operand index, Operand y, int axis) {
    this.x = CpuStorage.floats(x);
    this.index = CpuStorage.longs(index);
    this.y = CpuStorage.floats(y);
    xAt = CpuStorage.at(x);
    indexAt = CpuStorage.at(index);
    yAt = CpuStorage.at(y);
    count = (int) x.shape().size(axis);
    size = (int) y.shape().size(axis);
    inner = (int) x.shape().countAfter(axis);
  }

  /**
   * y = 0, then y[o, index[o, k, i], i] += x[o, k, i], k along {@code axis}, all contiguous.
   *
   * @param op the name to complain in
   * @throws IndexOutOfBoundsException if an index lies outside y, naming the first such
   */
  public static void add(String op, Operand x, Operand index, Operand y, int axis) {
    ScatterKernels kernel = new ScatterKernels(x, index, y, axis);
    kernel.requireInRange(op, (int) index.count());
    int inner = kernel.inner;
    long lines = x.shape().countBefore(axis) * inner;
    Parallel.forRange(
        lines,
        Math.max(1, GRAIN / Math.max(1, kernel.count + kernel.size)),
        (from, to) -> {
          // A stretch of lines, cut where the axes before the axis advance.
          for (long line = from; line < to; ) {
            int first = (int) (line % inner);
            int n = (int) Math.min(inner - first, to - line);
            kernel.addLines((int) (line / inner), first, n);
            line += n;
          }
        });
  }

  private void requireInRange(String op, int n) {
    long outside = 0; // its sign says whether any index is
    for (int i = indexAt; i < indexAt + n; i++) {
      outside |= index[i] | (size - 1 - index[i]);
    }
    for (int i = 0; outside < 0 && i < n; i++) {
      long chosen = index[indexAt + i];
      if (chosen < 0 || chosen >= size) {
        throw new IndexOutOfBoundsException(
            op + ": index " + chosen + " at element " + i + " lies outside 0 to " + (size - 1));
      }
    }
  }

  /** The {@code n} lines from {@code first} on of block {@code o}: neighbours in memory. */
  private void addLines(int o, int first, int n) {
    int to = yAt + o * size * inner + first;
    // Whole blocks are one stretch of memory, parts of one lie inner elements apart.
    int stretch = n == inner ? size * inner : n;
    for (int at = to; at < to + size * inner; at += Math.max(inner, stretch)) {
      Arrays.fill(y, at, at + stretch, 0);
    }
    int from = o * count * inner + first;
    if (inner == 1) {
      for (int k = from; k < from + count; k++) {
        y[to + (int) index[indexAt + k]] += x[xAt + k];
      }
      return;
    }
    for (int k = 0; k < count; k++, from += inner) {
      for (int i = 0; i < n; i++) {
        y[to + (int) index[indexAt + from + i] * inner + i] += x[xAt + from + i];
      }
    }
  }
}
