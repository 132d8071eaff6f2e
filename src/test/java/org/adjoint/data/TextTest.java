package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.adjoint.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts as numbers. */
class TextTest {
  @TempDir Path dir;

  @Test
  void charactersHaveTheirNumbersInOrder() {
    Vocabulary letters = Vocabulary.ofCharacters("banana 🙂");

    assertEquals(5, letters.size());
    assertArrayEquals(new int[] {2, 1, 3, 1, 3, 1, 0, 4}, letters.encode("banana 🙂"));
    assertEquals("🙂 nab", letters.decode(4, 0, 3, 1, 2));
    assertEquals("🙂 nab", letters.decode(4L, 0, 3, 1, 2));
    assertEquals(
        "vocabulary: it has no character U+0063 among its 5", failure(() -> letters.encode("abc")));
  }

  @Test
  void wordsAreSplitAtSpaceAndSigns() {
    assertEquals(
        List.of("It's", "well-known", ",", "isn't", "it", "?", "«", "Ça", "»", "–", "3", ".", "5"),
        Vocabulary.words("It's well-known,\n isn't\u00a0it?  «Ça» – 3.5").toList());
  }

  @Test
  void frequentWordsHaveSmallNumbers() {
    String text = "b a c . a b a , d";
    Vocabulary all = Vocabulary.ofWords(text, 100, 1);
    Vocabulary some = Vocabulary.ofWords(text, 3, 1);
    Vocabulary frequent = Vocabulary.ofWords(text, 100, 2);

    assertEquals(7, all.size());
    assertEquals("<unk> a b , . c d", all.decode(0, 1, 2, 3, 4, 5, 6));
    assertArrayEquals(new int[] {2, 0, 1}, some.encode("b nothing a"));
    assertEquals(3, frequent.size());
    assertArrayEquals(new int[] {1, 0, 2}, frequent.encode("a d b"));
    assertEquals(
        "vocabulary: at most 0 and at least 1 must both be 1 or more",
        failure(() -> Vocabulary.ofWords("", 0, 1)));
  }

  @Test
  void windowsPredictTheNextNumber() {
    Dataset windows = Text.windows(new int[] {5, 6, 7, 8, 9, 10}, 3, 2);

    assertEquals(2, windows.size());
    Batch batch = windows.get(1, 0);
    assertEquals(Shape.of(2, 3), batch.inputs().shape());
    assertArrayEquals(new long[] {7, 8, 9, 5, 6, 7}, batch.inputs().toLongs());
    assertArrayEquals(new long[] {8, 9, 10, 6, 7, 8}, batch.targets().toLongs());
    assertThrows(IndexOutOfBoundsException.class, () -> windows.get(2));
    assertEquals(1, Text.windows(new int[] {1, 2}, 1, 100).size());
    assertEquals(
        "windows: length 3 and step 1 must be at least 1, and the text, of 3, longer",
        failure(() -> Text.windows(new int[3], 3, 1)));
  }

  @Test
  void filesMayBePacked() throws IOException {
    String text = "To be, or not to be – ".repeat(10_000);
    Path plain = dir.resolve("a.txt");
    Path packed = dir.resolve("b.txt");
    Files.writeString(plain, text);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Files.write(packed, bytes.toByteArray());

    assertEquals(text, Text.read(plain));
    assertEquals(text, Text.read(packed));
    assertEquals(text.length(), Unpacked.read(plain, 1 << 20).length - 2 * 10_000);
  }

  @Test
  void damagedFilesAreRefusedInOneLine() throws IOException {
    Path file = dir.resolve("c.txt");
    assertEquals(file + ": no such file", broken(file));
    assertEquals(dir + ": not a file", broken(dir));
    Files.write(file, new byte[] {'a', (byte) 0xff, 'b'});
    assertEquals(file + ": not UTF-8: Input length = 1", broken(file));
    Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8});
    assertTrue(broken(file).startsWith(file + ": "));
    Files.write(file, new byte[1000]);
    assertEquals(
        file + ": more than the limit of 999 bytes",
        assertThrows(IOException.class, () -> Unpacked.read(file, 999)).getMessage());
    assertEquals(1000, Unpacked.read(file, 1000).length);
  }

  private static String broken(Path file) {
    return String.valueOf(assertThrows(IOException.class, () -> Text.read(file)).getMessage());
  }

  private static String failure(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
