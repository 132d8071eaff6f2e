package org.adjoint.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/** What stands before the elements of a safetensors file: read, checked, and written. */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
  /** As in the format's own reader. */
  private static final long LONGEST = 100_000_000;

  /** What becomes of {"a":{},"b":{}}, seven bytes a name: maps, entries and strings. */
  private static final int MEMORY_PER_BYTE = 32;

  private static final int MOST_AXES = 255;
  private static final String METADATA = "__metadata__";

  /** A tensor, and from which byte to which its elements lie. */
  record Entry(String name, Encoding encoding, Shape shape, long begin, long end) {}

  /** Reads and checks; every entry then lies where it says, and they fill the rest of the file. */
  static SafetensorsHeader read(Source source) throws IOException {
    long length =
        ByteBuffer.wrap(source.takeArray(8, "the header's length")).order(LITTLE_ENDIAN).getLong();
    if (length < 2 || length > Math.min(LONGEST, source.left())) {
      throw source.bad(
          0,
          "a header of %s bytes; the file has %d more, and %d are the most"
              .formatted(Long.toUnsignedString(length), source.left(), LONGEST));
    }
    source.requireMemory(MEMORY_PER_BYTE * length);
    byte[] bytes = source.takeArray((int) length, "the header");
    try {
      Object json = Json.parse(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
      if (!(json instanceof Map<?, ?> map) || bytes[0] != '{') {
        throw source.bad(8, "the header is no JSON object");
      }
      return checked(map, source);
    } catch (CharacterCodingException e) {
      throw source.bad(8, "the header is not UTF-8");
    } catch (Json.Malformed e) {
      throw source.bad(8, "the header is not JSON: " + e.getMessage());
    }
  }

  private static SafetensorsHeader checked(Map<?, ?> json, Source source) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<?, ?> field : json.entrySet()) {
      String name = (String) field.getKey();
      if (!name.equals(METADATA)) {
        entries.add(entry(name, field.getValue(), source));
      } else if (field.getValue() instanceof Map<?, ?> remarks) {
        for (Map.Entry<?, ?> remark : remarks.entrySet()) {
          if (!(remark.getValue() instanceof String text)) {
            throw source.bad(8, METADATA + " holds something else than strings");
          }
          metadata.put((String) remark.getKey(), text);
        }
      } else {
        throw source.bad(8, METADATA + " is no object");
      }
    }
    requireGapless(entries, source);
    return new SafetensorsHeader(entries, metadata);
  }

  private static Entry entry(String name, @Nullable Object json, Source source) throws IOException {
    String what = "tensor " + Quoted.of(name);
    if (!(json instanceof Map<?, ?> fields)
        || fields.size() != 3
        || !(fields.get("dtype") instanceof String dtype)) {
      throw source.bad(8, what + " is not described by dtype, shape and data_offsets");
    }
    long[] sizes = longs(fields.get("shape"), what + ": shape", source);
    long[] offsets = longs(fields.get("data_offsets"), what + ": data_offsets", source);
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > source.left()) {
      throw source.bad(8, what + ": data_offsets do not lie in the file");
    }
    Encoding encoding = encoding(dtype, what, source);
    if (sizes.length > MOST_AXES) {
      throw source.bad(8, what + " has " + sizes.length + " axes; " + MOST_AXES + " are the most");
    }
    Shape shape;
    try {
      shape = Shape.of(sizes);
    } catch (IllegalArgumentException e) {
      throw source.bad(8, what + ": " + e.getMessage());
    }
    // Compared by division: the product may be more than a long holds.
    long bytes = offsets[1] - offsets[0];
    if (bytes % encoding.bytes() != 0 || bytes / encoding.bytes() != shape.count()) {
      throw source.bad(8, "%s: %s %s does not take %d bytes".formatted(what, dtype, shape, bytes));
    }
    if (shape.count() > Integer.MAX_VALUE - 8) {
      throw source.bad(8, what + " has more elements than a Java array");
    }
    return new Entry(name, encoding, shape, offsets[0], offsets[1]);
  }

  private static Encoding encoding(String dtype, String what, Source source) throws IOException {
    for (Encoding encoding : Encoding.values()) {
      if (encoding.name().equals(dtype)) {
        return encoding;
      }
    }
    throw source.bad(
        8,
        "%s is of dtype %s, which Adjoint has not; convert it where it was made"
            .formatted(what, Quoted.of(dtype)));
  }

  private static long[] longs(@Nullable Object json, String what, Source source)
      throws IOException {
    if (json instanceof List<?> list
        && list.stream().allMatch(x -> x instanceof Long n && n >= 0)) {
      return list.stream().mapToLong(n -> (Long) n).toArray();
    }
    throw source.bad(8, what + " is no list of whole numbers from 0 on");
  }

  private static void requireGapless(List<Entry> entries, Source source) throws IOException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    long memory = 0;
    for (Entry e : sorted) {
      if (e.begin() != end) {
        throw source.bad(
            8,
            "tensor %s begins at %d, where the one before it ends at %d"
                .formatted(Quoted.of(e.name()), e.begin(), end));
      }
      end = e.end();
      memory += e.shape().count() * e.encoding().dtype().bytes();
    }
    if (end != source.left()) {
      throw source.bad(
          8, "the tensors take %d bytes, the file has %d".formatted(end, source.left()));
    }
    source.requireMemory(memory);
  }

  /** The text of a header, filled up with spaces so that the elements begin at a multiple of 8. */
  static String of(Safetensors file) {
    StringJoiner header = new StringJoiner(",", "{", "}");
    if (!file.metadata().isEmpty()) {
      StringJoiner remarks = new StringJoiner(",", "{", "}");
      file.metadata().forEach((k, v) -> remarks.add(Json.quote(k) + ":" + Json.quote(v)));
      header.add(Json.quote(METADATA) + ":" + remarks);
    }
    long at = 0;
    for (Map.Entry<String, Tensor> named : file.tensors().entrySet()) {
      Tensor tensor = named.getValue();
      if (named.getKey().equals(METADATA)) {
        throw new IllegalArgumentException("safetensors: no tensor can be called " + METADATA);
      }
      long end = at + tensor.shape().count() * tensor.dtype().bytes();
      header.add(
          "%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  Json.quote(named.getKey()),
                  tensor.dtype(),
                  tensor.shape().toString().replace(" ", ""),
                  at,
                  end));
      at = end;
    }
    if (!UTF_8.newEncoder().canEncode(header.toString())) {
      throw new IllegalArgumentException("safetensors: a name holds half of a surrogate pair");
    }
    int length = header.toString().getBytes(UTF_8).length;
    return header + " ".repeat(-length & 7);
  }
}
