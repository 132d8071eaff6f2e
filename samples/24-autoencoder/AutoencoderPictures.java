package org.adjoint.samples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.adjoint.Grad;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.samples.common.Grid;
import org.adjoint.samples.common.Pictures;
import org.adjoint.samples.common.Series;
import org.adjoint.samples.data.Digits;

/** What autoencoders make of digits, and where in the plane they put them. */
final class AutoencoderPictures {
  private static final int POINTS = 2000;
  private static final int STEPS = 20;

  private AutoencoderPictures() {}

  static void draw(Pictures pictures, Digits digits, List<Autoencoders.Row> rows) {
    if (rows.size() > 1) {
      pictures.lines(
          "losses.png",
          "What is lost of " + digits.name(),
          "d",
          "squares of a digit",
          List.of(
              line("PCA", rows, row -> row.errors()[0]),
              line("linear autoencoder", rows, row -> row.errors()[1]),
              line("convolutional autoencoder", rows, row -> row.errors()[2])));
    }
    reconstructions(pictures, digits, rows);
    for (Autoencoders.Row row : rows) {
      if (row.d() == 2) {
        plane(pictures, digits, row.cnn());
      }
    }
  }

  private static Series line(
      String name, List<Autoencoders.Row> rows, ToDoubleFunction<Autoencoders.Row> y) {
    return new Series(
        name,
        rows.stream().mapToDouble(Autoencoders.Row::d).toArray(),
        rows.stream().mapToDouble(y).toArray());
  }

  private static void reconstructions(
      Pictures pictures, Digits digits, List<Autoencoders.Row> rows) {
    Tensor some = oneOfEach(digits);
    List<String> names = new ArrayList<>(List.of("test digits"));
    List<float[][]> images = new ArrayList<>(images(some));
    for (Autoencoders.Row row : rows) {
      names.add("PCA, d = " + row.d());
      images.addAll(images(Grad.off(() -> row.pca().forward(some))));
      names.add("CNN, d = " + row.d());
      images.addAll(images(Grad.off(() -> row.cnn().forward(some))));
    }
    pictures.grid(
        "digits.png",
        "Digits from d numbers",
        Grid.of(images)
            .withRows((int) some.size(0), names)
            .withZoom(2)
            .withRange(Grid.Range.COMMON));
  }

  /** The first test digit of each class. */
  private static Tensor oneOfEach(Digits digits) {
    long[] labels = digits.testLabels().toLongs();
    List<Tensor> first = new ArrayList<>();
    for (int label = 0; label < 10; label++) {
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] == label) {
          first.add(digits.testImages().slice(0, i, i + 1));
          break;
        }
      }
    }
    return Tensor.concat(0, first.toArray(Tensor[]::new));
  }

  /** The codes of test digits, and what is drawn from codes all over the place that they take. */
  private static void plane(Pictures pictures, Digits digits, Autoencoder cnn) {
    long n = Math.min(POINTS, digits.testLabels().size(0));
    Tensor codes = Grad.off(() -> cnn.encode(digits.testImages().slice(0, 0, n)));
    double[] x = codes.select(1, 0).toDoubles();
    double[] y = codes.select(1, 1).toDoubles();
    pictures.lines(
        "codes.png", n + " test digits as two numbers", "z₁", "z₂", byClass(digits, x, y));
    double[] across = steps(x);
    double[] up = steps(y);
    float[] grid = new float[2 * STEPS * STEPS];
    for (int i = 0; i < STEPS * STEPS; i++) {
      grid[2 * i] = (float) across[i % STEPS];
      grid[2 * i + 1] = (float) up[STEPS - 1 - i / STEPS];
    }
    Tensor places = Tensor.of(Shape.of(STEPS * STEPS, 2), grid).to(codes.device());
    Tensor drawn = Grad.off(() -> cnn.decode(places));
    pictures.grid(
        "plane.png",
        "What is drawn from two numbers",
        Grid.of(images(drawn)).withColumns(STEPS).withZoom(1).withRange(Grid.Range.COMMON));
  }

  private static List<Series> byClass(Digits digits, double[] x, double[] y) {
    long[] labels = digits.testLabels().toLongs();
    List<Series> classes = new ArrayList<>();
    for (int label = 0; label < 10; label++) {
      int wanted = label;
      int[] of = IntStream.range(0, x.length).filter(i -> labels[i] == wanted).toArray();
      if (of.length > 0) {
        classes.add(
            Series.points(
                Integer.toString(label),
                Arrays.stream(of).mapToDouble(i -> x[i]).toArray(),
                Arrays.stream(of).mapToDouble(i -> y[i]).toArray()));
      }
    }
    return classes;
  }

  /** Equal steps from what a twentieth of the values is below to what a twentieth is above. */
  private static double[] steps(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double low = sorted[sorted.length / 20];
    double high = sorted[sorted.length - 1 - sorted.length / 20];
    double[] steps = new double[STEPS];
    Arrays.setAll(steps, i -> low + (high - low) * i / (STEPS - 1));
    return steps;
  }

  /** Images as {@link Grid} has them; what is darker than paper or lighter than ink is cut off. */
  static List<float[][]> images(Tensor drawn) {
    return LeNetPictures.images(drawn.clamp(0, 1));
  }
}
