package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/** The ways to take and write elements where an index says, which {@code index.cu} describes. */
public final class IndexVariants {
  private static final String FAMILY = "index";

  /** Elements that a thread of {@code index.cu} has in flight. */
  static final int FLIGHT = 4;

  private IndexVariants() {}

  /** y[o, k, i] = x[o, index[o, k, i], i] of (x, index), k along {@code axis}. */
  public static List<Variant> gather(String op, int axis) {
    return List.of(
        new Variant(
            "flat",
            "in order",
            (in, out) -> in[0].layout().isContiguous() && Units.isPlain(in[1]),
            (gpu, in, out) -> {
              Shape shape = out[0].shape();
              long inner = shape.countAfter(axis);
              long n = shape.count();
              gpu.call(FAMILY, "take_flat_" + out[0].dtype().bytes(), in[1].dtype())
                  .int32((int) n)
                  .pointers(in[1], in[0], out[0])
                  .divider(shape.size(axis) * inner)
                  .divider(inner)
                  .int64(in[0].shape().size(axis))
                  .guard(op)
                  .grid(Math.ceilDiv(n, FLIGHT * Gpu.BLOCK))
                  .block(Gpu.BLOCK)
                  .run();
            }),
        Variant.of(
            "strided",
            (gpu, in, out) -> takeStrided(gpu, op, axis, in[0], gpu.contiguous(in[1]), out[0])));
  }

  /** y[o, k, i] = x[o, index[k], i] of (x, index), k along {@code axis}. */
  public static List<Variant> select(String op, int axis) {
    return List.of(
        new Variant(
            "rows",
            "in order",
            (in, out) -> in[0].layout().isContiguous() && Units.isPlain(out[0]),
            (gpu, in, out) -> {
              Operand index = gpu.contiguous(in[1]);
              long bytes = out[0].shape().countAfter(axis) * out[0].dtype().bytes();
              int unit = Units.of(bytes, in[0], out[0]);
              long n = out[0].count() * out[0].dtype().bytes() / unit;
              gpu.call(FAMILY, "take_rows_" + unit, index.dtype())
                  .int32((int) n)
                  .pointers(index, in[0], out[0])
                  .divider(index.count() * (bytes / unit))
                  .divider(bytes / unit)
                  .int64(in[0].shape().size(axis))
                  .guard(op)
                  .grid(Math.ceilDiv(n, FLIGHT * Gpu.BLOCK))
                  .block(Gpu.BLOCK)
                  .run();
            }),
        Variant.of(
            "strided",
            (gpu, in, out) -> {
              Operand index = gpu.contiguous(in[1]);
              Shape shape = out[0].shape();
              long[] sizes = new long[shape.rank()];
              Arrays.fill(sizes, 1);
              sizes[shape.axis(op, axis)] = index.count();
              // What lies in order needs no copy to be seen in another shape.
              Layout along = Objects.requireNonNull(index.layout().reshape(Shape.of(sizes)));
              Operand repeated = new Operand(index.storage(), along.expand(shape));
              takeStrided(gpu, op, axis, in[0], repeated, out[0]);
            }));
  }

  private static void takeStrided(
      Gpu gpu, String op, int axis, Operand x, Operand index, Operand y) {
    int at = x.shape().axis(op, axis);
    Operand firsts = firsts(x, at, y.shape());
    gpu.call(FAMILY, "take_strided_" + y.dtype().bytes(), index.dtype())
        .walk(index, firsts, y)
        .pointers(index, firsts, y)
        .int64(x.shape().size(at))
        .int64(x.layout().stride(at))
        .guard(op)
        .each(y.count());
  }

  /** The first elements along an axis, repeated to {@code shape}: an index leads on from there. */
  private static Operand firsts(Operand x, int axis, Shape shape) {
    return new Operand(x.storage(), x.layout().slice(axis, 0, 1, 1).expand(shape));
  }

  /** y = x, but y[o, index[o, k, i], i] = s[o, k, i], of (x, index, s), k along {@code axis}. */
  public static List<Variant> scatter(String op, int axis) {
    return List.of(
        Variant.of(
            "strided",
            (gpu, in, out) -> {
              Operand y = out[0];
              Operand index = gpu.contiguous(in[1]);
              gpu.copy(in[0], y);
              if (index.count() == 0) {
                return;
              }
              int at = y.shape().axis(op, axis);
              Operand written =
                  gpu.scratch(DType.I32, Shape.of(Math.ceilDiv(y.count(), Integer.SIZE)));
              gpu.zero(written);
              Operand firsts = firsts(y, at, index.shape());
              gpu.call(FAMILY, "put_strided_" + y.dtype().bytes(), index.dtype())
                  .walk(index, in[2], firsts)
                  .pointers(index, in[2], firsts, written)
                  .int64(y.shape().size(at))
                  .int64(y.shape().countAfter(at))
                  .int64(index.shape().size(at))
                  .guard(op)
                  .each(index.count());
            }));
  }
}
