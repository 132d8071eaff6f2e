package org.adjoint.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.adjoint.io.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** npy and npz; the files of golden/npy are numpy's own. */
class NpyTest {
  @TempDir Path dir;

  private static Path golden(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(NpyTest.class.getResource("/golden/npy/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "b1, BOOL",
    "u1, U8",
    "i1, I32",
    "i2, I32",
    "u2, I32",
    "i4, I32",
    "u4, I64",
    "i8, I64",
    "f2, F16",
    "f4, F32",
    "f8, F64",
    "big-i4, I32",
    "big-f8, F64",
    "big-f2, F16"
  })
  void readsWhatNumpyWrites(String name, DType dtype) throws IOException {
    Tensor read = Npy.read(golden(name + ".npy"));
    assertEquals(dtype, read.dtype());
    assertEquals(Shape.of(2, 3), read.shape());
    double[] values = {0, 1, 2, 100, 3, 7};
    assertArrayEquals(
        dtype == DType.BOOL ? new double[] {0, 1, 1, 1, 1, 1} : values, read.toDoubles());
  }

  @Test
  void readsOddShapesAndVersions() throws IOException {
    Tensor fortran = Npy.read(golden("fortran.npy"));
    assertEquals(Shape.of(2, 3, 4), fortran.shape());
    assertArrayEquals(Tensor.arange(24).toDoubles(), fortran.toDoubles());
    assertEquals(2.5, Npy.read(golden("scalar.npy")).item());
    assertEquals(Shape.SCALAR, Npy.read(golden("scalar.npy")).shape());
    assertEquals(Shape.of(3, 0, 2), Npy.read(golden("empty.npy")).shape());
    assertArrayEquals(new long[] {-1, -128}, Npy.read(golden("negative.npy")).toLongs());
    assertArrayEquals(new long[] {65535, 4294967295L}, Npy.read(golden("large.npy")).toLongs());
    for (int version = 2; version <= 3; version++) {
      Tensor read = Npy.read(golden("version" + version + ".npy"));
      assertArrayEquals(new long[] {0, 1, 2, 3, 4}, read.toLongs());
    }
  }

  @ParameterizedTest
  @CsvSource({"complex, '<c16'", "text, '<U3'", "fields, '<i4'", "objects, objects"})
  void otherDtypesAreRefusedByName(String name, String part) {
    String words = name.equals("objects") ? "which are pickled and never read" : "Adjoint has not";
    refused(Npy::read, golden(name + ".npy"), part, words);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BF16")
  void whatIsWrittenIsRead(DType dtype) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("matrix", Tensor.normal(new Philox(1), 3, 129).mul(100).to(dtype));
    tensors.put("view", Tensor.normal(new Philox(2), 5, 7).to(dtype).t());
    tensors.put("scalar", Tensor.scalar(1).to(dtype));
    tensors.put("dir/vector", Tensor.ones(4).to(dtype));
    tensors.put("empty", Tensor.zeros(0, 3).to(dtype));
    Path npz = dir.resolve("t.npz");
    Npz.write(npz, tensors);
    Map<String, Tensor> all = Npz.read(npz);
    assertEquals(List.copyOf(tensors.keySet()), List.copyOf(all.keySet()), "in order");
    tensors.forEach((name, tensor) -> {
      Path npy = dir.resolve("t.npy");
      try {
        Npy.write(npy, tensor);
        for (Tensor read : List.of(Npy.read(npy), Objects.requireNonNull(all.get(name)))) {
          assertEquals(tensor.meta(), read.meta());
          assertArrayEquals(tensor.toDoubles(), read.toDoubles());
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
  }

  @Test
  void bfloat16IsRefusedBeforeAnythingIsWritten() {
    Tensor x = Tensor.zeros(2).to(DType.BF16);
    assertThrows(IllegalArgumentException.class, () -> Npy.write(dir.resolve("t"), x));
    assertThrows(IllegalArgumentException.class, () -> Npz.write(dir.resolve("t"), Map.of("x", x)));
    assertEquals(0, Objects.requireNonNull(dir.toFile().list()).length);
  }

  @Test
  void moreAxesThanNumpyHasAreRefused() {
    long[] sizes = new long[65];
    Arrays.fill(sizes, 1);
    Tensor x = Tensor.ones(sizes);
    assertThrows(IllegalArgumentException.class, () -> Npy.write(dir.resolve("t"), x));
  }

  /** Version 1 with this header, apostrophes and all, and so many bytes of elements. */
  private static byte[] npy(String header, int elements) {
    ByteBuffer file = ByteBuffer.allocate(10 + header.length() + elements);
    file.order(ByteOrder.LITTLE_ENDIAN).put("\u0093NUMPY\1\0".getBytes(ISO_8859_1));
    return file.putShort((short) header.length()).put(header.getBytes(ISO_8859_1)).array();
  }

  private static String header(String descr, String fortran, String shape) {
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }".formatted(descr, fortran, shape);
  }

  private void bad(byte[] bytes, String... parts) throws IOException {
    refused(Npy::read, dir.resolve("bad.npy"), bytes, parts);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}",
        "{\"descr\":\"<u1\",\"fortran_order\":False,\"shape\":(2L,)}",
        "  { 'descr' : '=u1' , 'fortran_order' : True , 'shape' : ( 2 , ) , }  \n",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1,), }",
      })
  void headersMayBeWrittenInOtherWays(String header) throws IOException {
    Tensor read = Npy.read(Files.write(dir.resolve("t"), npy(header, 2)));
    assertArrayEquals(new long[2], read.toLongs());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{'descr': '|u1', 'fortran_order': False}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'x': (2,)}",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': '|u1', 'shape': (2,)}",
        "{'descr': False, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2.0,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (x,)}",
        "{'descr': '|u1', 'fortran_order': False 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '|u1', 'fortran_order': False, 'shape': __import__('os')}",
        "{'descr': '|V2', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '>O', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': ('|u1', (2,)), 'fortran_order': False, 'shape': (2,)}",
      })
  void otherHeadersAreRefused(String header) throws IOException {
    bad(npy(header, 2), "byte 8");
  }

  @Test
  void sizesAreNotBelieved() throws IOException {
    bad(npy(header("'<f8'", "False", "(1000000000,)"), 9), "8000000000 bytes");
    bad(npy(header("'<f8'", "False", "(4294967296, 4294967296)"), 9), "beyond 2^63");
    bad(npy(header("'<f8'", "False", "(99999999999999999999,)"), 9), "beyond 2^63");
    bad(npy(header("'<f8'", "False", "(9223372036854775807,)"), 9), "than a Java array");
    bad(npy(header("'<f8'", "True", "(" + "1,".repeat(300) + ")"), 8), "300 axes");
    bad(npy(header("'<f8'", "True", "(" + "1,".repeat(4900) + ")"), 8), "4900 axes");
    bad(npy(header("'<f8'", "False", "(2,)"), 17), "more bytes follow");
    byte[] whole = npy(header("'<f8'", "False", "(2,)"), 16);
    for (int n = 0; n < whole.length; n++) {
      bad(Arrays.copyOf(whole, n));
    }
    whole[6] = 4;
    bad(whole, "version 4.0");
    whole[6] = 2;
    whole[10] = (byte) 0xff;
    whole[11] = (byte) 0xff;
    bad(whole, "a header of 42949");
    whole[0] = 0;
    bad(whole, "not npy");
  }

  @Test
  void readsNumpysArchives() throws IOException {
    Map<String, Tensor> stored = Npz.read(golden("stored.npz"));
    assertArrayEquals(new double[] {0, 1, 2}, at(stored, "a").toDoubles());
    assertArrayEquals(new long[] {1, 1, 1, 1}, at(stored, "b").toLongs());
    Map<String, Tensor> packed = Npz.read(golden("packed.npz"));
    assertEquals(Shape.of(100, 100), at(packed, "zeros").shape());
    assertEquals(0, at(packed, "zeros").sum().item());
    assertArrayEquals(new long[] {0, 1, 2}, at(packed, "x").toLongs());
  }

  private static Tensor at(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  @Test
  void sameTensorsMakeSameBytes() throws IOException {
    Map<String, Tensor> tensors = new HashMap<>(Map.of("a", Tensor.of(1f, 2), "b", Tensor.of(3)));
    Npz.write(dir.resolve("1"), tensors);
    Npz.write(dir.resolve("2"), tensors);
    assertEquals(-1, Files.mismatch(dir.resolve("1"), dir.resolve("2")));
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (var named : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(named.getKey()));
        zip.write(named.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private void badZip(byte[] bytes, String... parts) throws IOException {
    refused(Npz::read, dir.resolve("bad.npz"), bytes, parts);
  }

  @Test
  void damagedArchivesAreRefused() throws IOException {
    byte[] sound = npy(header("'|u1'", "False", "(3,)"), 3);
    badZip(zip(Map.of("readme.txt", sound)), "entry 'readme.txt' is no array");
    badZip(new byte[100], "not a zip archive");
    badZip(new byte[0], "not a zip archive");
    badZip(zip(Map.of("x.npy", new byte[3])), "entry 'x.npy': byte 3: the file ends in the magic");
    badZip(zip(Map.of("a\nb.npy", new byte[3])), "entry 'a\\u000ab.npy'");
    byte[] whole = zip(Map.of("x.npy", sound));
    for (int n = 0; n < whole.length; n++) {
      badZip(Arrays.copyOf(whole, n));
    }
  }

  /** The checksum is in the directory at the end; the elements are as they were written. */
  @Test
  void aWrongChecksumIsFound() throws IOException {
    byte[] sound = npy(header("'|u1'", "False", "(3,)"), 3);
    CRC32 crc = new CRC32();
    crc.update(sound);
    byte[] whole = zip(Map.of("x.npy", sound));
    ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int changed = 0;
    for (int at = 0; at + 4 <= whole.length; at++) {
      if (bytes.getInt(at) == (int) crc.getValue()) {
        bytes.putInt(at, ~bytes.getInt(at));
        changed++;
      }
    }
    assertEquals(2, changed, "behind the entry and in the directory");
    badZip(whole, "entry 'x.npy': the checksum differs");
  }

  @Test
  void aBombIsNotUnpacked() throws IOException {
    // 64 MB of zeros in 64 kB, of which the header promises 100.
    byte[] bomb = npy(header("'|u1'", "False", "(100,)"), 64 << 20);
    badZip(zip(Map.of("x.npy", bomb)), "more bytes follow");
    // And one that promises all of them, which is more than there is to spare.
    byte[] honest = npy(header("'|u1'", "False", "(67108864,)"), 64 << 20);
    Path file = Files.write(dir.resolve("large.npz"), zip(Map.of("x.npy", honest)));
    refused(f -> Npz.read(f, 1 << 20), file, "takes 67108864 bytes of memory", "-Xmx");
  }

  @Test
  void filesOfOthersAreReadAndPickledOnesRefused() throws IOException {
    Path folder = Refusals.data("format-vectors");
    assertEquals(10, Npy.read(folder.resolve("candle/test.npy")).shape().count());
    assertEquals(2, Npz.read(folder.resolve("candle/test.npz")).size());
    try (var files = Files.list(folder.resolve("djl"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".npy")).toList()) {
        Tensor read = Npy.read(file);
        Path copy = dir.resolve("copy.npy");
        Npy.write(copy, read);
        assertArrayEquals(read.toDoubles(), Npy.read(copy).toDoubles());
      }
    }
    assertEquals(DType.BOOL, at(Npz.read(folder.resolve("djl/list.npz")), "bool8").dtype());
    try (var files = Files.list(folder.resolve("numpy"))) {
      List<Path> pickled = files.toList();
      assertEquals(5, pickled.size());
      for (Path file : pickled) {
        boolean npz = file.toString().endsWith(".npz");
        refused(
            npz ? Npz::read : Npy::read, file, "Python objects, which are pickled and never read");
      }
    }
  }
}
