package org.adjoint.io;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** What an npy file says of its elements. */
record NpyHeader(Encoding encoding, ByteOrder order, boolean fortran, Shape shape) {
  /** Plain arrays need 118 bytes; numpy's own reader stops at 10,000 characters. */
  private static final long LONGEST = 10_000;

  private static final Map<String, Encoding> CODES =
      Map.ofEntries(
          Map.entry("b1", Encoding.BOOL),
          Map.entry("u1", Encoding.U8),
          Map.entry("i1", Encoding.I8),
          Map.entry("i2", Encoding.I16),
          Map.entry("u2", Encoding.U16),
          Map.entry("i4", Encoding.I32),
          Map.entry("u4", Encoding.U32),
          Map.entry("i8", Encoding.I64),
          Map.entry("f2", Encoding.F16),
          Map.entry("f4", Encoding.F32),
          Map.entry("f8", Encoding.F64));

  /** As numpy has them. */
  private static final int MOST_AXES = 64;

  private static final int ALIGNMENT = 64;

  /** One {@code 'name': value} of a flat dictionary; a list is that of a structured dtype. */
  private static final Pattern FIELD =
      Pattern.compile(
          "\\s*+(?:'([a-z_]++)'|\"([a-z_]++)\")\\s*+:\\s*+"
              + "(True|False|'[^'\\\\]*+'|\"[^\"\\\\]*+\"|\\([^()]*+\\)|\\[.*\\])\\s*+(,|$)",
          Pattern.DOTALL);

  /** (), (3,), (3, 4) and (3, 4,); Python 2 put an L behind what was a long to it. */
  private static final Pattern SIZES =
      Pattern.compile("\\(\\s*+(?:(?:\\d++L?\\s*+,\\s*+)++(?:\\d++L?\\s*+)?+)?+\\)");

  static NpyHeader read(Source source, int version) throws IOException {
    int width = version == 1 ? 2 : 4;
    ByteBuffer prefix =
        ByteBuffer.wrap(source.takeArray(width, "the header's length")).order(LITTLE_ENDIAN);
    long length =
        width == 2
            ? Short.toUnsignedLong(prefix.getShort())
            : Integer.toUnsignedLong(prefix.getInt());
    if (length > LONGEST) {
      throw source.bad(8, "a header of %d bytes; %d are the most".formatted(length, LONGEST));
    }
    byte[] bytes = source.takeArray((int) length, "the header");
    try {
      var charset = version < 3 ? ISO_8859_1 : UTF_8;
      String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().strip();
      return of(fields(text, source), source);
    } catch (CharacterCodingException e) {
      throw source.bad(8, "the header is not UTF-8");
    }
  }

  private static Map<String, String> fields(String text, Source source) throws IOException {
    Map<String, String> fields = new TreeMap<>();
    if (text.startsWith("{") && text.endsWith("}")) {
      String inside = text.substring(1, text.length() - 1).strip();
      Matcher field = FIELD.matcher(inside);
      int at = 0;
      while (at < inside.length() && field.region(at, inside.length()).lookingAt()) {
        String name = field.group(1) != null ? field.group(1) : field.group(2);
        if (fields.put(name, field.group(3)) != null) {
          throw source.bad(8, "the header says " + Quoted.of(name) + " twice");
        }
        at = field.end();
      }
      if (at == inside.length()) {
        return fields;
      }
    }
    throw source.bad(8, "the header is no dictionary of Python: " + Quoted.of(text));
  }

  private static NpyHeader of(Map<String, String> fields, Source source) throws IOException {
    String descr = fields.get("descr");
    String fortran = fields.get("fortran_order");
    String sizes = fields.get("shape");
    if (fields.size() != 3 || descr == null || fortran == null || sizes == null) {
      throw source.bad(
          8, "the header says " + fields.keySet() + ", not descr, fortran_order and shape");
    }
    if (!fortran.equals("True") && !fortran.equals("False")) {
      throw source.bad(8, "fortran_order is " + Quoted.of(fortran));
    }
    Encoding encoding = encoding(descr, source);
    Shape shape = shape(sizes, source);
    if (shape.count() > Integer.MAX_VALUE - 8) {
      throw source.bad(8, shape + " has more elements than a Java array");
    }
    ByteOrder order =
        switch (descr.charAt(1)) {
          case '<' -> LITTLE_ENDIAN;
          case '>' -> BIG_ENDIAN;
          default -> ByteOrder.nativeOrder(); // '=', or '|' where there is no order
        };
    return new NpyHeader(encoding, order, fortran.equals("True"), shape);
  }

  private static Encoding encoding(String descr, Source source) throws IOException {
    boolean text = descr.length() >= 4 && descr.charAt(0) != '[' && descr.charAt(0) != '(';
    if (text && descr.charAt(2) == 'O') {
      throw source.bad(8, "an array of Python objects, which are pickled and never read");
    }
    Encoding encoding =
        text && "<>=|".indexOf(descr.charAt(1)) >= 0
            ? CODES.get(descr.substring(2, descr.length() - 1))
            : null;
    if (encoding != null) {
      return encoding;
    }
    throw source.bad(
        8, "dtype " + Quoted.of(descr) + ", which Adjoint has not; convert it with astype");
  }

  private static Shape shape(String text, Source source) throws IOException {
    if (!SIZES.matcher(text).matches()) {
      throw source.bad(8, "shape is no tuple of whole numbers: " + Quoted.of(text));
    }
    String[] sizes = text.replaceAll("[()L\\s]", "").split(",");
    long[] numbers = new long[sizes[0].isEmpty() ? 0 : sizes.length];
    if (numbers.length > MOST_AXES) {
      throw source.bad(8, numbers.length + " axes; " + MOST_AXES + " are the most");
    }
    try {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Long.parseLong(sizes[i]);
      }
      return Shape.of(numbers);
    } catch (IllegalArgumentException e) {
      throw source.bad(8, "shape has a size or a product beyond 2^63: " + Quoted.of(text));
    }
  }

  /** The text of a header, with spaces so that the elements begin at a multiple of 64. */
  static String of(Tensor tensor) {
    if (tensor.rank() > MOST_AXES) {
      throw new IllegalArgumentException(
          "npy: numpy's arrays have at most " + MOST_AXES + " axes, not " + tensor.rank());
    }
    String descr =
        switch (tensor.dtype()) {
          case F64 -> "<f8";
          case F32 -> "<f4";
          case F16 -> "<f2";
          case I64 -> "<i8";
          case I32 -> "<i4";
          case U8 -> "|u1";
          case BOOL -> "|b1";
          case BF16 ->
              throw new IllegalArgumentException(
                  "npy: numpy has no BF16; convert with to(DType.F32)");
        };
    StringJoiner sizes = new StringJoiner(", ", "(", tensor.rank() == 1 ? ",)" : ")");
    for (long size : tensor.shape().toArray()) {
      sizes.add(Long.toString(size));
    }
    String header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + sizes + ", }";
    int size = 10 + header.length() + 1; // with what stands before the header, and the line's end
    return header + " ".repeat(Math.floorMod(-size, ALIGNMENT)) + "\n";
  }
}
