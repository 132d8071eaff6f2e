package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adjoint.Tensor;
import org.adjoint.io.Quoted;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * A node about to be computed: what an operator's function is given.
 *
 * @param types which values are integers that are computed in a wider type
 * @param bodies the graphs that the node holds, by the names of their attributes
 * @param around the values that such a graph sees besides its inputs
 */
record Call(
    Node node,
    long opset,
    List<@Nullable Tensor> inputs,
    NarrowTypes types,
    Map<String, Block> bodies,
    Map<String, Tensor> around) {
  private static final int LONGEST = 400;

  /** Input {@code i}, which must be there. */
  Tensor in(int i) {
    Tensor found = maybe(i);
    if (found == null) {
      throw wrong("input " + i + " is missing");
    }
    return found;
  }

  /** Input {@code i}, or null where it was left out. */
  @Nullable Tensor maybe(int i) {
    return i < inputs.size() ? inputs.get(i) : null;
  }

  /** The type that input {@code i} has in the file's terms. */
  ElementType type(int i) {
    ElementType narrow = types.of(node, i);
    return narrow == null ? NarrowTypes.like(in(i).dtype()) : narrow;
  }

  boolean has(int i) {
    return maybe(i) != null;
  }

  /** All inputs of an operator that takes any number, at least one. */
  List<Tensor> all() {
    in(0);
    return IntStream.range(0, inputs.size()).mapToObj(this::in).toList();
  }

  /** Whether the node's output {@code i} is given a name. */
  boolean wants(int i) {
    return i < node.outputs().size() && !node.outputs().get(i).isEmpty();
  }

  long integer(String name, long otherwise) {
    return node.integer(name, otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    return node.integer(name, otherwise ? 1 : 0) != 0;
  }

  double real(String name, double otherwise) {
    return node.real(name, otherwise);
  }

  String text(String name, String otherwise) {
    return node.text(name, otherwise);
  }

  /** Whether the node has the attribute at all. */
  boolean says(String name) {
    return node.attributes().containsKey(name);
  }

  /** The whole numbers of an attribute that must be there. */
  long[] integers(String name) {
    needs(says(name), "attribute '" + name + "' is missing");
    return node.integers(name);
  }

  /** The graph that attribute {@code name} holds. */
  Block body(String name) {
    Block found = bodies.get(name);
    if (found == null) {
      throw wrong("attribute '" + name + "' is missing, or is no graph");
    }
    return found;
  }

  /** The whole numbers of input {@code i}, which must be there. */
  long[] longs(int i) {
    Tensor x = in(i);
    needs(x.dtype().isIndex(), "input " + i + " is " + x.dtype() + ", not whole numbers");
    return x.toLongs();
  }

  /** The one whole number of input {@code i}. */
  long whole(int i) {
    long[] all = longs(i);
    needs(all.length == 1, "input " + i + " has " + all.length + " elements instead of one");
    return all[0];
  }

  /** The one number of input {@code i}. */
  double number(int i) {
    double[] all = in(i).toDoubles();
    needs(all.length == 1, "input " + i + " has " + all.length + " elements instead of one");
    return all[0];
  }

  /**
   * Numbers that older versions say in an attribute, and those since {@code moved} in input {@code
   * i}; null if neither says them.
   */
  long @Nullable [] moved(String name, long moved, int i) {
    if (opset >= moved) {
      return has(i) ? longs(i) : null;
    }
    return says(name) ? node.integers(name) : null;
  }

  /** {@code axis} of {@code rank} axes, counted from the front. */
  int axis(long axis, int rank) {
    needs(axis >= -rank && axis < rank, "there is no axis " + axis + " among " + rank);
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** As above, of several axes, which must differ. */
  int[] axes(long[] axes, int rank) {
    int[] all = Arrays.stream(axes).mapToInt(a -> axis(a, rank)).toArray();
    needs(
        Arrays.stream(all).distinct().count() == all.length,
        "axes " + Arrays.toString(axes) + " name one twice");
    return all;
  }

  /** Refuses a wrong node, unless {@code good}. */
  void needs(boolean good, String otherwise) {
    if (!good) {
      throw wrong(otherwise);
    }
  }

  /** Refuses a node that may be right but is not known here, unless {@code good}. */
  void supports(boolean good, String otherwise) {
    if (!good) {
      throw unsupported(otherwise);
    }
  }

  /** Refuses input {@code i} unless it is floating. */
  Tensor floating(int i) {
    supports(in(i).dtype().isFloating(), "elements of " + in(i).dtype());
    return in(i);
  }

  UnsupportedOperation unsupported(String why) {
    return new UnsupportedOperation(node, opset, why);
  }

  IllegalArgumentException wrong(String why) {
    return new IllegalArgumentException("onnx: " + what(node) + ": " + line(why));
  }

  /** A message in one line of bearable length, whatever texts of a file it repeats. */
  static String line(String message) {
    String plain = message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
    return plain.length() > LONGEST ? plain.substring(0, LONGEST) + "…" : plain;
  }

  /** How messages name a node. */
  static String what(Node node) {
    String outputs = node.outputs().isEmpty() ? "" : node.outputs().get(0);
    return Quoted.of(node.op())
        + (node.name().isEmpty()
            ? " that makes " + Quoted.of(outputs)
            : " " + Quoted.of(node.name()));
  }
}
