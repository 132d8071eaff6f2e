package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Linear;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.data.Digits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A network is a program: its forward pass is Java that runs line by line, so that one may print,
 * branch and set breakpoints in the middle of it. Here it prints what leaves its first layer, in
 * the lines that begin with "Debug:".
 *
 * <p>After C. Wolf, "Scruter pour mieux comprendre : Deep Learning et mécanismes d'attention",
 * whose {@code Net} has two linear layers, 3136 → 1024 → 10, and learns by SGD with momentum at a
 * rate of 0.001. The lecture's listing needs three repairs: its loss and its optimiser are local to
 * one function and used in another, its net is never made, and nothing sets the gradients to zero.
 *
 * <p>The two layers have 3136·1024 + 1024 + 1024·10 + 10 = 3,222,538 parameters. 3136 is 64·7·7,
 * what two stages of convolution and pooling with 64 filters make of a digit; the figure leaves no
 * room for them, so here the 3136 are a digit's pixels, each drawn as a square of four. Expect a
 * loss that falls from 2.3, that of guessing.
 */
@Command(name = "imperative", description = "a network that prints its tensors as it runs")
public final class Imperative implements Callable<Integer> {
  private static final int BATCH = 50;
  private static final double RATE = 0.001;
  private static final double MOMENTUM = 0.9;
  private static final int EVERY = 20;

  @Mixin private DeviceOptions run;

  @Option(names = "--steps", defaultValue = "100", description = "steps to take")
  private int steps;

  private static final class Net implements Layer {
    private final Linear fc1;
    private final Linear fc2;
    private int calls;

    Net(Philox random) {
      fc1 = new Linear(3136, 1024, random);
      fc2 = new Linear(1024, 10, random);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor hidden = fc1.forward(x).relu();
      if (calls++ % EVERY == 0) {
        System.out.println("Debug: " + hidden.shape() + ", the first " + hidden.select(0, 0));
      }
      return fc2.forward(hidden);
    }
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Lesson.require(steps >= 1, "--steps must be at least 1");
    Digits digits = Digits.load(run).to(run.device());
    Net net = new Net(new Philox(run.seed()));
    net.to(run.device());
    Sgd optimizer = new Sgd(net, RATE, MOMENTUM);
    System.out.printf(Locale.ROOT, "%,d parameters%n", net.parameterCount());
    net.parameters().forEach((name, tensor) -> System.out.println(name + "\n" + tensor));

    Philox order = new Philox(run.seed(), 1);

    List<Double> losses = new ArrayList<>();
    while (losses.size() < steps) {
      for (Batch batch :
          Loader.shuffled(digits.trainImages(), digits.trainLabels(), BATCH, order)) {
        try (batch;
            Scope _ = Scope.open()) {
          if (losses.size() == steps) {
            break;
          }
          Tensor loss = net.forward(large(batch.inputs())).crossEntropy(batch.targets());
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          losses.add(loss.item());
          if (losses.size() % EVERY == 0 || losses.size() == 1) {
            System.out.printf(Locale.ROOT, "step %d: loss %.4f%n", losses.size(), loss.item());
          }
        }
      }
    }
    Lesson.end(
        run,
        "imperative",
        net.parameterCount(),
        Lesson.figure("first loss", losses.getFirst()),
        Lesson.figure("last loss", losses.getLast()));
    return 0;
  }

  /** [N, 1, 28, 28] to [N, 3136]: 56 rows and columns, each pixel four times. */
  private static Tensor large(Tensor images) {
    long n = images.size(0);
    return images.reshape(n, 28, 1, 28, 1).expand(Shape.of(n, 28, 2, 28, 2)).reshape(n, 56 * 56);
  }
}
