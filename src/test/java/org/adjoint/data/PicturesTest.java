package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CIFAR-10 in both its forms, whole and damaged. */
class PicturesTest {
  @TempDir Path dir;

  /** Record i has label i and bytes i, i + 1, … */
  private static byte[] records(int n) {
    byte[] bytes = new byte[n * 3073];
    for (int i = 0; i < n; i++) {
      bytes[i * 3073] = (byte) i;
      for (int k = 0; k < 3072; k++) {
        bytes[i * 3073 + 1 + k] = (byte) (i + k);
      }
    }
    return bytes;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(dir.resolve("data"), bytes);
  }

  @Test
  void recordsAreRead() throws IOException {
    Path packed = Files.write(dir.resolve("b.bin.gz"), gzip(records(2)));

    Cifar10 data = Cifar10.read(file(records(3)), packed);

    assertEquals(5, data.size());
    assertArrayEquals(new byte[] {0, 1, 2, 0, 1}, data.labels());
    assertEquals(1 + 100, data.images()[4 * 3072 + 100]);
    Batch batch = data.dataset().get(4, 2);
    assertEquals(Shape.of(2, 3, 32, 32), batch.inputs().shape());
    assertArrayEquals(new long[] {1, 2}, batch.targets().toLongs());
    assertEquals(3 / 255f, batch.inputs().toFloats()[3072 + 1]);
    assertEquals(((2 + 200) & 0xff) / 255f, batch.inputs().toFloats()[3072 + 200]);
    assertThrows(IndexOutOfBoundsException.class, () -> data.dataset().get(5));
  }

  @Test
  void damagedRecordsAreRefused() throws IOException {
    assertEquals(
        dir.resolve("data") + ": 3074 bytes are not records of 1 + 3072",
        refusal(Arrays.copyOf(records(2), 3074)));
    assertEquals(dir.resolve("data") + ": 0 bytes are not records of 1 + 3072", refusal());
    byte[] wrong = records(2);
    wrong[3073] = 10;
    assertEquals(dir.resolve("data") + ": byte 3073: label 10 is not 0..9", refusal(wrong));
    wrong[3073] = -1;
    assertEquals(dir.resolve("data") + ": byte 3073: label 255 is not 0..9", refusal(wrong));
    assertTrue(refusal(Arrays.copyOf(gzip(records(2)), 50)).startsWith(dir.resolve("data") + ": "));
    assertEquals(
        "cifar10: 1 bytes of images are not 3072 for each of 1 labels",
        assertThrows(IllegalArgumentException.class, () -> new Cifar10(new byte[1], new byte[1]))
            .getMessage());
    assertEquals(
        "pictures: 5 bytes are not 1 × 2 × 2 for each of 1 labels",
        assertThrows(
                IllegalArgumentException.class,
                () -> Pictures.of(new byte[5], new byte[1], 1, 2, 2))
            .getMessage());
  }

  private String refusal(byte... bytes) throws IOException {
    Path file = file(bytes);
    return String.valueOf(assertThrows(IOException.class, () -> Cifar10.read(file)).getMessage());
  }

  private static byte[] jpeg(int side, int rgb, int type) throws IOException {
    BufferedImage image = new BufferedImage(side, side, type);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, rgb);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, "jpeg", out));
    return out.toByteArray();
  }

  private static byte[] red() throws IOException {
    return jpeg(32, 0xff0000, BufferedImage.TYPE_INT_RGB);
  }

  private static byte[] zip(Object... namesAndBytes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndBytes.length; i += 2) {
        out.putNextEntry(new ZipEntry((String) namesAndBytes[i]));
        out.write((byte[]) namesAndBytes[i + 1]);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void jpegsAreRead() throws IOException {
    byte[] grey = jpeg(32, 0x808080, BufferedImage.TYPE_BYTE_GRAY);
    Path zip =
        file(
            zip(
                "train/frog/1.jpg", red(),
                "train/frog/0.jpg", jpeg(32, 0x0000ff, BufferedImage.TYPE_INT_RGB),
                "test/cat/0.jpg", red(),
                "train/cat/7.jpg", grey,
                "train/unicorn/0.jpg", red(),
                "readme.txt", new byte[3]));

    Cifar10 data = Cifar10.readJpegs(zip, "train");

    assertArrayEquals(new byte[] {3, 6, 6}, data.labels());
    assertColour(data, 1, 0, 0, 255);
    assertColour(data, 2, 255, 0, 0);
    int level = data.images()[0] & 0xff;
    assertColour(data, 0, level, level, level);
    assertEquals(1, Cifar10.readJpegs(zip, "test").size());
  }

  private static void assertColour(Cifar10 data, int picture, int... rgb) {
    for (int i = 0; i < 3072; i++) {
      assertEquals(rgb[i / 1024], data.images()[picture * 3072 + i] & 0xff, 3, "byte " + i);
    }
  }

  @Test
  void damagedPicturesAreRefused() throws IOException {
    String at = dir.resolve("data") + ": ";
    String name = "train/cat/0.jpg";
    assertEquals(at + "no pictures train/CLASS/NAME.jpg in it", jpegRefusal(zip("a", red())));
    assertEquals(
        at + name + ": a picture of 33×33, not 32×32",
        jpegRefusal(zip(name, jpeg(33, 0, BufferedImage.TYPE_INT_RGB))));
    assertEquals(
        at + name + ": more than the limit of 1048576 bytes",
        jpegRefusal(zip(name, new byte[2_000_000])));
    byte[] huge = red();
    for (int i = 0; i < huge.length - 9; i++) {
      if (huge[i] == (byte) 0xff && huge[i + 1] == (byte) 0xc0) { // the frame's header
        Arrays.fill(huge, i + 5, i + 9, (byte) 0x7f);
      }
    }
    assertEquals(at + name + ": a picture of 32639×32639, not 32×32", jpegRefusal(zip(name, huge)));
    assertTrue(jpegRefusal(zip(name, new byte[10])).startsWith(at + name + ": "));
    assertTrue(jpegRefusal(new byte[10]).startsWith(at));
  }

  private String jpegRefusal(byte[] bytes) throws IOException {
    Path file = file(bytes);
    return String.valueOf(
        assertThrows(IOException.class, () -> Cifar10.readJpegs(file, "train")).getMessage());
  }

  /** A reader may refuse a damaged file, in one line, and do nothing else. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void damageIsRefusedOrRead(long seed) throws IOException {
    Philox random = new Philox(seed);
    byte[] zip = zip("train/cat/0.jpg", red(), "train/dog/1.jpg", red());
    byte[] packed = gzip(records(2));
    int refused = 0;
    for (int i = 0; i < 150; i++) {
      refused += tryJpegs(file(damaged(zip, random)));
      refused += tryRecords(file(damaged(packed, random)));
      refused += tryRecords(file(damaged(records(1), random)));
      refused += tryText(file(damaged(packed, random)));
    }
    assertTrue(refused > 100, "refused " + refused);
  }

  private static byte[] damaged(byte[] whole, Philox random) {
    byte[] bytes = whole.clone();
    for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(at, bytes.length / 2));
        default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0xff);
      }
    }
    return bytes;
  }

  private interface Reading {
    void read() throws IOException;
  }

  private static int tryJpegs(Path file) {
    return outcome(() -> Cifar10.readJpegs(file, "train"));
  }

  private static int tryRecords(Path file) {
    return outcome(() -> Cifar10.read(file));
  }

  private static int tryText(Path file) {
    return outcome(() -> Text.read(file));
  }

  private static int outcome(Reading reading) {
    try {
      reading.read();
      return 0;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      assertEquals(1, message.lines().count(), message);
      return 1;
    }
  }
}
