package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/** The ways to sum along axes, which {@code sum.cu} describes. */
public final class SumVariants {
  /** Threads of a block that sums a long row. */
  private static final int ROW_BLOCK = 256;

  /** The least that a row is cut into. */
  private static final int ROW_PART = 4096;

  /** The least that a column is cut into. */
  private static final int COLUMN_PART = 128;

  private static final int UNCUT = Integer.MAX_VALUE;

  /** Elements that a thread sums before another is asked to help. */
  private static final int A_THREAD = 32;

  private SumVariants() {}

  /** The variants of a sum along {@code axes}. */
  public static List<Variant> of(Collection<Integer> axes) {
    return List.of(
        Variant.of("passes", (gpu, in, out) -> passes(gpu, in[0], axes, out[0])),
        Variant.of("each", (gpu, in, out) -> each(gpu, in[0], axes, out[0])));
  }

  private static void each(Gpu gpu, Operand x, Collection<Integer> axes, Operand y) {
    Operand kept = x;
    Operand summed = x;
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      if (axes.contains(axis)) {
        kept = kept.slice(axis, 0);
      } else {
        summed = summed.slice(axis, 0);
      }
    }
    gpu.call("sum", "sum_each", x.dtype()).walk(kept).walk(summed).pointers(x, y).each(y.count());
  }

  /** Neighbouring axes that are all summed, or all kept. */
  private record Axis(long size, boolean isSummed) {}

  private static void passes(Gpu gpu, Operand x, Collection<Integer> axes, Operand y) {
    if (x.count() == 0) {
      gpu.zero(y);
      return;
    }
    int[] order = inMemory(x.layout(), axes);
    Layout ordered = x.layout().permute(order);
    Operand from = x;
    if (!ordered.isContiguous()) {
      from = gpu.contiguous(x);
      order = IntStream.range(0, order.length).toArray();
    }
    List<Axis> left = new ArrayList<>();
    for (int axis : order) {
      add(left, new Axis(x.shape().size(axis), axes.contains(axis)));
    }
    if (left.stream().noneMatch(Axis::isSummed)) {
      gpu.copy(x, y);
    }
    while (left.stream().anyMatch(Axis::isSummed)) {
      from = pass(gpu, from, left, y);
    }
  }

  /** The axes from the farthest strides to the nearest, if that leaves the kept ones in order. */
  private static int[] inMemory(Layout layout, Collection<Integer> axes) {
    List<Integer> plain = IntStream.range(0, layout.shape().rank()).boxed().toList();
    List<Integer> sorted =
        plain.stream()
            .filter(axis -> layout.shape().size(axis) != 1)
            .sorted(Comparator.comparing(layout::stride).reversed())
            .toList();
    List<Integer> kept = sorted.stream().filter(axis -> !axes.contains(axis)).toList();
    boolean inOrder = kept.equals(kept.stream().sorted().toList());
    List<Integer> all = new ArrayList<>(plain);
    all.removeAll(sorted);
    all.addAll(sorted);
    return (inOrder ? all : plain).stream().mapToInt(Integer::intValue).toArray();
  }

  private static void add(List<Axis> axes, Axis next) {
    if (next.size() == 1) {
      return;
    }
    if (!axes.isEmpty() && axes.getLast().isSummed() == next.isSummed()) {
      next = new Axis(axes.removeLast().size() * next.size(), next.isSummed());
    }
    axes.add(next);
  }

  /** Sums along the last of the axes that are to be summed, and takes it away. */
  private static Operand pass(Gpu gpu, Operand from, List<Axis> left, Operand y) {
    int at = left.size() - 1;
    while (!left.get(at).isSummed()) {
      at--;
    }
    long n = left.get(at).size();
    long inner = at + 1 < left.size() ? left.get(at + 1).size() : 1;
    List<Axis> rest = new ArrayList<>();
    long outer = 1;
    for (int i = 0; i < left.size(); i++) {
      if (i != at) {
        add(rest, left.get(i));
      }
      outer *= i < at ? left.get(i).size() : 1;
    }
    left.clear();
    left.addAll(rest);
    boolean isLast = rest.stream().noneMatch(Axis::isSummed);
    Operand to = isLast ? y : gpu.scratch(wide(y.dtype()), Shape.of(outer, inner));
    along(gpu, from, new Rows(outer, n, inner), to);
    return to;
  }

  /** Sums x [outer, n, inner], which lies in order, to y [outer, inner]. */
  static void along(Gpu gpu, Operand x, Rows rows, Operand y) {
    if (rows.inner() == 1) {
      alongRows(gpu, x, rows, ROW_PART, y);
    } else {
      alongColumns(gpu, x, rows, COLUMN_PART, y);
    }
  }

  private static void alongRows(Gpu gpu, Operand x, Rows rows, int leastPart, Operand y) {
    long part = Rows.part(rows.n(), rows.count(), leastPart);
    long parts = Math.ceilDiv(rows.n(), part);
    Operand to = parts == 1 ? y : gpu.scratch(wide(y.dtype()), Shape.of(rows.count(), parts));
    sumParts(gpu, x, rows.count(), rows.n(), part, to);
    if (parts > 1) {
      alongRows(gpu, to, new Rows(rows.count(), parts, 1), UNCUT, y);
    }
  }

  /** The sums of the parts, of {@code part} elements or fewer, of x [rows, n]. */
  static void sumParts(Gpu gpu, Operand x, long rows, long n, long part, Operand sums) {
    long parts = Math.ceilDiv(n, part);
    int group = Math.min(ROW_BLOCK, Rows.groupOfAny(part, x.dtype().bytes(), A_THREAD));
    Gpu.Call call =
        gpu.call("sum", "sum_rows_" + Gpu.suffix(x.dtype()), sums.dtype())
            .int64(rows)
            .int64(n)
            .int64(parts)
            .int64(part)
            .pointers(x, sums);
    Rows.groups(call, rows * parts, group).run();
  }

  private static void alongColumns(Gpu gpu, Operand x, Rows rows, int leastPart, Operand y) {
    int pack = Rows.pack(rows.inner(), x, y); // what lies between is aligned
    Rows packs = new Rows(rows.outer(), rows.n(), rows.inner() / pack);
    long part = Rows.part(rows.n(), packs.columnBlocks(), leastPart);
    long parts = Math.ceilDiv(rows.n(), part);
    Operand to =
        parts == 1 ? y : gpu.scratch(wide(y.dtype()), Shape.of(rows.outer(), parts, rows.inner()));
    Gpu.Call call =
        gpu.call(
                "sum",
                (pack == 1 ? "sum_columns_" : "sum_columns_wide_") + Gpu.suffix(x.dtype()),
                to.dtype())
            .int64(rows.outer())
            .int64(rows.n())
            .int64(rows.inner())
            .int64(parts)
            .int64(part)
            .pointers(x, to);
    new Rows(rows.outer() * parts, part, packs.inner()).columns(call).run();
    if (parts > 1) {
      alongColumns(gpu, to, new Rows(rows.outer(), parts, rows.inner()), UNCUT, y);
    }
  }

  /** What sums of a dtype are in before they are rounded to it. */
  static DType wide(DType dtype) {
    return switch (dtype) {
      case F32, BF16, F16 -> DType.F32;
      default -> DType.F64;
    };
  }
}
