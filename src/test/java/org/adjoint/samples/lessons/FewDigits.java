package org.adjoint.samples.lessons;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adjoint.Philox;
import org.adjoint.data.Mnist;

/** A few digits in the files of MNIST, for samples that are to learn from them. */
public final class FewDigits {
  private FewDigits() {}

  /** Writes {@code digits} into {@code folder}. */
  public static void write(Path folder, Mnist digits) throws IOException {
    write(folder, "train", digits.trainImages(), digits.trainLabels());
    write(folder, "t10k", digits.testImages(), digits.testLabels());
  }

  /**
   * Writes so many to learn from, and so many to be tested on: a bright square for each class, in
   * noise. It takes no fonts, and no java.desktop.
   */
  public static void write(Path folder, int learned, int tested) throws IOException {
    write(folder, "train", squares(1, learned), classes(learned));
    write(folder, "t10k", squares(2, tested), classes(tested));
  }

  private static byte[] classes(int n) {
    byte[] classes = new byte[n];
    for (int i = 0; i < n; i++) {
      classes[i] = (byte) (i % 10);
    }
    return classes;
  }

  private static byte[] squares(long seed, int n) {
    Philox noise = new Philox(seed);
    byte[] pixels = new byte[n * Mnist.PIXELS];
    for (int i = 0; i < pixels.length; i++) {
      int kind = i / Mnist.PIXELS % 10;
      int row = i / Mnist.SIDE % Mnist.SIDE;
      int column = i % Mnist.SIDE;
      boolean lit = row / 9 == kind / 4 && column / 7 == kind % 4;
      pixels[i] = (byte) (noise.nextInt(60) + (lit ? 180 : 0));
    }
    return pixels;
  }

  private static void write(Path folder, String name, byte[] images, byte[] labels)
      throws IOException {
    int n = labels.length;
    write(folder, name + "-images-idx3-ubyte", images, n, Mnist.SIDE, Mnist.SIDE);
    write(folder, name + "-labels-idx1-ubyte", labels, n);
  }

  /** An IDX file: unsigned bytes are type 8. */
  private static void write(Path folder, String name, byte[] data, int... sizes)
      throws IOException {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + data.length);
    file.putInt(8 << 8 | sizes.length);
    for (int size : sizes) {
      file.putInt(size);
    }
    Files.write(folder.resolve(name), file.put(data).array());
  }
}
