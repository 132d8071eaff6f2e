package org.adjoint.io.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.io.Quoted;
import org.adjoint.io.WholeFile;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.OpSet;
import org.adjoint.io.onnx.Onnx.Value;

/**
 * Reads ONNX models. Remarks for people (doc_string) and what only training or quantisation need
 * are passed over; what would change the meaning and is not known here is refused by name:
 * functions, sparse tensors, elements in other files, sequences, maps and optionals.
 */
public final class OnnxReader {
  private OnnxReader() {}

  /**
   * Reads a model.
   *
   * @throws IOException in one line, with the file, what is wrong and at which byte: if it is
   *     missing, damaged, larger than a quarter of the heap, or says what is not known here
   */
  public static Model read(Path file) throws IOException {
    return model(new WireReader(file.toString(), WholeFile.read(file)));
  }

  /**
   * Reads one tensor by itself, as ONNX's test data have them.
   *
   * @throws IOException as {@link #read}
   */
  public static Constant readConstant(Path file) throws IOException {
    return OnnxConstant.read(new WireReader(file.toString(), WholeFile.read(file)));
  }

  static Model model(WireReader in) throws IOException {
    long irVersion = 0;
    String producer = "";
    String producerVersion = "";
    String domain = "";
    long version = 0;
    List<OpSet> opSets = new ArrayList<>();
    Graph graph = null;
    Map<String, String> metadata = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> irVersion = in.integer();
        case 2 -> producer = in.text();
        case 3 -> producerVersion = in.text();
        case 4 -> domain = in.text();
        case 5 -> version = in.integer();
        case 7 -> {
          if (graph != null) {
            throw in.bad("a second graph");
          }
          graph = graph(in.message());
        }
        case 8 -> opSets.add(opSet(in.message()));
        case 14 -> remark(in.message(), metadata);
        case 25 -> throw in.unknown("the model has functions of its own, which are not read");
        default -> in.skip();
      }
    }
    if (graph == null) {
      throw in.bad("not an ONNX model: it has no graph");
    }
    return new Model(
        irVersion, producer, producerVersion, domain, version, opSets, graph, metadata);
  }

  private static OpSet opSet(WireReader in) throws IOException {
    String domain = "";
    long version = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> domain = in.text();
        case 2 -> version = in.integer();
        default -> in.skip();
      }
    }
    return new OpSet(domain, version);
  }

  private static void remark(WireReader in, Map<String, String> into) throws IOException {
    String key = "";
    String value = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.text();
        case 2 -> value = in.text();
        default -> in.skip();
      }
    }
    into.put(key, value);
  }

  private static Graph graph(WireReader in) throws IOException {
    String name = "";
    List<Node> nodes = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    List<Value> inputs = new ArrayList<>();
    List<Value> outputs = new ArrayList<>();
    List<Value> between = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> nodes.add(node(in.message()));
        case 2 -> name = in.text();
        case 5 -> constants.add(OnnxConstant.read(in.message()));
        case 11 -> inputs.add(value(in.message()));
        case 12 -> outputs.add(value(in.message()));
        case 13 -> between.add(value(in.message()));
        case 15 -> throw in.unknown("the graph has a sparse constant, which is not read");
        default -> in.skip();
      }
    }
    return new Graph(name, nodes, constants, inputs, outputs, between);
  }

  private static Node node(WireReader in) throws IOException {
    String op = "";
    String name = "";
    String domain = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> inputs.add(in.text());
        case 2 -> outputs.add(in.text());
        case 3 -> name = in.text();
        case 4 -> op = in.text();
        case 5 -> new OnnxAttribute(in.message()).readInto(attributes);
        case 7 -> domain = in.text();
        default -> in.skip();
      }
    }
    if (op.isEmpty()) {
      throw in.bad("node " + Quoted.of(name) + " names no operation");
    }
    return new Node(op, name, domain, inputs, outputs, attributes);
  }

  static Graph body(WireReader in) throws IOException {
    return graph(in);
  }

  private static Value value(WireReader in) throws IOException {
    String name = "";
    Value kind = new Value("", null, null);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> kind = kind(in.message());
        default -> in.skip();
      }
    }
    return new Value(name, kind.type(), kind.dims());
  }

  private static Value kind(WireReader in) throws IOException {
    Value kind = new Value("", null, null);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> kind = tensor(in.message());
        case 4, 5, 7, 8, 9 ->
            throw in.unknown("a value that is a sequence, a map, an optional or sparse; not read");
        default -> in.skip();
      }
    }
    return kind;
  }

  private static Value tensor(WireReader in) throws IOException {
    ElementType type = null;
    List<Dim> dims = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = type(in, in.integer());
        case 2 -> dims = dims(in.message());
        default -> in.skip();
      }
    }
    return new Value("", type, dims);
  }

  static ElementType type(WireReader in, long code) throws IOException {
    ElementType type = ElementType.of(code);
    if (type == null) {
      throw in.unknown(
          "elements of type %d of onnx.TensorProto.DataType, which Adjoint has not"
              .formatted(code));
    }
    return type;
  }

  private static List<Dim> dims(WireReader in) throws IOException {
    List<Dim> dims = new ArrayList<>();
    while (in.next()) {
      if (in.field() == 1) {
        dims.add(dim(in.message()));
      } else {
        in.skip();
      }
    }
    return dims;
  }

  private static Dim dim(WireReader in) throws IOException {
    long size = -1;
    String symbol = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> size = in.integer();
        case 2 -> symbol = in.text();
        default -> in.skip();
      }
    }
    return size < 0 ? new Dim(-1, symbol) : new Dim(size, "");
  }
}
