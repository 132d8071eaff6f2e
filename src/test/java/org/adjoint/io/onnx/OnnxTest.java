package org.adjoint.io.onnx;

import static org.adjoint.io.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.Refusals;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.OpSet;
import org.adjoint.io.onnx.Onnx.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxTest {
  @TempDir Path dir;

  private static byte[] message(Consumer<WireWriter> content) {
    WireWriter out = new WireWriter();
    content.accept(out);
    return out.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(dir.resolve("m.onnx"), bytes);
  }

  private Constant constant(Consumer<WireWriter> content) throws IOException {
    return OnnxReader.readConstant(file(message(content)));
  }

  private void badConstant(Consumer<WireWriter> content, String... parts) throws IOException {
    refused(OnnxReader::readConstant, file(message(content)), parts);
  }

  private void bad(byte[] bytes, String... parts) throws IOException {
    refused(OnnxReader::read, file(bytes), parts);
  }

  private static Model model() {
    Constant w = Constant.of("w", Tensor.of(Shape.of(2, 2), 1f, 2, 3, 4));
    Value x = new Value("x", ElementType.FLOAT, List.of(new Dim(-1, "batch"), new Dim(2, "")));
    Value y = new Value("y", ElementType.FLOAT, List.of(new Dim(-1, ""), new Dim(2, "")));
    Graph body = new Graph("then", List.of(), List.of(w), List.of(), List.of(y), List.of());
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("alpha", new Attribute.Real(0.5f));
    attributes.put("axis", new Attribute.Int(-1));
    attributes.put("mode", new Attribute.Text("réflect"));
    attributes.put("value", new Attribute.Elements(w));
    attributes.put("body", new Attribute.Body(body));
    attributes.put("scales", new Attribute.Reals(List.of(1f, Float.NaN)));
    attributes.put("pads", new Attribute.Ints(List.of(0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE)));
    attributes.put("none", new Attribute.Ints(List.of()));
    attributes.put("names", new Attribute.Texts(List.of("a", "", "b")));
    Node node = new Node("Gemm", "g1", "com.acme", List.of("x", "", "w"), List.of("y"), attributes);
    Value unknown = new Value("t", ElementType.INT64, null);
    Value scalar = new Value("s", ElementType.BOOL, List.of());
    Value untold = new Value("u", null, null);
    return new Model(
        8,
        "me",
        "1.0",
        "org.acme",
        3,
        List.of(new OpSet("", 17), new OpSet("com.acme", 2)),
        new Graph(
            "main",
            List.of(node),
            List.of(w),
            List.of(x),
            List.of(y),
            List.of(unknown, scalar, untold)),
        Map.of("author", "someone"));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = dir.resolve("t.onnx");
    OnnxWriter.write(file, model());
    assertEquals(model(), OnnxReader.read(file));
    assertEquals(17, model().opSet());
  }

  @Test
  void attributesAreAskedForByKind() {
    Node node = model().graph().nodes().get(0);
    assertEquals(-1, node.integer("axis", 7));
    assertEquals(7, node.integer("absent", 7));
    assertEquals(0.5, node.real("alpha", 1));
    assertEquals("réflect", node.text("mode", "constant"));
    assertEquals("constant", node.text("absent", "constant"));
    assertArrayEquals(new long[0], node.integers("none", 1, 1));
    assertArrayEquals(new long[] {1, 1}, node.integers("absent", 1, 1));
    assertEquals(Shape.of(2, 2), Objects.requireNonNull(node.constant("value")).shape());
    assertEquals("then", Objects.requireNonNull(node.graph("body")).name());
    assertNull(node.constant("absent"));
    assertNull(node.graph("absent"));
    assertEquals(
        "onnx: attribute 'alpha' of Gemm 'g1' is Real, not Int",
        assertThrows(IllegalArgumentException.class, () -> node.integer("alpha", 0)).getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void tensorsOfEveryDtypeGoBothWays(DType dtype) throws IOException {
    Tensor tensor = Tensor.normal(new Philox(1), 3, 5).mul(50).to(dtype);
    Constant written = Constant.of("t", tensor.t());
    Constant read = OnnxReader.readConstant(file(OnnxWriter.toBytes(written)));
    assertEquals(written, read);
    assertEquals(dtype, read.toTensor().dtype());
    assertArrayEquals(tensor.t().toDoubles(), read.toTensor().toDoubles());
    assertNotEquals(written, Constant.of("u", tensor.t()));
    assertNotEquals(written, Constant.of("t", tensor));
  }

  @ParameterizedTest
  @CsvSource({
    "UINT8, 255, 255", "INT8, -128, -128", "INT16, -2, -2", "UINT16, 65535, 65535",
    "INT32, -5, -5", "BOOL, 1, 1", "FLOAT16, 15360, 1", "BFLOAT16, 16256, 1",
    "INT64, -9, -9", "UINT32, 4294967295, 4294967295"
  })
  void elementsMayBeNumbers(ElementType type, long number, double value) throws IOException {
    for (boolean packed : new boolean[] {false, true}) {
      Constant read =
          constant(m -> {
            m.integer(1, 2);
            m.integer(2, type.code());
            if (packed) {
              byte[] twice = message(n -> n.integer(1, number));
              byte[] one = Arrays.copyOfRange(twice, 1, twice.length);
              byte[] both = Arrays.copyOf(one, 2 * one.length);
              System.arraycopy(one, 0, both, one.length, one.length);
              m.bytes(type.field(), both);
            } else {
              m.integer(type.field(), number);
              m.integer(type.field(), number);
            }
          });
      assertArrayEquals(new double[] {value, value}, read.toTensor().toDoubles());
    }
  }

  @Test
  void realsMayBeNumbers() throws IOException {
    Constant floats =
        constant(m -> {
          m.integer(1, 2);
          m.integer(2, 1);
          m.real(4, 1.5f);
          m.bytes(4, new byte[] {0, 0, 0x20, 0x40});
        });
    assertArrayEquals(new float[] {1.5f, 2.5f}, floats.toTensor().toFloats());
    Constant doubles =
        constant(m -> {
          m.integer(2, 11);
          m.bytes(10, new byte[] {0, 0, 0, 0, 0, 0, 4, 0x40});
        });
    assertEquals(2.5, doubles.toTensor().item());
  }

  @Test
  void tensorsAreNotBelieved() throws IOException {
    badConstant(m -> m.integer(1, 2), "does not tell its type");
    badConstant(m -> m.integer(2, 8), "type 8 of onnx.TensorProto.DataType");
    badConstant(m -> m.integer(2, 1), "FLOAT [] does not take 0 bytes");
    badConstant(sized(1, 4, -1), "negative size");
    badConstant(sized(1, 4, 1L << 32, 1L << 32), "more than 2^63 - 1 elements");
    badConstant(sized(1, 4, 1L << 40), "does not take 4 bytes");
    badConstant(sized(1, 7, 1), "does not take 7 bytes");
    badConstant(sized(1, 4, new long[300]), "300 axes");
    badConstant(sized(1, 4, 1).andThen(m -> m.real(4, 1)), "elements of two kinds");
    badConstant(
        m -> {
          m.integer(5, 1);
          m.integer(7, 1);
        },
        "elements of two kinds");
    badConstant(
        m -> {
          m.integer(2, 1);
          m.integer(5, 1);
        },
        "has its elements in field 5");
    badConstant(
        m -> {
          m.integer(2, 2);
          m.integer(5, 256);
        },
        "has 256 where UINT8 is due");
    badConstant(
        m -> {
          m.integer(2, 2);
          m.integer(5, -129);
        },
        "has -129 where UINT8 is due");
    badConstant(m -> m.bytes(13, new byte[0]), "lies in another file");
    badConstant(m -> m.integer(14, 1), "lies in another file");
    badConstant(m -> m.bytes(3, new byte[0]), "cut into segments");
    badConstant(
        m -> {
          m.text(8, "a\nb");
          m.text(6, "x");
        },
        "tensor 'a\\u000ab' holds texts");
  }

  private static Consumer<WireWriter> sized(int type, int bytes, long... sizes) {
    return m -> {
      Arrays.stream(sizes).forEach(size -> m.integer(1, size));
      m.integer(2, type);
      m.bytes(9, new byte[bytes]);
    };
  }

  @Test
  void theWireIsNotBelieved() throws IOException {
    bad(new byte[0], "byte 0: not an ONNX model: it has no graph");
    bad(new byte[] {0, 0}, "field number 0");
    bad(new byte[] {0x3a, 5, 0}, "field 7 of 5 bytes, where 1 are left");
    bad(message(m -> m.integer(7, 1)), "field 7 of wire type 0, not 2");
    bad(new byte[] {8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, "more than 10 bytes");
    bad(new byte[] {0x3a, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, "18446744073709551615 bytes");
    bad(new byte[] {(byte) 0xa3, 6}, "wire type 3");
    bad(message(m -> m.bytes(2, new byte[] {(byte) 0xc3})), "not UTF-8");
    bad(
        message(m -> {
          m.bytes(7, new byte[0]);
          m.bytes(7, new byte[0]);
        }),
        "a second graph");
    bad(message(m -> m.bytes(25, new byte[0])), "functions of its own");
    bad(message(m -> m.message(7, g -> g.bytes(15, new byte[0]))), "sparse constant");
    bad(
        message(m -> m.message(7, g -> g.message(1, n -> n.text(3, "relu_1")))),
        "node 'relu_1' names no operation");
    // Graphs in attributes of nodes of graphs, and so on.
    byte[] deep = message(m -> m.text(2, "g"));
    for (int i = 0; i < 200; i++) {
      byte[] inner = deep;
      deep = message(m -> m.message(1, n -> n.message(5, a -> a.bytes(6, inner))));
    }
    byte[] graph = deep;
    bad(message(m -> m.bytes(7, graph)), "nested deeper than 64");
  }

  @Test
  void smallFilesCannotAskForMuchMemory() throws IOException {
    byte[] nodes =
        message(m ->
            m.message(
                7,
                g -> {
                  for (int i = 0; i < 10_000; i++) {
                    g.message(1, n -> n.text(4, "A"));
                  }
                }));
    assertEquals(10_000, OnnxReader.model(new WireReader("f", nodes)).graph().nodes().size());
    long before = Refusals.allocated();
    IOException e =
        assertThrows(
            IOException.class, () -> OnnxReader.model(new WireReader("f", nodes, 1_000_000)));
    assertTrue(Refusals.allocated() - before < 1_500_000, "counted too cheaply");
    assertTrue(String.valueOf(e.getMessage()).endsWith("with a larger -Xmx"), e.getMessage());
  }

  @Test
  void attributesAreNotBelieved() throws IOException {
    badAttribute(a -> a.integer(20, 2), "");
    badAttribute(a -> a.integer(20, 4), "attribute 'k' has no value of type 4");
    badAttribute(a -> a.integer(20, 99), "attribute 'k' has no value of type 99");
    badAttribute(a -> a.integer(20, (1L << 32) + 2), "no value of type 4294967298");
    badAttribute(a -> {}, "attribute 'k' has no value of type 0");
    badAttribute(a -> a.integer(3, 5), ""); // an old file: no type, but a number
    badAttribute(a -> a.text(21, "x"), "outside a function");
    badAttribute(a -> a.bytes(10, new byte[0]), "'k' holds tensors, graphs");
  }

  private void badAttribute(Consumer<WireWriter> content, String part) throws IOException {
    byte[] bytes =
        message(m ->
            m.message(
                7,
                g ->
                    g.message(
                        1,
                        n -> {
                          n.text(4, "Op");
                          n.message(
                              5,
                              a -> {
                                a.text(1, "k");
                                content.accept(a);
                              });
                        })));
    if (part.isEmpty()) { // nothing is wrong with it
      Node node = OnnxReader.read(file(bytes)).graph().nodes().get(0);
      assertTrue(node.attributes().get("k") instanceof Attribute.Int);
    } else {
      bad(bytes, part);
    }
  }

  @Test
  void modelsOfPyTorchGoBothWays() throws IOException {
    Path folder = Refusals.data("onnx-pytorch");
    List<Path> models;
    List<Path> tensors;
    try (var files = Files.walk(folder)) {
      List<Path> all = files.sorted().toList();
      models = all.stream().filter(f -> f.endsWith("model.onnx")).toList();
      tensors = all.stream().filter(f -> f.toString().endsWith(".pb")).toList();
    }
    assertEquals(115, models.size());
    int sameBytes = 0;
    for (Path file : models) {
      Model read = OnnxReader.read(file);
      assertTrue(!read.graph().nodes().isEmpty(), file.toString());
      byte[] written = OnnxWriter.toBytes(read);
      assertEquals(read, OnnxReader.read(file(written)), file.toString());
      sameBytes += Arrays.equals(written, Files.readAllBytes(file)) ? 1 : 0;
    }
    assertTrue(sameBytes > 50, "only " + sameBytes + " came out byte by byte");
    for (Path file : tensors) {
      Constant read = OnnxReader.readConstant(file);
      assertEquals(read, OnnxReader.readConstant(file(OnnxWriter.toBytes(read))));
      assertEquals(read.shape(), read.toTensor().shape());
    }
    assertTrue(tensors.size() >= 230, "only " + tensors.size() + " tensors");
  }
}
