package org.adjoint.samples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.bench.Result;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Flatten;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.common.HeatMap;
import org.adjoint.samples.data.Digits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Stochastic gradient descent: why a few examples stand for all, and what goes wrong. The gradient
 * of a mean loss is the mean of the gradients; so that of a mini-batch is the full one, plus noise
 * that is the larger, the smaller the batch.
 *
 * <p>After F. D'halluin, "Le Deep-Learning démystifié", who warns of a rate too large and of a
 * batch too small. First all examples are dealt into batches of 100, and the mean of the batches'
 * gradients is compared with the gradient of all at once: expect a difference of 1e-5 or less of
 * its size, which is F32's rounding.
 *
 * <p>Then one small network learns from 4,000 digits, one pass for each of five rates and five
 * sizes of batch, and the share of test digits that it misreads makes a heat map. Expect failure,
 * nine digits of ten misread, where the rate is too large; that a batch of 1 fails at rates where
 * larger ones do well; and that a large batch at a small rate has hardly moved.
 */
@Command(name = "sgd", description = "mini-batches, rates too large, batches too small")
public final class StochasticDescent implements Callable<Integer> {
  private static final int BATCH = 100;
  private static final int LEARNED = 4000;
  private static final int TESTED = 1000;
  private static final double[] RATES = {0.001, 0.01, 0.1, 1, 10};
  private static final int[] BATCHES = {1, 4, 16, 64, 256};

  @Mixin private DeviceOptions run;

  @Option(
      names = "--learn",
      defaultValue = "" + LEARNED,
      description = "digits that each cell of the heat map learns from")
  private int learned;

  private static Layer network(Philox random) {
    return new Sequential(
        new Flatten(), new Linear(784, 32, random), new Relu(), new Linear(32, 10, random));
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Digits digits = Digits.load(run).to(run.device());
    long most = digits.trainImages().size(0);
    Lesson.require(
        learned >= 1 && learned <= most, "--learn must be from 1 to " + most + ", all digits");
    double difference = compareGradients(digits);

    Tensor images = digits.trainImages().slice(0, 0, learned);
    Tensor labels = digits.trainLabels().slice(0, 0, learned);
    List<Result> figures = new ArrayList<>();
    figures.add(Lesson.figure("mean of batches against all, relative", difference));
    double[][] errors = new double[RATES.length][BATCHES.length];
    System.out.println("test error after one pass, by rate and batch size");
    System.out.printf("%8s", "");
    Arrays.stream(BATCHES).forEach(batch -> System.out.printf(Locale.ROOT, "%8d", batch));
    System.out.println();
    for (int i = 0; i < RATES.length; i++) {
      System.out.printf("%8s", RATES[i]);
      for (int j = 0; j < BATCHES.length; j++) {
        errors[i][j] = learn(images, labels, RATES[i], BATCHES[j], digits);
        figures.add(
            Lesson.figure("error, rate " + RATES[i] + " batch " + BATCHES[j], errors[i][j]));
        System.out.printf(Locale.ROOT, "%6.1f %%", 100 * errors[i][j]);
      }
      System.out.println();
    }
    draw(digits, errors);
    Lesson.end(
        run,
        "sgd",
        network(new Philox(run.seed())).parameterCount(),
        figures.toArray(Result[]::new));
    return 0;
  }

  /** How far the mean of the batches' gradients is from the full one, as a share of its norm. */
  private double compareGradients(Digits digits) {
    Layer model = network(new Philox(run.seed()));
    model.to(run.device());
    List<Tensor> parameters = List.copyOf(model.parameters().values());
    model.forward(digits.trainImages()).crossEntropy(digits.trainLabels()).backward();
    List<double[]> full = parameters.stream().map(p -> p.grad().toDoubles()).toList();

    model.zeroGrad();
    Loader loader =
        Loader.shuffled(
            digits.trainImages(), digits.trainLabels(), BATCH, new Philox(run.seed(), 1));
    for (Batch batch : loader) {
      try (batch;
          Scope _ = Scope.open()) {
        // Each batch counts by its size: the last may be shorter. Backward adds them up.
        double share = (double) batch.inputs().size(0) / loader.examples();
        model.forward(batch.inputs()).crossEntropy(batch.targets()).mul(share).backward();
      }
    }
    double squares = 0;
    double difference = 0;
    for (int p = 0; p < full.size(); p++) {
      double[] mean = parameters.get(p).grad().toDoubles();
      for (int i = 0; i < mean.length; i++) {
        double all = full.get(p)[i];
        squares += all * all;
        difference += Math.pow(mean[i] - all, 2);
      }
    }
    double relative = Math.sqrt(difference / squares);
    System.out.printf(
        Locale.ROOT,
        "%s: %,d digits in %d batches of %d%n",
        digits.name(),
        loader.examples(),
        loader.batches(),
        BATCH);
    System.out.println("  mean of their gradients, off the full one by " + relative);
    return relative;
  }

  private double learn(Tensor images, Tensor labels, double rate, int batch, Digits digits) {
    Layer model = network(new Philox(run.seed()));
    model.to(run.device());
    Sgd sgd = new Sgd(model, rate);
    for (Batch part : Loader.shuffled(images, labels, batch, new Philox(run.seed(), 1))) {
      try (part;
          Scope _ = Scope.open()) {
        Tensor loss = model.forward(part.inputs()).crossEntropy(part.targets());
        sgd.zeroGrad();
        loss.backward();
        sgd.step();
      }
    }
    long tested = Math.min(TESTED, digits.testImages().size(0));
    Tensor scores = Grad.off(() -> model.forward(digits.testImages().slice(0, 0, tested)));
    long[] answers = scores.argmax(1).toLongs();
    long[] truth = digits.testLabels().toLongs();
    int wrong = 0;
    for (int i = 0; i < answers.length; i++) {
      wrong += answers[i] == truth[i] ? 0 : 1;
    }
    return (double) wrong / answers.length;
  }

  private void draw(Digits digits, double[][] errors) {
    double[][] percent =
        Arrays.stream(errors)
            .map(row -> Arrays.stream(row).map(error -> 100 * error).toArray())
            .toArray(double[][]::new);
    Lesson.pictures(run)
        .heatMap(
            "sgd.png",
            "Test error after one pass, " + digits.name(),
            new HeatMap(
                "learning rate",
                Arrays.stream(RATES).mapToObj(Double::toString).toList(),
                "batch size",
                Arrays.stream(BATCHES).mapToObj(Integer::toString).toList(),
                percent,
                "%.1f %%"));
  }
}
