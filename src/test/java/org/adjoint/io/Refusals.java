package org.adjoint.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What tests of readers share. */
public final class Refusals {
  private Refusals() {}

  /** Reads a file. */
  @FunctionalInterface
  public interface Reader {
    void read(Path file) throws IOException;
  }

  /** Reading fails in one line that names the file and contains each of {@code parts}. */
  public static void refused(Reader reader, Path file, byte[] bytes, String... parts)
      throws IOException {
    refused(reader, Files.write(file, bytes), parts);
  }

  /** As above, of a file that is there. */
  public static void refused(Reader reader, Path file, String... parts) {
    long before = allocated();
    String message =
        String.valueOf(assertThrows(IOException.class, () -> reader.read(file)).getMessage());
    long taken = allocated() - before;
    assertTrue(message.startsWith(file + ": "), message);
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(taken < 4_000_000, taken + " bytes allocated: " + message);
  }

  /** How much this thread has allocated so far. */
  public static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }

  /** A folder below the one that ADJOINT_DATA names; skips the test where there is none. */
  public static Path data(String folder) {
    String data = System.getenv("ADJOINT_DATA");
    Path path = Path.of(data == null ? "" : data, folder);
    assumeTrue(
        data != null && Files.isDirectory(path),
        "skipped: ADJOINT_DATA names no folder that holds " + folder);
    return path;
  }
}
