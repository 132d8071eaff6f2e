package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.Operand;

/** Adding to chosen places, in F32. Internal to the backends. */
public final class ScatterKernels {
  // Rows are cut so that a thread gets about this many additions.
  private static final int GRAIN = 1 << 14;

  private ScatterKernels() {}

  /**
   * y = 0, then y[r, index[r, k]] += x[r, k] for each of {@code rows} rows, all contiguous.
   *
   * @param op the name to complain in
   * @throws IndexOutOfBoundsException if an index lies outside a row of y
   */
  public static void addRows(String op, Operand x, Operand index, Operand y, int rows) {
    if (rows == 0) {
      return;
    }
    float[] from = CpuStorage.floats(x);
    long[] where = CpuStorage.longs(index);
    float[] to = CpuStorage.floats(y);
    int count = (int) (x.count() / rows);
    int size = (int) (y.count() / rows);
    int xAt = (int) x.layout().offset();
    int indexAt = (int) index.layout().offset();
    int yAt = (int) y.layout().offset();
    Parallel.forRange(
        rows,
        Math.max(1, GRAIN / Math.max(1, count + size)),
        (first, end) -> {
          Arrays.fill(to, yAt + (int) first * size, yAt + (int) end * size, 0);
          for (int r = (int) first; r < end; r++) {
            for (int k = r * count; k < (r + 1) * count; k++) {
              long chosen = where[indexAt + k];
              if (chosen < 0 || chosen >= size) {
                throw new IndexOutOfBoundsException(
                    op
                        + ": index "
                        + chosen
                        + " at element "
                        + k
                        + " lies outside 0 to "
                        + (size - 1));
              }
              to[yAt + r * size + (int) chosen] += from[xAt + k];
            }
          }
        });
  }
}
