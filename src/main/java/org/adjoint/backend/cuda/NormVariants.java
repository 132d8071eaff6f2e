package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * The ways to bring rows to mean 0 and variance 1, or to mean square 1, which {@code norm.cu},
 * {@code norm_grad.cu} and {@code norm_weights.cu} describe.
 *
 * @param entry how the names of the kernels begin: {@code row_norm}, {@code row_rms}
 */
public record NormVariants(String entry, double eps) {
  private static final String HELD = "rows of up to 8,192 elements, or 4,096 of F64";
  private static final String GRADIENT = "norm_grad";
  private static final String WEIGHTS = "norm_weights";
  private static final int WARP = 32;

  /** The least rows that a block sums up for dw and db. */
  private static final int PART = 128;

  /** Threads of a block that has several rows at a time. */
  private static final int BLOCK = 256;

  /** Blocks that go from row to row on each multiprocessor. */
  private static final int RESIDENT = 4;

  /** Rows beside which w and b, which a block reads once, are little. */
  private static final int ENOUGH = 24;

  /** The same of a gradient, beside w and what the block adds to dw and db. */
  private static final int ENOUGH_OF_GRADIENT = 40;

  /** What memory is moved by, in bytes. */
  private static final int SECTOR = 32;

  /** The most elements of an access of a gradient; {@code FEW} of {@code norm_grad.cu}. */
  private static final int FEW = 4;

  /** Threads that are to go from row to row at a time, on the largest GPU. */
  private static final long THREADS = 1 << 16;

  /** The variants of the forward, of x, w and, if rows are centred, b. */
  public List<Variant> forward() {
    return List.of(
        Variant.of("held", (gpu, in, out) -> held(gpu, in, out[0]))
            .where(HELD, (in, out) -> n(in[0]) <= Rows.held(in[0], Rows.MOST)),
        Variant.of(
            "reread",
            (gpu, in, out) ->
                forward(gpu, "_reread", in, out[0])
                    .grid(rows(in[0]))
                    .block(Rows.threadsOfOne(n(in[0])))
                    .run()),
        Variant.of(
            "naive", (gpu, in, out) -> forward(gpu, "_naive", in, out[0]).each(rows(in[0]))));
  }

  private void held(Gpu gpu, Operand[] in, Operand y) {
    Gpu.Call call = forward(gpu, "_held", in, y);
    Operand[] all = Arrays.copyOf(in, in.length + 1);
    all[in.length] = y;
    int group = group(in[0], Rows.pack(n(in[0]), all));
    int together = Math.max(1, BLOCK / group);
    long most = (long) RESIDENT * gpu.multiprocessors();
    call.grid(Rows.sharing(rows(in[0]), together, ENOUGH, most)).block(group, together, 1).run();
  }

  private Gpu.Call forward(Gpu gpu, String variant, Operand[] in, Operand y) {
    Operand x = gpu.contiguous(in[0]);
    Operand w = gpu.contiguous(in[1]);
    Operand b = in.length > 2 ? gpu.contiguous(in[2]) : null;
    return gpu.call("norm", entry + variant, x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w)
        .pointerOrNull(b)
        .pointer(y);
  }

  /** The variants of the gradient, of x, w and dy; it gives dx, dw and, if asked, db. */
  public List<Variant> gradient() {
    return List.of(
        gradient("held", this::heldGradient)
            .where(HELD, (in, out) -> n(in[0]) <= Rows.held(in[0], Rows.MOST)),
        gradient("reread", this::rereadGradient),
        gradient("naive", this::naiveGradient));
  }

  private interface Gradient {
    /** Queues the launches for x, w and dy, which lie in order, and are not empty. */
    void run(Gpu gpu, Operand x, Operand w, Operand dy, Operand... out);
  }

  private static Variant gradient(String name, Gradient gradient) {
    return Variant.of(
        name,
        (gpu, in, out) -> {
          if (in[0].count() == 0) {
            for (int i = 1; i < out.length; i++) {
              gpu.zero(out[i]);
            }
            return;
          }
          Operand x = gpu.contiguous(in[0]);
          gradient.run(gpu, x, gpu.contiguous(in[1]), gpu.contiguous(in[2]), out);
        });
  }

  private void heldGradient(Gpu gpu, Operand x, Operand w, Operand dy, Operand... out) {
    int pack = Rows.pack(n(x), x, w, dy, out[0]);
    int group = group(x, Math.min(FEW, pack));
    int together = Math.max(1, BLOCK / group);
    long most = THREADS / (together * group);
    long blocks = Rows.sharing(rows(x), together, ENOUGH_OF_GRADIENT, most);
    // As many of each way that rows of odd length begin in a sector.
    int ways = SECTOR / x.dtype().bytes();
    blocks = pack == 1 && blocks > ways ? blocks / ways * ways : blocks;
    Operand parts = parts(gpu, blocks, out);
    gpu.call(GRADIENT, entry + "_grad_held", x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, dy, out[0], parts)
        .grid(blocks)
        .block(group, together, 1)
        .run();
    addUp(gpu, parts, out);
  }

  private void rereadGradient(Gpu gpu, Operand x, Operand w, Operand dy, Operand... out) {
    // The last is padding.
    Operand moments = gpu.scratch(SumVariants.wide(x.dtype()), Shape.of(rows(x), 4));
    gpu.call(GRADIENT, entry + "_grad_reread", x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, dy, out[0], moments)
        .grid(rows(x))
        .block(Rows.threadsOfOne(n(x)))
        .run();
    Rows columns = new Rows(1, rows(x), n(x));
    long part = Rows.part(rows(x), columns.columnBlocks(), PART);
    long count = Math.ceilDiv(rows(x), part);
    Operand parts = parts(gpu, count, out);
    Gpu.Call call =
        gpu.call(WEIGHTS, "norm_weights_columns", x.dtype())
            .int64(rows(x))
            .int64(n(x))
            .int64(part)
            .pointers(x, dy, moments)
            .int64(sums(out) * n(x))
            .pointer(parts);
    new Rows(count, part, n(x)).columns(call).run();
    addUp(gpu, parts, out);
  }

  /** How many sums over the rows are asked for: dw, or dw and db. */
  private static int sums(Operand... out) {
    return out.length - 1;
  }

  private static @Nullable Operand shift(Operand... out) {
    return out.length > 2 ? out[2] : null;
  }

  /** Room for what {@code count} blocks add to these sums. */
  private static Operand parts(Gpu gpu, long count, Operand... out) {
    DType wide = SumVariants.wide(out[1].dtype());
    return gpu.scratch(wide, Shape.of(count, sums(out), out[1].count()));
  }

  private static void addUp(Gpu gpu, Operand parts, Operand... out) {
    gpu.call(WEIGHTS, "norm_weights_sums", out[1].dtype())
        .int64(parts.shape().size(0))
        .int32(sums(out))
        .int64(out[1].count())
        .pointers(parts, out[1])
        .pointerOrNull(shift(out))
        .grid(Math.ceilDiv(sums(out) * out[1].count(), WARP))
        .block(WARP, WARP, 1)
        .run();
  }

  private void naiveGradient(Gpu gpu, Operand x, Operand w, Operand dy, Operand... out) {
    Operand moments = gpu.scratch(DType.F64, Shape.of(rows(x), 2));
    gpu.call(GRADIENT, entry + "_grad_naive", x.dtype())
        .float64(eps)
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, w, dy, out[0], moments)
        .each(rows(x));
    gpu.call(WEIGHTS, "norm_weights_naive", x.dtype())
        .int64(rows(x))
        .int64(n(x))
        .pointers(x, dy, moments, out[1])
        .pointerOrNull(shift(out))
        .each(n(x));
  }

  private static int group(Operand x, int pack) {
    return Rows.group(n(x), pack, x.dtype().bytes(), Rows.held(x, 1));
  }

  private static long n(Operand x) {
    return x.shape().size(-1);
  }

  private static long rows(Operand x) {
    return x.count() / Math.max(1, n(x));
  }
}
