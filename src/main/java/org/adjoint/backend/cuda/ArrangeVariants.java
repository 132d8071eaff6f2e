package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/** The ways to join, to part and to embed, which {@code arrange.cu} describes. */
public final class ArrangeVariants {
  private static final String FAMILY = "arrange";

  /** Parts that one launch moves: the struct {@code Parts}. */
  static final int MOST_PARTS = 64;

  private static final long COUNTED = 1L << 31;

  private ArrangeVariants() {}

  /** y = the inputs, one after the other along {@code axis}. */
  public static List<Variant> join(int axis) {
    return List.of(
        new Variant(
            "units",
            "in order",
            (in, out) -> arePlain(in) && Units.isPlain(out[0]),
            (gpu, in, out) -> moveParts(gpu, "join_", in, out[0], axis)),
        Variant.of(
            "copies",
            (gpu, in, out) -> {
              Operand[] places = places(out[0], in, axis);
              for (int i = 0; i < in.length; i++) {
                gpu.copy(in[i], places[i]);
              }
            }));
  }

  /** The outputs = the parts of x, one after the other along {@code axis}. */
  public static List<Variant> part(int axis) {
    return List.of(
        new Variant(
            "units",
            "in order",
            (in, out) -> Units.isPlain(in[0]),
            (gpu, in, out) -> moveParts(gpu, "part_", out, in[0], axis)),
        Variant.of(
            "copies",
            (gpu, in, out) -> {
              Operand[] places = places(in[0], out, axis);
              for (int i = 0; i < out.length; i++) {
                gpu.copy(places[i], out[i]);
              }
            }));
  }

  private static boolean arePlain(Operand[] operands) {
    return Arrays.stream(operands).allMatch(Units::isPlain);
  }

  /** Where each part lies in the whole. */
  private static Operand[] places(Operand whole, Operand[] parts, int axis) {
    int at = whole.shape().axis("parts", axis);
    Operand[] places = new Operand[parts.length];
    long start = 0;
    for (int i = 0; i < parts.length; i++) {
      long size = parts[i].shape().size(at);
      places[i] = new Operand(whole.storage(), whole.layout().slice(at, start, size, 1));
      start += size;
    }
    return places;
  }

  /** Moves all parts, some of them at a time. */
  private static void moveParts(Gpu gpu, String entry, Operand[] parts, Operand whole, int axis) {
    long inner = whole.shape().countAfter(axis) * whole.dtype().bytes();
    long bytes = inner * whole.shape().size(axis);
    for (Operand part : parts) {
      bytes |= inner * part.shape().size(axis);
    }
    Operand[] all = Arrays.copyOf(parts, parts.length + 1);
    all[parts.length] = whole;
    int unit = Units.of(bytes, all);
    long row = inner * whole.shape().size(axis) / unit;
    long before = 0;
    for (int from = 0; from < parts.length; from += MOST_PARTS) {
      int count = Math.min(MOST_PARTS, parts.length - from);
      // struct Parts: count, the addresses, and where each begins in a row, with the end of the
      // last.
      long[] members = new long[1 + MOST_PARTS + MOST_PARTS + 1];
      members[0] = count;
      long start = 0;
      for (int i = 0; i < count; i++) {
        members[1 + i] = CudaStorage.address(parts[from + i]);
        members[1 + MOST_PARTS + i] = start;
        start += inner * parts[from + i].shape().size(axis) / unit;
      }
      members[1 + MOST_PARTS + count] = start;
      long n = whole.shape().countBefore(axis) * start;
      if (n > 0) {
        gpu.call(FAMILY, entry + unit)
            .longs(members)
            .int32((int) n)
            .divider(start)
            .pointer(whole)
            .int64(row)
            .int64(before)
            .grid(Math.ceilDiv(n, IndexVariants.FLIGHT * Gpu.BLOCK))
            .block(Gpu.BLOCK)
            .run();
      }
      before += start;
    }
  }

  /**
   * y = zeros, but x at start, start + step, … along {@code axis}.
   *
   * @param start of the slice that x takes, and {@code step} from one to the next
   */
  public static List<Variant> embed(int axis, long start, long step) {
    return List.of(
        new Variant(
            "units",
            "in order",
            (in, out) -> Units.isPlain(in[0]) && Units.isPlain(out[0]) && Math.abs(step) < COUNTED,
            (gpu, in, out) -> embed(gpu, in[0], out[0], axis, start, step)),
        Variant.of(
            "copies",
            (gpu, in, out) -> {
              int at = out[0].shape().axis("slice.embed", axis);
              long count = in[0].shape().size(at);
              Layout place = out[0].layout().slice(at, start, count, step);
              gpu.zero(out[0]);
              gpu.copy(in[0], new Operand(out[0].storage(), place));
            }));
  }

  private static void embed(Gpu gpu, Operand x, Operand y, int axis, long start, long step) {
    Shape shape = y.shape();
    long inner = shape.countAfter(axis) * y.dtype().bytes();
    long count = x.shape().size(axis);
    // Neighbours along the axis are one stretch, which may be cut elsewhere than between them.
    boolean whole = step == 1 || count <= 1;
    long bytes = whole ? inner * shape.size(axis) | inner * start | inner * count : inner;
    int unit = Units.of(bytes, x, y);
    long cell = whole ? 1 : inner / unit;
    long row = inner * shape.size(axis) / unit;
    long n = shape.countBefore(axis) * row;
    gpu.call(FAMILY, "embed_" + unit)
        .int32((int) n)
        .pointers(x, y)
        .divider(row)
        .divider(cell)
        .divider(whole ? 1 : Math.abs(step))
        .int64(whole ? inner * start / unit : start)
        .int64(whole ? inner * count / unit : count)
        .int32(whole || step > 0 ? 1 : -1)
        .grid(Math.ceilDiv(n, IndexVariants.FLIGHT * Gpu.BLOCK))
        .block(Gpu.BLOCK)
        .run();
  }
}
