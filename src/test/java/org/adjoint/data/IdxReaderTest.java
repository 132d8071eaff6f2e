package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxReaderTest {
  @TempDir Path dir;

  /** An IDX file of unsigned bytes with these sizes in its header, whatever the data. */
  static byte[] idx(byte[] data, int... dims) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * dims.length + data.length);
    file.putInt(0x0800 | dims.length);
    for (int d : dims) {
      file.putInt(d);
    }
    return file.put(data).array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gz = new GZIPOutputStream(out)) {
      gz.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] counting(int n) {
    byte[] data = new byte[n];
    for (int i = 0; i < n; i++) {
      data[i] = (byte) i;
    }
    return data;
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(dir.resolve("some.idx"), bytes);
  }

  /** Reading fails in one line that names the file and contains each of {@code parts}. */
  private void refused(byte[] bytes, String... parts) throws IOException {
    Path file = file(bytes);
    String message = message(assertThrows(IOException.class, () -> IdxReader.read(file)));
    assertTrue(message.startsWith(file + ": "), message);
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void readsPlainAndGzipped() throws IOException {
    byte[] data = counting(2 * 3 * 5);
    byte[] plain = idx(data, 2, 3, 5);
    for (byte[] bytes : new byte[][] {plain, gzip(plain)}) {
      IdxReader.Idx idx = IdxReader.read(file(bytes));
      assertArrayEquals(new int[] {2, 3, 5}, idx.dims());
      assertArrayEquals(data, idx.data());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1_000_003})
  void readsAnyLength(int n) throws IOException {
    byte[] plain = idx(counting(n), n);
    assertArrayEquals(counting(n), IdxReader.read(file(plain)).data());
    assertArrayEquals(counting(n), IdxReader.read(file(gzip(plain))).data());
  }

  @Test
  void aFullHeaderOf255SizesIsRead() throws IOException {
    int[] ones = new int[255];
    Arrays.fill(ones, 1);
    assertArrayEquals(ones, IdxReader.read(file(idx(new byte[] {7}, ones))).dims());
  }

  @Test
  void whatIsNoFileIsRefused() {
    Path none = dir.resolve("none");
    var missing = assertThrows(IOException.class, () -> IdxReader.read(none));
    assertEquals(none + ": no such file", missing.getMessage());
    var folder = assertThrows(IOException.class, () -> IdxReader.read(dir));
    assertEquals(dir + ": not a file", folder.getMessage());
  }

  @Test
  void truncatedAnywhereIsRefused() throws IOException {
    byte[] plain = idx(counting(300), 3, 100);
    byte[] gz = gzip(plain);
    for (int n = 0; n < plain.length; n++) {
      refused(Arrays.copyOf(plain, n), "byte ");
    }
    for (int n = 0; n < gz.length; n++) {
      refused(Arrays.copyOf(gz, n), "byte ");
    }
    refused(Arrays.copyOf(plain, 6), "byte 6", "ends in the sizes: 2 of 4");
    refused(Arrays.copyOf(plain, 100), "byte 12", "promises 300 bytes", "hold 88");
    refused(gzip(Arrays.copyOf(plain, 100)), "byte 100", "ends in the data: 88 of 300 bytes");
  }

  @Test
  void trailingBytesAreRefused() throws IOException {
    byte[] longer = idx(counting(301), 3, 100);
    refused(longer, "byte 312", "more bytes follow the 300");
    refused(gzip(longer), "byte 312", "more bytes follow the 300");
  }

  @Test
  void damagedGzipIsRefused() throws IOException {
    byte[] gz = gzip(idx(counting(300), 300));
    gz[gz.length - 6] ^= 1; // in the checksum
    refused(gz, "byte 308", "cannot read on: Corrupt GZIP trailer");
  }

  @Test
  void wrongMagicAndOtherTypesAreRefusedByName() throws IOException {
    refused(new byte[] {0x50, 0x4b, 3, 4, 0, 0, 0, 0}, "byte 0", "not IDX", "0x504b");
    refused(new byte[] {0, 0, 0x0d, 1, 0, 0, 0, 0}, "byte 2", "32-bit float (0x0d)");
    refused(new byte[] {0, 0, 0x09, 1, 0, 0, 0, 0}, "byte 2", "signed byte (0x09)");
    refused(new byte[] {0, 0, (byte) 0xf7, 1, 0, 0, 0, 0}, "byte 2", "unknown type (0xf7)");
    refused(new byte[] {0, 0, 8, 0}, "byte 3", "rank 0");
  }

  @Test
  void hugePromisesAreRefusedBeforeAnythingIsAllocated() throws IOException {
    int max = Integer.MAX_VALUE;
    refused(idx(new byte[9], 1 << 20, 1 << 20), "byte 8", "dimension 1", "2^31"); // 2^40
    refused(idx(new byte[9], 65536, 65536), "2^31"); // 2^32: 0 in an int
    refused(idx(new byte[9], max, max, max, max, max), "2^31"); // beyond a long
    refused(idx(new byte[9], -1), "size 4294967295 of dimension 0");
    refused(idx(new byte[9], Integer.MIN_VALUE), "size 2147483648 of dimension 0");
    refused(idx(new byte[9], 0, -1), "size 4294967295 of dimension 1");
    refused(idx(new byte[9], max), "promises 2147483647 bytes", "can hold 9");
    refused(gzip(idx(new byte[9], max)), "promises 2147483647 bytes");
    int[] most = new int[255];
    Arrays.fill(most, max);
    refused(idx(new byte[9], most), "2^31");
  }

  @Test
  void aLieCostsNoMemory() throws IOException {
    // A promise that gzip could just keep, but does not: memory must follow what came.
    byte[] noise = new byte[300_000];
    new java.util.Random(1).nextBytes(noise);
    Path liar = file(gzip(idx(noise, 300_000_000)));
    long before = allocated();
    var e = assertThrows(IOException.class, () -> IdxReader.read(liar, Integer.MAX_VALUE));
    long used = allocated() - before;
    assertTrue(message(e).contains("300000 of 300000000 bytes"), message(e));
    assertTrue(used < 4_000_000, used + " bytes allocated");
  }

  @Test
  void aGzipBombIsNotUnpacked() throws IOException {
    // 64 MB of zeros in 64 kB; the header promises 100 of them.
    Path bomb = file(gzip(idx(new byte[64 << 20], 100)));
    long before = allocated();
    var e = assertThrows(IOException.class, () -> IdxReader.read(bomb));
    assertTrue(message(e).contains("byte 108: more bytes follow the 100"), message(e));
    assertTrue(allocated() - before < 4_000_000, "the bomb went off");
  }

  @Test
  void anHonestFileBeyondTheLimitIsNotUnpacked() throws IOException {
    Path large = file(gzip(idx(new byte[64 << 20], 64 << 20)));
    long before = allocated();
    var e = assertThrows(IOException.class, () -> IdxReader.read(large, (64 << 20) - 1));
    assertTrue(message(e).contains("67108864 bytes of data, more than the limit"));
    assertTrue(allocated() - before < 4_000_000, "it was unpacked");
    assertEquals(64 << 20, IdxReader.read(large, 64 << 20).data().length);
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }

  @Test
  void randomBytesCauseNothingButIoExceptions() throws IOException {
    var random = new SplittableRandom(20_031);
    byte[] good = idx(counting(60), 3, 4, 5);
    byte[] goodGz = gzip(good);
    int read = 0;
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes;
      switch (round % 4) {
        case 0 -> {
          bytes = new byte[random.nextInt(200)];
          random.nextBytes(bytes);
        }
        case 1 -> { // random after a true beginning
          bytes = new byte[4 + random.nextInt(200)];
          random.nextBytes(bytes);
          System.arraycopy(good, 0, bytes, 0, 4);
          bytes[3] = (byte) random.nextInt(4);
        }
        case 2 -> bytes = mutated(good, random);
        default -> bytes = mutated(goodGz, random);
      }
      Path file = file(bytes);
      try {
        IdxReader.Idx idx = IdxReader.read(file);
        long count = Arrays.stream(idx.dims()).asLongStream().reduce(1, (a, b) -> a * b);
        assertEquals(count, idx.data().length);
        read++;
      } catch (IOException e) {
        assertTrue(message(e).startsWith(file + ": "), message(e));
        assertFalse(message(e).contains("null"), message(e));
      }
    }
    assertTrue(read > 100, "only " + read + " were sound: the mutations were too coarse");
  }

  private static byte[] mutated(byte[] from, SplittableRandom random) {
    byte[] bytes = Arrays.copyOf(from, from.length + random.nextInt(-2, 3));
    for (int n = random.nextInt(4); n > 0; n--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
