package org.adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST: pictures of clothes in MNIST's form (Xiao, Rasul, Vollgraf, Fashion-MNIST: a novel
 * image dataset for benchmarking machine learning algorithms, 2017).
 */
public final class FashionMnist {
  private static final String FOLDER = "fashion-mnist";

  /** What the labels 0 to 9 mean. */
  public static final List<String> CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private FashionMnist() {}

  /**
   * Loads the four files from {@code dir/fashion-mnist}, or else from {@code dir} itself.
   *
   * @throws IOException in one line, as {@link Mnist#load}
   */
  public static Mnist load(Path dir) throws IOException {
    for (Path home : List.of(dir.resolve(FOLDER), dir)) {
      if (Mnist.isComplete(home)) {
        return Mnist.loadFrom(home);
      }
    }
    throw new IOException("no Fashion-MNIST in " + dir.resolve(FOLDER) + " or " + dir);
  }
}
