package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/** The ways to sort along an axis, which {@code sort.cu} describes. */
public final class SortVariants {
  private static final String FAMILY = "sort";

  /** Up to so many elements a warp sorts a line; it would not pay to give it a block. */
  private static final int WARP = 32;

  /** Each element is compared with each: longer lines would keep a GPU for seconds. */
  private static final long MOST_RANKED = 1 << 14;

  private SortVariants() {}

  /** (values, indices) of x, sorted along {@code axis}. */
  public static List<Variant> of(int axis, boolean descending) {
    int falling = descending ? 1 : 0;
    return List.of(
        new Variant(
            "warp",
            "up to 32 elements of a line",
            (in, out) -> out[0].shape().size(axis) <= WARP,
            (gpu, in, out) -> {
              Operand x = gpu.contiguous(in[0]);
              long n = x.shape().size(axis);
              long lines = x.count() / n;
              gpu.call(FAMILY, "sort_warp", x.dtype())
                  .int64(lines)
                  .pointers(x, out[0], out[1])
                  .int32((int) n)
                  .int64(x.shape().countAfter(axis))
                  .int32(falling)
                  .each(lines * WARP);
            }),
        new Variant(
            "block",
            "up to 4,096 elements of a line",
            (in, out) -> {
              long n = out[0].shape().size(axis);
              return n > WARP
                  && n <= RadixSort.BLOCK_KEYS
                  && out[0].count() / n <= Integer.MAX_VALUE;
            },
            (gpu, in, out) -> {
              Operand x = gpu.contiguous(in[0]);
              long n = x.shape().size(axis);
              gpu.call(FAMILY, "sort_block" + RadixSort.items(n), x.dtype())
                  .pointers(x, out[0], out[1])
                  .int32((int) n)
                  .int64(x.shape().countAfter(axis))
                  .int32(falling)
                  .grid(x.count() / n)
                  .block(Gpu.BLOCK)
                  .run();
            }),
        new Variant(
            "tiles",
            "more than 32 elements of a line",
            (in, out) -> {
              long n = out[0].shape().size(axis);
              return n > WARP && n <= Integer.MAX_VALUE;
            },
            (gpu, in, out) -> tiles(gpu, gpu.contiguous(in[0]), out, axis, falling)),
        new Variant(
            "rank",
            "up to 16,384 elements of a line",
            (in, out) -> out[0].shape().size(axis) <= MOST_RANKED,
            (gpu, in, out) -> {
              Operand x = gpu.contiguous(in[0]);
              gpu.call(FAMILY, "sort_rank", x.dtype())
                  .int64(x.count())
                  .pointers(x, out[0], out[1])
                  .int64(x.shape().size(axis))
                  .int64(x.shape().countAfter(axis))
                  .int32(falling)
                  .each(x.count());
            }));
  }

  private static void tiles(Gpu gpu, Operand x, Operand[] out, int axis, int falling) {
    long n = x.shape().size(axis);
    long inner = x.shape().countAfter(axis);
    DType key = x.dtype().bytes() == Long.BYTES ? DType.I64 : DType.I32;
    Operand keys = gpu.scratch(key, Shape.of(x.count()));
    gpu.call(FAMILY, "sort_keys", x.dtype())
        .int64(x.count())
        .pointers(x, keys)
        .int64(n)
        .int64(inner)
        .int32(falling)
        .each(x.count());
    RadixSort.Result sorted =
        RadixSort.lines(gpu, keys, x.count() / n, n, Byte.SIZE * x.dtype().bytes());
    gpu.call(FAMILY, "sort_result", x.dtype())
        .int64(x.count())
        .pointers(x, sorted.keys(), sorted.from(), out[0], out[1])
        .int64(n)
        .int64(inner)
        .int32(falling)
        .each(x.count());
  }
}
