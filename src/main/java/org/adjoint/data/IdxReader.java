package org.adjoint.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Reads the IDX format of Yann LeCun's MNIST page, plain or gzipped (told apart by the first bytes,
 * not by the name).
 *
 * <pre>
 *   byte 0, 1   zero
 *   byte 2      type of an element: 0x08 unsigned byte, the only one read here
 *   byte 3      rank
 *   then        rank sizes, 4 bytes each, big-endian
 *   then        the elements, last index fastest, and nothing after them
 * </pre>
 *
 * <p>A header may lie. So the size it promises is checked against what the file could hold before
 * anything is allocated, memory grows with the bytes that really arrive, and a gzip stream is never
 * unpacked further than one byte past the promise.
 */
public final class IdxReader {
  /** Deflate's best case: one byte of input never unpacks to more than this many. */
  private static final long MAX_GZIP_RATIO = 1032;

  private static final int FIRST_CHUNK = 1 << 16;

  /**
   * What a file holds. (Arrays compare by identity, and so do two values of this record.)
   *
   * @param dims the sizes, outermost first, at least one
   * @param data the elements, each an unsigned byte; as many as the product of {@code dims}
   */
  @SuppressWarnings("ArrayRecordComponent") // no one compares two files' contents by equals
  public record Idx(int[] dims, byte[] data) {}

  private final InputStream in;

  /** Bytes read so far, after unpacking: where an error is. */
  private long at;

  private IdxReader(InputStream in) {
    this.in = in;
  }

  /**
   * Reads a whole file.
   *
   * @throws IOException in one line, with the file, what is wrong and at which (unpacked) byte: if
   *     it is missing, not IDX, of another type than unsigned byte, shorter or longer than its
   *     header says, or larger than a quarter of the heap
   */
  public static Idx read(Path file) throws IOException {
    // Growing an array holds two copies for a moment; a quarter leaves room for that.
    return read(file, Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 4));
  }

  static Idx read(Path file, long limit) throws IOException {
    if (!Files.isRegularFile(file)) { // a pipe or a device may never end
      throw new IOException(file + ": " + (Files.exists(file) ? "not a file" : "no such file"));
    }
    long size = Files.size(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), FIRST_CHUNK)) {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      if (gzip) {
        try (InputStream unpacked = unpack(file, raw)) {
          return new IdxReader(unpacked).parse(file, size * MAX_GZIP_RATIO, limit);
        }
      }
      return new IdxReader(raw).parse(file, size, limit);
    }
  }

  private static InputStream unpack(Path file, InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, FIRST_CHUNK);
    } catch (IOException e) {
      throw new IOException(file + ": byte 0: bad gzip header", e);
    }
  }

  /** Parses the file, of which at most {@code most} bytes can come and {@code limit} are wanted. */
  private Idx parse(Path file, long most, long limit) throws IOException {
    try {
      byte[] magic = take(4, "the magic number");
      if (magic[0] != 0 || magic[1] != 0) {
        throw new Malformed(
            0, "not IDX: it begins with 0x%02x%02x, not 0x0000".formatted(magic[0], magic[1]));
      }
      if (magic[2] != 0x08) {
        throw new Malformed(
            2, "elements are %s; only unsigned byte (0x08) is read".formatted(type(magic[2])));
      }
      int rank = Byte.toUnsignedInt(magic[3]);
      if (rank == 0) {
        throw new Malformed(3, "rank 0: there must be at least one dimension");
      }
      int[] dims = new int[rank];
      long count = 1;
      for (int i = 0; i < rank; i++) {
        long dim = Integer.toUnsignedLong(ByteBuffer.wrap(take(4, "the sizes")).getInt());
        // Both factors are below 2³², and count stays below 2³¹: the product cannot overflow.
        count *= dim;
        if (dim > Integer.MAX_VALUE || count > Integer.MAX_VALUE) {
          throw new Malformed(
              at - 4, "size %d of dimension %d makes 2^31 elements or more".formatted(dim, i));
        }
        dims[i] = (int) dim;
      }
      if (count > most - at) {
        throw new Malformed(
            at, "header promises %d bytes, the file can hold %d".formatted(count, most - at));
      }
      if (count > limit) {
        throw new Malformed(
            at, "%d bytes of data, more than the limit of %d".formatted(count, limit));
      }
      byte[] data = take((int) count, "the data");
      if (in.read() >= 0) { // at the end this also checks gzip's own length and checksum
        throw new Malformed(
            at, "more bytes follow the %d that the header promises".formatted(count));
      }
      return new Idx(dims, data);
    } catch (Malformed e) {
      throw new IOException(file + ": byte " + e.at + ": " + e.getMessage(), e);
    } catch (IOException e) { // the disk's, or gzip's: damaged, cut short, wrong checksum
      String reason = e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
      throw new IOException(file + ": byte " + at + ": cannot read on: " + reason, e);
    }
  }

  /** Exactly {@code count} bytes, in an array that at most doubles with each chunk that came. */
  private byte[] take(int count, String what) throws IOException {
    byte[] bytes = new byte[Math.min(count, FIRST_CHUNK)];
    int n = 0;
    while (n < count) {
      if (n == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * n));
      }
      int got = in.read(bytes, n, bytes.length - n);
      if (got < 0) {
        throw new Malformed(at, "the file ends in %s: %d of %d bytes".formatted(what, n, count));
      }
      n += got;
      at += got;
    }
    return bytes;
  }

  private static String type(byte code) {
    String name =
        switch (code) {
          case 0x09 -> "signed byte";
          case 0x0b -> "16-bit integer";
          case 0x0c -> "32-bit integer";
          case 0x0d -> "32-bit float";
          case 0x0e -> "64-bit float";
          default -> "of unknown type";
        };
    return String.format("%s (0x%02x)", name, code);
  }

  /** Something wrong at a byte; the file's name is added by the one who knows it. */
  private static final class Malformed extends IOException {
    private static final long serialVersionUID = 1;
    final long at;

    Malformed(long at, String message) {
      super(message);
      this.at = at;
    }
  }
}
