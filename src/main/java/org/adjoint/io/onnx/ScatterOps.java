package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Gather;
import org.adjoint.op.Scatter;

/** Elements written to their places: what no index reaches stays as it is. */
final class ScatterOps {
  private ScatterOps() {}

  static void register(Operators table) {
    table.one("Scatter", 9, 3, "axis", ScatterOps::elements);
    table.one("ScatterElements", 11, 3, "axis", ScatterOps::elements);
    table.one("ScatterElements", 16, 3, "axis reduction", ScatterOps::elements);
    table.one("ScatterND", 11, 3, "", ScatterOps::rows);
    table.one("ScatterND", 16, 3, "reduction", ScatterOps::rows);
  }

  /** y[i, index[i, j], k] = update[i, j, k], along an axis; the index may be shorter than x. */
  private static Tensor elements(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(c.integer("axis", 0), x.rank());
    Tensor index = IndexOps.fromFront(c, c.in(1), x.size(axis));
    c.needs(
        index.shape().equals(c.in(2).shape()) && index.rank() == x.rank(),
        "index %s and updates %s for %s".formatted(index.shape(), c.in(2).shape(), x.shape()));
    long[] flat = index.toLongs();
    long[] steps = x.shape().strides();
    long[] own = index.shape().strides();
    for (int i = 0; i < flat.length; i++) {
      long to = flat[i] * steps[axis];
      for (int k = 0; k < x.rank(); k++) {
        long at = i / own[k] % index.size(k);
        c.needs(k == axis || at < x.size(k), "an index of " + index.shape() + " for " + x.shape());
        to += k == axis ? 0 : at * steps[k];
      }
      flat[i] = to;
    }
    Tensor y = reduce(c, x.reshape(x.shape().count(), 1), flat, c.in(2).reshape(flat.length, 1));
    return y.reshape(x.shape().toArray());
  }

  /** Each last line of the index is a place in x, or of a slice of it. */
  private static Tensor rows(Call c) {
    Tensor x = c.in(0);
    IndexOps.Rows rows = IndexOps.Rows.of(c, 0);
    long[] flat = rows.index().toLongs();
    long each = rows.each().count();
    Shape due = c.in(1).shape().slice(0, c.in(1).rank() - 1).concat(rows.each());
    c.needs(c.in(2).shape().equals(due), "updates are " + c.in(2).shape() + ", not " + due);
    Tensor y = reduce(c, x.reshape(rows.count(), each), flat, c.in(2).reshape(flat.length, each));
    return y.reshape(x.shape().toArray());
  }

  /** x [rows, each] with {@code updates} [n, each] at the rows of {@code index}. */
  private static Tensor reduce(Call c, Tensor x, long[] index, Tensor updates) {
    String kind = c.text("reduction", "none");
    if (index.length == 0 || x.shape().count() == 0) {
      return x;
    }
    c.supports(kind.equals("none") || x.dtype() != DType.BOOL, "a reduction of BOOL");
    return switch (kind) {
      case "none" -> Scatter.of(x, 0, spread(Tensor.of(index), updates), updates);
      case "add" -> {
        Gather.ScatterAdd sum = new Gather.ScatterAdd(0, x.size(0));
        yield x.add(sum.apply(updates, spread(Tensor.of(index), updates)));
      }
      case "mul" -> rounds(x, index, updates, Tensor::mul);
      case "max" -> rounds(x, index, updates, Tensor::maximum);
      case "min" -> rounds(x, index, updates, Tensor::minimum);
      default -> throw c.unsupported("reduction = '" + kind + "'");
    };
  }

  private static Tensor spread(Tensor index, Tensor updates) {
    return index.unsqueeze(1).expand(updates.shape());
  }

  /** In each round a row is met once at most: its second update waits for the second round. */
  private static Tensor rounds(Tensor x, long[] index, Tensor updates, BinaryOperator<Tensor> f) {
    int[] met = new int[Math.toIntExact(x.size(0))];
    List<List<Long>> rounds = new ArrayList<>();
    for (int i = 0; i < index.length; i++) {
      int round = met[(int) index[i]]++;
      if (round == rounds.size()) {
        rounds.add(new ArrayList<>());
      }
      rounds.get(round).add((long) i);
    }
    Tensor y = x;
    for (List<Long> round : rounds) {
      long[] which = round.stream().mapToLong(Long::longValue).toArray();
      Tensor now = updates.indexSelect(0, Tensor.of(which));
      Tensor at = Tensor.of(Arrays.stream(which).map(i -> index[(int) i]).toArray());
      y = Scatter.of(y, 0, spread(at, now), f.apply(y.indexSelect(0, at), now));
    }
    return y;
  }
}
