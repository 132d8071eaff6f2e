package org.adjoint.backend.cpu;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * Sums along some axes, of F32 and F64, with a double per result. Internal to the backends.
 *
 * <p>A view is laid out a block at a time, so an expanded one takes no room. F64 is added up one
 * element after the other, as the reference does; a stretch of F32 that goes to one result is
 * summed as {@link Simd#sum} does, and stretches are added in order.
 */
public final class RowSums {
  private final Operand x;
  private final CpuStorage storage;
  private final double[] sums;
  private final double[] wide;
  private final float[] narrow;

  private RowSums(Operand x, int results) {
    this.x = x;
    storage = (CpuStorage) x.storage();
    sums = new double[results];
    boolean single = x.dtype() == DType.F32;
    wide = new double[single ? 0 : Simd.BLOCK];
    narrow = new float[single ? Simd.BLOCK : 0];
  }

  /** Sums {@code x} along {@code axes} into {@code y}, where those axes have size 1. */
  public static void sum(Operand x, List<Integer> axes, Operand y) {
    RowSums rows = new RowSums(x, Math.toIntExact(y.count()));
    rows.addAll(axes, y.shape().strides());
    ((CpuStorage) y.storage()).store(rows.sums, 0, rows.sums.length, y.layout().offset());
  }

  private void addAll(List<Integer> axes, long[] strides) {
    Shape shape = x.shape();
    // The innermost axes that are all summed, or all not, make a row.
    int rank = shape.rank();
    boolean summed = axes.contains(rank - 1);
    int split = rank - 1;
    while (split > 0 && axes.contains(split - 1) == summed) {
      split--;
    }
    long row = shape.slice(split, rank).count();
    long rows = row == 0 ? 0 : shape.count() / row;
    for (long r = 0; r < rows; r++) {
      int to = 0;
      long rest = r;
      for (int axis = split - 1; axis >= 0; axis--) {
        long size = shape.size(axis);
        to += axes.contains(axis) ? 0 : (int) (rest % size * strides[axis]);
        rest /= size;
      }
      addRow(r * row, row, to, summed);
    }
  }

  /** Adds {@code n} elements from {@code start} to one sum, or each to one of its own. */
  private void addRow(long start, long n, int to, boolean summed) {
    double total = 0;
    for (long i = 0; i < n; i += Simd.BLOCK) {
      int length = (int) Math.min(Simd.BLOCK, n - i);
      if (x.dtype() == DType.F64) {
        addWide(start + i, length, summed ? to : to + (int) i, summed ? 0 : 1);
      } else if (summed) {
        total += sumNarrow(start + i, length);
      } else {
        addNarrow(start + i, length, to + (int) i);
      }
    }
    sums[to] += total;
  }

  private void addWide(long start, int n, int to, int step) {
    x.layout()
        .forEachRun(start, n, (at, stride, i, length) -> storage.load(at, stride, length, wide, i));
    for (int i = 0; i < n; i++) {
      sums[to + i * step] += wide[i];
    }
  }

  private double sumNarrow(long start, int n) {
    if (x.layout().isContiguous()) {
      return Simd.best().sum(CpuStorage.floats(x), (int) (x.layout().offset() + start), n);
    }
    CpuBackend.pack(x, start, n, narrow);
    return Simd.best().sum(narrow, 0, n);
  }

  private void addNarrow(long start, int n, int to) {
    CpuBackend.pack(x, start, n, narrow);
    for (int i = 0; i < n; i++) {
      sums[to + i] += narrow[i];
    }
  }
}
