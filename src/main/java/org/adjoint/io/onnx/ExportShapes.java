package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.ExportStep.along;
import static org.adjoint.io.onnx.ExportStep.whole;
import static org.adjoint.io.onnx.ExportStep.wholes;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adjoint.Shape;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.op.Concat;
import org.adjoint.op.Expand;
import org.adjoint.op.Gather;
import org.adjoint.op.IndexSelect;
import org.adjoint.op.Permute;
import org.adjoint.op.Pieces;
import org.adjoint.op.Reshape;
import org.adjoint.op.Scatter;
import org.adjoint.op.Slice;
import org.adjoint.op.Sort;

/** Operations that move elements and leave them as they are, or add them up where they meet. */
final class ExportShapes {
  private ExportShapes() {}

  static void register(ExportRules table) {
    table.one(Reshape.class, (op, s) -> s.reshape(s.x(0), op.target().toArray()));
    table.one(
        Expand.class, (op, s) -> s.node("Expand", s.x(0), s.longs("shape", op.target().toArray())));
    table.one(Permute.class, ExportShapes::transpose);
    table.one(Slice.class, ExportShapes::slice);
    table.one(Slice.Embed.class, ExportShapes::embed);
    table.one(Concat.class, ExportShapes::concat);
    table.many(Pieces.class, ExportShapes::split);
    table.one(IndexSelect.class, (op, s) -> s.node("Gather", along(op.axis()), s.x(0), s.x(1)));
    table.one(IndexSelect.Add.class, ExportShapes::addSelected);
    table.one(Gather.class, (op, s) -> s.node("GatherElements", along(op.axis()), s.x(0), s.x(1)));
    table.one(Gather.ScatterAdd.class, (op, s) -> add(s, op.axis(), s.x(1)));
    table.one(
        Scatter.class,
        (op, s) -> s.node("ScatterElements", along(op.axis()), s.x(0), s.x(1), s.x(2)));
    table.many(Sort.class, ExportShapes::sort);
  }

  private static String transpose(Permute op, ExportStep s) {
    List<Integer> axes = op.axes().stream().map(a -> s.shape(0).axis(s.op(), a)).toList();
    return s.node("Transpose", Map.of("perm", wholes(axes)), s.x(0));
  }

  private static String slice(Slice op, ExportStep s) {
    long stop = op.start() + op.count() * op.step();
    return s.node(
        "Slice",
        s.x(0),
        s.longs("start", op.start()),
        s.longs("stop", stop < 0 ? Long.MIN_VALUE : stop), // −1 would mean the last
        s.longs("axis", op.axis()),
        s.longs("step", op.step()));
  }

  /** x with a row of zeros at its end, and from it what each place of the result shows. */
  private static String embed(Slice.Embed op, ExportStep s) {
    Slice slice = op.slice();
    long[] from = new long[(int) op.shape().size(slice.axis())];
    Arrays.fill(from, slice.count());
    for (int k = 0; k < slice.count(); k++) {
      from[(int) (slice.start() + k * slice.step())] = k;
    }
    int rank = op.shape().rank();
    long[] pads = new long[2 * rank];
    pads[rank + slice.axis()] = 1;
    String padded = s.node("Pad", s.x(0), s.longs("pads", pads));
    return s.node("Gather", along(slice.axis()), padded, s.longs("places", from));
  }

  private static String concat(Concat op, ExportStep s) {
    String[] all = IntStream.range(0, s.in().size()).mapToObj(s::x).toArray(String[]::new);
    return s.node("Concat", along(op.axis()), all);
  }

  private static List<String> split(Pieces op, ExportStep s) {
    long[] sizes = op.sizes().stream().mapToLong(Long::longValue).toArray();
    return s.nodes("Split", sizes.length, along(op.axis()), s.x(0), s.longs("sizes", sizes));
  }

  /** The vector of indices is repeated to x's shape, as ONNX has it. */
  private static String addSelected(IndexSelect.Add op, ExportStep s) {
    Shape x = s.shape(0);
    int axis = x.axis(s.op(), op.axis());
    long[] line = new long[x.rank()];
    Arrays.fill(line, 1);
    line[axis] = x.size(axis);
    String index = s.reshape(s.x(1), line);
    return add(s, axis, s.node("Expand", index, s.longs("shape", x.toArray())));
  }

  private static String add(ExportStep s, int axis, String index) {
    Map<String, Attribute> attributes =
        Map.of("axis", whole(axis), "reduction", new Attribute.Text("add"));
    return s.node("ScatterElements", attributes, s.zeros(), index, s.x(0));
  }

  private static List<String> sort(Sort op, ExportStep s) {
    Map<String, Attribute> attributes =
        Map.of("axis", whole(op.axis()), "largest", whole(op.descending() ? 1 : 0));
    return s.nodes("TopK", 2, attributes, s.x(0), s.longs("count", s.shape(0).size(op.axis())));
  }
}
