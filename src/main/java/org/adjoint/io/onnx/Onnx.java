package org.adjoint.io.onnx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an ONNX model (onnx.proto3, IR version 3 and later), under names of their own: a
 * message of the format is a record here, and what was not said is an empty string or list.
 */
public final class Onnx {
  private Onnx() {}

  /**
   * A whole file.
   *
   * @param irVersion of the format itself
   * @param producer what wrote the file
   * @param opSets which version of which operations the graph means
   */
  public record Model(
      long irVersion,
      String producer,
      String producerVersion,
      String domain,
      long version,
      List<OpSet> opSets,
      Graph graph,
      Map<String, String> metadata) {
    /** The version of the standard's own operations; 1, if the file does not say. */
    public long opSet() {
      return opSets.stream()
          .filter(set -> set.domain().isEmpty() || set.domain().equals("ai.onnx"))
          .mapToLong(OpSet::version)
          .findFirst()
          .orElse(1);
    }
  }

  /** A version of the operations of a domain; the standard's own is empty. */
  public record OpSet(String domain, long version) {}

  /**
   * Nodes in an order in which they can be computed, joined by the names of values.
   *
   * @param constants values that the file holds, such as weights
   * @param inputs what is given to the graph; before IR version 4 the constants are among them
   * @param between shapes of values that are neither inputs nor outputs, where they are told
   */
  public record Graph(
      String name,
      List<Node> nodes,
      List<Constant> constants,
      List<Value> inputs,
      List<Value> outputs,
      List<Value> between) {}

  /**
   * One operation.
   *
   * @param op which one, such as {@code Conv}
   * @param domain whose, empty for the standard's own
   * @param inputs names of values; an optional input that is left out has an empty one
   */
  public record Node(
      String op,
      String name,
      String domain,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    /** The attribute {@code name} as a number, or {@code otherwise} if the node has none. */
    public long integer(String name, long otherwise) {
      Attribute.Int found = find(name, Attribute.Int.class);
      return found == null ? otherwise : found.value();
    }

    /** As {@link #integer}, of a real number. */
    public double real(String name, double otherwise) {
      Attribute.Real found = find(name, Attribute.Real.class);
      return found == null ? otherwise : found.value();
    }

    /** As {@link #integer}, of a text. */
    public String text(String name, String otherwise) {
      Attribute.Text found = find(name, Attribute.Text.class);
      return found == null ? otherwise : found.value();
    }

    /** As {@link #integer}, of several numbers. */
    public long[] integers(String name, long... otherwise) {
      Attribute.Ints found = find(name, Attribute.Ints.class);
      return found == null
          ? otherwise
          : found.values().stream().mapToLong(Long::longValue).toArray();
    }

    /** The attribute {@code name} as elements; null if the node has none. */
    public @Nullable Constant constant(String name) {
      Attribute.Elements found = find(name, Attribute.Elements.class);
      return found == null ? null : found.value();
    }

    /** The attribute {@code name} as a graph; null if the node has none. */
    public @Nullable Graph graph(String name) {
      Attribute.Body found = find(name, Attribute.Body.class);
      return found == null ? null : found.value();
    }

    private <A extends Attribute> @Nullable A find(String attribute, Class<A> kind) {
      Attribute found = attributes.get(attribute);
      if (found != null && !kind.isInstance(found)) {
        throw new IllegalArgumentException(
            "onnx: attribute '%s' of %s '%s' is %s, not %s"
                .formatted(
                    attribute, op, name, found.getClass().getSimpleName(), kind.getSimpleName()));
      }
      return found == null ? null : kind.cast(found);
    }
  }

  /** What a node is told besides its inputs. */
  public sealed interface Attribute {
    /** A real number. */
    record Real(float value) implements Attribute {}

    /** A whole number. */
    record Int(long value) implements Attribute {}

    /** A text. */
    record Text(String value) implements Attribute {}

    /** A tensor. */
    record Elements(Constant value) implements Attribute {}

    /** A graph, such as a branch or the body of a loop. */
    record Body(Graph value) implements Attribute {}

    /** Real numbers. */
    record Reals(List<Float> values) implements Attribute {}

    /** Whole numbers. */
    record Ints(List<Long> values) implements Attribute {}

    /** Texts. */
    record Texts(List<String> values) implements Attribute {}
  }

  /**
   * The name and the kind of a value.
   *
   * @param type null if the file does not tell
   * @param dims null if the file does not even tell how many
   */
  public record Value(String name, @Nullable ElementType type, @Nullable List<Dim> dims) {}

  /**
   * A size.
   *
   * @param size −1 where it is open
   * @param symbol the name of an open size, such as {@code batch}; empty if it has none
   */
  public record Dim(long size, String symbol) {}

  /** Types of elements: the ones that Adjoint can read. */
  public enum ElementType {
    FLOAT(1, Encoding.F32, 4),
    UINT8(2, Encoding.U8, 5),
    INT8(3, Encoding.I8, 5),
    UINT16(4, Encoding.U16, 5),
    INT16(5, Encoding.I16, 5),
    INT32(6, Encoding.I32, 5),
    INT64(7, Encoding.I64, 7),
    BOOL(9, Encoding.BOOL, 5),
    FLOAT16(10, Encoding.F16, 5),
    DOUBLE(11, Encoding.F64, 10),
    UINT32(12, Encoding.U32, 11),
    BFLOAT16(16, Encoding.BF16, 5);

    private final int code;
    private final Encoding encoding;
    private final int field;

    ElementType(int code, Encoding encoding, int field) {
      this.code = code;
      this.encoding = encoding;
      this.field = field;
    }

    /** The number that stands for it in a file. */
    public int code() {
      return code;
    }

    /** How an element lies in a constant's bytes. */
    public Encoding encoding() {
      return encoding;
    }

    /** The field of TensorProto that holds such elements where they are not raw bytes. */
    int field() {
      return field;
    }

    /** The type of a tensor's elements. */
    public static ElementType of(DType dtype) {
      Encoding encoding = Encoding.of(dtype);
      return Arrays.stream(values())
          .filter(type -> type.encoding == encoding)
          .findFirst()
          .orElseThrow(); // there is one for each dtype
    }

    /** The type of {@code code}; null if it is not one of these. */
    static @Nullable ElementType of(long code) {
      return Arrays.stream(values()).filter(type -> type.code == code).findFirst().orElse(null);
    }
  }

  /**
   * A tensor in a file.
   *
   * @param bytes the elements in row-major order, little-endian; shared, not copied
   */
  public record Constant(String name, ElementType type, Shape shape, byte[] bytes) {
    /** The elements of {@code tensor} under a name. */
    public static Constant of(String name, Tensor tensor) {
      ElementType type = ElementType.of(tensor.dtype());
      byte[] bytes =
          Encoding.encode(tensor, ByteOrder.LITTLE_ENDIAN).toArray(ValueLayout.JAVA_BYTE);
      return new Constant(name, type, tensor.shape(), bytes);
    }

    /** The tensor; types that no dtype is like are widened as {@link Encoding} says. */
    public Tensor toTensor() {
      MemorySegment copy = MemorySegment.ofArray(bytes.clone());
      return type.encoding.decode(shape, copy, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Constant c
          && name.equals(c.name)
          && type == c.type
          && shape.equals(c.shape)
          && Arrays.equals(bytes, c.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes) + 31 * name.hashCode();
    }

    /** For example {@code FLOAT [10, 784] 'fc1.weight'}. */
    @Override
    public String toString() {
      return type + " " + shape + " '" + name + "'";
    }
  }
}
