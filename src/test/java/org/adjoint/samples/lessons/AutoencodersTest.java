package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import org.adjoint.Tensor;
import org.adjoint.io.Checkpoint;
import org.adjoint.samples.Autoencoders;
import org.adjoint.samples.Interpolation;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Autoencoders on digits of which all is known: the left half of one has a shade of four, the right
 * half a shade of two, each with each as often. So the components are the halves, and by one alone
 * the right half is lost: 392 pixels, all a shade of 30 from their mean.
 */
class AutoencodersTest {
  private static final int[] LEFT = {48, 88, 168, 208};
  private static final int[] RIGHT = {98, 158};
  private static final double LOST = 392 * (30.0 / 255) * (30.0 / 255);

  @TempDir Path folder;

  @BeforeEach
  void data() throws Exception {
    write("train", 40);
    write("t10k", 16);
  }

  private void write(String name, int n) throws Exception {
    ByteBuffer images = ByteBuffer.allocate(16 + 784 * n);
    ByteBuffer labels = ByteBuffer.allocate(8 + n);
    images.putInt(0x803).putInt(n).putInt(28).putInt(28);
    labels.putInt(0x801).putInt(n);
    for (int i = 0; i < n; i++) {
      byte[] row = new byte[28];
      Arrays.fill(row, 0, 14, (byte) LEFT[i % 4]);
      Arrays.fill(row, 14, 28, (byte) RIGHT[i / 4 % 2]);
      for (int y = 0; y < 28; y++) {
        images.put(row);
      }
      labels.put((byte) (i / 4 % 2));
    }
    Files.write(folder.resolve(name + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(name + "-labels-idx1-ubyte"), labels.array());
  }

  private Lessons.Ran learn(String... more) throws Exception {
    String[] args = Arrays.copyOf(more, more.length + 1);
    args[more.length] = "--data=" + folder;
    return Lessons.measure(folder, new Autoencoders(), args);
  }

  @Test
  void halvesAreComponents() throws Exception {
    Lessons.Ran ran = learn("--d=1,2", "--epochs=1", "--batch=20");
    assertEquals(LOST, ran.figure("pca 1"), 1e-4);
    assertEquals(0, ran.figure("pca 2"), 1e-4);
    for (String picture : new String[] {"losses", "digits", "codes", "plane"}) {
      assertTrue(Files.exists(folder.resolve(picture + ".png")), picture);
    }
  }

  @Test
  void convolutionsLearn() throws Exception {
    double nothing = learn("--d=1", "--epochs=0").figure("cnn 1");
    double learned = learn("--d=1", "--epochs=10", "--batch=20").figure("cnn 1");
    assertTrue(learned < 0.2 * nothing, learned + " of " + nothing);
  }

  @Test
  void aStepChangesAllThatIsSavedAndTheSameSeedSavesTheSame() throws Exception {
    Map<String, Tensor> before = saved("--epochs=0");
    Map<String, Tensor> after = saved("--epochs=1");
    Map<String, Tensor> again = saved("--epochs=1");
    assertEquals(16, before.size());
    before.forEach((name, tensor) -> {
      double[] learned = after.getOrDefault(name, tensor).toDoubles();
      assertFalse(Arrays.equals(tensor.toDoubles(), learned), name);
      assertTrue(Arrays.equals(again.getOrDefault(name, tensor).toDoubles(), learned), name);
    });
  }

  private Map<String, Tensor> saved(String epochs) throws Exception {
    Path file = folder.resolve("cnn.safetensors");
    learn("--d=3", epochs, "--batch=20", "--save=" + file);
    return Checkpoint.load(file).tensors("cnn3");
  }

  @Test
  void aReaderLooksAtTheWay() throws Exception {
    Path file = folder.resolve("cnn.safetensors");
    Lessons.Ran kept = learn("--d=8,32", "--epochs=2", "--batch=20", "--save=" + file);
    Lessons.Ran ran =
        Lessons.measure(
            folder, new Interpolation(), "--data=" + folder, "--pairs=20", "--weights=" + file);
    for (String coder : new String[] {"PCA 32", "AE 8", "AE 32"}) {
      double sure = ran.figure(coder + " half-way");
      assertTrue(sure >= 0.1 && sure <= 1, coder + " " + sure); // ten classes
    }
    // What was saved loses as much here as there.
    assertTrue(
        ran.lines()
            .contains("AE 8 loses %.3f squares of a test digit".formatted(kept.figure("cnn 8"))),
        ran.lines().toString());
    assertTrue(Files.exists(folder.resolve("strips.png")));
    assertTrue(Files.exists(folder.resolve("sureness.png")));
  }

  @Test
  void whatMakesNoSenseIsOneLine() throws Exception {
    String limits = "--epochs must be at least 0, --batch at least 1, --lr above 0";
    assertEquals(limits, refusal(new Autoencoders(), "--epochs=-1"));
    assertEquals(limits, refusal(new Autoencoders(), "--lr=NaN"));
    String sizes = "--d must be different numbers from 1 to 40";
    assertEquals(sizes, refusal(new Autoencoders(), "--d=2,41"));
    assertEquals(sizes, refusal(new Autoencoders(), "--d=0"));
    assertEquals(sizes, refusal(new Autoencoders(), "--d=2,2"));
    assertEquals(
        "--epochs must be at least 0, --pairs at least 1",
        refusal(new Interpolation(), "--pairs=0"));
    Path none = folder.resolve("none");
    assertEquals(none + ": no such file", refusal(new Interpolation(), "--weights=" + none));
    Path other = folder.resolve("other");
    new Checkpoint().put("epoch", 1).save(other);
    assertEquals(
        other + ": no autoencoder of 8 numbers; run autoencoder --save makes one",
        refusal(new Interpolation(), "--weights=" + other));
    write("t10k", 4);
    assertEquals(
        "there must be 32 digits to learn from, and two classes among the others",
        refusal(new Interpolation()));
  }

  private String refusal(Callable<Integer> sample, String... options) {
    String[] args = Arrays.copyOf(options, options.length + 1);
    args[options.length] = "--data=" + folder;
    return String.valueOf(
        assertThrows(UserError.class, () -> Lessons.run(sample, args)).getMessage());
  }
}
