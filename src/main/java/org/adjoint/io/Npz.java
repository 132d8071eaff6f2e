package org.adjoint.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.adjoint.Tensor;

/**
 * numpy's npz: a zip archive, each of whose entries {@code name.npy} is an array as {@link Npy} has
 * them.
 *
 * <p>An archive can be made that unpacks to far more than it is. So an entry is unpacked only as
 * far as its own header promises, no promise is believed that deflate could not keep, entries may
 * not share their bytes, and all arrays together must fit into a quarter of the heap.
 */
public final class Npz {
  /** Deflate's best case: one byte never unpacks to more than this many. */
  private static final long MAX_RATIO = 1032;

  private static final String SUFFIX = ".npy";

  /** Zip's own beginning of time, so that the same tensors make the same bytes. */
  private static final LocalDateTime WRITTEN = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Npz() {}

  /**
   * Reads all arrays, by name, in the order of the archive.
   *
   * @throws IOException in one line, with the file, the entry and what is wrong: if the file is
   *     missing, not zip, damaged, or larger than a quarter of the heap; and as {@link Npy#read}
   */
  public static Map<String, Tensor> read(Path file) throws IOException {
    return read(file, Runtime.getRuntime().maxMemory() / 4);
  }

  static Map<String, Tensor> read(Path file, long memory) throws IOException {
    Source.requireFile(file);
    try (ZipFile zip = open(file)) {
      List<ZipEntry> entries = new ArrayList<>(Collections.list(zip.entries()));
      long left = file.toFile().length();
      for (ZipEntry entry : entries) {
        left -= entry.getCompressedSize();
        if (left < 0) {
          throw new IOException(file + ": the entries overlap: they are larger than the file");
        }
      }
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ZipEntry entry : entries) {
        String where = file + ": entry " + Quoted.of(entry.getName());
        if (!entry.getName().endsWith(SUFFIX)) {
          throw new IOException(where + " is no array: its name does not end in " + SUFFIX);
        }
        String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
        if (tensors.containsKey(name)) {
          throw new IOException(where + " comes twice");
        }
        Tensor tensor = read(zip, entry, where, memory);
        tensors.put(name, tensor);
        memory -= tensor.shape().count() * tensor.dtype().bytes();
      }
      return tensors;
    }
  }

  private static ZipFile open(Path file) throws IOException {
    try {
      return new ZipFile(file.toFile());
    } catch (IOException e) {
      throw new IOException(
          file + ": not a zip archive that can be read: " + Quoted.of("" + e.getMessage()), e);
    }
  }

  private static Tensor read(ZipFile zip, ZipEntry entry, String where, long memory)
      throws IOException {
    long packed = entry.getCompressedSize();
    boolean stored = entry.getMethod() == ZipEntry.STORED;
    CheckedInputStream in = new CheckedInputStream(unpack(zip, entry, where), new CRC32());
    try (Source source =
        new Source(where, in, stored ? packed : packed * MAX_RATIO, false, memory)) {
      Tensor tensor = Npy.read(source);
      if (in.getChecksum().getValue() != entry.getCrc()) {
        tensor.close();
        throw new IOException(where + ": the checksum differs; the file is damaged");
      }
      return tensor;
    }
  }

  private static InputStream unpack(ZipFile zip, ZipEntry entry, String where) throws IOException {
    try {
      InputStream in = zip.getInputStream(entry);
      if (in != null) {
        return in;
      }
    } catch (IOException e) {
      throw new IOException(where + ": cannot be unpacked: " + Quoted.of("" + e.getMessage()), e);
    }
    throw new IOException(where + ": cannot be unpacked");
  }

  /**
   * Writes a file, or replaces it, in one piece.
   *
   * @throws IllegalArgumentException for BF16, which numpy has not
   * @throws IOException if the disk does not take it; the old file is then as it was
   */
  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    WholeFile.write(file, out -> write(out, tensors));
  }

  /** Writes what would stand in a file; {@code out} stays open. */
  public static void write(OutputStream out, Map<String, Tensor> tensors) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      ZipEntry entry = new ZipEntry(named.getKey() + SUFFIX);
      entry.setTimeLocal(WRITTEN);
      zip.putNextEntry(entry);
      Npy.write(zip, named.getValue());
      zip.closeEntry();
    }
    zip.finish();
  }
}
