package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/** The ways to find extremes and running sums along an axis, which {@code reduce.cu} describes. */
public final class ScanVariants {
  /** Threads of a block that has a long row. */
  private static final int ROW_BLOCK = 256;

  /** The least that a row is cut into. */
  private static final int ROW_PART = 4096;

  /** Elements that a thread takes before another is asked to help. */
  private static final int A_THREAD = 16;

  private ScanVariants() {}

  /**
   * The variants of an extreme, {@code max} or {@code min}, whose last output is the place, and the
   * one before, if there are two, the value.
   */
  public static List<Variant> extreme(String name, int axis) {
    return List.of(
        Variant.of(
                "rows",
                (gpu, in, out) -> {
                  Operand x = gpu.contiguous(in[0]);
                  extremeRows(gpu, name, x, null, Rows.of(x.shape(), axis).n(), out);
                })
            .where("the last axis", (in, out) -> Rows.of(in[0].shape(), axis).inner() == 1),
        Variant.of(
            "columns",
            (gpu, in, out) -> {
              Rows rows = Rows.of(in[0].shape(), axis);
              Operand x = gpu.contiguous(in[0]);
              Gpu.Call call =
                  gpu.call("reduce", name + "_columns", in[0].dtype())
                      .int64(rows.outer())
                      .int64(rows.n())
                      .int64(rows.inner())
                      .pointer(x);
              rows.columns(results(call, out)).run();
            }),
        Variant.of(
            "each",
            (gpu, in, out) -> {
              Rows rows = Rows.of(in[0].shape(), axis);
              Operand x = gpu.contiguous(in[0]);
              Gpu.Call call =
                  gpu.call("reduce", name + "_each", in[0].dtype())
                      .int64(rows.count())
                      .int64(rows.n())
                      .int64(rows.inner())
                      .pointer(x);
              results(call, out).each(rows.count());
            }));
  }

  private static Gpu.Call results(Gpu.Call call, Operand[] out) {
    return call.pointerOrNull(out.length == 1 ? null : out[0]).pointer(out[out.length - 1]);
  }

  private static void extremeRows(
      Gpu gpu, String name, Operand x, @Nullable Operand places, long n, Operand[] out) {
    long rows = x.count() / n;
    long part = places == null ? Rows.part(n, rows, ROW_PART) : n;
    long parts = Math.ceilDiv(n, part);
    Operand[] to = out;
    if (parts > 1) {
      Shape shape = Shape.of(rows, parts);
      to = new Operand[] {gpu.scratch(x.dtype(), shape), gpu.scratch(DType.I64, shape)};
    }
    int group = Math.min(ROW_BLOCK, Rows.group(part, 1, x.dtype().bytes(), A_THREAD));
    Gpu.Call call =
        gpu.call("reduce", name + "_rows", x.dtype())
            .int64(rows)
            .int64(n)
            .int64(parts)
            .int64(part)
            .pointer(x)
            .pointerOrNull(places);
    Rows.groups(results(call, to), rows * parts, group).run();
    if (parts > 1) {
      extremeRows(gpu, name, to[0], to[1], parts, out);
    }
  }

  /** The variants of a running sum. */
  public static List<Variant> cumsum(int axis) {
    return List.of(
        Variant.of(
                "rows",
                (gpu, in, out) -> {
                  Rows rows = Rows.of(in[0].shape(), axis);
                  cumsumRows(gpu, gpu.contiguous(in[0]), rows.count(), rows.n(), out[0]);
                })
            .where("the last axis", (in, out) -> Rows.of(in[0].shape(), axis).inner() == 1),
        Variant.of(
            "each",
            (gpu, in, out) -> {
              Rows rows = Rows.of(in[0].shape(), axis);
              Operand x = gpu.contiguous(in[0]);
              gpu.call("reduce", "cumsum_each", in[0].dtype())
                  .int64(rows.count())
                  .int64(rows.n())
                  .int64(rows.inner())
                  .pointers(x, out[0])
                  .each(rows.count());
            }));
  }

  /**
   * Each part of a row is summed up; the running sums of those are what its elements begin with.
   */
  private static void cumsumRows(Gpu gpu, Operand x, long rows, long n, Operand y) {
    long part = Rows.part(n, rows, ROW_PART);
    long parts = Math.ceilDiv(n, part);
    @Nullable Operand begun = null;
    if (parts > 1) {
      DType wide = SumVariants.wide(x.dtype());
      Shape shape = Shape.of(rows, parts);
      Operand sums = gpu.scratch(wide, shape);
      SumVariants.sumParts(gpu, x, rows, n, part, sums);
      begun = gpu.scratch(wide, shape);
      cumsumParts(gpu, sums, rows, parts, parts, null, begun);
    }
    cumsumParts(gpu, x, rows, n, part, begun, y);
  }

  private static void cumsumParts(
      Gpu gpu, Operand x, long rows, long n, long part, @Nullable Operand begun, Operand y) {
    long parts = Math.ceilDiv(n, part);
    int pack = Rows.pack(n, x, y);
    int group = Math.min(ROW_BLOCK, Rows.group(part, pack, x.dtype().bytes(), A_THREAD));
    Gpu.Call call =
        gpu.call("reduce", "cumsum_rows", x.dtype())
            .int64(rows)
            .int64(n)
            .int64(parts)
            .int64(part)
            .pointer(x)
            .pointerOrNull(begun)
            .pointer(y);
    Rows.groups(call, rows * parts, group).run();
  }
}
