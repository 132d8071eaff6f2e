package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.adjoint.backend.Operand;

/**
 * The ways to run softmax and its kin, which {@code softmax.cu}, {@code softmax_rows.cu} and {@code
 * softmax_grad.cu} describe.
 */
public final class SoftmaxVariants {
  private static final int WARP = 32;

  /** Those of {@code softmax_rows.cu}. */
  private static final Set<String> OF_ROWS = Set.of("online", "shared", "held");

  private SoftmaxVariants() {}

  /** The variants of a function of one operand, or of one and a mask. */
  public static List<Variant> forward(String name, int axis) {
    return of(name, "online", axis, kept(name, "shared", axis, 1));
  }

  /** The variants of a function that has one result a row: it needs no row twice. */
  public static List<Variant> ofRows(String name, int axis) {
    return of(name, "online", axis);
  }

  /** The variants of softmax's gradient, a function of its result and of dy. */
  public static List<Variant> gradient(int axis) {
    String name = "softmax_grad";
    return of(name, "reread", axis, kept(name, "shared", axis, 2), kept(name, "half", axis, 1));
  }

  /** The variants of the gradient of its logarithm: of dy alone a row is needed twice. */
  public static List<Variant> gradientOfLogarithm(int axis) {
    String name = "log_softmax_grad";
    return of(name, "reread", axis, kept(name, "shared", axis, 1));
  }

  /** One block a row, which keeps the row of so many operands in shared memory. */
  private static Variant kept(String name, String variant, int axis, int operands) {
    String what = operands == 1 ? "a row fits" : operands + " rows fit";
    return new Variant(
        variant,
        "the last axis, where " + what + " a block's shared memory",
        (in, _) ->
            rows(in, axis).inner() == 1 && operands * keptBytes(in[0], axis) <= shared(in[0]),
        (gpu, in, out) ->
            ofLongRow(call(gpu, name, variant, axis, in, out), in, axis)
                .shared(operands * keptBytes(in[0], axis))
                .run());
  }

  private static Gpu.Call ofLongRow(Gpu.Call call, Operand[] in, int axis) {
    Rows rows = rows(in, axis);
    return call.grid(rows.count()).block(Rows.threadsOfOne(rows.n()));
  }

  private static List<Variant> of(String name, String ofLongRows, int axis, Variant... kept) {
    List<Variant> all = new ArrayList<>();
    all.add(
        new Variant(
            "warp",
            "the last axis, up to 512 elements, or 256 of F64",
            (in, out) -> isHeld(in[0], axis, WARP),
            (gpu, in, out) -> held(gpu, name, axis, in, out)));
    all.add(
        new Variant(
            "block",
            "the last axis, up to 8,192 elements, or 4,096 of F64",
            (in, out) -> isHeld(in[0], axis, Rows.MOST),
            (gpu, in, out) -> held(gpu, name, axis, in, out)));
    all.addAll(List.of(kept));
    all.add(
        new Variant(
            ofLongRows,
            "the last axis",
            (in, out) -> rows(in, axis).inner() == 1,
            (gpu, in, out) ->
                ofLongRow(call(gpu, name, ofLongRows, axis, in, out), in, axis).run()));
    all.add(
        new Variant(
            "strip",
            "another axis, of as many elements as its threads hold: 128 or more of F32",
            (in, _) -> rows(in, axis).isStrip(in[0]),
            (gpu, in, out) ->
                rows(in, axis).columns(call(gpu, name, "strip", axis, in, out)).run()));
    all.add(
        Variant.of(
            "columns",
            (gpu, in, out) ->
                rows(in, axis).columns(call(gpu, name, "columns", axis, in, out)).run()));
    all.add(
        Variant.of(
            "naive",
            (gpu, in, out) ->
                call(gpu, name, "naive", axis, in, out).each(rows(in, axis).count())));
    return all;
  }

  private static Rows rows(Operand[] in, int axis) {
    return Rows.of(in[0].shape(), axis);
  }

  /** Bytes of a row, which begins as far into 16 bytes as it does in memory. */
  private static long keptBytes(Operand x, int axis) {
    return (Rows.of(x.shape(), axis).n() * x.dtype().bytes() / 16 + 2) * 16;
  }

  /** What a block may have, less a little that the merging of a row takes. */
  private static long shared(Operand x) {
    return CudaBackend.of(x.storage().device()).sharedPerBlock() - 1024;
  }

  private static boolean isHeld(Operand x, int axis, int threads) {
    Rows rows = Rows.of(x.shape(), axis);
    return rows.inner() == 1 && rows.n() <= Rows.held(x, threads);
  }

  private static void held(Gpu gpu, String name, int axis, Operand[] in, Operand[] out) {
    Rows rows = rows(in, axis);
    Gpu.Call call = call(gpu, name, "held", axis, in, out);
    int group = Rows.groupOfAny(rows.n(), in[0].dtype().bytes(), Rows.held(in[0], 1));
    Rows.groups(call, rows.count(), group).run();
  }

  /** Begins a launch; a mask is an operand of a dtype of its own, and may lie anyhow. */
  private static Gpu.Call call(
      Gpu gpu, String name, String way, int axis, Operand[] in, Operand[] out) {
    Rows rows = rows(in, axis);
    String entry = name + "_" + way;
    String file = OF_ROWS.contains(way) ? "softmax_rows" : "softmax";
    if (in.length == 2 && in[1].dtype() != in[0].dtype()) {
      Operand x = gpu.contiguous(in[0]);
      int at = in[1].shape().axis(entry, axis);
      return gpu.call(file, entry, x.dtype())
          .walk(in[1].slice(at, 0))
          .int64(in[1].layout().stride(at))
          .int64(rows.n())
          .int64(rows.inner())
          .pointers(in[1], x, out[0]);
    }
    Operand[] packed = Arrays.stream(in).map(gpu::contiguous).toArray(Operand[]::new);
    return gpu.call(in.length == 2 ? "softmax_grad" : file, entry, in[0].dtype())
        .int64(rows.count())
        .int64(rows.n())
        .int64(rows.inner())
        .pointers(packed)
        .pointer(out[0]);
  }
}
