package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx;
import org.adjoint.io.onnx.OnnxModel;
import org.adjoint.nn.State;
import org.adjoint.op.Sort;
import org.adjoint.samples.DeepCompression;
import org.adjoint.samples.SqueezeNet;
import org.adjoint.samples.TopFifteen;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.data.Photograph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqueezeNetTest {
  private static final String WEIGHTS = "compressed_SqueezeNet.net";

  @TempDir Path folder;

  /** A file of two small layers, and what it is for. */
  private final Map<String, Tensor> like = new LinkedHashMap<>();

  private byte[] sound = {};

  @BeforeEach
  void packTwoLayers() {
    like.put("a.weight", Tensor.zeros(2, 3, 2, 2));
    like.put("a.bias", Tensor.zeros(2));
    like.put("b.weight", Tensor.zeros(1, 3, 1, 1));
    like.put("b.bias", Tensor.zeros(1));
    ByteBuffer file = ByteBuffer.allocate(3000).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(3).putInt(2);
    layer(file, new float[] {7, -8}, new int[] {1, 0, 255}, new int[] {2, 15, 4}); // at 2, 18, 23
    layer(file, new float[] {9}, new int[] {2, 3}, new int[] {0, 1}); // at 0 and 2
    sound = Arrays.copyOf(file.array(), file.position());
  }

  /** Code k stands for k / 4. */
  private static void layer(ByteBuffer file, float[] biases, int[] codes, int[] gaps) {
    for (int k = 0; k < 256; k++) {
      file.putFloat(k / 4f);
    }
    for (float bias : biases) {
      file.putFloat(bias);
    }
    for (int code : codes) {
      file.put((byte) code);
    }
    for (int i = 0; i < gaps.length; i += 2) {
      file.put((byte) (gaps[i] | (i + 1 < gaps.length ? gaps[i + 1] << 4 : 0)));
    }
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("packed.net"), bytes);
  }

  @Test
  void packedWeightsStandInTheirPlaces() throws Exception {
    Map<String, Tensor> read = DeepCompression.read(write(sound), like);
    assertEquals(List.copyOf(like.keySet()), List.copyOf(read.keySet()));
    float[] a = new float[24];
    a[2] = 0.25f;
    a[23] = 255 / 4f;
    assertEquals(State.get(like, "a.weight").shape(), State.get(read, "a.weight").shape());
    assertTrue(Arrays.equals(a, State.get(read, "a.weight").toFloats()));
    assertTrue(Arrays.equals(new float[] {7, -8}, State.get(read, "a.bias").toFloats()));
    assertTrue(Arrays.equals(new float[] {0.5f, 0, 0.75f}, State.get(read, "b.weight").toFloats()));
    assertTrue(Arrays.equals(new float[] {9}, State.get(read, "b.bias").toFloats()));
  }

  /** Of layer a, the codes begin at byte 8 + 1024 + 8, and the gaps three after that. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0    | 25  | byte 0: 25 weights do not fit into a.weight [2, 3, 2, 2]
          3    | 128 | byte 0: 2147483651 weights do not fit into a.weight [2, 3, 2, 2]
          4    | 4   | byte 4: 4 weights do not fit into b.weight [1, 3, 1, 1]
          4    | 1   | 2076 bytes, but its counts ask for 2075
          1044 | 5   | byte 1044: a place beyond the last of a.weight [2, 3, 2, 2]
          """)
  void damagedFilesAreRefusedInOneLine(int at, int value, String message) throws Exception {
    byte[] bytes = sound.clone();
    bytes[at] = (byte) value;
    Path file = write(bytes);
    IOException error = assertThrows(IOException.class, () -> DeepCompression.read(file, like));
    assertEquals(file + ": " + message, error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
  void whatIsNoNumberIsNoWeight(float weight) throws Exception {
    ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).putFloat(8 + 1024, weight);
    Path file = write(sound);
    IOException error = assertThrows(IOException.class, () -> DeepCompression.read(file, like));
    assertEquals(file + ": byte 1032: " + weight + " is no weight", error.getMessage());
  }

  @Test
  void picturesTooLargeForTheMemoryAreRefused() throws Exception {
    Path file = folder.resolve("large.png");
    ImageIO.write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    byte[] png = Files.readAllBytes(file);
    // Width and height follow the signature, the first chunk's length and its name.
    ByteBuffer.wrap(png).putInt(16, 1 << 17).putInt(20, 1 << 17);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    Files.write(file, png);
    assertEquals(
        file + ": 17179869184 pixels are too many for the memory; start Java with a larger -Xmx",
        assertThrows(IOException.class, () -> Photograph.square(file, 2)).getMessage());
  }

  @Test
  void filesOfEveryOtherLengthAreRefused() throws Exception {
    for (int length = 0; length <= sound.length + 1; length++) {
      if (length != sound.length) {
        Path file = write(Arrays.copyOf(sound, length));
        String message =
            assertThrows(IOException.class, () -> DeepCompression.read(file, like)).getMessage();
        assertEquals(1, String.valueOf(message).lines().count(), message);
      }
    }
  }

  @Test
  void whatIsMissingIsOneLine() throws Exception {
    String message =
        assertThrows(UserError.class, () -> Lessons.run(new TopFifteen(), "--data=" + folder))
            .getMessage();
    assertEquals(
        "no weights of SqueezeNet: pretrained/squeezenet-v1.0-deep-compression/"
            + WEIGHTS
            + " is not in "
            + folder
            + "; name its folder with --data or ADJOINT_DATA",
        message);
    Path text = Files.writeString(folder.resolve("text.png"), "no picture");
    assertEquals(
        text + ": not a picture that this Java can read",
        assertThrows(IOException.class, () -> Photograph.square(text, 2)).getMessage());
  }

  @Test
  void photographsAreCutAndShrunk() throws Exception {
    BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 24; i++) {
      image.setRGB(i % 6, i / 6, 0x010200 * i);
    }
    Path file = folder.resolve("photograph.png");
    ImageIO.write(image, "png", file.toFile());
    float[] whole = Photograph.square(file, 4).toFloats();
    float[] half = Photograph.square(file, 2).toFloats();
    assertEquals(List.of(1f, 4f, 19f), List.of(whole[0], whole[3], whole[12]));
    assertEquals(2 * 19f, whole[16 + 12]);
    assertEquals(0f, whole[32]);
    assertEquals((1 + 2 + 7 + 8) / 4f, half[0]);
    // Red, green, blue to what the network takes: blue, green, red, without their means.
    float[] prepared = SqueezeNet.prepare(Photograph.square(file, 2)).toFloats();
    assertEquals(half[0] - 123, prepared[8]);
    assertEquals(half[4] - 117, prepared[4]);
    assertEquals(half[8] - 104, prepared[0]);
  }

  private static Path pretrained() {
    String data = System.getenv("ADJOINT_DATA");
    Path at = Path.of(data == null ? "" : data, "pretrained/squeezenet-v1.0-deep-compression");
    assumeTrue(
        data != null && Files.isRegularFile(at.resolve(WEIGHTS)),
        "skipped: ADJOINT_DATA names no folder that holds the weights of SqueezeNet");
    return at;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10815824_2997e03d76",
        "109202801_c6381eef15",
        "110595925_f3395c8bd6",
        "1143373711_2e90b7b799"
      })
  void scoresAreThoseOfAnIndependentRuntime(String image) throws Exception {
    Path at = pretrained();
    SqueezeNet net = SqueezeNet.read(at.resolve(WEIGHTS));
    assertEquals(1_248_424, net.parameterCount());
    Tensor x = Photograph.square(at.resolve("check/" + image + "_227.png"), SqueezeNet.SIDE);
    Tensor scores = Grad.off(() -> net.forward(SqueezeNet.prepare(x)));
    double[] actual = scores.toDoubles();
    ByteBuffer recorded =
        ByteBuffer.wrap(Files.readAllBytes(at.resolve("check/" + image + "_logits.f64le")))
            .order(ByteOrder.LITTLE_ENDIAN);
    double difference = 0;
    double size = 0;
    for (double score : actual) {
      double expected = recorded.getDouble();
      difference = Math.max(difference, Math.abs(score - expected));
      size = Math.max(size, Math.abs(expected));
    }
    assertEquals(0, recorded.remaining());
    assertTrue(difference <= 1e-4 * size, difference + " of " + size);

    List<Long> best = new ArrayList<>();
    try (Stream<String> lines = Files.lines(at.resolve("check/expected_top5.tsv"))) {
      lines
          .map(line -> line.split("\t"))
          .filter(row -> row[0].startsWith(image))
          .forEach(row -> best.add(Long.valueOf(row[2])));
    }
    assertEquals(5, best.size());
    long[] order = Sort.of(scores.select(0, 0), 0, true).indices().toLongs();
    assertEquals(best, Arrays.stream(order).limit(5).boxed().toList());
  }

  @Test
  void fifteenBestArePrinted() throws Exception {
    pretrained();
    Lessons.Ran ran = Lessons.measure(folder, new TopFifteen());
    List<String> rows = ran.lines().stream().filter(line -> line.startsWith("#")).toList();
    assertEquals(15, rows.size());
    assertTrue(rows.get(0).matches("#0 \\(24\\.09\\) sorrel, 97\\.39 %"), rows.get(0));
    assertTrue(rows.get(14).startsWith("#14 ("), rows.get(14));
    double[] scores =
        rows.stream().mapToDouble(row -> Double.parseDouble(row.split("[()]")[1])).toArray();
    for (int k = 1; k < scores.length; k++) {
      assertTrue(scores[k] <= scores[k - 1], rows.toString());
    }
    assertEquals(339, ran.figure("best class"));
    assertEquals(0.973902, ran.figure("its probability"), 1e-4);
  }

  @Test
  void theNetworkIsExported() throws Exception {
    pretrained();
    Path file = folder.resolve("squeezenet.onnx");
    Lessons.run(new TopFifteen(), "--export=" + file);
    OnnxModel model = OnnxModel.load(file);
    assertTrue(
        model
            .parameters()
            .keySet()
            .containsAll(SqueezeNet.read(pretrained().resolve(WEIGHTS)).parameters().keySet()));
    assertEquals(
        "[[Dim[size=-1, symbol=batch], Dim[size=1000, symbol=]]]",
        model.outputs().stream().map(Onnx.Value::dims).toList().toString());
    String nowhere = folder.resolve("none/squeezenet.onnx").toString();
    String message =
        assertThrows(UserError.class, () -> Lessons.run(new TopFifteen(), "--export=" + nowhere))
            .getMessage();
    assertEquals(
        nowhere + ": there is no folder " + folder.resolve("none") + "; make it first", message);
  }
}
