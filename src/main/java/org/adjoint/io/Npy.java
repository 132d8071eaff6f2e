package org.adjoint.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * numpy's npy: one array a file (numpy.lib.format).
 *
 * <pre>
 *   6 bytes     0x93 NUMPY
 *   2 bytes     version: 1, 2 or 3, and 0
 *   2 bytes     length of the header, little-endian; 4 bytes from version 2 on
 *   header      {'descr': '&lt;f4', 'fortran_order': False, 'shape': (10, 784), }, a Python literal
 *               in Latin-1, from version 3 on UTF-8
 *   elements    in the order and with the end first that the header says
 * </pre>
 *
 * <p>int8, int16 and uint16 are read as I32, uint32 as I64. Arrays of Python objects, which are
 * pickled, are never read, nor are those of other dtypes that Adjoint has not.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private Npy() {}

  /**
   * Reads a file.
   *
   * @throws IOException in one line, with the file and what is wrong: if it is missing, not npy,
   *     damaged, of another dtype than ours, or larger than half the heap
   */
  public static Tensor read(Path file) throws IOException {
    try (Source source = Source.of(file)) {
      return read(source);
    }
  }

  static Tensor read(Source source) throws IOException {
    byte[] magic = source.takeArray(8, "the magic number");
    if (!Arrays.equals(magic, 0, 6, MAGIC, 0, 6)) {
      throw source.bad(0, "not npy: it does not begin with \\x93NUMPY");
    }
    int version = magic[6];
    if (version < 1 || version > 3 || magic[7] != 0) {
      throw source.bad(
          6, "version %d.%d; 1.0, 2.0 and 3.0 are read".formatted(version & 0xff, magic[7] & 0xff));
    }
    NpyHeader header = NpyHeader.read(source, version);
    Shape shape = header.shape();
    source.requireMemory(shape.count() * header.encoding().dtype().bytes());
    var raw = source.take(shape.count() * header.encoding().bytes(), "the elements");
    source.end();
    if (!header.fortran()) {
      return header.encoding().decode(shape, raw, header.order());
    }
    // First index fastest: the row-major order of the axes reversed.
    int[] reversed = new int[shape.rank()];
    long[] sizes = new long[shape.rank()];
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = shape.rank() - 1 - i;
      sizes[i] = shape.size(reversed[i]);
    }
    try (Scope scope = Scope.open()) {
      Tensor transposed = header.encoding().decode(Shape.of(sizes), raw, header.order());
      return scope.keep(transposed.permute(reversed).contiguous());
    }
  }

  /**
   * Writes a file, or replaces it, in one piece.
   *
   * @throws IllegalArgumentException for BF16 and for more than 64 axes, which numpy has not
   * @throws IOException if the disk does not take it; the old file is then as it was
   */
  public static void write(Path file, Tensor tensor) throws IOException {
    WholeFile.write(file, out -> write(out, tensor));
  }

  /** Writes what would stand in a file; {@code out} stays open. */
  public static void write(OutputStream out, Tensor tensor) throws IOException {
    byte[] header = NpyHeader.of(tensor).getBytes(UTF_8);
    ByteBuffer start = ByteBuffer.allocate(10).order(LITTLE_ENDIAN);
    start.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length);
    out.write(start.array());
    out.write(header);
    WholeFile.write(out, Encoding.encode(tensor, LITTLE_ENDIAN));
  }
}
