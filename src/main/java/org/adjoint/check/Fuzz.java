package org.adjoint.check;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.adjoint.Philox;

/**
 * Damaged files: a reader may refuse them with an {@link IOException} of one line, and do nothing
 * else; above all, take no more memory than the file is worth. Each file is made from a sound one
 * by a few random changes, so that most of them get past the first check.
 */
public final class Fuzz {
  private static final int MOST_CHANGES = 4;
  private static final int MOST_COPIED = 40;

  /** What {@link #verdict} says of a file that was read. */
  static final String READ = "read";

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Philox random;

  private Fuzz(long seed, long number) {
    random = new Philox(seed, number);
  }

  /** Reads one format, and makes files of it. */
  public interface Parser {
    /** A file that must be read. */
    byte[] sound(Philox random) throws IOException;

    /** What the file is when it is packed, damaged or not; the same bytes, if it never is. */
    default byte[] pack(byte[] bytes) throws IOException {
      return bytes;
    }

    /** Reads the file and forgets what was in it. */
    void read(Path file) throws IOException;

    /** How many bytes may be allocated for a file of so many. */
    default long allowance(long size) {
      return (1 << 20) + 64 * size;
    }
  }

  /**
   * What became of it.
   *
   * @param tried how many files were tried
   * @param read how many of them were sound all the same
   * @param failure the first failure; empty if there was none
   */
  public record Outcome(long tried, long read, String failure) {}

  /** Tries files until {@code time} is over or one fails. */
  public static Outcome run(Parser parser, long seed, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    long tried = 0;
    long read = 0;
    String failure = "";
    try {
      Path file = Files.createTempFile("adjoint", ".fuzz");
      try {
        // Not damaged: these must be read. They also load the classes that reading needs.
        for (int i = 0; i < 10; i++) {
          Files.write(file, parser.pack(parser.sound(new Philox(seed, i))));
          parser.read(file);
        }
        for (; failure.isEmpty() && System.nanoTime() < end; tried++) {
          String wrong = read(parser, file, new Fuzz(seed, tried).damaged(parser));
          read += wrong.equals(READ) ? 1 : 0;
          if (!wrong.isEmpty() && !wrong.equals(READ)) {
            failure = "seed " + seed + ", file " + tried + ": " + wrong;
          }
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Outcome(tried, read, failure);
  }

  /** {@link #verdict}, or that reading took too much memory. */
  private static String read(Parser parser, Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    String verdict = verdict(parser, file);
    long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
    return taken <= parser.allowance(bytes.length)
        ? verdict
        : taken + " bytes allocated for a file of " + bytes.length;
  }

  /** {@link #READ}, nothing if the file was refused as it should be, or what was wrong. */
  static String verdict(Parser parser, Path file) {
    try {
      parser.read(file);
      return READ;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      return message.lines().count() == 1 ? "" : "a message of several lines: " + message;
    } catch (RuntimeException | Error e) {
      return e.toString();
    }
  }

  /** Damaged outside or, where a format is packed, inside. */
  private byte[] damaged(Parser parser) throws IOException {
    byte[] bytes = parser.sound(random);
    return random.nextInt(2) == 0 ? parser.pack(damage(bytes)) : damage(parser.pack(bytes));
  }

  private byte[] damage(byte[] bytes) {
    byte[] changed = bytes.clone();
    for (int i = 1 + random.nextInt(MOST_CHANGES); i > 0 && changed.length > 0; i--) {
      int at = random.nextInt(changed.length);
      switch (random.nextInt(8)) {
        case 0 -> changed[at] = (byte) random.nextInt();
        case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> changed[at] = (byte) (random.nextInt(2) == 0 ? 0xff : 0x7f);
        case 3 -> changed = Arrays.copyOf(changed, at);
        case 4 -> changed = Arrays.copyOf(changed, changed.length + 1 + at);
        case 5 -> changed[at] = (byte) ('0' + random.nextInt(10)); // sizes in text
        case 6 -> changed = spliced(changed, at);
        default -> number(changed, at);
      }
    }
    return changed;
  }

  /** A piece of the file comes once more at {@code at}. */
  private byte[] spliced(byte[] bytes, int at) {
    int from = random.nextInt(bytes.length);
    int n = Math.min(1 + random.nextInt(MOST_COPIED), bytes.length - from);
    ByteBuffer spliced = ByteBuffer.allocate(bytes.length + n);
    spliced.put(bytes, 0, at).put(bytes, from, n).put(bytes, at, bytes.length - at);
    return spliced.array();
  }

  /** A number of 2, 4 or 8 bytes as lengths are: about as large as the file, or very large. */
  private void number(byte[] bytes, int at) {
    long value =
        random.nextInt(2) == 0
            ? bytes.length + random.nextInt(64) - 32L
            : random.nextLong() >>> random.nextInt(64);
    int width = 2 << random.nextInt(3);
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
  }
}
