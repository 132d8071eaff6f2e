package org.adjoint.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** All bytes of a file, which may be gzipped (told by its first bytes, not by its name). */
final class Unpacked {
  private static final int CHUNK = 1 << 16;

  private Unpacked() {}

  /** What a file may at most unpack to: growing an array holds two copies for a moment. */
  static long limit() {
    return Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * Reads a whole file; memory grows with the bytes that really come.
   *
   * @throws IOException in one line: it is missing, damaged, or longer than {@code limit} bytes
   */
  static byte[] read(Path file, long limit) throws IOException {
    if (!Files.isRegularFile(file)) { // a pipe or a device may never end
      throw new IOException(file + ": " + (Files.exists(file) ? "not a file" : "no such file"));
    }
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK)) {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      try (InputStream in = gzip ? new GZIPInputStream(raw, CHUNK) : raw) {
        return take(in, limit);
      }
    } catch (IOException e) { // the disk's, or gzip's: damaged, cut short, wrong checksum
      String reason = e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
      throw new IOException(file + ": " + reason, e);
    }
  }

  /** What {@code in} holds, if that is at most {@code limit} bytes. */
  static byte[] take(InputStream in, long limit) throws IOException {
    byte[] bytes = new byte[(int) Math.min(limit, CHUNK)];
    int n = 0;
    while (true) {
      int got = n < bytes.length ? in.read(bytes, n, bytes.length - n) : -1;
      if (got >= 0) {
        n += got;
      } else if (n < bytes.length) {
        return Arrays.copyOf(bytes, n);
      } else {
        int one = in.read();
        if (one < 0) {
          return bytes;
        }
        if (n >= limit) {
          throw new IOException("more than the limit of " + limit + " bytes");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(16, 2L * n)));
        bytes[n++] = (byte) one;
      }
    }
  }
}
