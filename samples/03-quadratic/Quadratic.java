package org.adjoint.samples;

import java.util.Arrays;
import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The exercise after the first lesson: a model with three parameters, y = x²w₂ + x·w₁ + b, and the
 * loss (y_pred − y)². Its gradient is found in three ways that agree to the last bit: by hand, from
 * the formulas; in code, walking the graph back with the chain rule; by autograd.
 *
 * <p>After E. Viennet, "Apprentissage et fouille de données visuelles" (Paris 13, 2018–2019).
 * Expect at x = 2, y = 4 and all parameters 1 a loss of 9 and the gradients 24, 12 and 6; and that
 * gradient descent finds the parameters behind 50 points of x² + x + 1.
 */
@Command(name = "quadratic", description = "three parameters, their gradients in three ways")
public final class Quadratic implements Callable<Integer> {
  private static final int POINTS = 50;
  private static final int STEPS = 200;
  private static final double RATE = 0.8;

  @Mixin private RunOptions run;

  /** The parameters, or the gradients in them. */
  private record Parameters(double w2, double w1, double b) {}

  @Override
  public Integer call() {
    Lesson.begin(run);
    double x = 2;
    double y = 4;
    Parameters p = new Parameters(1, 1, 1);
    Parameters byHand = byHand(p, x, y);
    Parameters inCode = inCode(p, x, y);
    Parameters byAutograd = byAutograd(p, x, y);
    System.out.println("gradients at x=2, y=4, w2=w1=b=1");
    System.out.println("  by hand:     " + text(byHand));
    System.out.println("  in code:     " + text(inCode));
    System.out.println("  by autograd: " + text(byAutograd));
    System.out.println("  same bits: " + (byHand.equals(inCode) && inCode.equals(byAutograd)));

    double deviation = recover();
    Lesson.end(
        run,
        "quadratic",
        3,
        Lesson.figure("dloss/dw2", byAutograd.w2),
        Lesson.figure("dloss/dw1", byAutograd.w1),
        Lesson.figure("dloss/db", byAutograd.b),
        Lesson.figure("largest deviation of a recovered parameter", deviation));
    return 0;
  }

  private static String text(Parameters gradient) {
    return "dw2=" + gradient.w2 + " dw1=" + gradient.w1 + " db=" + gradient.b;
  }

  private static Parameters byHand(Parameters p, double x, double y) {
    double prediction = x * x * p.w2 + x * p.w1 + p.b;
    return new Parameters(
        2 * (x * x) * (prediction - y), 2 * x * (prediction - y), 2 * (prediction - y));
  }

  private static Parameters inCode(Parameters p, double x, double y) {
    double square = x * x;
    double prediction = square * p.w2 + x * p.w1 + p.b;
    double error = prediction - y;
    // Backward: each line is the gradient of one of the lines above.
    double dError = 2 * error;
    double dPrediction = dError;
    return new Parameters(dPrediction * square, dPrediction * x, dPrediction);
  }

  private static Parameters byAutograd(Parameters p, double x, double y) {
    Tensor w2 = Tensor.scalar(p.w2).requireGrad();
    Tensor w1 = Tensor.scalar(p.w1).requireGrad();
    Tensor b = Tensor.scalar(p.b).requireGrad();
    Tensor loss = model(Tensor.scalar(x), w2, w1, b).sub(y).pow(2);
    System.out.println("loss at x=2, y=4, w2=w1=b=1: " + loss.item());
    Tensor[] grads = Grad.of(loss, w2, w1, b);
    return new Parameters(grads[0].item(), grads[1].item(), grads[2].item());
  }

  private static Tensor model(Tensor x, Tensor w2, Tensor w1, Tensor b) {
    return x.pow(2).mul(w2).add(x.mul(w1)).add(b);
  }

  /** Gradient descent from 0 on all points at once; returns how far from 1 it ends. */
  private static double recover() {
    double[] places = new double[POINTS];
    Arrays.setAll(places, i -> -1 + 2.0 * i / (POINTS - 1));
    Tensor x = Tensor.of(places);
    Tensor y = x.pow(2).add(x).add(1);
    Tensor w2 = Tensor.scalar(0).requireGrad();
    Tensor w1 = Tensor.scalar(0).requireGrad();
    Tensor b = Tensor.scalar(0).requireGrad();
    System.out.println("gradient descent on " + POINTS + " points of x^2 + x + 1");
    for (int step = 0; step <= STEPS; step++) {
      Tensor loss = model(x, w2, w1, b).mse(y);
      if (step % 25 == 0) {
        System.out.println("  step " + step + ": mean loss " + loss.item());
      }
      Tensor[] grads = Grad.of(loss, w2, w1, b);
      descend(w2, grads[0]);
      descend(w1, grads[1]);
      descend(b, grads[2]);
    }
    double deviation = 0;
    for (Tensor parameter : new Tensor[] {w2, w1, b}) {
      deviation = Math.max(deviation, Math.abs(parameter.item() - 1));
    }
    System.out.println("  w2=" + w2.item() + " w1=" + w1.item() + " b=" + b.item());
    System.out.println("  largest deviation from 1: " + deviation);
    return deviation;
  }

  private static void descend(Tensor parameter, Tensor grad) {
    Grad.off(() -> parameter.assign(parameter.sub(grad.mul(RATE))));
  }
}
