package org.adjoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** CIFAR-10 as JPEG files in a zip file. */
final class CifarZip {
  /** No JPEG of 32×32 is nearly as long. */
  private static final long MOST_BYTES = 1 << 20;

  private CifarZip() {}

  static Cifar10 read(Path file, String part) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": " + (Files.exists(file) ? "not a file" : "no such file"));
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> isPicture(entry.getName(), part))
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      if (entries.isEmpty()) {
        throw new IOException("no pictures " + part + "/CLASS/NAME.jpg in it");
      }
      if ((long) entries.size() * Cifar10.BYTES > Unpacked.limit()) {
        throw new IOException(entries.size() + " pictures are too many for this heap");
      }
      byte[] images = new byte[entries.size() * Cifar10.BYTES];
      byte[] labels = new byte[entries.size()];
      for (int i = 0; i < labels.length; i++) {
        ZipEntry entry = entries.get(i);
        labels[i] = (byte) Cifar10.CLASSES.indexOf(entry.getName().split("/")[1]);
        byte[] picture = decode(zip, entry);
        System.arraycopy(picture, 0, images, i * Cifar10.BYTES, Cifar10.BYTES);
      }
      return new Cifar10(images, labels);
    } catch (IOException | IllegalArgumentException e) { // ZipFile throws both for bad entries
      String reason = e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
      throw new IOException(file + ": " + oneLine(reason), e);
    }
  }

  private static boolean isPicture(String path, String part) {
    String[] parts = path.split("/", -1);
    return parts.length == 3
        && parts[0].equals(part)
        && Cifar10.CLASSES.contains(parts[1])
        && parts[2].endsWith(".jpg");
  }

  private static byte[] decode(ZipFile zip, ZipEntry entry) throws IOException {
    if (ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
      throw new IOException("this Java has no java.desktop to read JPEG with");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return Jpeg.planes(Unpacked.take(in, MOST_BYTES), Cifar10.SIDE, Cifar10.SIDE);
    } catch (IOException e) {
      String reason = e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
      throw new IOException(entry.getName() + ": " + reason, e);
    }
  }

  /** A name in a damaged file may hold anything. */
  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}|\\R", "?");
  }
}
