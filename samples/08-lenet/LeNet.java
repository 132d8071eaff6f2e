package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Cost;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Epoch;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Conv;
import org.adjoint.nn.Flatten;
import org.adjoint.nn.Linear;
import org.adjoint.nn.MaxPool;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.nn.Summary;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.common.Progress;
import org.adjoint.samples.data.Digits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * LeNet learns to read handwritten digits: the whole of supervised learning in one loop.
 *
 * <p>From François Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019), who
 * lists this network with 256 hidden units (and once with 200), cross-entropy, and plain gradient
 * descent at a rate of 0.01. Expect an error of 10 % after the first epoch and 1.3 % after ten.
 */
@Command(name = "lenet", description = "LeNet learns to read handwritten digits (MNIST)")
public final class LeNet implements Callable<Integer> {
  @Mixin private DeviceOptions run;

  @Option(names = "--epochs", defaultValue = "10", description = "passes over the training set")
  private int epochs;

  @Option(names = "--batch", defaultValue = "100", description = "digits per step")
  private int batch;

  @Option(names = "--lr", defaultValue = "0.01", description = "learning rate")
  private double rate;

  @Option(names = "--momentum", defaultValue = "0", description = "share of the last step kept")
  private double momentum;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "learn from the first N digits, and be tested on N; default: all")
  private long examples = Long.MAX_VALUE;

  @Option(
      names = "--graph",
      description = "on a GPU, record the step once and replay it: the same numbers, in less time")
  private boolean graph;

  private static final int TEST_BATCH = 500;

  // Streams of random numbers: another model sees the digits in the same order.
  private static final int WEIGHTS = 1;
  private static final int ORDER = 2;

  /** The network: 120,458 parameters. */
  public static Sequential network(Philox random) {
    return new Sequential(
        new Conv(1, 32, 5, random), // [N, 1, 28, 28] → [N, 32, 24, 24]
        new Relu(),
        new MaxPool(3), // → [N, 32, 8, 8]
        new Conv(32, 64, 5, random), // → [N, 64, 4, 4]
        new Relu(),
        new MaxPool(2), // → [N, 64, 2, 2]
        new Flatten(), // → [N, 256]
        new Linear(256, 256, random),
        new Relu(),
        new Linear(256, 10, random));
  }

  @Override
  public Integer call() {
    requireSensibleOptions();
    Device device = run.device();
    Digits digits = Digits.load(run).first(examples).to(device);
    Sequential model = network(new Philox(run.seed(), WEIGHTS));
    model.to(device);
    Sgd sgd = new Sgd(model, rate, momentum);
    Loader loader =
        Loader.shuffled(
            digits.trainImages(), digits.trainLabels(), batch, new Philox(run.seed(), ORDER));
    System.out.printf(
        "%s: %,d digits to learn from, %,d to be tested on%n%n%s%n",
        digits.name(),
        loader.examples(),
        digits.testLabels().size(0),
        Summary.of(model, digits.trainImages().slice(0, 0, 1)));

    List<Epoch> history = new ArrayList<>();
    try (LeNetStep step = new LeNetStep(model, sgd, device, graph)) {
      train(model, digits, loader, step, history);
    }
    report(model, digits, history);
    return 0;
  }

  private void train(
      Sequential model, Digits digits, Loader loader, LeNetStep step, List<Epoch> history) {
    for (int epoch = 1; epoch <= epochs; epoch++) {
      long start = System.nanoTime();
      double loss = train(step, loader, epoch);
      double seconds = (System.nanoTime() - start) / 1e9;
      long[] answers = answers(model, digits.testImages());
      double error = Misread.among(answers, digits).size() / (double) answers.length;
      history.add(new Epoch(epoch, loss, error, seconds, loader.batches()));
      System.out.printf(
          Locale.ROOT,
          "epoch %d: training loss %.4f, test error %.2f %%, %.3g s%n",
          epoch,
          loss,
          100 * error,
          seconds);
    }
  }

  private void requireSensibleOptions() {
    if (examples < 1) {
      throw new UserError("--examples must be at least 1");
    }
    if (epochs < 0 || batch < 1 || !(rate > 0) || !(momentum >= 0 && momentum < 1)) {
      throw new UserError(
          "--epochs must be at least 0, --batch at least 1, --lr above 0, --momentum in [0, 1)");
    }
    if (graph && run.profile().isPresent()) {
      throw new UserError(
          "--graph replays a step as a whole, in which --profile sees no operations; leave it out");
    }
    if (graph && run.device().equals(Device.CPU)) {
      throw new UserError("--graph records what a GPU is to do; add --device cuda or emulator");
    }
    run.json().ifPresent(ResultFile::requireWritable);
  }

  /** One pass over the training set; returns its mean loss. */
  private static double train(LeNetStep step, Loader loader, int epoch) {
    step.begin();
    try (Progress progress = Progress.start("epoch " + epoch, loader.examples())) {
      for (Batch digits : loader) {
        try (digits) {
          step.take(digits);
          progress.step(digits.inputs().size(0), step::meanLoss);
        }
      }
    }
    return step.meanLoss();
  }

  /** The digit that the model takes each image for. */
  static long[] answers(Sequential model, Tensor images) {
    long[] answers = new long[(int) images.size(0)];
    for (int from = 0; from < answers.length; from += TEST_BATCH) {
      int first = from;
      int end = Math.min(answers.length, from + TEST_BATCH);
      try (Scope _ = Scope.open()) {
        Tensor scores = Grad.off(() -> model.forward(images.slice(0, first, end)));
        System.arraycopy(scores.argmax(1).toLongs(), 0, answers, from, end - from);
      }
    }
    return answers;
  }

  private void report(Sequential model, Digits digits, List<Epoch> history) {
    // A backward costs twice its forward: one product for each of two gradients.
    Tensor one = digits.trainImages().slice(0, 0, 1);
    double flop =
        3 * Cost.of(() -> model.forward(one)).flop() * digits.trainImages().size(0) * epochs;
    System.out.printf(
        Locale.ROOT, "in all %.2g FLOP, or %.1g PF/s-days%n", flop, flop / 1e15 / 86_400);
    LeNetPictures.draw(run, model, digits, history, answers(model, digits.testImages()));
    run.json()
        .ifPresent(file ->
            ResultFile.write(
                file,
                Results.run(
                    Environment.here().withSimd(Simd.best().name(), Parallel.threads()),
                    "lenet",
                    run.device().toString(),
                    run.seed(),
                    model.parameterCount(),
                    history)));
  }
}
