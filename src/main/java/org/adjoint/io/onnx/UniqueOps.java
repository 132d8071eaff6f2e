package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adjoint.DType;
import org.adjoint.Tensor;

/** Elements, or slices along an axis, without those that are there already. */
final class UniqueOps {
  private UniqueOps() {}

  static void register(Operators table) {
    table.many("Unique", 11, 1, "axis sorted", UniqueOps::unique);
  }

  /** The different ones, where each is first, which one stands at each place, and how often. */
  private static Tensor[] unique(Call c) {
    Tensor x = c.says("axis") ? c.in(0) : c.in(0).flatten(0);
    int axis = c.says("axis") ? c.axis(c.integer("axis", 0), x.rank()) : 0;
    int n = Math.toIntExact(x.size(axis));
    boolean sorted = c.flag("sorted", true);
    Map<List<Double>, List<Long>> found =
        sorted ? new TreeMap<>(UniqueOps::compare) : new LinkedHashMap<>();
    for (int i = 0; i < n; i++) {
      found.computeIfAbsent(slice(c, x, axis, i), _ -> new ArrayList<>()).add((long) i);
    }
    long[] first = new long[found.size()];
    long[] counts = new long[found.size()];
    long[] which = new long[n];
    int k = 0;
    for (List<Long> places : found.values()) {
      first[k] = places.getFirst();
      counts[k] = places.size();
      for (long place : places) {
        which[(int) place] = k;
      }
      k++;
    }
    Tensor index = Tensor.of(first);
    return new Tensor[] {x.indexSelect(axis, index), index, Tensor.of(which), Tensor.of(counts)};
  }

  private static List<Double> slice(Call c, Tensor x, int axis, int i) {
    List<Double> all = new ArrayList<>();
    for (double v : x.select(axis, i).to(DType.F64).toDoubles()) {
      c.supports(!Double.isNaN(v), "a NaN, which is like nothing");
      c.supports(x.dtype() != DType.I64 || Math.abs(v) < 1L << 53, "integers from 2^53 on");
      all.add(v + 0.0); // −0 is 0
    }
    return all;
  }

  private static int compare(List<Double> a, List<Double> b) {
    for (int i = 0; i < a.size(); i++) {
      int order = Comparator.<Double>naturalOrder().compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
