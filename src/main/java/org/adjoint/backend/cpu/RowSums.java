package org.adjoint.backend.cpu;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * Sums along some axes, of F32 and F64, with a double per result. Internal to the backends.
 *
 * <p>A view is laid out a block at a time, so an expanded one takes no room. F64 is added up one
 * element after the other, as the reference does; a stretch of F32 that goes to one result is
 * summed as {@link Simd#sum} does, and stretches are added in order. Threads share out the
 * stretches, or else the results, so the order does not depend on their number.
 */
public final class RowSums {
  /** Elements that are worth a thread's while. */
  private static final int GRAIN = 1 << 15;

  private final Operand x;
  private final boolean contiguous;
  private final List<Integer> axes;
  private final long[] strides;
  private final double[] sums;
  private final int split;
  private final long row;
  private final long rows;

  private RowSums(Operand x, List<Integer> axes, Operand y) {
    this.x = x;
    contiguous = x.layout().isContiguous();
    this.axes = axes;
    strides = y.shape().strides();
    sums = new double[Math.toIntExact(y.count())];
    // The innermost axes that are all summed, or all not, make a row.
    int rank = x.shape().rank();
    int first = rank - 1;
    while (first > 0 && axes.contains(first - 1) == isSummed()) {
      first--;
    }
    split = first;
    row = x.shape().slice(split, rank).count();
    rows = row == 0 ? 0 : x.shape().count() / row;
  }

  private boolean isSummed() {
    return axes.contains(x.shape().rank() - 1);
  }

  /** Sums {@code x} along {@code axes}, at least one, into {@code y}, where they have size 1. */
  public static void sum(Operand x, List<Integer> axes, Operand y) {
    RowSums all = new RowSums(x, axes, y);
    if (x.dtype() == DType.F64) {
      all.addWide();
    } else if (all.isSummed()) {
      all.addTotals();
    } else {
      all.addColumns();
    }
    ((CpuStorage) y.storage()).store(all.sums, 0, all.sums.length, y.layout().offset());
  }

  /** The result, or the first of the results, that row {@code r} goes to. */
  private int target(long r) {
    if (sums.length == (isSummed() ? 1 : row)) {
      return 0; // all rows go to the same results
    }
    int to = 0;
    long rest = r;
    for (int axis = split - 1; axis >= 0; axis--) {
      long size = x.shape().size(axis);
      to += axes.contains(axis) ? 0 : (int) (rest % size * strides[axis]);
      rest /= size;
    }
    return to;
  }

  private void addWide() {
    CpuStorage storage = (CpuStorage) x.storage();
    double[] wide = new double[Simd.BLOCK];
    int step = isSummed() ? 0 : 1;
    for (long r = 0; r < rows; r++) {
      int to = target(r);
      for (long from = 0; from < row; from += Simd.BLOCK) {
        int n = (int) Math.min(Simd.BLOCK, row - from);
        x.layout()
            .forEachRun(
                r * row + from,
                n,
                (at, stride, i, length) -> storage.load(at, stride, length, wide, i));
        for (int i = 0; i < n; i++) {
          sums[to + step * ((int) from + i)] += wide[i];
        }
      }
    }
  }

  /** Each row is a stretch of one result; a long one is cut into blocks. */
  private void addTotals() {
    int blocks = Math.toIntExact(Math.ceilDiv(row, Simd.BLOCK));
    double[] totals = new double[Math.toIntExact(rows * blocks)];
    Parallel.forRange(
        totals.length,
        Math.max(1, GRAIN / Math.clamp(row, 1, Simd.BLOCK)),
        (first, end) -> {
          float[] packed = contiguous ? null : new float[(int) Math.min(row, Simd.BLOCK)];
          for (int t = (int) first; t < end; t++) {
            long from = (long) (t % blocks) * Simd.BLOCK;
            int n = (int) Math.min(Simd.BLOCK, row - from);
            totals[t] = total(t / blocks * row + from, n, packed);
          }
        });
    for (int r = 0, t = 0; r < rows; r++) {
      double total = 0;
      for (int block = 0; block < blocks; block++) {
        total += totals[t++];
      }
      sums[target(r)] += total;
    }
  }

  private double total(long start, int n, float @Nullable [] packed) {
    if (packed == null) {
      return Simd.best().sum(CpuStorage.floats(x), CpuStorage.at(x) + (int) start, n);
    }
    CpuBackend.pack(x, start, n, packed);
    return Simd.best().sum(packed, 0, n);
  }

  /** Each row is added to a row of results; threads have columns of their own. */
  private void addColumns() {
    float[] array = CpuStorage.floats(x);
    int offset = CpuStorage.at(x);
    Parallel.forRange(
        row,
        Math.clamp(Math.max(GRAIN / Math.max(1, rows), row / Parallel.threads()), 64, Simd.BLOCK),
        (from, to) -> {
          int n = (int) (to - from);
          float[] packed = new float[contiguous ? 0 : n];
          for (long r = 0; r < rows; r++) {
            long start = r * row + from;
            int target = target(r) + (int) from;
            if (contiguous) {
              add(array, offset + (int) start, n, target);
            } else {
              CpuBackend.pack(x, start, n, packed);
              add(packed, 0, n, target);
            }
          }
        });
  }

  private void add(float[] a, int at, int n, int to) {
    double[] results = sums;
    for (int i = 0; i < n; i++) {
      results[to + i] += a[at + i];
    }
  }
}
