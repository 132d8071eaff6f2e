package org.adjoint.io.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adjoint.io.Quoted;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Graph;
import org.jspecify.annotations.Nullable;

/**
 * Reads an AttributeProto: a field for each type a value may have, and one that says which of them
 * counts. Old files leave that one out; then what is there counts.
 */
final class OnnxAttribute {
  private final WireReader in;
  private final List<Float> reals = new ArrayList<>();
  private final List<Long> ints = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private String name = "";
  private long type;
  private long seen;
  private float real;
  private long integer;
  private String text = "";
  private @Nullable Constant constant;
  private @Nullable Graph graph;

  OnnxAttribute(WireReader in) {
    this.in = in;
  }

  void readInto(Map<String, Attribute> attributes) throws IOException {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> real = saw(1, in.real());
        case 3 -> integer = saw(2, in.integer());
        case 4 -> text = saw(3, in.text());
        case 5 -> constant = saw(4, OnnxConstant.read(in.message()));
        case 6 -> graph = saw(5, OnnxReader.body(in.message()));
        case 7 -> in.fixed(4, saw(6, bits -> reals.add(Float.intBitsToFloat((int) bits))));
        case 8 -> in.integers(saw(7, ints::add));
        case 9 -> texts.add(saw(8, in.text()));
        case 10, 11, 14, 15, 22, 23 ->
            throw in.unknown(
                "attribute %s holds tensors, graphs, types or a sparse tensor, which is not read"
                    .formatted(Quoted.of(name)));
        case 20 -> type = in.integer();
        case 21 -> throw in.bad("attribute " + Quoted.of(name) + " stands outside a function");
        default -> in.skip();
      }
    }
    if (attributes.put(name, value()) != null) {
      throw in.bad("attribute " + Quoted.of(name) + " comes twice");
    }
  }

  private <T> T saw(int kind, T value) {
    seen = kind;
    return value;
  }

  private Attribute value() throws IOException {
    long kind = type == 0 ? seen : type;
    if (kind == 4 && constant != null) {
      return new Attribute.Elements(constant);
    }
    if (kind == 5 && graph != null) {
      return new Attribute.Body(graph);
    }
    return switch (kind == (int) kind ? (int) kind : -1) {
      case 1 -> new Attribute.Real(real);
      case 2 -> new Attribute.Int(integer);
      case 3 -> new Attribute.Text(text);
      case 6 -> new Attribute.Reals(reals);
      case 7 -> new Attribute.Ints(ints);
      case 8 -> new Attribute.Texts(texts);
      default ->
          throw in.bad("attribute %s has no value of type %d".formatted(Quoted.of(name), kind));
    };
  }
}
