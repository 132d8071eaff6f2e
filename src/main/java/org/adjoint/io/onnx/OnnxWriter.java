package org.adjoint.io.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adjoint.io.WholeFile;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.Value;
import org.jspecify.annotations.Nullable;

/** Writes ONNX models; elements as raw bytes. */
public final class OnnxWriter {
  private OnnxWriter() {}

  /**
   * Writes a file, or replaces it, in one piece.
   *
   * @throws IOException if the disk does not take it; the old file is then as it was
   */
  public static void write(Path file, Model model) throws IOException {
    byte[] bytes = toBytes(model);
    WholeFile.write(file, out -> out.write(bytes));
  }

  /** The bytes of a file; at most 2 GiB, as protobuf has it. */
  public static byte[] toBytes(Model model) {
    WireWriter out = new WireWriter();
    out.integer(1, model.irVersion());
    out.textIfAny(2, model.producer());
    out.textIfAny(3, model.producerVersion());
    out.textIfAny(4, model.domain());
    if (model.version() != 0) {
      out.integer(5, model.version());
    }
    out.message(7, m -> graph(m, model.graph()));
    for (Onnx.OpSet set : model.opSets()) {
      out.message(
          8,
          m -> {
            m.textIfAny(1, set.domain());
            m.integer(2, set.version());
          });
    }
    model
        .metadata()
        .forEach((key, value) ->
            out.message(
                14,
                m -> {
                  m.text(1, key);
                  m.text(2, value);
                }));
    return out.toByteArray();
  }

  /** The bytes of one tensor by itself, as ONNX's test data have them. */
  public static byte[] toBytes(Constant constant) {
    WireWriter out = new WireWriter();
    constant(out, constant);
    return out.toByteArray();
  }

  private static void graph(WireWriter out, Graph graph) {
    graph.nodes().forEach(node -> out.message(1, m -> node(m, node)));
    out.textIfAny(2, graph.name());
    graph.constants().forEach(constant -> out.message(5, m -> constant(m, constant)));
    graph.inputs().forEach(value -> out.message(11, m -> value(m, value)));
    graph.outputs().forEach(value -> out.message(12, m -> value(m, value)));
    graph.between().forEach(value -> out.message(13, m -> value(m, value)));
  }

  private static void node(WireWriter out, Node node) {
    node.inputs().forEach(name -> out.text(1, name));
    node.outputs().forEach(name -> out.text(2, name));
    out.textIfAny(3, node.name());
    out.text(4, node.op());
    node.attributes().forEach((name, value) -> out.message(5, m -> attribute(m, name, value)));
    out.textIfAny(7, node.domain());
  }

  private static void attribute(WireWriter out, String name, Attribute attribute) {
    out.text(1, name);
    int type =
        switch (attribute) {
          case Attribute.Real(float value) -> {
            out.real(2, value);
            yield 1;
          }
          case Attribute.Int(long value) -> {
            out.integer(3, value);
            yield 2;
          }
          case Attribute.Text(String value) -> {
            out.text(4, value);
            yield 3;
          }
          case Attribute.Elements(Constant value) -> {
            out.message(5, m -> constant(m, value));
            yield 4;
          }
          case Attribute.Body(Graph value) -> {
            out.message(6, m -> graph(m, value));
            yield 5;
          }
          case Attribute.Reals(List<Float> values) -> {
            values.forEach(value -> out.real(7, value));
            yield 6;
          }
          case Attribute.Ints(List<Long> values) -> {
            values.forEach(value -> out.integer(8, value));
            yield 7;
          }
          case Attribute.Texts(List<String> values) -> {
            values.forEach(value -> out.text(9, value));
            yield 8;
          }
        };
    out.integer(20, type);
  }

  private static void constant(WireWriter out, Constant constant) {
    for (long size : constant.shape().toArray()) {
      out.integer(1, size);
    }
    out.integer(2, constant.type().code());
    out.textIfAny(8, constant.name());
    out.bytes(9, constant.bytes());
  }

  private static void value(WireWriter out, Value value) {
    out.text(1, value.name());
    ElementType type = value.type();
    if (type != null) {
      out.message(2, m -> m.message(1, tensor -> tensor(tensor, type, value.dims())));
    }
  }

  private static void tensor(WireWriter out, ElementType type, @Nullable List<Dim> dims) {
    out.integer(1, type.code());
    if (dims != null) {
      out.message(2, shape -> dims.forEach(dim -> shape.message(1, m -> dim(m, dim))));
    }
  }

  private static void dim(WireWriter out, Dim dim) {
    if (dim.size() >= 0) {
      out.integer(1, dim.size());
    } else {
      out.textIfAny(2, dim.symbol());
    }
  }
}
