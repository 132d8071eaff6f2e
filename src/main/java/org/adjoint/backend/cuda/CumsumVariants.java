package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/** The ways to find running sums along an axis, which {@code cumsum.cu} describes. */
public final class CumsumVariants {
  /** Threads of a block that has a long row. */
  private static final int ROW_BLOCK = 256;

  /** The least that a row is cut into. */
  private static final int ROW_PART = 4096;

  /** Elements that a thread takes before another is asked to help. */
  private static final int A_THREAD = 16;

  private CumsumVariants() {}

  /** The variants of a running sum. */
  public static List<Variant> of(int axis) {
    return List.of(
        Variant.of(
                "rows",
                (gpu, in, out) -> {
                  Rows rows = Rows.of(in[0].shape(), axis);
                  alongRows(gpu, gpu.contiguous(in[0]), rows.count(), rows.n(), out[0]);
                })
            .where("the last axis", (in, out) -> Rows.of(in[0].shape(), axis).inner() == 1),
        Variant.of(
            "each",
            (gpu, in, out) -> {
              Rows rows = Rows.of(in[0].shape(), axis);
              Operand x = gpu.contiguous(in[0]);
              gpu.call("cumsum", "cumsum_each", in[0].dtype())
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
  private static void alongRows(Gpu gpu, Operand x, long rows, long n, Operand y) {
    long part = Rows.part(n, rows, ROW_PART);
    long parts = Math.ceilDiv(n, part);
    @Nullable Operand begun = null;
    if (parts > 1) {
      DType wide = SumVariants.wide(x.dtype());
      Shape shape = Shape.of(rows, parts);
      Operand sums = gpu.scratch(wide, shape);
      SumVariants.sumParts(gpu, x, rows, n, part, sums);
      begun = gpu.scratch(wide, shape);
      goOn(gpu, sums, rows, parts, parts, null, begun);
    }
    goOn(gpu, x, rows, n, part, begun, y);
  }

  private static void goOn(
      Gpu gpu, Operand x, long rows, long n, long part, @Nullable Operand begun, Operand y) {
    long parts = Math.ceilDiv(n, part);
    int group = Math.min(ROW_BLOCK, Rows.groupOfAny(part, x.dtype().bytes(), A_THREAD));
    Gpu.Call call =
        gpu.call("cumsum", "cumsum_rows", x.dtype())
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
