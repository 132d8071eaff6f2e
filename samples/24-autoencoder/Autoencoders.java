package org.adjoint.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.bench.Result;
import org.adjoint.data.Loader;
import org.adjoint.data.Pca;
import org.adjoint.io.Checkpoint;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.data.Digits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How much of a digit is left in d numbers? Three pairs of functions f and g are compared by L =
 * 1/N Σ‖x − g(f(x))‖² on digits that none has seen: principal components, which no linear pair can
 * beat on the training set; a linear pair that descends to them; and convolutions, which need not
 * draw all digits in one plane.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019), whose
 * autoencoder has more filters. Expect of MNIST 43.645, 37.556, 29.354, 21.058 and 13.193 by 2, 4,
 * 8, 16 and 32 components, the same within a hundredth by the linear pair, and of that 78 % at d =
 * 2 and 50 % at d = 8 by convolutions. At d = 32 two passes are too few for them: they lose more
 * than at 16.
 *
 * <p>{@code --save} keeps the convolutional ones for {@link Interpolation}.
 */
@Command(name = "autoencoder", description = "digits in 2 to 32 numbers: convolutions against PCA")
public final class Autoencoders implements Callable<Integer> {
  // Streams of random numbers.
  private static final int WEIGHTS = 1;
  private static final int ORDER = 2;

  @Mixin private DeviceOptions run;

  @Option(
      names = "--d",
      split = ",",
      paramLabel = "D",
      defaultValue = "2,4,8,16,32",
      description = "how many numbers a digit becomes; default ${DEFAULT-VALUE}")
  private List<Integer> sizes = new ArrayList<>();

  @Option(names = "--epochs", defaultValue = "2", description = "passes over the training set")
  private int epochs;

  @Option(names = "--batch", defaultValue = "100", description = "digits per step")
  private int batch;

  @Option(names = "--lr", defaultValue = "0.003", description = "learning rate of the first step")
  private double rate;

  @Option(names = "--save", paramLabel = "FILE", description = "keep the convolutional ones here")
  private @Nullable Path save;

  /** What came of one d. */
  record Row(int d, PcaCoder pca, LinearAutoencoder linear, ConvAutoencoder cnn, double[] errors) {}

  @Override
  public Integer call() {
    Lesson.begin(run);
    Lesson.require(
        epochs >= 0 && batch >= 1 && rate > 0,
        "--epochs must be at least 0, --batch at least 1, --lr above 0");
    Digits digits = Digits.shades(run).to(run.device());
    Tensor train = digits.trainImages();
    long most = Math.min(train.size(0), train.shape().countAfter(0));
    Lesson.require(
        sizes.stream().allMatch(d -> d >= 1 && d <= most)
            && sizes.stream().distinct().count() == sizes.size(),
        "--d must be different numbers from 1 to " + most);
    System.out.printf(
        Locale.ROOT,
        "%s: %,d digits to learn from, %,d to be tested on%n",
        digits.name(),
        train.size(0),
        digits.testLabels().size(0));
    Pca pca = PcaCoder.fit(train, Collections.max(sizes));
    List<Row> rows = new ArrayList<>();
    for (int d : sizes) {
      rows.add(learn(d, pca, digits));
    }
    print(rows);
    keep(rows);
    AutoencoderPictures.draw(Lesson.pictures(run), digits, rows);
    Lesson.end(
        run,
        "autoencoder",
        rows.stream().mapToLong(row -> row.cnn().parameterCount()).sum(),
        rows.stream().flatMap(row -> figures(row).stream()).toArray(Result[]::new));
    return 0;
  }

  private Row learn(int d, Pca pca, Digits digits) {
    PcaCoder best = PcaCoder.of(pca, d);
    LinearAutoencoder linear =
        new LinearAutoencoder(pca.mean(), d, new Philox(run.seed(), WEIGHTS));
    ConvAutoencoder cnn = new ConvAutoencoder(d, new Philox(run.seed(), WEIGHTS));
    Study study = new Study(epochs, rate);
    learn("linear, d = " + d, linear, digits, study, batch, run.seed());
    learn("convolutions, d = " + d, cnn, digits, study, batch, run.seed());
    Tensor test = digits.testImages();
    return new Row(
        d, best, linear, cnn, new double[] {best.error(test), linear.error(test), cnn.error(test)});
  }

  /** Makes the loss of an autoencoder on the training set small. */
  static void learn(
      String name, Autoencoder model, Digits digits, Study study, int batch, long seed) {
    model.to(digits.trainImages().device());
    Loader loader =
        Loader.shuffled(digits.trainImages(), digits.trainLabels(), batch, new Philox(seed, ORDER));
    study.learn(name, model, loader, some -> model.loss(some.inputs()));
  }

  private static void print(List<Row> rows) {
    System.out.println("squares lost of a test digit, summed over its pixels, which are in [0, 1]");
    System.out.println("  d |    PCA |  linear, of PCA's |     CNN, of PCA's");
    for (Row row : rows) {
      double[] e = row.errors();
      System.out.printf(
          Locale.ROOT,
          "%3d | %6.3f | %7.3f   %6.2f %% | %7.3f   %6.2f %%%n",
          row.d(),
          e[0],
          e[1],
          100 * e[1] / e[0],
          e[2],
          100 * e[2] / e[0]);
    }
  }

  private static List<Result> figures(Row row) {
    return List.of(
        Lesson.figure("pca " + row.d(), row.errors()[0]),
        Lesson.figure("linear " + row.d(), row.errors()[1]),
        Lesson.figure("cnn " + row.d(), row.errors()[2]));
  }

  private void keep(List<Row> rows) {
    @Nullable Path file = save;
    if (file == null) {
      return;
    }
    Checkpoint checkpoint = new Checkpoint();
    rows.forEach(row -> checkpoint.put("cnn" + row.d(), row.cnn().state()));
    try {
      checkpoint.save(file);
    } catch (IOException e) {
      throw new UserError(file + " cannot be written: " + e.getMessage(), e);
    }
    System.out.println("autoencoders: " + file);
  }

  /**
   * An autoencoder that {@code --save} kept.
   *
   * @throws UserError if there is no such file, or none of d numbers in it
   */
  static ConvAutoencoder read(Path file, int d) {
    ConvAutoencoder cnn = new ConvAutoencoder(d, new Philox(0));
    try {
      Checkpoint.load(file).restore("cnn" + d, cnn.state());
    } catch (IOException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new UserError(
          file + ": no autoencoder of " + d + " numbers; run autoencoder --save makes one", e);
    }
    return cnn;
  }
}
