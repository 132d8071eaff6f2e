package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.jspecify.annotations.Nullable;

/**
 * One operation that ran and is now to be written as nodes.
 *
 * @param graph where the nodes go
 * @param op the operation's name, for messages
 * @param in what it was given
 * @param out what it made
 */
record ExportStep(GraphBuilder graph, String op, List<Known> in, List<Meta> out) {
  /**
   * A value that the graph has a name for.
   *
   * @param before what this is an expansion of; null if it is none
   */
  record Known(String name, Meta meta, @Nullable Known before) {}

  /** The shape of input {@code i}. */
  Shape shape(int i) {
    return in.get(i).meta().shape();
  }

  /** The dtype of the first input. */
  DType dtype() {
    return in.get(0).meta().dtype();
  }

  /** The shape of the first output. */
  Shape result() {
    return out.get(0).shape();
  }

  /** The name of input {@code i}. */
  String x(int i) {
    return in.get(i).name();
  }

  /** A node with one output, whose name it returns. */
  String node(String type, Map<String, Attribute> attributes, String... inputs) {
    return nodes(type, 1, attributes, inputs).get(0);
  }

  /** A node without attributes. */
  String node(String type, String... inputs) {
    return node(type, Map.of(), inputs);
  }

  /** A node with several outputs. */
  List<String> nodes(
      String type, int outputs, Map<String, Attribute> attributes, String... inputs) {
    return graph.add(type, outputs, attributes, List.of(inputs));
  }

  /** The number {@code c} in the dtype of the first input. */
  String number(double c) {
    return graph.anyConstant("number", Tensor.full(in.get(0).meta().with(Shape.SCALAR), c));
  }

  /** Whole numbers: sizes, axes, places. */
  String longs(String stem, long... numbers) {
    return graph.anyConstant(stem, Tensor.of(numbers));
  }

  /** {@code x} under other sizes. */
  String reshape(String x, long... sizes) {
    // A size of 0 would else mean: as before.
    boolean empty = Arrays.stream(sizes).anyMatch(size -> size == 0);
    Map<String, Attribute> attributes = empty ? Map.of("allowzero", whole(1)) : Map.of();
    return node("Reshape", attributes, x, longs("shape", sizes));
  }

  /** {@code x} in another dtype, which is not BOOL. */
  String cast(String x, DType to) {
    return node("Cast", Map.of("to", whole(Onnx.ElementType.of(to).code())), x);
  }

  /** Zeros of the first output's shape and dtype. */
  String zeros() {
    Attribute zero =
        new Attribute.Elements(Onnx.Constant.of("", Tensor.zeros(out.get(0).with(Shape.of(1)))));
    return node("ConstantOfShape", Map.of("value", zero), longs("shape", result().toArray()));
  }

  /**
   * The names of all inputs for an operator that broadcasts: what was expanded to one shape before
   * goes in as it was, since the operator expands it by itself.
   *
   * @param tail number of last axes that do not take part, such as a matrix's two
   */
  String[] broadcast(int tail) {
    Shape common = Shape.SCALAR;
    for (Known value : in) {
      Known small = unexpanded(value, tail);
      Shape shape = small.meta().shape();
      common = Shape.broadcast(op, common, shape.slice(0, shape.rank() - tail));
    }
    boolean same = common.equals(result().slice(0, result().rank() - tail));
    return in.stream()
        .map(value -> (same ? unexpanded(value, tail) : value).name())
        .toArray(String[]::new);
  }

  private static Known unexpanded(Known value, int tail) {
    Known before = value.before();
    if (before == null || before.meta().rank() < tail) {
      return value;
    }
    Shape small = before.meta().shape();
    Shape large = value.meta().shape();
    boolean sameTail =
        small
            .slice(small.rank() - tail, small.rank())
            .equals(large.slice(large.rank() - tail, large.rank()));
    return sameTail ? before : value;
  }

  /** What to throw where ONNX has no operator that does this. */
  IllegalArgumentException refuse(String why) {
    return new IllegalArgumentException("onnx export: " + op + ": " + why);
  }

  /** An attribute that is a whole number. */
  static Attribute whole(long value) {
    return new Attribute.Int(value);
  }

  /** The attribute of an operator that works along one axis. */
  static Map<String, Attribute> along(int axis) {
    return Map.of("axis", whole(axis));
  }

  /** An attribute that is a list of whole numbers. */
  static Attribute wholes(List<? extends Number> values) {
    return new Attribute.Ints(values.stream().map(Number::longValue).toList());
  }

  /** As {@link #wholes(List)}. */
  static Attribute wholes(long... values) {
    return wholes(Arrays.stream(values).boxed().toList());
  }
}
