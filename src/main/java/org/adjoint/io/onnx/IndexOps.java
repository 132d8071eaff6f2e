package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Gather;
import org.adjoint.op.NonZero;
import org.adjoint.op.Sort;
import org.adjoint.op.TopK;
import org.adjoint.op.Where;

/** Elements by their places. */
final class IndexOps {
  private IndexOps() {}

  static void register(Operators table) {
    table.one("Gather", 0, 2, "axis", IndexOps::gather);
    table.one("GatherElements", 11, 2, "axis", IndexOps::gatherElements);
    table.one("GatherND", 11, 2, "", IndexOps::gatherTuples);
    table.one("GatherND", 12, 2, "batch_dims", IndexOps::gatherTuples);
    table.one("OneHot", 9, 3, "axis", IndexOps::oneHot);
    table.many("TopK", 10, 2, "axis", IndexOps::topK);
    table.many("TopK", 11, 2, "axis largest sorted", IndexOps::topK);
    table.one("NonZero", 9, 1, "", IndexOps::nonZero);
    table.one("Compress", 9, 2, "axis", IndexOps::compress);
    table.one("ReverseSequence", 10, 2, "batch_axis time_axis", IndexOps::reverseSequence);
    table.one("CumSum", 11, 2, "exclusive reverse", IndexOps::cumSum);
  }

  /** Indices counted from the front: negative ones count from the end of {@code size} cells. */
  static Tensor fromFront(Call c, Tensor index, long size) {
    c.needs(index.dtype().isIndex(), "indices are " + index.dtype());
    long[] all = index.toLongs();
    c.needs(
        Arrays.stream(all).allMatch(i -> i >= -size && i < size),
        "an index lies outside a size of " + size);
    return Tensor.of(index.shape(), Arrays.stream(all).map(i -> i < 0 ? i + size : i).toArray());
  }

  private static Tensor gather(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(c.integer("axis", 0), x.rank());
    Tensor index = fromFront(c, c.in(1), x.size(axis));
    Shape shape = x.shape().slice(0, axis).concat(index.shape());
    shape = shape.concat(x.shape().slice(axis + 1, x.rank()));
    return x.indexSelect(axis, index.flatten(0)).reshape(shape.toArray());
  }

  private static Tensor gatherElements(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(c.integer("axis", 0), x.rank());
    Tensor index = fromFront(c, c.in(1), x.size(axis));
    for (int i = 0; i < x.rank(); i++) {
      // ONNX lets the index be shorter than x; what it does not reach is cut off.
      c.needs(i == axis || index.size(i) <= x.size(i), "an index of " + index.shape());
      x = i == axis ? x : x.slice(i, 0, index.size(i));
    }
    return new Gather(axis).apply(x, index);
  }

  /** Each last line of the index is a place in x, or of a slice of it; batches keep to theirs. */
  private static Tensor gatherTuples(Call c) {
    Tensor x = c.in(0);
    Shape shape = c.in(1).shape();
    int batches = Math.toIntExact(c.integer("batch_dims", 0));
    c.needs(
        batches >= 0
            && batches < Math.min(shape.rank(), x.rank())
            && shape.slice(0, batches).equals(x.shape().slice(0, batches)),
        "%d batch_dims of %s and %s".formatted(batches, x.shape(), shape));
    Rows rows = Rows.of(c, batches);
    Shape result = shape.slice(0, shape.rank() - 1).concat(rows.each);
    return x.reshape(rows.count, rows.each.count())
        .indexSelect(0, rows.index)
        .reshape(result.toArray());
  }

  /**
   * Input 0 as rows, and which of them the lines of input 1 mean.
   *
   * @param each the shape of a row
   */
  record Rows(Tensor index, long count, Shape each) {
    static Rows of(Call c, int batches) {
      Shape x = c.in(0).shape();
      Shape shape = c.in(1).shape();
      c.needs(shape.rank() > 0, "the index is a scalar");
      int depth = (int) shape.size(-1);
      c.needs(depth >= 1 && depth <= x.rank() - batches, "places of " + depth + " numbers in " + x);
      long[] index = c.longs(1);
      long[] flat = new long[index.length / depth];
      long perBatch = shape.slice(batches, shape.rank() - 1).count();
      for (int i = 0; i < flat.length; i++) {
        flat[i] = i / perBatch;
        for (int k = 0; k < depth; k++) {
          long size = x.size(batches + k);
          long at = index[i * depth + k];
          c.needs(at >= -size && at < size, "index " + at + " lies outside a size of " + size);
          flat[i] = flat[i] * size + (at < 0 ? at + size : at);
        }
      }
      int front = batches + depth;
      return new Rows(Tensor.of(flat), x.slice(0, front).count(), x.slice(front, x.rank()));
    }
  }

  /** What the condition holds for, along an axis or of all elements in a row. */
  private static Tensor compress(Call c) {
    Tensor x = c.says("axis") ? c.in(0) : c.in(0).flatten(0);
    int axis = c.says("axis") ? c.axis(c.integer("axis", 0), x.rank()) : 0;
    Tensor condition = c.in(1);
    c.needs(
        condition.rank() == 1 && condition.size(0) <= x.size(axis),
        "a condition of " + condition.shape() + " for axis " + axis + " of " + x.shape());
    return x.indexSelect(axis, NonZero.places(condition));
  }

  /** The first elements of each sequence, as many as it has, the other way round. */
  private static Tensor reverseSequence(Call c) {
    Tensor x = c.in(0);
    int time = c.axis(c.integer("time_axis", 0), x.rank());
    int batch = c.axis(c.integer("batch_axis", 1), x.rank());
    long[] lengths = c.longs(1);
    c.needs(time != batch && lengths.length == x.size(batch), "lengths for " + x.shape());
    int n = Math.toIntExact(x.size(time));
    long[] from = new long[lengths.length * n];
    for (int i = 0; i < from.length; i++) {
      long length = lengths[i / n];
      c.needs(length >= 0 && length <= n, "a length of " + length + " in " + x.shape());
      from[i] = i % n < length ? length - 1 - i % n : i % n;
    }
    Tensor index = Tensor.of(Shape.of(lengths.length, n), from);
    index = time < batch ? index.t() : index;
    for (int i = 0; i < x.rank(); i++) {
      index = i == time || i == batch ? index : index.unsqueeze(i);
    }
    return x.gather(time, index.expand(x.shape()));
  }

  /** An index outside 0 … depth − 1, after counting negative ones from the end, gives no one. */
  private static Tensor oneHot(Call c) {
    double[] depths = c.in(1).toDoubles();
    c.needs(depths.length == 1 && depths[0] >= 1, "depth must be one number, at least 1");
    long depth = (long) depths[0];
    int rank = c.in(0).rank() + 1;
    int axis = c.axis(c.integer("axis", -1), rank);
    Tensor index = c.in(0).to(DType.I64);
    index = Where.of(index.lt(0), index.add((double) depth), index).unsqueeze(axis);
    long[] line = new long[rank];
    Arrays.fill(line, 1);
    line[axis] = depth;
    Tensor classes = Tensor.of(LongStream.range(0, depth).toArray()).reshape(line);
    c.needs(c.in(2).shape().equals(Shape.of(2)), "values must be those for off and for on");
    return Where.of(index.eq(classes), c.in(2).select(0, 1), c.in(2).select(0, 0));
  }

  private static Tensor[] topK(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(c.integer("axis", -1), x.rank());
    int k = Math.toIntExact(c.whole(1));
    c.supports(c.flag("sorted", true), "an order that is left open");
    if (c.flag("largest", true)) {
      var top = TopK.of(x, k, axis);
      return new Tensor[] {top.values(), top.indices()};
    }
    c.needs(k >= 0 && k <= x.size(axis), "there are no " + k + " along axis " + axis);
    var all = Sort.of(x, axis, false);
    return new Tensor[] {all.values().slice(axis, 0, k), all.indices().slice(axis, 0, k)};
  }

  /** The places, a column each. */
  private static Tensor nonZero(Call c) {
    Tensor x = c.in(0);
    c.supports(x.rank() > 0, "a scalar");
    long[] places = NonZero.places(x.flatten(0)).toLongs();
    long[] strides = x.shape().strides();
    long[] found = new long[x.rank() * places.length];
    for (int axis = 0; axis < x.rank(); axis++) {
      for (int i = 0; i < places.length; i++) {
        found[axis * places.length + i] = places[i] / strides[axis] % x.size(axis);
      }
    }
    return Tensor.of(Shape.of(x.rank(), places.length), found);
  }

  private static Tensor cumSum(Call c) {
    Tensor x = c.in(0);
    c.supports(x.dtype() != DType.BOOL, "elements of BOOL");
    int axis = c.axis(c.whole(1), x.rank());
    boolean reverse = c.flag("reverse", false);
    Tensor y = (reverse ? x.flip(axis) : x).cumsum(axis);
    if (c.flag("exclusive", false) && x.size(axis) > 0) {
      Tensor zero = Tensor.zeros(x.meta().with(x.shape().with(axis, 1)));
      y = Tensor.concat(axis, zero, y.slice(axis, 0, x.size(axis) - 1));
    }
    return reverse ? y.flip(axis) : y;
  }
}
