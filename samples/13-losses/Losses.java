package org.adjoint.samples;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * What a network is asked to make small. For numbers, the mean squared error of N answers with D
 * numbers each, 1/(ND) Σ (y − t)². For classes, the cross-entropy −1/N Σ log p(tₙ|xₙ), where p is
 * the softmax of the logits.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019), whose
 * slide of the cross-entropy lacks the minus sign, and E. Viennet, "Apprentissage et fouille de
 * données visuelles" (Paris 13, 2018–2019).
 *
 * <p>Both are one principle, maximum likelihood: choose the parameters under which what was seen is
 * likeliest. Expect the cross-entropy to be −log of the likelihood of all labels, over N; and the
 * mean squared error to be the same of numbers with Gaussian noise, up to a factor and a constant.
 * Expect gradients that agree with slopes, and, for logits of ±10,000, losses and gradients that
 * are numbers: log softmax subtracts the largest logit before it takes e to the power of any.
 */
@Command(name = "losses", description = "MSE, cross-entropy, maximum likelihood, huge logits")
public final class Losses implements Callable<Integer> {
  private static final int N = 6;
  private static final int D = 4;
  private static final double EPSILON = 1e-5;

  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    Philox random = new Philox(run.seed());
    Tensor outputs = normal(random);
    Tensor targets = normal(random);
    Tensor labels = Tensor.of(0L, 1, 2, 3, 0, 1);

    System.out.println("mean squared error");
    double byHand = mseByHand(outputs.toDoubles(), targets.toDoubles());
    System.out.println("  by hand:              " + byHand);
    System.out.println("  by Tensor:            " + outputs.mse(targets).item());
    double density = density(outputs.toDoubles(), targets.toDoubles());
    System.out.println("  -2 log(density)/(ND): " + -2 * Math.log(density) / (N * D));
    double mse = check("mse", y -> y.mse(targets), outputs);

    System.out.println("cross-entropy");
    Tensor p = outputs.softmax(1);
    double likelihood = likelihood(p, labels);
    System.out.println("  -log(likelihood)/N:   " + -Math.log(likelihood) / N);
    System.out.println("  by Tensor:            " + outputs.crossEntropy(labels).item());
    double entropy = check("cross-entropy", y -> y.crossEntropy(labels), outputs);

    System.out.println("logits 1e4, 0, -1e4");
    Tensor huge = Tensor.of(Shape.of(3, 3), 1e4, 0, -1e4, 1e4, 0, -1e4, 1e4, 0, -1e4);
    double loss = huge(huge, "F64");
    huge(huge.to(DType.F32), "F32");
    Tensor e = huge.exp();
    System.out.println("  the naive e^x / sum e^x: " + e.div(e.sumKeepDims(1)).select(0, 0));
    Lesson.end(
        run,
        "losses",
        0,
        Lesson.figure("mse, largest relative difference of its gradient", mse),
        Lesson.figure("cross-entropy, largest relative difference of its gradient", entropy),
        Lesson.figure("cross-entropy of huge logits", loss));
    return 0;
  }

  private static Tensor normal(Philox random) {
    return Tensor.normal(random, N, D).to(DType.F64);
  }

  private static double mseByHand(double[] y, double[] t) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += (y[i] - t[i]) * (y[i] - t[i]);
    }
    return sum / (N * D);
  }

  /** The density of all t, each normal around its y with variance 1, but for factors 1/√2π. */
  private static double density(double[] y, double[] t) {
    double product = 1;
    for (int i = 0; i < y.length; i++) {
      product *= Math.exp(-(y[i] - t[i]) * (y[i] - t[i]) / 2);
    }
    return product;
  }

  /** The probability of all labels together. */
  private static double likelihood(Tensor p, Tensor labels) {
    double product = 1;
    for (int n = 0; n < N; n++) {
      product *= p.select(0, n).toDoubles()[(int) labels.toLongs()[n]];
    }
    return product;
  }

  /** The largest difference between gradient and slope, as a share of the largest gradient. */
  private static double check(String name, UnaryOperator<Tensor> loss, Tensor at) {
    Tensor y = at.detach().requireGrad();
    double[] gradient = Grad.of(loss.apply(y), y)[0].toDoubles();
    double[] elements = at.toDoubles();
    double difference = 0;
    double size = 0;
    for (int i = 0; i < elements.length; i++) {
      double middle = elements[i];
      elements[i] = middle + EPSILON;
      double above = loss.apply(Tensor.of(at.shape(), elements)).item();
      elements[i] = middle - EPSILON;
      double below = loss.apply(Tensor.of(at.shape(), elements)).item();
      elements[i] = middle;
      difference = Math.max(difference, Math.abs(gradient[i] - (above - below) / (2 * EPSILON)));
      size = Math.max(size, Math.abs(gradient[i]));
    }
    System.out.println("  gradient of " + name + " against slope: " + difference / size);
    return difference / size;
  }

  /** Three rows of logits, labelled with the largest, the middle and the least. */
  private static double huge(Tensor logits, String dtype) {
    Tensor x = logits.detach().requireGrad();
    Tensor loss = x.crossEntropy(Tensor.of(0L, 1, 2));
    System.out.println("  " + dtype + " loss " + loss.item() + ", gradient by row");
    Tensor gradient = Grad.of(loss, x)[0];
    for (int row : List.of(0, 1, 2)) {
      System.out.println("    " + gradient.select(0, row));
    }
    return loss.item();
  }
}
