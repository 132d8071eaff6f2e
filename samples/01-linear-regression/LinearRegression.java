package org.adjoint.samples;

import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The smallest thing that learns: one weight. Students who work 1, 2, 3 hours get 2, 4, 6 points;
 * what will 4 hours bring? The model is y = x·w, the loss of one sample (x·w − y)², and w walks
 * against the gradient, one sample after the other.
 *
 * <p>After E. Viennet, "Apprentissage et fouille de données visuelles" (Paris 13, 2018–2019), where
 * the gradient 2x(x·w − y) is derived by hand. Here the listing runs twice: by hand, on Java's
 * doubles, and by autograd, which is given the loss alone. Expect the same numbers to the last bit,
 * w near 2 and a prediction near 8 for 4 hours.
 *
 * <p>The lecture's listing prints as the loss of an epoch that of its last sample only; so does
 * this one.
 */
@Command(
    name = "linear-regression",
    description = "one weight, its gradient by hand and by autograd")
public final class LinearRegression implements Callable<Integer> {
  private static final double[] HOURS = {1, 2, 3};
  private static final double[] POINTS = {2, 4, 6};
  private static final int EPOCHS = 100;
  private static final double RATE = 0.01;

  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    System.out.println("by hand: grad = 2x(xw - y)");
    double byHand = byHand();
    System.out.println();
    System.out.println("by autograd: loss = (xw - y)^2");
    double byAutograd = byAutograd();
    System.out.println();
    System.out.println("same bits: " + (byHand == byAutograd));
    Lesson.end(run, "linear-regression", 1, Lesson.figure("w", byAutograd));
    return 0;
  }

  private static double byHand() {
    double w = 1;
    System.out.println("predict (before training) 4 " + 4 * w);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      double loss = 0;
      for (int i = 0; i < HOURS.length; i++) {
        double x = HOURS[i];
        double y = POINTS[i];
        double grad = 2 * x * (x * w - y);
        w -= RATE * grad;
        loss = (x * w - y) * (x * w - y);
        printGradient(x, y, grad);
      }
      printProgress(epoch, w, loss);
    }
    System.out.println("predict (after training) 4 " + 4 * w);
    return w;
  }

  private static double byAutograd() {
    Tensor w = Tensor.scalar(1).requireGrad();
    System.out.println("predict (before training) 4 " + w.mul(4).item());
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      double loss = 0;
      for (int i = 0; i < HOURS.length; i++) {
        Tensor grad = Grad.of(loss(w, i), w)[0];
        Grad.off(() -> w.assign(w.sub(grad.mul(RATE))));
        loss = loss(w, i).item();
        printGradient(HOURS[i], POINTS[i], grad.item());
      }
      printProgress(epoch, w.item(), loss);
    }
    System.out.println("predict (after training) 4 " + w.mul(4).item());
    return w.item();
  }

  private static Tensor loss(Tensor w, int sample) {
    return w.mul(HOURS[sample]).sub(POINTS[sample]).pow(2);
  }

  private static void printGradient(double x, double y, double grad) {
    System.out.println("\tgrad: %.0f %.0f ".formatted(x, y) + grad);
  }

  private static void printProgress(int epoch, double w, double loss) {
    System.out.println("progress: " + epoch + " w=" + w + " loss=" + loss);
  }
}
