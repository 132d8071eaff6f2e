package org.adjoint.samples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.op.Attention;
import org.adjoint.optim.Adam;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.common.HeatMap;
import org.adjoint.samples.common.Pictures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Attention, by hand: a state h scores each x_i of a sequence, a softmax makes shares of the
 * scores, and what comes out is the sum of the x_i, each by its share.
 *
 * <pre>
 *   e_i = ⟨h, x_i⟩   or   e_i = ⟨v, tanh(W·h + U·x_i)⟩
 *   α = softmax(e)
 *   y = Σ α_i x_i
 * </pre>
 *
 * <p>After C. Laurent, "Réseaux récurrents II" (école d'hiver IVADO, 2018), who gives both scorers:
 * the dot product, which has nothing to learn, and a small network, an MLP (Bahdanau, Cho and
 * Bengio, Neural machine translation by jointly learning to align and translate, 2015).
 *
 * <p>Six states shall read a sequence of six backwards. The state at step t is the x that is wanted
 * there, with noise: so the dot product finds it at once. The MLP begins by looking everywhere, and
 * learns, from the difference between y and what is wanted alone, where to look. Expect shares that
 * sum to 1, gradients that are slopes, the numbers of {@link Attention}, and two pictures with a
 * dark line from one corner to the other.
 */
@Command(name = "attention", description = "scores, shares and a weighted sum, by hand and learned")
public final class AttentionByHand implements Callable<Integer> {
  private static final int LENGTH = 6;
  private static final int SIZE = 8;
  private static final int UNITS = 16;
  private static final double NOISE = 0.3;
  private static final double RATE = 0.02;

  @Mixin private DeviceOptions run;

  @Option(names = "--steps", defaultValue = "300", description = "steps in which the MLP learns")
  private int steps;

  /** Scores of each x [S, D] for each state h [T, D]: [T, S]. */
  private interface Scorer {
    Tensor score(Tensor h, Tensor x);

    /** α [T, S]. */
    default Tensor shares(Tensor h, Tensor x) {
      return score(h, x).softmax(1);
    }

    /** y [T, D]. */
    default Tensor attend(Tensor h, Tensor x) {
      return shares(h, x).matmul(x);
    }
  }

  /** e_i = ⟨h, x_i⟩, each product and each sum written out. */
  private record Dot() implements Scorer {
    @Override
    public Tensor score(Tensor h, Tensor x) {
      return h.unsqueeze(1).mul(x.unsqueeze(0)).sum(2); // [T, 1, D] ⊙ [1, S, D]
    }
  }

  /** e_i = ⟨v, tanh(W·h + U·x_i)⟩, with w and u [K, D], v [K]. */
  private record Mlp(Tensor w, Tensor u, Tensor v) implements Scorer {
    static Mlp random(Philox random, Device device) {
      return new Mlp(
          normal(random, UNITS, SIZE).mul(0.1).to(device).requireGrad(),
          normal(random, UNITS, SIZE).mul(0.1).to(device).requireGrad(),
          normal(random, UNITS).mul(0.1).to(device).requireGrad());
    }

    @Override
    public Tensor score(Tensor h, Tensor x) {
      Tensor ofState = h.matmul(w.t()).unsqueeze(1); // [T, 1, K]
      Tensor ofInput = x.matmul(u.t()).unsqueeze(0); // [1, S, K]
      return ofState.add(ofInput).tanh().mul(v).sum(2);
    }
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Lesson.require(steps >= 0, "--steps must be at least 0");
    Philox random = new Philox(run.seed());
    Device device = run.device();
    Tensor x = normal(random, LENGTH, SIZE).to(device);
    Tensor wanted = x.flip(0);
    Tensor h = wanted.add(normal(random, LENGTH, SIZE).to(device).mul(NOISE));
    Dot dot = new Dot();
    Mlp mlp = Mlp.random(random, device);

    Tensor byHand = dot.attend(h, x);
    Tensor byOperation = Attention.of(h, x, x, null, 1);
    double apart = byHand.sub(byOperation).abs().max().item();
    System.out.println("by hand, the first state   " + byHand.select(0, 0));
    System.out.println("by Attention               " + byOperation.select(0, 0));
    System.out.println("largest difference " + apart);

    double slopes = gradients(dot, mlp, h, x);
    double before = entropy(mlp.shares(h, x));
    learn(mlp, h, x, wanted);
    double after = entropy(mlp.shares(h, x));
    System.out.printf(
        Locale.ROOT, "entropy of the MLP's shares: %.3f, then %.3f nats%n", before, after);

    double sums = 0;
    Map<String, Scorer> scorers = new LinkedHashMap<>();
    scorers.put("dot", dot);
    scorers.put("mlp", mlp);
    List<Double> found = new ArrayList<>();
    Pictures pictures = Lesson.pictures(run);
    for (var scorer : scorers.entrySet()) {
      Tensor shares = Grad.off(() -> scorer.getValue().shares(h, x));
      sums = Math.max(sums, shares.sum(1).sub(1).abs().max().item());
      found.add(shares.flip(1).mul(eye().to(device)).sum().item() / LENGTH);
      System.out.printf(
          Locale.ROOT, "%s: mean share of what is wanted %.3f%n", scorer.getKey(), found.getLast());
      draw(pictures, scorer.getKey(), shares);
    }
    System.out.println("sums of shares differ from 1 by at most " + sums);
    Lesson.end(
        run,
        "attention",
        mlp.w.shape().count() + mlp.u.shape().count() + mlp.v.shape().count(),
        Lesson.figure("difference from Attention", apart),
        Lesson.figure("gradient, largest relative difference", slopes),
        Lesson.figure("sum of shares, largest difference from 1", sums),
        Lesson.figure("entropy before", before),
        Lesson.figure("entropy after", after),
        Lesson.figure("dot, share of what is wanted", found.get(0)),
        Lesson.figure("mlp, share of what is wanted", found.get(1)));
    return 0;
  }

  private static Tensor normal(Philox random, long... sizes) {
    return Tensor.normal(random, sizes).to(DType.F64);
  }

  private static Tensor eye() {
    return Tensor.of(IntStream.range(0, LENGTH).asLongStream().toArray())
        .oneHot(LENGTH)
        .to(DType.F64);
  }

  /** Mean of −Σ α log α over the states; log 6 = 1.79 where all shares are equal. */
  private static double entropy(Tensor shares) {
    return -shares.mul(shares.log()).sum().item() / LENGTH;
  }

  private void learn(Mlp mlp, Tensor h, Tensor x, Tensor wanted) {
    Adam adam = new Adam(Map.of("w", mlp.w, "u", mlp.u, "v", mlp.v), RATE);
    for (int step = 0; step < steps; step++) {
      try (Scope _ = Scope.open()) {
        Tensor loss = mlp.attend(h, x).mse(wanted);
        adam.zeroGrad();
        loss.backward();
        adam.step();
        if (step % 100 == 0 || step == steps - 1) {
          System.out.printf(Locale.ROOT, "step %d: loss %.4f%n", step, loss.item());
        }
      }
    }
  }

  private static void draw(Pictures pictures, String name, Tensor shares) {
    double[][] rows = new double[LENGTH][];
    for (int t = 0; t < LENGTH; t++) {
      rows[t] = shares.select(0, t).toDoubles();
    }
    List<String> places = IntStream.range(0, LENGTH).mapToObj(Integer::toString).toList();
    pictures.heatMap(
        "attention-" + name + ".png",
        "Where each state looks: the " + name + " scorer's shares",
        new HeatMap("state t", places, "place i", places, rows, "%.2f"));
  }

  /** Compares the gradients of Σ y² with slopes, for all that either scorer depends on. */
  private static double gradients(Dot dot, Mlp mlp, Tensor h0, Tensor x0) {
    Tensor h = h0.detach().requireGrad();
    Tensor x = x0.detach().requireGrad();
    System.out.println("gradient against slope, largest relative difference");
    double worst = compare("dot", () -> dot.attend(h, x), Map.of("h", h, "x", x));
    return Math.max(
        worst,
        compare(
            "mlp",
            () -> mlp.attend(h, x),
            Map.of("h", h, "x", x, "W", mlp.w, "U", mlp.u, "v", mlp.v)));
  }

  private static double compare(String name, Supplier<Tensor> y, Map<String, Tensor> leaves) {
    Supplier<Tensor> loss = () -> y.get().pow(2).sum();
    double worst = 0;
    for (var leaf : new TreeMap<>(leaves).entrySet()) {
      Tensor p = leaf.getValue();
      double difference = Slopes.difference(loss, p, Grad.of(loss.get(), p)[0]);
      System.out.printf("  %s %s %-7s %s%n", name, leaf.getKey(), p.shape(), difference);
      worst = Math.max(worst, difference);
    }
    return worst;
  }
}
