package org.adjoint.io;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The bytes of a file, one after the other, none of them trusted: what is asked for is compared
 * with what can still come before memory is taken for it, and where that is not certain (a packed
 * file), memory grows with what comes.
 */
final class Source implements Closeable {
  private static final int CHUNK = 1 << 14;

  private final String name;
  private final InputStream in;
  private final long most;
  private final boolean exact;
  private final long memory;
  private final byte[] chunk = new byte[CHUNK];
  private long at;

  /**
   * @param name of the file, for messages
   * @param most how many bytes can come
   * @param exact whether just so many will
   * @param memory how many bytes a reader may make of it
   */
  Source(String name, InputStream in, long most, boolean exact, long memory) {
    this.name = name;
    this.in = in;
    this.most = most;
    this.exact = exact;
    this.memory = memory;
  }

  /** A plain file, of which half the heap may be made: what is read is held twice for a moment. */
  static Source of(Path file) throws IOException {
    requireFile(file);
    long heap = Runtime.getRuntime().maxMemory() / 2;
    return new Source(file.toString(), Files.newInputStream(file), Files.size(file), true, heap);
  }

  /** Pipes and devices may never end. */
  static void requireFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": " + (Files.exists(file) ? "not a file" : "no such file"));
    }
  }

  /** How many bytes can still come. */
  long left() {
    return most - at;
  }

  /** What is wrong, and at which byte. */
  IOException bad(long where, String what) {
    return new IOException(name + ": byte " + where + ": " + what);
  }

  /** What is wrong, here. */
  IOException bad(String what) {
    return bad(at, what);
  }

  /** Refuses what would take more memory than there may be. */
  void requireMemory(long bytes) throws IOException {
    if (bytes > memory) {
      throw new IOException(
          "%s: takes %d bytes of memory, more than the %d to spare; start Java with a larger -Xmx"
              .formatted(name, bytes, memory));
    }
  }

  /** The next {@code count} bytes, which are {@code what}. */
  MemorySegment take(long count, String what) throws IOException {
    if (count > left()) {
      throw bad("the file ends in %s: %d bytes, at most %d left".formatted(what, count, left()));
    }
    requireMemory(count);
    long[] words = new long[words(exact ? count : Math.min(count, CHUNK))];
    for (long n = 0; n < count; ) {
      int got = read((int) Math.min(CHUNK, count - n));
      if (got < 0) {
        throw bad("the file ends in %s: %d of %d bytes".formatted(what, n, count));
      }
      if (n + got > 8L * words.length) {
        words = Arrays.copyOf(words, words(Math.min(count, 2 * (n + got))));
      }
      MemorySegment.copy(chunk, 0, MemorySegment.ofArray(words), ValueLayout.JAVA_BYTE, n, got);
      n += got;
      at += got;
    }
    return MemorySegment.ofArray(words).asSlice(0, count);
  }

  /** As {@link #take}, as an array. */
  byte[] takeArray(int count, String what) throws IOException {
    return take(count, what).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Refuses anything more. */
  void end() throws IOException {
    if (read(1) >= 0) {
      throw bad("more bytes follow the last that the header promises");
    }
  }

  private int read(int count) throws IOException {
    try {
      return in.read(chunk, 0, count);
    } catch (IOException e) { // the disk's, or an unpacker's: damaged, cut short, wrong checksum
      throw new IOException(
          name + ": byte " + at + ": cannot read on: " + Quoted.of(String.valueOf(e.getMessage())),
          e);
    }
  }

  private static int words(long bytes) {
    return Math.toIntExact(Math.ceilDiv(bytes, 8));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
