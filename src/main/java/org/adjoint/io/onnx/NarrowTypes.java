package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.io.Encoding;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a graph are integers of a type that no dtype is like. They are computed in a
 * wider one; here it is known what they are, so that a result beyond their range does not pass for
 * one that wrapped around.
 */
final class NarrowTypes {
  private static final Set<String> COUNTS =
      Set.of(
          "Shape", "Size", "ArgMax", "ArgMin", "NonZero", "ConvInteger", "MatMulInteger", "Equal");
  private static final Set<String> FIRST_ONLY = Set.of("TopK", "MaxPool", "Unique");

  private final Map<String, ElementType> types;

  /** Those of a graph's inputs and constants, besides those {@code around} it. */
  NarrowTypes(@Nullable NarrowTypes around, Graph graph) {
    types = around == null ? new HashMap<>() : new HashMap<>(around.types);
    for (Value value : graph.inputs()) {
      put(value.name(), value.type());
    }
    for (Constant constant : graph.constants()) {
      put(constant.name(), constant.type());
    }
  }

  private void put(String name, @Nullable ElementType type) {
    if (type == null || Encoding.of(type.encoding().dtype()) == type.encoding()) {
      types.remove(name);
    } else {
      types.put(name, type);
    }
  }

  /** Learns what a node makes of its inputs. */
  void follow(Node node) {
    ElementType type =
        switch (node.op()) {
          case "Cast" -> ElementType.of(node.integer("to", 0));
          case "CastLike" -> of(node, 1);
          case "Constant" -> {
            Constant value = node.attributes().get("value") == null ? null : node.constant("value");
            yield value == null ? null : value.type();
          }
          case "QuantizeLinear" ->
              node.inputs().size() > 2
                  ? of(node, 2)
                  : ElementType.of(node.integer("output_dtype", 2));
          case "QLinearMatMul", "QLinearConv" -> of(node, 7);
          default -> COUNTS.contains(node.op()) ? null : ofAny(node);
        };
    List<String> outputs = node.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      put(outputs.get(i), i > 0 && FIRST_ONLY.contains(node.op()) ? null : type);
    }
  }

  /** The type of input {@code i}; null if it is like a dtype. */
  @Nullable ElementType of(Node node, int i) {
    return i < node.inputs().size() ? types.get(node.inputs().get(i)) : null;
  }

  private @Nullable ElementType ofAny(Node node) {
    return node.inputs().stream().map(types::get).filter(Objects::nonNull).findFirst().orElse(null);
  }

  /** Whether output {@code i} of a node holds what its type can. */
  boolean fits(Node node, int i, Tensor made) {
    ElementType type = types.get(node.outputs().get(i));
    if (type == null || type.encoding().dtype() != made.dtype()) {
      return true;
    }
    long low = low(type);
    long high = high(type);
    return Arrays.stream(made.toLongs()).allMatch(x -> x >= low && x <= high);
  }

  /** The type that is like a dtype. */
  static ElementType like(DType dtype) {
    return Arrays.stream(ElementType.values())
        .filter(type -> type.encoding() == Encoding.of(dtype))
        .findFirst()
        .orElseThrow(); // there is one for each dtype
  }

  private static boolean isSigned(ElementType type) {
    return type.name().startsWith("INT");
  }

  private static int bits(ElementType type) {
    return 8 * type.encoding().bytes();
  }

  /** The least integer of a type. */
  static long low(ElementType type) {
    return isSigned(type) ? -1L << (bits(type) - 1) : 0;
  }

  /** The largest integer of a type. */
  static long high(ElementType type) {
    return isSigned(type) ? ~low(type) : (1L << bits(type)) - 1;
  }

  /** Integers of which the bits that a type has are kept. */
  static Tensor wrapped(Tensor x, ElementType type) {
    int rest = 64 - bits(type);
    long[] all =
        Arrays.stream(x.to(DType.I64).toLongs())
            .map(v -> isSigned(type) ? v << rest >> rest : v << rest >>> rest)
            .toArray();
    return Tensor.of(x.shape(), all).to(type.encoding().dtype());
  }
}
