package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.bench.Epoch;
import org.adjoint.bench.Result;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Sequential;
import org.adjoint.nn.Summary;
import org.adjoint.optim.Schedule;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.common.Progress;
import org.adjoint.samples.data.Digits;

/** A network that learns to read digits, and how well it did after each epoch. */
final class Contestant {
  // Streams of random numbers: all contestants see the digits in the same order.
  private static final int ORDER = 3;
  private static final int MOVES = 4;

  private final String name;
  private final Sequential model;
  private final Digits digits;
  private final Tensor tested; // on the device that computes
  private final Device device;
  private final Loader loader;
  private final Schedule schedule;
  private final Sgd sgd;
  private final List<Epoch> history = new ArrayList<>();
  private long[] answers;
  private long step;

  /**
   * A network that knows nothing yet.
   *
   * @param shift how many pixels a digit is moved at the most, anew in each epoch
   */
  Contestant(String name, Sequential model, Digits digits, Recipe recipe, int shift) {
    this.name = name;
    this.model = model;
    this.digits = digits;
    device = recipe.device();
    tested = digits.testImages().to(device);
    model.to(device);
    Loader still =
        Loader.shuffled(
                digits.trainImages(),
                digits.trainLabels(),
                recipe.batch(),
                new Philox(recipe.seed(), ORDER))
            .prefetch(2)
            .to(device);
    long moves = new Philox(recipe.seed(), MOVES).nextLong();
    loader = shift == 0 ? still : still.augmented(digits.moved(shift), moves);
    schedule = recipe.schedule(loader.batches());
    sgd = new Sgd(model, recipe.rate(), Recipe.MOMENTUM);
    answers = LeNet.answers(model, tested);
  }

  /** One pass over the training set, and a test. */
  void learn(int epoch) {
    long start = System.nanoTime();
    double loss = train(epoch);
    double seconds = (System.nanoTime() - start) / 1e9;
    answers = LeNet.answers(model, tested);
    double error = Misread.among(answers, digits).size() / (double) answers.length;
    history.add(new Epoch(epoch, loss, error, seconds, loader.batches()));
  }

  private double train(int epoch) {
    double sum = 0;
    try (Progress progress = Progress.start(name + ", epoch " + epoch, loader.examples())) {
      for (Batch batch : loader) {
        try (batch;
            Scope _ = Scope.open()) {
          sgd.rate(schedule.rate(step++));
          Tensor loss = model.forward(batch.inputs()).crossEntropy(batch.targets());
          sgd.zeroGrad();
          loss.backward();
          sgd.step();
          long n = batch.inputs().size(0);
          sum += loss.item() * n;
          progress.step(n, loss.item());
        }
      }
    }
    return sum / loader.examples();
  }

  String name() {
    return name;
  }

  Sequential model() {
    return model;
  }

  /** One entry for each epoch so far. */
  List<Epoch> history() {
    return history;
  }

  /** What it takes each test digit for, by now. */
  long[] answers() {
    return answers.clone();
  }

  /** Its layers, for people, at an input like {@code x}. */
  String summary(Tensor x) {
    return Summary.of(model, x).toString();
  }

  /** How well it does after its last epoch, for people. */
  String standing() {
    Epoch last = history.getLast();
    return String.format(
        Locale.ROOT, "%s %.2f %% wrong, %.1f s", name, 100 * error(last), last.seconds());
  }

  /** What it has done, as rows of results; one for each epoch is a row of so many samples. */
  List<Result> figures() {
    List<Result> figures = new ArrayList<>();
    figures.add(Lesson.figure(name + ": parameters", (double) model.parameterCount()));
    if (!history.isEmpty()) {
      figures.add(Lesson.figure(name + ": test error", error(history.getLast())));
      figures.add(eachEpoch("test error", "share", Contestant::error));
      figures.add(eachEpoch("time", "s", Epoch::seconds));
    }
    return figures;
  }

  private Result eachEpoch(String what, String unit, ToDoubleFunction<Epoch> number) {
    return Result.of(name + ": " + what + " of each epoch")
        .device(device.toString())
        .samples(unit, values(number))
        .build();
  }

  /** A number of each epoch. */
  double[] values(ToDoubleFunction<Epoch> number) {
    return history.stream().mapToDouble(number).toArray();
  }

  /** The share of the test digits that were wrong after an epoch. */
  static double error(Epoch epoch) {
    Double error = epoch.testError();
    if (error == null) {
      throw new IllegalArgumentException("epoch " + epoch.epoch() + " was not tested");
    }
    return error;
  }
}
