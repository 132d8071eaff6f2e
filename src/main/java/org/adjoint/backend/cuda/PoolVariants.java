package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/** The ladder of {@code pool.cu}, which describes its steps. */
public final class PoolVariants {
  private static final int WARP = 32;

  private PoolVariants() {}

  /** The windows of a pooling of x [N, C, I…] to y [N, C, O…], given I… and O…. */
  @FunctionalInterface
  public interface Windows {
    /** The windows between planes of these sizes. */
    Window of(Shape input, Shape output);

    private Window between(Operand x, Operand y) {
      return of(x.shape().slice(2, x.shape().rank()), y.shape().slice(2, y.shape().rank()));
    }
  }

  /** y and its places from x. */
  public static List<Variant> max(Windows windows) {
    List<Variant> variants = new ArrayList<>(adaptiveMax(windows));
    variants.addFirst(
        new Variant(
            "pairs",
            (in, out) -> isPairs(in[0], in[0], out[0], windows),
            (gpu, in, out) ->
                pairs(gpu, "max_pool", in[0], out[0], packed(gpu, in), out)
                    .each(packs(in[0], out[0]))));
    return variants;
  }

  /** The same where windows are even, and so never pairs. */
  public static List<Variant> adaptiveMax(Windows windows) {
    return List.of(
        new Variant(
            "whole",
            (in, out) -> isWhole(in[0], out[0], windows),
            (gpu, in, out) -> whole(gpu, "max_pool", packed(gpu, in), out)),
        new Variant(
            "plane",
            (in, out) -> isPlane(in[0], out[0], windows),
            (gpu, in, out) -> {
              Operand[] from = packed(gpu, in);
              gpu.call("pool", "max_pool_plane", in[0].dtype())
                  .longs(windows.between(in[0], out[0]).asPlane().members())
                  .int32((int) out[0].count())
                  .pointers(from)
                  .pointers(out)
                  .each(out[0].count());
            }),
        Variant.of(
            "naive",
            (gpu, in, out) -> {
              Operand[] from = packed(gpu, in);
              gpu.call("pool", "max_pool_naive", in[0].dtype())
                  .longs(windows.between(in[0], out[0]).members())
                  .int64(out[0].count())
                  .pointers(from)
                  .pointers(out)
                  .each(out[0].count());
            }));
  }

  /** dx from dy and the places; messages about those are {@code op}'s. */
  public static List<Variant> maxGrad(String op, Windows windows) {
    String name = "max_pool_input_grad";
    return List.of(
        new Variant(
            "pairs",
            (in, out) -> isAligned(in[1]) && isPairs(in[0], out[0], in[0], windows),
            (gpu, in, out) -> {
              Gpu.Call call = pairs(gpu, name, out[0], in[0], packed(gpu, in), out);
              call.guard(op).each(packs(out[0], in[0]));
            }),
        new Variant(
            "plane",
            (in, out) -> isPlane(out[0], in[0], windows),
            (gpu, in, out) -> {
              Operand[] from = packed(gpu, in);
              gpu.call("pool", name + "_plane", in[0].dtype())
                  .longs(windows.between(out[0], in[0]).asPlane().members())
                  .int32((int) out[0].count())
                  .pointers(from)
                  .pointers(out)
                  .guard(op)
                  .each(out[0].count());
            }),
        Variant.of(
            "naive",
            (gpu, in, out) -> {
              Operand[] from = packed(gpu, in);
              gpu.call("pool", name + "_naive", in[0].dtype())
                  .longs(windows.between(out[0], in[0]).members())
                  .int64(out[0].count())
                  .pointers(from)
                  .pointers(out)
                  .guard(op)
                  .each(out[0].count());
            }));
  }

  /** y from x; {@code countPadding} says whether padding counts in the mean. */
  public static List<Variant> avg(Windows windows, boolean countPadding) {
    return List.of(
        new Variant(
            "pairs",
            (in, out) -> isPairs(in[0], in[0], out[0], windows),
            (gpu, in, out) ->
                pairs(gpu, "avg_pool", in[0], out[0], packed(gpu, in), out)
                    .each(packs(in[0], out[0]))),
        new Variant(
            "whole",
            (in, out) -> isWhole(in[0], out[0], windows),
            (gpu, in, out) -> whole(gpu, "avg_pool", packed(gpu, in), out)),
        new Variant(
            "plane",
            (in, out) -> isPlane(in[0], out[0], windows),
            (gpu, in, out) ->
                plane(gpu, "avg_pool", windows.between(in[0], out[0]), countPadding, in, out)),
        Variant.of(
            "naive",
            (gpu, in, out) ->
                naive(gpu, "avg_pool", windows.between(in[0], out[0]), countPadding, in, out)));
  }

  /** dx from dy. */
  public static List<Variant> avgGrad(Windows windows, boolean countPadding) {
    String name = "avg_pool_input_grad";
    return List.of(
        new Variant(
            "pairs",
            (in, out) -> isPairs(in[0], out[0], in[0], windows),
            (gpu, in, out) ->
                pairs(gpu, name, out[0], in[0], packed(gpu, in), out).each(packs(out[0], in[0]))),
        new Variant(
            "plane",
            (in, out) -> isPlane(out[0], in[0], windows),
            (gpu, in, out) ->
                plane(gpu, name, windows.between(out[0], in[0]), countPadding, in, out)),
        Variant.of(
            "naive",
            (gpu, in, out) ->
                naive(gpu, name, windows.between(out[0], in[0]), countPadding, in, out)));
  }

  private static void plane(
      Gpu gpu, String name, Window window, boolean countPadding, Operand[] in, Operand[] out) {
    Operand from = gpu.contiguous(in[0]);
    gpu.call("pool", name + "_plane", from.dtype())
        .longs(window.asPlane().members())
        .int32(countPadding ? 1 : 0)
        .int32((int) out[0].count())
        .pointers(from, out[0])
        .each(out[0].count());
  }

  private static void naive(
      Gpu gpu, String name, Window window, boolean countPadding, Operand[] in, Operand[] out) {
    Operand from = gpu.contiguous(in[0]);
    gpu.call("pool", name + "_naive", from.dtype())
        .longs(window.members())
        .int32(countPadding ? 1 : 0)
        .int64(out[0].count())
        .pointers(from, out[0])
        .each(out[0].count());
  }

  /** A thread takes 16 bytes of two rows of x, of which y is pooled. */
  private static Gpu.Call pairs(
      Gpu gpu, String name, Operand x, Operand y, Operand[] from, Operand[] out) {
    return gpu.call("pool", name + "_pairs", x.dtype())
        .int32((int) x.shape().size(2))
        .int32((int) x.shape().size(3))
        .int32((int) packs(x, y))
        .pointers(from)
        .pointers(out);
  }

  private static long packs(Operand x, Operand y) {
    return y.count() * x.dtype().bytes() / 8;
  }

  private static void whole(Gpu gpu, String name, Operand[] from, Operand[] out) {
    Operand x = from[0];
    long planes = x.shape().slice(0, 2).count();
    int perBlock = Gpu.BLOCK / WARP;
    gpu.call("pool", name + "_whole", x.dtype())
        .int32((int) (x.count() / planes))
        .int64(planes)
        .pointers(from)
        .pointers(out)
        .grid(Math.min(Math.ceilDiv(planes, perBlock), Integer.MAX_VALUE))
        .block(WARP, perBlock, 1)
        .run();
  }

  /** Whether y sees two rows and two columns of x each, and whole packs of 16 bytes do. */
  private static boolean isPairs(Operand from, Operand x, Operand y, Windows windows) {
    Window window = windows.between(x, y);
    return window.axes() == 2
        && window.isSideBySide()
        && window.kernel().equals(Shape.of(2, 2))
        && window.input().size(1) % (16 / x.dtype().bytes()) == 0
        && isSmall(x, y)
        && isAligned(from);
  }

  private static boolean isWhole(Operand x, Operand y, Windows windows) {
    Window window = windows.between(x, y);
    return window.isWhole() && isFast(x.dtype()) && window.input().count() <= Integer.MAX_VALUE;
  }

  private static boolean isPlane(Operand x, Operand y, Windows windows) {
    return windows.between(x, y).axes() <= 2 && isSmall(x, y);
  }

  /** Whether 32 bits count the elements, with padding and a step of a grid besides. */
  private static boolean isSmall(Operand x, Operand y) {
    return isFast(x.dtype()) && Math.max(x.count(), y.count()) <= 1 << 30;
  }

  private static boolean isFast(DType dtype) {
    return dtype == DType.F32 || dtype == DType.BF16;
  }

  /** Whether accesses of 16 bytes are possible, if need be of a copy. */
  private static boolean isAligned(Operand operand) {
    return !operand.layout().isContiguous() || Gpu.isAligned(operand);
  }

  private static Operand[] packed(Gpu gpu, Operand[] operands) {
    return Arrays.stream(operands).map(gpu::contiguous).toArray(Operand[]::new);
  }
}
