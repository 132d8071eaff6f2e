package org.adjoint.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files read, or written, as a whole. A new file is written beside the old one, seen onto the disk,
 * and moved over it: whatever happens in between, a reader finds the old file or the new one.
 */
public final class WholeFile {
  private static final int CHUNK = 1 << 16;

  private WholeFile() {}

  /** What writes the bytes. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Replaces {@code file}. What lies beside it until then is called {@code file.tmp}: one left by a
   * killed process is overwritten; two writers of one file at a time are the caller's mistake.
   *
   * @throws IOException if the file cannot be written; the old one is then as it was
   */
  public static void write(Path file, Content content) throws IOException {
    requirePlace(file);
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), CHUNK);
      content.writeTo(out);
      out.flush();
      channel.force(true);
    } catch (IOException | RuntimeException | Error e) {
      Files.deleteIfExists(beside);
      throw e;
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      forceFolder(folder);
    }
  }

  private static void requirePlace(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new IOException(file + ": is a folder; name a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(file + ": there is no folder " + folder + "; make it first");
    }
  }

  /** The move itself is on the disk once its folder is. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Some systems cannot open a folder. The file is whole all the same, the old or the new.
    }
  }

  /** Writes {@code bytes}, however many. */
  static void write(OutputStream out, MemorySegment bytes) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
      int n = (int) Math.min(CHUNK, bytes.byteSize() - at);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, n);
      out.write(chunk, 0, n);
    }
  }

  /**
   * All bytes of a file.
   *
   * @throws IOException in one line, if it is missing, no file, 2 GiB or more, or larger than a
   *     quarter of the heap
   */
  public static byte[] read(Path file) throws IOException {
    try (Source source = Source.of(file)) {
      long size = source.left();
      source.requireMemory(2 * size); // what is made of the bytes is held beside them
      if (size > Integer.MAX_VALUE - 8) {
        throw source.bad("%d bytes, 2 GiB or more".formatted(size));
      }
      return source.takeArray((int) size, "the file");
    }
  }
}
