package org.adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * CIFAR-10: coloured 32×32 pictures of ten kinds of things (Krizhevsky, Learning multiple layers of
 * features from tiny images, 2009).
 *
 * <p>The arrays are handed out as they are, not copied. A picture is 3072 bytes: 1024 of red, row
 * by row, then green, then blue.
 *
 * @param images {@code size() · 3072} bytes
 * @param labels {@code size()} numbers of {@link #CLASSES}
 */
@SuppressWarnings("ArrayRecordComponent") // no one compares two data sets by equals
public record Cifar10(byte[] images, byte[] labels) {
  /** Height and width of a picture, in pixels. */
  public static final int SIDE = 32;

  /** Bytes of a picture. */
  public static final int BYTES = 3 * SIDE * SIDE;

  /** What the labels 0 to 9 mean. */
  public static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /**
   * Checks that images and labels agree.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Cifar10 {
    if (images.length != (long) BYTES * labels.length) {
      throw new IllegalArgumentException(
          "cifar10: %d bytes of images are not 3072 for each of %d labels"
              .formatted(images.length, labels.length));
    }
  }

  /** Number of pictures. */
  public int size() {
    return labels.length;
  }

  /** The pictures as F32 [B, 3, 32, 32] from 0 to 1, the labels as I64 [B]. */
  public Dataset dataset() {
    return Pictures.of(images, labels, 3, SIDE, SIDE);
  }

  /**
   * Reads files of the binary version, such as {@code data_batch_1.bin}, plain or gzipped: records
   * of a label and a picture.
   *
   * @throws IOException in one line: a file is missing or damaged, ends within a record, holds
   *     none, or a label is not 0..9
   */
  public static Cifar10 read(Path... files) throws IOException {
    byte[][] contents = new byte[files.length][];
    long records = 0;
    long limit = Unpacked.limit();
    for (int i = 0; i < files.length; i++) {
      contents[i] = Unpacked.read(files[i], limit);
      limit -= contents[i].length;
      check(files[i], contents[i]);
      records += contents[i].length / (1 + BYTES);
    }
    byte[] images = new byte[Math.toIntExact(records * BYTES)];
    byte[] labels = new byte[(int) records];
    int n = 0;
    for (byte[] content : contents) {
      for (int at = 0; at < content.length; at += 1 + BYTES) {
        labels[n] = content[at];
        System.arraycopy(content, at + 1, images, n * BYTES, BYTES);
        n++;
      }
    }
    return new Cifar10(images, labels);
  }

  private static void check(Path file, byte[] content) throws IOException {
    int record = 1 + BYTES;
    if (content.length == 0 || content.length % record != 0) {
      throw new IOException(
          "%s: %d bytes are not records of 1 + 3072".formatted(file, content.length));
    }
    for (int at = 0; at < content.length; at += record) {
      if (content[at] < 0 || content[at] >= CLASSES.size()) {
        throw new IOException(
            "%s: byte %d: label %d is not 0..9".formatted(file, at, content[at] & 0xff));
      }
    }
  }

  /**
   * Reads JPEG pictures from a zip file by their paths, {@code part/class/name.jpg}, where the
   * class is one of {@link #CLASSES}; in the order of the paths, and so class after class.
   *
   * @param part {@code train} or {@code test}
   * @throws IOException in one line: the file is missing or damaged, has no such pictures, or one
   *     of them is not a JPEG of 32×32
   */
  public static Cifar10 readJpegs(Path zip, String part) throws IOException {
    return CifarZip.read(zip, part);
  }
}
