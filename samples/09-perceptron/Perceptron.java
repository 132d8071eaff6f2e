package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.common.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * One neuron. It weighs its inputs, w·x = Σ wᵢxᵢ, and answers by a function of that sum: a step
 * (McCulloch and Pitts, 1943), ±1 (Rosenblatt's perceptron), or the smooth σ of today. The
 * perceptron learns from its mistakes alone: where y·(w·x) ≤ 0 it takes w ← w + y·x.
 *
 * <p>The weighted sum is in C. Wolf, "Scruter pour mieux comprendre : Deep Learning et mécanismes
 * d'attention", σ(wᵀx + b) in F. Fleuret, "Apprentissage profond et intelligence artificielle"
 * (CRM, 2019), ±1 in E. Viennet, "Apprentissage et fouille de données visuelles" (Paris 13,
 * 2018–2019), and the neuron with inputs −1, 2, 3 and weights 0.5, 0.5, 1 in F. D'halluin, "Le
 * Deep-Learning démystifié". The perceptron is of 1957 in Viennet's slides and of 1958 in
 * Fleuret's: a report and a paper.
 *
 * <p>Expect 3.5 from that neuron. Where a line can part the two classes with a margin γ, and no x
 * is longer than R, expect no more than (R/γ)² mistakes before there are none left (Novikoff, On
 * convergence proofs on perceptrons, 1962). No line parts the classes of XOR: expect mistakes for
 * ever, and never four right answers of four.
 */
@Command(
    name = "perceptron",
    description = "one neuron, its rule, its bound, and what it cannot do")
public final class Perceptron implements Callable<Integer> {
  private static final int POINTS = 100;
  private static final double MARGIN = 0.1;
  private static final int XOR_EPOCHS = 1000;

  @Mixin private RunOptions run;

  /** Examples with a 1 before each, so that w₀ is the bias, and classes −1 and 1. */
  private record Examples(List<Tensor> x, int[] y) {
    int right(Tensor w) {
      int right = 0;
      for (int i = 0; i < y.length; i++) {
        right += answers(w, i) ? 1 : 0;
      }
      return right;
    }

    /** Whether w answers example i right; on the line itself it does not. */
    boolean answers(Tensor w, int i) {
      return y[i] * dot(w, x.get(i)) > 0;
    }
  }

  /** What a training ended with: the weights, their mistakes on the way, and their best moment. */
  private record Learned(Tensor w, int mistakes, int epochs, int mostRight) {}

  @Override
  public Integer call() {
    Lesson.begin(run);
    double sum = oneNeuron();
    gates();

    Tensor truth = Tensor.of(0.1, 0.6, -0.8); // bias, and a direction of length 1
    Examples examples = separable(truth, new Philox(run.seed()));
    double longest = examples.x.stream().mapToDouble(x -> Math.sqrt(dot(x, x))).max().orElseThrow();
    double margin = margin(examples, truth);
    double bound = Math.pow(longest / margin, 2);
    Learned learned = learn(examples, Integer.MAX_VALUE);
    System.out.println(
        "separable data: " + POINTS + " points, R = " + longest + ", gamma = " + margin);
    System.out.printf(Locale.ROOT, "  bound (R/gamma)^2: %.1f mistakes%n", bound);
    System.out.println(
        "  made: " + learned.mistakes + " mistakes in " + learned.epochs + " epochs");
    System.out.println("  errors left: " + (POINTS - examples.right(learned.w)));

    Learned xor = learn(xor(), XOR_EPOCHS);
    System.out.println("XOR, " + xor.epochs + " epochs: " + xor.mistakes + " mistakes");
    System.out.println("  at best " + xor.mostRight + " of 4 right");

    draw(examples, learned.w);
    Lesson.end(
        run,
        "perceptron",
        3,
        Lesson.figure("weighted sum of the neuron by hand", sum),
        Lesson.figure("Novikoff's bound", bound),
        Lesson.figure("mistakes", learned.mistakes),
        Lesson.figure("errors left", POINTS - examples.right(learned.w)),
        Lesson.figure("XOR, most right answers", xor.mostRight));
    return 0;
  }

  private static double oneNeuron() {
    Tensor x = Tensor.of(-1.0, 2.0, 3.0);
    Tensor w = Tensor.of(0.5, 0.5, 1.0);
    Tensor sum = w.mul(x).sum();
    System.out.println("a neuron with inputs -1, 2, 3 and weights 0.5, 0.5, 1");
    System.out.println("  w.x = " + sum.item());
    System.out.println("  step(w.x) = " + step(sum.item()));
    System.out.println("  sign(w.x) = " + sum.sign().item());
    System.out.println("  sigmoid(w.x) = " + sum.sigmoid().item());
    return sum.item();
  }

  private static int step(double sum) {
    return sum > 0 ? 1 : 0;
  }

  /** Threshold units compute logic: McCulloch and Pitts's reason to call them neurons. */
  private static void gates() {
    System.out.println("gates by threshold units, step(w0 + w1 u + w2 v)");
    gate("u AND v", -1.5, 1, 1);
    gate("u OR v ", -0.5, 1, 1);
    gate("NOT u  ", 0.5, -1, 0);
  }

  private static void gate(String name, double... weights) {
    Tensor w = Tensor.of(weights);
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      int u = i / 2;
      int v = i % 2;
      table.append("  %d%d->%d".formatted(u, v, step(dot(w, Tensor.of(1.0, u, v)))));
    }
    System.out.println("  " + name + table);
  }

  private static Examples separable(Tensor truth, Philox random) {
    List<Tensor> xs = new ArrayList<>();
    int[] y = new int[POINTS];
    while (xs.size() < POINTS) {
      Tensor x = Tensor.of(1, 2 * random.nextDouble() - 1, 2 * random.nextDouble() - 1);
      double side = dot(truth, x);
      if (Math.abs(side) > MARGIN) {
        y[xs.size()] = side > 0 ? 1 : -1;
        xs.add(x);
      }
    }
    return new Examples(xs, y);
  }

  /** 1 where just one of u and v is 1. */
  private static Examples xor() {
    return new Examples(
        List.of(
            Tensor.of(1.0, 0, 0), Tensor.of(1.0, 0, 1), Tensor.of(1.0, 1, 0), Tensor.of(1.0, 1, 1)),
        new int[] {-1, 1, 1, -1});
  }

  /** How far the nearest example is from the plane w·x = 0 on which it is not. */
  private static double margin(Examples examples, Tensor w) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < examples.y.length; i++) {
      least = Math.min(least, examples.y[i] * dot(w, examples.x.get(i)) / Math.sqrt(dot(w, w)));
    }
    return least;
  }

  /** Rosenblatt's rule, until an epoch passes without a mistake. */
  private static Learned learn(Examples examples, int mostEpochs) {
    Tensor w = Tensor.of(0.0, 0, 0);
    int mistakes = 0;
    int mostRight = 0;
    for (int epoch = 1; epoch <= mostEpochs; epoch++) {
      int before = mistakes;
      for (int i = 0; i < examples.y.length; i++) {
        if (!examples.answers(w, i)) {
          w.assign(w.add(examples.x.get(i).mul(examples.y[i])));
          mistakes++;
          mostRight = Math.max(mostRight, examples.right(w));
        }
      }
      if (mistakes == before) {
        return new Learned(w, mistakes, epoch, mostRight);
      }
    }
    return new Learned(w, mistakes, mostEpochs, mostRight);
  }

  private static double dot(Tensor a, Tensor b) {
    return a.matmul(b).item();
  }

  private void draw(Examples examples, Tensor weights) {
    double[] w = weights.toDoubles();
    // On the line, w₀ + w₁u + w₂v = 0.
    double[] u = {-1, 1};
    double[] v = {-(w[0] - w[1]) / w[2], -(w[0] + w[1]) / w[2]};
    Lesson.pictures(run)
        .lines(
            "perceptron.png",
            "The line that the perceptron found",
            "u",
            "v",
            List.of(
                swarm("class 1", examples, 1),
                swarm("class −1", examples, -1),
                new Series("w·x = 0", u, v)));
  }

  private static Series swarm(String name, Examples examples, int label) {
    List<double[]> places = new ArrayList<>();
    for (int i = 0; i < examples.y.length; i++) {
      if (examples.y[i] == label) {
        places.add(examples.x.get(i).toDoubles());
      }
    }
    return Series.points(
        name,
        places.stream().mapToDouble(place -> place[1]).toArray(),
        places.stream().mapToDouble(place -> place[2]).toArray());
  }
}
