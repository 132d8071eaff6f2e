package org.adjoint.io.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Walks over the fields of a protobuf message. A field begins with a varint, number · 8 + wire
 * type; then comes a varint (0), 8 bytes (1), a length and so many bytes (2), or 4 bytes (5).
 * Strict: a field of a known number but another type, a varint of more than 10 bytes, a length
 * beyond the message, a group (3, 4) and nesting deeper than {@value #DEEPEST} are errors.
 */
final class WireReader {
  private static final int DEEPEST = 64;
  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int BYTES = 2;
  private static final int FOUR_BYTES = 5;

  private static final int PER_MESSAGE = 256;
  private static final int PER_FIELD = 96;
  private static final int PER_NUMBER = 24;

  private final String file;
  private final ByteBuffer in;
  private final Purse purse;
  private final int end;
  private final int depth;
  private int at;
  private int field;
  private int type;

  /**
   * The memory that may still be taken. Two bytes of a file can ask for a record with lists in it:
   * so what is made of the fields is counted, generously, rather than the bytes.
   */
  private static final class Purse {
    private long bytes;

    Purse(long bytes) {
      this.bytes = bytes;
    }
  }

  /** The message that is the whole of {@code bytes}; half the heap may be made of it. */
  WireReader(String file, byte[] bytes) {
    this(file, bytes, Runtime.getRuntime().maxMemory() / 2);
  }

  WireReader(String file, byte[] bytes, long memory) {
    this(
        file,
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN),
        new Purse(memory),
        0,
        bytes.length,
        0);
  }

  private WireReader(String file, ByteBuffer in, Purse purse, int at, int end, int depth) {
    this.file = file;
    this.in = in;
    this.purse = purse;
    this.at = at;
    this.end = end;
    this.depth = depth;
  }

  /** Goes to the next field; false at the end of the message. */
  boolean next() throws IOException {
    if (at == end) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    type = (int) (tag & 7);
    if (field == 0 || tag >>> 32 != 0) {
      throw bad("field number " + Long.toUnsignedString(tag >>> 3));
    }
    spend(PER_FIELD);
    return true;
  }

  /** The number of this field. */
  int field() {
    return field;
  }

  /** A whole number. */
  long integer() throws IOException {
    require(VARINT);
    return varint();
  }

  float real() throws IOException {
    require(FOUR_BYTES);
    return Float.intBitsToFloat(in.getInt(pass(4)));
  }

  byte[] bytes() throws IOException {
    int from = pass(length());
    spend(at - from);
    byte[] bytes = new byte[at - from];
    in.get(from, bytes);
    return bytes;
  }

  String text() throws IOException {
    int from = pass(length());
    spend(2L * (at - from));
    try {
      ByteBuffer text = in.duplicate().position(from).limit(at);
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw bad("a text that is not UTF-8");
    }
  }

  WireReader message() throws IOException {
    int from = pass(length());
    if (depth == DEEPEST) {
      throw bad("nested deeper than " + DEEPEST);
    }
    spend(PER_MESSAGE);
    return new WireReader(file, in, purse, from, at, depth + 1);
  }

  /** Repeated whole numbers: one, or packed into bytes. */
  void integers(LongConsumer each) throws IOException {
    if (type == VARINT) {
      each.accept(varint());
      return;
    }
    int stop = stop();
    while (at < stop) {
      spend(PER_NUMBER);
      each.accept(varint());
    }
    requireAt(stop);
  }

  /** Repeated numbers of 4 or 8 bytes, as their bits: one, or packed. */
  void fixed(int width, LongConsumer each) throws IOException {
    int stop = type == (width == 4 ? FOUR_BYTES : EIGHT_BYTES) ? at + width : stop();
    while (at < stop) {
      int from = pass(width);
      spend(PER_NUMBER);
      each.accept(width == 4 ? in.getInt(from) : in.getLong(from));
    }
    requireAt(stop);
  }

  /** Passes over a field that is not wanted. */
  void skip() throws IOException {
    switch (type) {
      case VARINT -> varint();
      case EIGHT_BYTES -> pass(8);
      case BYTES -> pass(length());
      case FOUR_BYTES -> pass(4);
      default -> throw bad("wire type " + type);
    }
  }

  /** What is wrong, here. */
  IOException bad(String what) {
    return new IOException(file + ": byte " + at + ": " + what);
  }

  /** What this reader does not know here, though it may be right. */
  IOException unknown(String what) {
    return new UnsupportedFormat(file + ": byte " + at + ": " + what);
  }

  private void spend(long bytes) throws IOException {
    purse.bytes -= bytes;
    if (purse.bytes < 0) {
      throw bad("takes more memory than there is to spare; start Java with a larger -Xmx");
    }
  }

  private int stop() throws IOException {
    int length = length(); // first: it moves on
    return at + length;
  }

  private void requireAt(int stop) throws IOException {
    if (at != stop) {
      throw bad("packed numbers that do not end with their field");
    }
  }

  private int length() throws IOException {
    require(BYTES);
    long length = varint();
    if (length < 0 || length > end - at) {
      throw tooLong(length);
    }
    return (int) length;
  }

  private IOException tooLong(long length) {
    return bad(
        "field %d of %s bytes, where %d are left"
            .formatted(field, Long.toUnsignedString(length), end - at));
  }

  private void require(int wanted) throws IOException {
    if (type != wanted) {
      throw bad("field %d of wire type %d, not %d".formatted(field, type, wanted));
    }
  }

  /** Goes past {@code n} bytes; returns where they begin. */
  private int pass(int n) throws IOException {
    if (n > end - at) {
      throw tooLong(n);
    }
    at += n;
    return at - n;
  }

  /** Seven bits a byte, the lowest first, until a byte below 128. */
  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte b = in.get(pass(1));
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw bad("a number of more than 10 bytes");
  }
}
