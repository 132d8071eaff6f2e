package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * The ways to add elements to the places that an index names, which {@code scatter.cu} describes:
 * {@code held} for short lines along the last axis that have their own index, {@code lines} where
 * they are short, or have their own index and are many, else {@code sorted}, and {@code ordered}
 * for whatever is left, by the kernel of {@code lines}. Each place is summed by one thread, or by a
 * few in a fixed order, so the same bits come out each time.
 */
public final class ScatterVariants {
  private static final String FAMILY = "scatter";
  private static final String SORTED = "scatter_sorted";

  /** As many lines keep a device busy. */
  private static final long MANY_LINES = 1 << 15;

  /** Elements of a line, and its sums, that a warp goes through and holds; and sums of a block. */
  private static final long LONGEST_HELD = 1 << 12;

  private static final long HELD_BLOCK = 1 << 11;

  /** Along lines as short as this it is quicker to add than to sort. */
  private static final long SHORT_LINE = 64;

  /** The number of threads that chunks are cut for. */
  private static final long THREADS = 1 << 18;

  private static final int WARP = 32;

  private static final long MOST_ROWS_OF_BLOCKS = 65_535;

  /** Chunks of which a block joins what is torn, as in {@code scatter_sorted.cu}. */
  private static final long JOIN_CHUNKS = 8;

  private ScatterVariants() {}

  /** y[o, index[o, k, i], i] += x[o, k, i] of (x, index), k along {@code axis}. */
  public static List<Variant> scatterAdd(String op, int axis) {
    Variant.Launcher lines = (gpu, in, out) -> addLines(gpu, op, axis, in, out[0]);
    return List.of(
        new Variant(
            "held",
            "the last axis, up to 4,096 terms and places of a line",
            (in, out) -> isHeld(in[0], axis) && isHeld(out[0], axis) && in[0].count() > 0,
            (gpu, in, out) -> addHeld(gpu, op, axis, in, out[0])),
        new Variant(
            "lines",
            "up to 64 terms of a line, or 32,768 lines and more",
            (in, out) ->
                isShort(in[0], axis) || in[0].count() / in[0].shape().size(axis) >= MANY_LINES,
            lines),
        new Variant(
            "sorted",
            "fewer than 2³¹ terms",
            (in, out) -> isCounted(in[0]) && isCounted(out[0]),
            (gpu, in, out) -> {
              Operand index = gpu.contiguous(in[1]);
              long inner = index.shape().countAfter(axis);
              long slab = index.shape().size(axis) * inner;
              long size = out[0].shape().size(axis);
              long places = out[0].count();
              Operand keys = keys(gpu, op, index, slab, inner, size, places);
              addSorted(gpu, new Rows(index.count(), places, 1, 1), keys, in[0], out[0]);
            }),
        Variant.of("ordered", lines));
  }

  /** y[o, index[k], i] += x[o, k, i] of (x, index), k along {@code axis}. */
  public static List<Variant> selectAdd(String op, int axis) {
    Variant.Launcher lines = (gpu, in, out) -> addLines(gpu, op, axis, in, out[0]);
    return List.of(
        new Variant("lines", "up to 64 rows", (in, out) -> isShort(in[0], axis), lines),
        new Variant(
            "sorted",
            "fewer than 2³¹ terms",
            (in, out) -> isCounted(in[1]) && out[0].shape().size(axis) < Integer.MAX_VALUE,
            (gpu, in, out) -> {
              Operand index = gpu.contiguous(in[1]);
              long n = index.count();
              Shape shape = out[0].shape();
              long places = shape.size(axis);
              Operand keys = keys(gpu, op, index, n, 1, places, places);
              Rows rows = new Rows(n, places, shape.countBefore(axis), shape.countAfter(axis));
              addSorted(gpu, rows, keys, in[0], out[0]);
            }),
        Variant.of("ordered", lines));
  }

  private static boolean isShort(Operand x, int axis) {
    return x.shape().size(axis) <= SHORT_LINE;
  }

  /** Whether lines along the axis lie in order, and a warp can hold their sums. */
  private static boolean isHeld(Operand operand, int axis) {
    Shape shape = operand.shape();
    return shape.countAfter(axis) == 1 && shape.size(axis) <= LONGEST_HELD;
  }

  private static void addHeld(Gpu gpu, String op, int axis, Operand[] in, Operand y) {
    Operand x = gpu.contiguous(in[0]);
    Operand index = gpu.contiguous(in[1]);
    long count = x.shape().size(axis);
    long size = y.shape().size(axis);
    long lines = x.count() / count;
    long warps = Math.clamp(HELD_BLOCK / Math.max(1, size), 1, Gpu.BLOCK / WARP);
    gpu.call(FAMILY, "add_held_" + Gpu.suffix(index.dtype()), x.dtype())
        .int64(lines)
        .pointers(x, index, y)
        .int32((int) count)
        .int32((int) size)
        .guard(op)
        .grid(Math.min(Math.ceilDiv(lines, warps), Integer.MAX_VALUE))
        .block(WARP, (int) warps, 1)
        .shared(warps * size * Double.BYTES)
        .run();
  }

  private static boolean isCounted(Operand operand) {
    return operand.count() < Integer.MAX_VALUE;
  }

  /** What sums are kept in until the end. */
  private static DType wide(DType dtype) {
    return switch (dtype) {
      case F32, BF16, F16 -> DType.F32;
      default -> DType.F64;
    };
  }

  private static void addLines(Gpu gpu, String op, int axis, Operand[] in, Operand y) {
    Operand x = gpu.contiguous(in[0]);
    Operand index = gpu.contiguous(in[1]);
    boolean isLong = y.dtype().isFloating() && x.shape().size(axis) > SHORT_LINE;
    DType wide = isLong ? DType.F64 : wide(y.dtype());
    Operand sums = y.dtype() == wide ? y : gpu.scratch(wide, y.shape());
    gpu.zero(sums);
    long inner = x.shape().countAfter(axis);
    boolean shared = index.count() < x.count();
    String entry = isLong && x.dtype() != wide ? "add_long_lines_" : "add_lines_";
    gpu.call(FAMILY, entry + Gpu.suffix(index.dtype()), x.dtype())
        .int64(x.shape().countBefore(axis) * inner)
        .pointers(x, index, sums)
        .int64(x.shape().size(axis))
        .int64(y.shape().size(axis))
        .int64(inner)
        .int32(shared ? 1 : 0)
        .guard(op)
        .each(x.count() == 0 ? 0 : x.shape().countBefore(axis) * inner);
    if (sums != y) {
      gpu.call("copy", "cast_strided_" + Gpu.suffix(wide), y.dtype())
          .walk(sums, y)
          .pointers(sums, y)
          .each(y.count());
    }
  }

  /**
   * x as {@code outer} blocks of {@code count} rows of {@code width} elements, which are added to
   * {@code places} rows.
   */
  private record Rows(long count, long places, long outer, long width) {
    /** Elements that a thread sums side by side. */
    int pack(Operand x, Operand y) {
      DType dtype = x.dtype();
      int pack = dtype.isFloating() ? 16 / dtype.bytes() : 1;
      return width % pack == 0 && Gpu.isAligned(x) && Gpu.isAligned(y) ? pack : 1;
    }

    Chunks chunks(int pack) {
      long columns = outer * width / pack;
      long all = count + places;
      long shortest = Math.clamp(columns, WARP / 4, WARP);
      long length = Math.clamp(Math.ceilDiv(all * columns, THREADS), shortest, 2 * WARP);
      return new Chunks(columns, length, Math.ceilDiv(all, length));
    }
  }

  /** {@code count} chunks of {@code length} keys and places, whose rows have {@code columns}. */
  private record Chunks(long columns, long length, long count) {
    /** Threads that have a chunk: few where rows are short, else whole warps. */
    int lanes() {
      return columns < WARP
          ? Math.max(1, Integer.highestOneBit((int) columns * 2 - 1))
          : (int) Math.min(Math.ceilDiv(columns, WARP) * WARP, Gpu.BLOCK);
    }
  }

  /** The place of each index's elements in y, or {@code places} where it lies outside. */
  private static Operand keys(
      Gpu gpu, String op, Operand index, long slab, long inner, long size, long places) {
    Operand keys = gpu.scratch(DType.I32, Shape.of(index.count()));
    if (index.count() > 0) {
      gpu.call(SORTED, "add_places", index.dtype())
          .int32((int) index.count())
          .pointers(index, keys)
          .divider(slab)
          .divider(inner)
          .int64(size)
          .int32((int) places)
          .guard(op)
          .each(index.count());
    }
    return keys;
  }

  private static void addSorted(Gpu gpu, Rows rows, Operand keys, Operand in, Operand y) {
    if (in.count() == 0) {
      gpu.zero(y);
      return;
    }
    Operand x = gpu.contiguous(in);
    int bits = Long.SIZE - Long.numberOfLeadingZeros(rows.places);
    RadixSort.Result sorted = RadixSort.line(gpu, keys, bits);
    int pack = rows.pack(x, y);
    String width = pack == 1 ? "single" : "packed";
    Chunks chunks = rows.chunks(pack);
    long[] members = {
      rows.count, rows.places, rows.outer, rows.width / pack, chunks.length, chunks.count
    };
    Operand partials =
        gpu.scratch(wide(x.dtype()), Shape.of(chunks.count * 2 * pack * chunks.columns));
    Operand torn = gpu.scratch(DType.I64, Shape.of(chunks.count));
    int lanes = chunks.lanes();
    int perBlock = Math.max(1, Gpu.BLOCK / 2 / lanes);
    gpu.call(SORTED, "add_chunks_" + width, x.dtype())
        .longs(members)
        .pointers(sorted.keys(), sorted.from(), x, y, partials, torn)
        .grid(
            Math.ceilDiv(chunks.count, perBlock),
            Math.min(Math.ceilDiv(chunks.columns, lanes), MOST_ROWS_OF_BLOCKS),
            1)
        .block(lanes, perBlock, 1)
        .shared((perBlock + 1) * chunks.length * 2 * Integer.BYTES)
        .run();
    if (chunks.count > 1) {
      gpu.call(SORTED, "add_joins_" + width, x.dtype())
          .longs(members)
          .pointers(torn, y, partials)
          .grid(Math.ceilDiv(chunks.count, JOIN_CHUNKS))
          .block(Math.min(lanes, WARP), Gpu.BLOCK / Math.min(lanes, WARP), 1)
          .run();
    }
  }
}
