package org.adjoint.samples.lessons;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adjoint.data.Mnist;
import org.adjoint.samples.data.DrawnDigits;

/** Drawn digits in the files of MNIST, for samples that are to learn from a few. */
public final class FewDigits {
  private FewDigits() {}

  /** Writes so many to learn from, and so many to be tested on, into {@code folder}. */
  public static void write(Path folder, int learned, int tested) throws IOException {
    Mnist digits = DrawnDigits.draw(7, learned, tested);
    write(folder, "train-images-idx3-ubyte", digits.trainImages(), learned, Mnist.SIDE, Mnist.SIDE);
    write(folder, "train-labels-idx1-ubyte", digits.trainLabels(), learned);
    write(folder, "t10k-images-idx3-ubyte", digits.testImages(), tested, Mnist.SIDE, Mnist.SIDE);
    write(folder, "t10k-labels-idx1-ubyte", digits.testLabels(), tested);
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
