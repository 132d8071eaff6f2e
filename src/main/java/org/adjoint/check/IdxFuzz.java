package org.adjoint.check;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.adjoint.Philox;
import org.adjoint.data.IdxReader;

/**
 * Damaged IDX files: a reader may refuse them with an {@link IOException} of one line, and do
 * nothing else. Each file is made from a valid one by a few random changes, so that most of them
 * get past the first check.
 */
public final class IdxFuzz {
  private static final int MOST_CHANGES = 4;

  private final Philox random;

  private IdxFuzz(long seed, long number) {
    random = new Philox(seed, number);
  }

  /** How many files were tried, and the first failure; empty if there was none. */
  public record Outcome(long tried, String failure) {}

  /** Tries files until {@code time} is over or one fails. */
  public static Outcome run(long seed, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    long tried = 0;
    String failure = "";
    try {
      Path file = Files.createTempFile("adjoint", ".idx");
      try {
        for (; failure.isEmpty() && System.nanoTime() < end; tried++) {
          Files.write(file, new IdxFuzz(seed, tried).damaged());
          failure = read(file, "seed " + seed + ", file " + tried);
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Outcome(tried, failure);
  }

  private static String read(Path file, String which) {
    try {
      IdxReader.read(file);
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      return message.lines().count() == 1 ? "" : which + ": a message of several lines: " + message;
    } catch (RuntimeException | Error e) {
      return which + ": " + e;
    }
    return "";
  }

  private byte[] damaged() throws IOException {
    byte[] bytes = valid();
    boolean packed = random.nextInt(2) == 0;
    if (packed && random.nextInt(2) == 0) {
      return zip(damage(bytes));
    }
    return damage(packed ? zip(bytes) : bytes);
  }

  /** Magic number, one to three small sizes, and the elements. */
  private byte[] valid() {
    int rank = 1 + random.nextInt(3);
    int[] sizes = new int[rank];
    Arrays.setAll(sizes, i -> random.nextInt(6));
    int count = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * rank + count);
    file.putInt(0x0800 | rank);
    Arrays.stream(sizes).forEach(file::putInt);
    while (file.hasRemaining()) {
      file.put((byte) random.nextInt());
    }
    return file.array();
  }

  private byte[] damage(byte[] bytes) {
    byte[] changed = bytes.clone();
    for (int i = 1 + random.nextInt(MOST_CHANGES); i > 0 && changed.length > 0; i--) {
      int at = random.nextInt(changed.length);
      switch (random.nextInt(5)) {
        case 0 -> changed[at] = (byte) random.nextInt();
        case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> changed[at] = (byte) (random.nextInt(2) == 0 ? 0xff : 0x7f);
        case 3 -> changed = Arrays.copyOf(changed, at);
        default -> changed = Arrays.copyOf(changed, changed.length + 1 + at);
      }
    }
    return changed;
  }

  private static byte[] zip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
