package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Sequential;
import org.adjoint.nn.Tanh;
import org.adjoint.op.BceWithLogits;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.common.Grid;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Why a network needs a hidden layer, or features. XOR asks whether just one of two inputs is 1,
 * and no line in the plane of the inputs parts the yes from the no. With a third feature, Φ(x) =
 * (x_u, x_v, x_u·x_v), a plane does; and a layer of tanh learns features of its own.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). Each model
 * learns from 20 seeds, by 1,000 steps of gradient descent at a rate of 0.5 on the binary
 * cross-entropy of its output z, −log σ(z) for yes and −log σ(−z) for no. Expect that the linear
 * model never gets all four right and the one with features always; that two tanh units are often
 * stuck, and four hardly ever. The 20 trainings of a model run at once: its parameters have an axis
 * of seeds.
 */
@Command(name = "xor", description = "a line cannot, a feature can, a hidden layer learns to")
public final class Xor implements Callable<Integer> {
  private static final int SEEDS = 20;
  private static final double RATE = 0.5;

  /** The four inputs [4, 2], and 1 for yes, 0 for no [4, 1]. */
  private static final float[] INPUTS = {0, 0, 0, 1, 1, 0, 1, 1};

  private static final float[] CLASSES = {0, 1, 1, 0};

  @Mixin private DeviceOptions run;

  @Option(names = "--steps", defaultValue = "1000", description = "steps of each training")
  private int steps;

  @Override
  public Integer call() {
    Lesson.begin(run);
    Lesson.require(steps >= 0, "--steps must be at least 0");
    System.out.println("all four right, of " + SEEDS + " seeds, after " + steps + " steps");
    List<float[][]> maps = new ArrayList<>();
    Learned line = count("line", new Linears(2, 1, randoms()), x -> x, maps);
    Learned features = count("features", new Linears(3, 1, randoms()), Xor::features, maps);
    Learned two = count("2 tanh", hidden(2), x -> x, maps);
    Learned four = count("4 tanh", hidden(4), x -> x, maps);
    Lesson.pictures(run)
        .grid(
            "xor.png",
            "Where seed " + run.seed() + " says yes (white)",
            Grid.of(maps)
                .withCaptions(List.of("line", "features", "2 tanh", "4 tanh"))
                .withColumns(4)
                .withZoom(4)
                .withRange(Grid.Range.COMMON));
    Lesson.end(
        run,
        "xor",
        17,
        Lesson.figure("line", line.solved),
        Lesson.figure("features", features.solved),
        Lesson.figure("2 tanh", two.solved),
        Lesson.figure("4 tanh", four.solved),
        Lesson.figure("4 tanh, loss", four.loss));
    return 0;
  }

  private Layer hidden(int units) {
    List<Philox> randoms = randoms();
    return new Sequential(
        new Linears(2, units, randoms), new Tanh(), new Linears(units, 1, randoms));
  }

  private List<Philox> randoms() {
    return IntStream.range(0, SEEDS).mapToObj(i -> new Philox(run.seed() + i)).toList();
  }

  /** Φ(x) = (x_u, x_v, x_u·x_v), [N, 3] of [N, 2]. */
  private static Tensor features(Tensor x) {
    float[] uv = x.toFloats();
    float[] phi = new float[uv.length / 2 * 3];
    for (int i = 0; i < uv.length / 2; i++) {
      float u = uv[2 * i];
      float v = uv[2 * i + 1];
      phi[3 * i] = u;
      phi[3 * i + 1] = v;
      phi[3 * i + 2] = u * v;
    }
    return Tensor.of(Shape.of(uv.length / 2, 3), phi);
  }

  /** From how many seeds a model has learned XOR, and the mean of its losses. */
  private record Learned(int solved, double loss) {}

  /** Trains a model; what that of the first seed says goes to {@code maps}. */
  private Learned count(String name, Layer model, UnaryOperator<Tensor> phi, List<float[][]> maps) {
    model.to(run.device());
    Tensor x = phi.apply(Tensor.of(Shape.of(4, 2), INPUTS)).to(run.device());
    train(model, x);
    maps.add(map(model, phi, x.device()));
    float[] z = Grad.off(() -> model.forward(x)).toFloats(); // [seeds, 4, 1]
    int solved = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      int right = 0;
      for (int i = 0; i < 4; i++) {
        right += (z[4 * seed + i] > 0) == (CLASSES[i] > 0) ? 1 : 0;
      }
      solved += right == 4 ? 1 : 0;
    }
    System.out.printf("  %-9s %d%n", name, solved);
    Tensor y = classes(x).expand(Shape.of(SEEDS, 4, 1));
    return new Learned(solved, Grad.off(() -> BceWithLogits.of(model.forward(x), y)).item());
  }

  /** Where {@code x} lies. */
  private static Tensor classes(Tensor x) {
    return Tensor.of(Shape.of(4, 1), CLASSES).to(x.device());
  }

  private void train(Layer model, Tensor x) {
    Tensor y = classes(x);
    Sgd sgd = new Sgd(model, RATE);
    for (int step = 0; step < steps; step++) {
      try (Scope _ = Scope.open()) {
        // The models share nothing: each gradient of the sum of their losses is one of its own.
        Tensor z = model.forward(x); // [seeds, 4, 1]
        Tensor loss = BceWithLogits.of(z, y.expand(z.shape())).mul(SEEDS);
        sgd.zeroGrad();
        loss.backward();
        sgd.step();
      }
    }
  }

  /** σ(z) of the first seed over the square from −0.5 to 1.5, v rising. */
  private static float[][] map(Layer model, UnaryOperator<Tensor> phi, Device device) {
    int side = 40;
    float[] places = new float[2 * side * side];
    for (int i = 0; i < side * side; i++) {
      int row = i / side;
      int column = i % side;
      places[2 * i] = -0.5f + 2f * column / (side - 1);
      places[2 * i + 1] = 1.5f - 2f * row / (side - 1);
    }
    Tensor x = phi.apply(Tensor.of(Shape.of(side * side, 2), places)).to(device);
    float[] says = Grad.off(() -> model.forward(x).select(0, 0).sigmoid()).toFloats();
    float[][] map = new float[side][side];
    for (int i = 0; i < says.length; i++) {
      map[i / side][i % side] = says[i];
    }
    return map;
  }

  /** A linear layer for each seed, side by side: [N, in] or [seeds, N, in] to [seeds, N, out]. */
  private static final class Linears implements Layer {
    private final Tensor weight; // [seeds, out, in]
    private final Tensor bias; // [seeds, 1, out]

    Linears(int in, int out, List<Philox> randoms) {
      float[] weights = new float[randoms.size() * out * in];
      float[] biases = new float[randoms.size() * out];
      for (int seed = 0; seed < randoms.size(); seed++) {
        Linear one = new Linear(in, out, randoms.get(seed));
        System.arraycopy(one.weight().toFloats(), 0, weights, seed * out * in, out * in);
        System.arraycopy(one.bias().toFloats(), 0, biases, seed * out, out);
      }
      weight = Tensor.of(Shape.of(randoms.size(), out, in), weights).requireGrad();
      bias = Tensor.of(Shape.of(randoms.size(), 1, out), biases).requireGrad();
    }

    @Override
    public Tensor forward(Tensor x) {
      return x.matmul(weight.t()).add(bias);
    }
  }
}
