package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/** The ways to bring rows to mean 0 and variance 1, which {@code norm.cu} describes. */
public final class NormVariants {
  private static final int WARP = 32;

  /** The least rows that a block sums up for dw and db. */
  private static final int PART = 128;

  /** The most threads that have a row of a gradient, which takes many registers. */
  private static final int GRADIENT_BLOCK = 256;

  /** Threads that are to go from row to row at a time, on the largest GPU. */
  private static final long THREADS = 1 << 16;

  private NormVariants() {}

  /** The variants of the forward, of x, w and b. */
  public static List<Variant> forward(double eps) {
    return List.of(
        Variant.of("held", (gpu, in, out) -> held(gpu, eps, in, out[0]))
            .where((in, out) -> n(in[0]) <= Rows.held(in[0], Rows.MOST)),
        Variant.of(
            "reread",
            (gpu, in, out) ->
                forward(gpu, "row_norm_reread", eps, in, out[0])
                    .grid(rows(in[0]))
                    .block(Rows.MOST)
                    .run()),
        Variant.of(
            "naive",
            (gpu, in, out) -> forward(gpu, "row_norm_naive", eps, in, out[0]).each(rows(in[0]))));
  }

  private static void held(Gpu gpu, double eps, Operand[] in, Operand y) {
    Gpu.Call call = forward(gpu, "row_norm_held", eps, in, y);
    Rows.groups(call, rows(in[0]), group(in[0], in[0], in[1], in[2], y)).run();
  }

  private static Gpu.Call forward(Gpu gpu, String entry, double eps, Operand[] in, Operand y) {
    Operand x = gpu.contiguous(in[0]);
    Operand w = gpu.contiguous(in[1]);
    Operand b = gpu.contiguous(in[2]);
    return gpu.call("norm", entry, x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, b, y);
  }

  /** The variants of the gradient, of x, w and dy; it gives dx, dw and db. */
  public static List<Variant> gradient(double eps) {
    return List.of(
        gradient("held", eps, NormVariants::heldGradient)
            .where((in, out) -> n(in[0]) <= Rows.held(in[0], GRADIENT_BLOCK)),
        gradient("reread", eps, NormVariants::rereadGradient),
        gradient("naive", eps, NormVariants::naiveGradient));
  }

  private interface Gradient {
    /** Queues the launches for x, w and dy, which lie in order, and are not empty. */
    void run(Gpu gpu, double eps, Operand x, Operand w, Operand dy, Operand[] out);
  }

  private static Variant gradient(String name, double eps, Gradient gradient) {
    return Variant.of(
        name,
        (gpu, in, out) -> {
          if (in[0].count() == 0) {
            gpu.zero(out[1]);
            gpu.zero(out[2]);
            return;
          }
          Operand x = gpu.contiguous(in[0]);
          gradient.run(gpu, eps, x, gpu.contiguous(in[1]), gpu.contiguous(in[2]), out);
        });
  }

  private static void heldGradient(
      Gpu gpu, double eps, Operand x, Operand w, Operand dy, Operand[] out) {
    int group = group(x, x, w, dy, out[0]);
    int threads = Rows.threads(group);
    long blocks = Math.min(Math.ceilDiv(rows(x) * group, threads), THREADS / threads);
    Operand parts = gpu.scratch(SumVariants.wide(x.dtype()), Shape.of(blocks, 2, n(x)));
    gpu.call("norm", "row_norm_grad_held", x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, dy, out[0], parts)
        .grid(blocks)
        .block(group, threads / group, 1)
        .run();
    addUp(gpu, parts, out);
  }

  private static void rereadGradient(
      Gpu gpu, double eps, Operand x, Operand w, Operand dy, Operand[] out) {
    DType wide = SumVariants.wide(x.dtype());
    Operand moments = gpu.scratch(wide, Shape.of(rows(x), 4)); // the last is padding
    gpu.call("norm", "row_norm_grad_reread", x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, dy, out[0], moments)
        .grid(rows(x))
        .block(Rows.MOST)
        .run();
    Rows columns = new Rows(1, rows(x), n(x));
    long part = Rows.part(rows(x), columns.columnBlocks(), PART);
    long count = Math.ceilDiv(rows(x), part);
    Operand parts = gpu.scratch(wide, Shape.of(count, 2, n(x)));
    Gpu.Call call =
        gpu.call("norm", "row_norm_grad_weights", x.dtype())
            .int64(rows(x))
            .int64(n(x))
            .int64(part)
            .pointers(x, dy, moments, parts);
    new Rows(count, part, n(x)).columns(call).run();
    addUp(gpu, parts, out);
  }

  private static void addUp(Gpu gpu, Operand parts, Operand[] out) {
    gpu.call("norm", "row_norm_grad_sums", out[1].dtype())
        .int64(parts.shape().size(0))
        .int64(out[1].count())
        .pointers(parts, out[1], out[2])
        .grid(Math.ceilDiv(2 * out[1].count(), WARP))
        .block(WARP, WARP, 1)
        .run();
  }

  private static void naiveGradient(
      Gpu gpu, double eps, Operand x, Operand w, Operand dy, Operand[] out) {
    Operand moments = gpu.scratch(DType.F64, Shape.of(rows(x), 2));
    gpu.call("norm", "row_norm_grad_naive", x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, dy, out[0], moments)
        .each(rows(x));
    gpu.call("norm", "row_norm_grad_naive_weights", x.dtype())
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, dy, moments, out[1], out[2])
        .each(n(x));
  }

  private static int group(Operand x, Operand... operands) {
    int pack = Rows.pack(n(x), operands);
    return Rows.group(n(x), pack, x.dtype().bytes(), Rows.held(x, 1));
  }

  private static long n(Operand x) {
    return x.shape().size(-1);
  }

  private static long rows(Operand x) {
    return x.count() / Math.max(1, n(x));
  }
}
