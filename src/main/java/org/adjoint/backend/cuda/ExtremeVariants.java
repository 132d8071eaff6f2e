package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/** The ways to find the largest or smallest along an axis, which {@code extreme.cu} describes. */
public final class ExtremeVariants {
  /** Threads of a block that has a long row. */
  private static final int ROW_BLOCK = 256;

  /** The least that a row is cut into. */
  private static final int ROW_PART = 4096;

  /** Elements that a thread takes before another is asked to help. */
  private static final int A_THREAD = 32;

  private ExtremeVariants() {}

  /**
   * The variants of an extreme, {@code max} or {@code min}, whose last output is the place, and the
   * one before, if there are two, the value.
   */
  public static List<Variant> of(String name, int axis) {
    return List.of(
        Variant.of(
                "rows",
                (gpu, in, out) -> {
                  Operand x = gpu.contiguous(in[0]);
                  alongRows(gpu, name, x, null, Rows.of(x.shape(), axis).n(), out);
                })
            .where("the last axis", (in, out) -> Rows.of(in[0].shape(), axis).inner() == 1),
        Variant.of(
            "columns",
            (gpu, in, out) -> {
              Rows rows = Rows.of(in[0].shape(), axis);
              Operand x = gpu.contiguous(in[0]);
              Gpu.Call call =
                  gpu.call("extreme", name + "_columns", in[0].dtype())
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
                  gpu.call("extreme", name + "_each", in[0].dtype())
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

  private static void alongRows(
      Gpu gpu, String name, Operand x, @Nullable Operand places, long n, Operand[] out) {
    long rows = x.count() / n;
    long part = places == null ? Rows.part(n, rows, ROW_PART) : n;
    long parts = Math.ceilDiv(n, part);
    Operand[] to = out;
    if (parts > 1) {
      Shape shape = Shape.of(rows, parts);
      to = new Operand[] {gpu.scratch(x.dtype(), shape), gpu.scratch(DType.I64, shape)};
    }
    int group = Math.min(ROW_BLOCK, Rows.groupOfAny(part, x.dtype().bytes(), A_THREAD));
    Gpu.Call call =
        gpu.call("extreme", name + "_rows", x.dtype())
            .int64(rows)
            .int64(n)
            .int64(parts)
            .int64(part)
            .pointer(x)
            .pointerOrNull(places);
    Rows.groups(results(call, to), rows * parts, group).run();
    if (parts > 1) {
      alongRows(gpu, name, to[0], to[1], parts, out);
    }
  }
}
