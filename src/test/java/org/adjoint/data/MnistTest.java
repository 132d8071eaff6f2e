package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  @TempDir Path dir;

  private static byte[] images(int n) {
    byte[] data = new byte[n * 784];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31);
    }
    return data;
  }

  private static byte[] labels(int n) {
    byte[] data = new byte[n];
    for (int i = 0; i < n; i++) {
      data[i] = (byte) (i % 10);
    }
    return data;
  }

  /** Twelve images to train on, three for test. */
  private static void plant(Path dir) throws IOException {
    Files.createDirectories(dir);
    Files.write(dir.resolve(TRAIN_IMAGES), IdxReaderTest.idx(images(12), 12, 28, 28));
    Files.write(dir.resolve(TRAIN_LABELS), IdxReaderTest.idx(labels(12), 12));
    Files.write(dir.resolve(TEST_IMAGES), IdxReaderTest.idx(images(3), 3, 28, 28));
    Files.write(dir.resolve(TEST_LABELS), IdxReaderTest.idx(labels(3), 3));
  }

  private void refused(String... parts) {
    var e = assertThrows(IOException.class, () -> Mnist.load(dir));
    String message = String.valueOf(e.getMessage());
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void loadsFromTheFolderOrFromMnistInIt() throws IOException {
    plant(dir.resolve("mnist"));
    for (Path from : new Path[] {dir, dir.resolve("mnist")}) {
      Mnist mnist = Mnist.load(from);
      assertEquals(12, mnist.trainSize());
      assertEquals(3, mnist.testSize());
      assertArrayEquals(images(12), mnist.trainImages());
      assertArrayEquals(labels(12), mnist.trainLabels());
      assertArrayEquals(images(3), mnist.testImages());
      assertArrayEquals(labels(3), mnist.testLabels());
    }
  }

  @Test
  void fashionMnistIsLoadedFromItsFolder() throws IOException {
    assertEquals(
        "no Fashion-MNIST in " + dir.resolve("fashion-mnist") + " or " + dir,
        assertThrows(IOException.class, () -> FashionMnist.load(dir)).getMessage());
    Path folder = Files.createDirectory(dir.resolve("fashion-mnist"));
    plant(folder);

    assertArrayEquals(Mnist.load(folder).trainImages(), FashionMnist.load(dir).trainImages());
    assertArrayEquals(Mnist.load(folder).testLabels(), FashionMnist.load(folder).testLabels());
    assertEquals(10, FashionMnist.CLASSES.size());
  }

  @Test
  void loadsTheOtherUsualNames() throws IOException {
    plant(dir);
    Files.move(dir.resolve(TEST_IMAGES), dir.resolve("t10k-images.idx3-ubyte"));
    byte[] gz = IdxReaderTest.gzip(Files.readAllBytes(dir.resolve(TRAIN_LABELS)));
    Files.delete(dir.resolve(TRAIN_LABELS));
    Files.write(dir.resolve(TRAIN_LABELS + ".gz"), gz);
    assertArrayEquals(labels(12), Mnist.load(dir).trainLabels());
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    refused("no MNIST in " + dir);
    plant(dir);
    Files.delete(dir.resolve(TEST_LABELS));
    refused("no MNIST in " + dir, "lacks " + TEST_LABELS);
  }

  @Test
  void refusesWhatDoesNotAgree() throws IOException {
    plant(dir);
    Files.write(dir.resolve(TRAIN_LABELS), IdxReaderTest.idx(labels(11), 11));
    refused(TRAIN_IMAGES + ": 12 images, but 11 labels");
    plant(dir);
    Files.write(dir.resolve(TEST_IMAGES), IdxReaderTest.idx(new byte[3 * 32 * 32], 3, 32, 32));
    refused(TEST_IMAGES + ": [3, 32, 32] are not images of 28×28");
    Files.write(dir.resolve(TEST_IMAGES), IdxReaderTest.idx(labels(3), 3));
    refused(TEST_IMAGES + ": [3] are not images");
    plant(dir);
    Files.write(dir.resolve(TEST_LABELS), IdxReaderTest.idx(labels(3), 3, 1));
    refused(TEST_LABELS + ": [3, 1] is not a list of labels");
    Files.write(dir.resolve(TEST_LABELS), IdxReaderTest.idx(new byte[0], 0));
    refused(TEST_LABELS + ": no labels");
  }

  @Test
  void refusesLabelsThatAreNoDigits() throws IOException {
    plant(dir);
    Files.write(dir.resolve(TRAIN_LABELS), IdxReaderTest.idx(new byte[] {0, 9, 10, 1}, 4));
    refused(TRAIN_LABELS + ": label 2 is 10, not 0..9");
    Files.write(dir.resolve(TRAIN_LABELS), IdxReaderTest.idx(new byte[] {(byte) 0xff}, 1));
    refused(TRAIN_LABELS + ": label 0 is 255, not 0..9");
    assertThrows(
        IllegalArgumentException.class,
        () -> new Mnist(images(1), new byte[] {10}, images(0), labels(0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Mnist(images(2), labels(1), images(0), labels(0)));
  }

  @Test
  void looksWhereTheUserSaysAndNowhereElse() throws IOException {
    Path cache = dir.resolve("home/.cache/adjoint");
    plant(cache.resolve("mnist"));
    Path asked = Files.createDirectories(dir.resolve("asked"));
    Mnist.Location vain = Mnist.locate(asked, Map.of(), dir.resolve("home"));
    assertTrue(vain.askedInVain());
    assertNull(vain.folder());
    assertEquals("no MNIST found; looked in --data " + asked, vain.message());

    plant(asked.resolve("mnist"));
    Mnist.Location found = Mnist.locate(asked, Map.of(), dir.resolve("home"));
    assertFalse(found.askedInVain());
    assertEquals(asked.resolve("mnist"), found.folder());
  }

  @Test
  void looksInTheEnvironmentThenInTheCache() throws IOException {
    Path home = dir.resolve("home");
    Path own = dir.resolve("own");
    Path xdg = dir.resolve("xdg");
    Map<String, String> env =
        Map.of("ADJOINT_DATA", own.toString(), "XDG_CACHE_HOME", xdg.toString());

    Mnist.Location none = Mnist.locate(null, env, home);
    assertNull(none.folder());
    assertFalse(none.askedInVain());
    assertEquals(
        "no MNIST found; looked in ADJOINT_DATA " + own + ", the cache " + xdg.resolve("adjoint"),
        none.message());

    plant(xdg.resolve("adjoint/mnist"));
    assertEquals(xdg.resolve("adjoint/mnist"), Mnist.locate(null, env, home).folder());
    plant(own);
    assertEquals(own, Mnist.locate(null, env, home).folder());

    // Empty means unset, and a relative cache folder is not one.
    plant(home.resolve(".cache/adjoint"));
    Map<String, String> empty = Map.of("ADJOINT_DATA", "", "XDG_CACHE_HOME", "xdg");
    assertEquals(home.resolve(".cache/adjoint"), Mnist.locate(null, empty, home).folder());
  }

  @Test
  void theRealOneHasItsPublishedContent() throws Exception {
    String data = System.getenv("ADJOINT_DATA");
    assumeTrue(
        data != null && Mnist.locate(Path.of(data)).folder() != null,
        "skipped: the SHA-256 of the real MNIST; ADJOINT_DATA names no folder that holds it");
    Mnist mnist = Mnist.load(Path.of(data));
    assertEquals(60_000, mnist.trainSize());
    assertEquals(10_000, mnist.testSize());
    assertEquals(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        sha256(mnist.trainImages(), 60_000, 28, 28));
    assertEquals(
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        sha256(mnist.trainLabels(), 60_000));
    assertEquals(
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        sha256(mnist.testImages(), 10_000, 28, 28));
    assertEquals(
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        sha256(mnist.testLabels(), 10_000));
  }

  /** Of the file as it was: its header, built anew, and the data. */
  private static String sha256(byte[] data, int... dims) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(ByteBuffer.wrap(IdxReaderTest.idx(data, dims)));
    return HexFormat.of().formatHex(digest.digest());
  }
}
