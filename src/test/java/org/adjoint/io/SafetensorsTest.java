package org.adjoint.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.adjoint.io.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
  private static final String W = "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}";

  @TempDir Path dir;

  /** A file with this header, apostrophes for quotes, and so many bytes of elements. */
  private static byte[] file(String header, int elements) {
    return file(header.replace('\'', '"').getBytes(UTF_8), elements);
  }

  private static byte[] file(byte[] header, int elements) {
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + elements);
    return file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).array();
  }

  private void bad(byte[] bytes, String... parts) throws IOException {
    refused(Safetensors::read, dir.resolve("bad.safetensors"), bytes, parts);
  }

  private void bad(String header, int elements, String... parts) throws IOException {
    bad(file(header, elements), parts);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsReadWithTheSameBits(DType dtype) throws IOException {
    Path file = dir.resolve("t.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Philox random = new Philox(1);
    tensors.put("matrix", Tensor.normal(random, 3, 129).mul(100).to(dtype));
    tensors.put("transposed", Tensor.normal(random, 5, 7).to(dtype).t());
    tensors.put("scalar", Tensor.scalar(1).to(dtype));
    tensors.put("empty", Tensor.zeros(4, 0, 2).to(dtype));
    tensors.put("naïve \"name\"\n\\ 😀", Tensor.ones(1).to(dtype));
    Map<String, String> metadata = Map.of("format", "pt", "line\nbreak", "tab\t\"q\" é");

    new Safetensors(tensors, metadata).write(file);
    Safetensors read = Safetensors.read(file);

    assertEquals(metadata, read.metadata());
    assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.tensors().keySet()), "in order");
    for (String name : tensors.keySet()) {
      assertEquals(tensors.get(name).meta(), at(read, name).meta(), name);
      assertEquals(bits(tensors.get(name)), bits(at(read, name)), name);
    }
    assertFalse(Files.exists(dir.resolve("t.safetensors.tmp")), "nothing is left beside it");
  }

  private static Tensor at(Safetensors file, String name) {
    return Objects.requireNonNull(file.tensors().get(name));
  }

  private static ByteBuffer bits(Tensor tensor) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(tensor.shape().count() * tensor.dtype().bytes()));
    tensor.copyTo(bytes);
    return bytes;
  }

  @Test
  void specialValuesKeepTheirBits() throws IOException {
    Path file = dir.resolve("t");
    float[] odd = {Float.intBitsToFloat(0x7fc12345), -0f, Float.NEGATIVE_INFINITY, Float.MIN_VALUE};
    new Safetensors(Map.of("x", Tensor.of(odd))).write(file);
    float[] read = at(Safetensors.read(file), "x").toFloats();
    for (int i = 0; i < odd.length; i++) {
      assertEquals(Float.floatToRawIntBits(odd[i]), Float.floatToRawIntBits(read[i]));
    }
  }

  @Test
  void aFileHasAFolderAndIsNone() {
    Safetensors tensors = new Safetensors(Map.of("x", Tensor.of(1f)));
    Path nowhere = dir.resolve("none/t");
    assertEquals(
        nowhere + ": there is no folder " + nowhere.getParent() + "; make it first",
        assertThrows(IOException.class, () -> tensors.write(nowhere)).getMessage());
    assertEquals(
        dir + ": is a folder; name a file",
        assertThrows(IOException.class, () -> tensors.write(dir)).getMessage());
  }

  @Test
  void elementsBeginAtAMultipleOf8AndAreLittleEndian() throws IOException {
    Path file = dir.resolve("t");
    new Safetensors(Map.of("x", Tensor.of(1f, 2))).write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    long header = bytes.getLong();
    assertEquals(0, header % 8);
    assertEquals(1f, bytes.getFloat(8 + (int) header));
    assertEquals(bytes.capacity(), 8 + header + 8);
  }

  @ParameterizedTest
  @CsvSource({"I8, -1, I32", "I16, -1, I32", "U16, 65535, I32", "U32, 4294967295, I64"})
  void integersWithoutADtypeAreWidened(Encoding from, long value, DType to) throws IOException {
    int n = from.bytes();
    byte[] bytes =
        file("{'x':{'dtype':'%s','shape':[1],'data_offsets':[0,%d]}}".formatted(from, n), n);
    Arrays.fill(bytes, bytes.length - n, bytes.length, (byte) 0xff);
    Tensor read = at(Safetensors.read(Files.write(dir.resolve("t"), bytes)), "x");
    assertEquals(to, read.dtype());
    assertArrayEquals(new long[] {value}, read.toLongs());
  }

  @Test
  void otherDtypesAreRefusedByName() throws IOException {
    bad(
        "{'fc.weight':{'dtype':'F8_E4M3','shape':[2],'data_offsets':[0,2]}}",
        2,
        "tensor 'fc.weight' is of dtype 'F8_E4M3', which Adjoint has not");
  }

  @Test
  void truncatedAnywhereIsRefused() throws IOException {
    byte[] whole = file(W, 8);
    for (int n = 0; n < whole.length; n++) {
      bad(Arrays.copyOf(whole, n));
    }
    bad(Arrays.copyOf(whole, whole.length + 1), "the tensors take 8 bytes, the file has 9");
  }

  @Test
  void lengthsOfTheHeaderAreNotBelieved() throws IOException {
    for (long length : new long[] {0, 1, 100, Integer.MAX_VALUE, Long.MAX_VALUE, -1}) {
      byte[] bytes = file(W, 8);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      bad(bytes, "a header of " + Long.toUnsignedString(length) + " bytes");
    }
  }

  @Test
  void offsetsAreNotBelieved() throws IOException {
    String one = "{'w':{'dtype':'U8','shape':[%s],'data_offsets':[%s]}}";
    bad(one.formatted("4", "0,5"), 5, "U8 [4] does not take 5 bytes");
    bad(one.formatted("4", "0,8"), 4, "do not lie in the file");
    bad(one.formatted("4", "4,0"), 4, "do not lie in the file");
    bad(one.formatted("4", "1,5"), 5, "begins at 1, where the one before it ends at 0");
    bad(one.formatted("4", "0,4,5"), 4, "do not lie in the file");
    bad(one.formatted("4", "-1,3"), 4, "no list of whole numbers");
    bad(one.formatted("4", "0,4.0"), 4, "no list of whole numbers");
    bad(one.formatted("4", "0,99999999999999999999"), 4, "no list of whole numbers");
    bad(one.formatted("4294967296,4294967296", "0,0"), 0, "more than 2^63 - 1 elements");
    bad(one.formatted("9223372036854775807", "0,1"), 1, "does not take 1 bytes");
    bad(one.formatted("1,".repeat(299) + "1", "0,1"), 1, "300 axes");
  }

  @Test
  void overlapsAndHolesAreRefused() throws IOException {
    String two =
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
            + "'b':{'dtype':'U8','shape':[4],'data_offsets':[%d,%d]}}";
    bad(two.formatted(0, 4), 4, "tensor 'b' begins at 0, where the one before it ends at 4");
    bad(two.formatted(2, 6), 6, "tensor 'b' begins at 2");
    bad(two.formatted(5, 9), 9, "tensor 'b' begins at 5");
    Safetensors.read(Files.write(dir.resolve("t"), file(two.formatted(4, 8), 8)));
  }

  @Test
  void headersThatAreNoneAreRefused() throws IOException {
    bad("[]", 0, "no JSON object");
    bad(" {}", 0, "no JSON object");
    bad("{'w':1}", 0, "not described by dtype, shape and data_offsets");
    bad("{'w':{'dtype':1,'shape':[],'data_offsets':[0,0]}}", 0, "not described");
    bad("{'w':{'dtype':'U8','shape':[0],'data_offsets':[0,0],'x':1}}", 0, "not described");
    bad("{'__metadata__':{'a':1}}", 0, "something else than strings");
    bad("{'__metadata__':[]}", 0, "is no object");
    bad(W.substring(0, W.length() - 1) + "," + W.substring(1), 8, "'w' comes twice");
    bad("{'a':" + "[".repeat(100_000), 0, "nested deeper");
    bad(file(new byte[] {'{', '"', (byte) 0xff, '"', '}'}, 0), "not UTF-8");
    bad(
        "{'a\\n\\u0085b':{'dtype':'?','shape':[],'data_offsets':[0,0]}}",
        0,
        "tensor 'a\\u000a\\u0085b' is of dtype '?'");
  }

  @Test
  void whatIsNoFileIsRefused() {
    refused(Safetensors::read, dir.resolve("none"), "no such file");
    refused(Safetensors::read, dir, "not a file");
  }

  @Test
  void namesThatNoFileCanHoldAreRefused() {
    Tensor x = Tensor.of(1f);
    for (String name : List.of("__metadata__", "\ud83d")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Safetensors(Map.of(name, x)).write(dir.resolve("t")));
    }
    assertFalse(Files.exists(dir.resolve("t")), "nothing was written");
    assertFalse(Files.exists(dir.resolve("t.tmp")), "nothing is left beside it");
  }

  @Test
  void samplesOfOthersAreRead() throws IOException {
    Path folder = Refusals.data("format-vectors").resolve("safetensors");
    List<String> seen = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        Safetensors read = Safetensors.read(file);
        assertEquals(Map.of("test", "a"), read.metadata());
        read.tensors()
            .forEach((name, tensor) -> {
              assertEquals(Shape.of(6), tensor.shape());
              seen.add(name + " " + tensor.dtype());
            });
      }
    }
    assertTrue(
        seen.containsAll(
            List.of(
                "b I32", "d F64", "e F16", "f F32", "h I32", "i I32", "B U8", "H I32", "I I64")),
        seen.toString());
    Map<String, Tensor> djl =
        Safetensors.read(folder.resolveSibling("djl").resolve("list.safetensors")).tensors();
    assertFalse(djl.isEmpty());
  }
}
