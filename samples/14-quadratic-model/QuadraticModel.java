package org.adjoint.samples;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.common.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Why gradient descent goes where it goes. Near w₀ a loss looks like its tangent plane, and the
 * further away, the less so. Let a paraboloid of width η say how far to trust the plane:
 *
 * <pre>m(w) = L(w₀) + ∇L(w₀)ᵀ(w − w₀) + ‖w − w₀‖² / 2η</pre>
 *
 * <p>Its minimum is where ∇L(w₀) + (w − w₀)/η = 0: at w₀ − η∇L(w₀), the gradient step.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). For random
 * losses, places and rates, the minimum of m is looked for without that formula, from values of m
 * alone: along each axis three values tell the vertex of a parabola. Expect it to be the step, up
 * to rounding, and the gradient of m there, by autograd, to be 0.
 */
@Command(name = "quadratic-model", description = "a gradient step is the minimum of a local model")
public final class QuadraticModel implements Callable<Integer> {
  private static final int CASES = 200;
  private static final int SIZE = 5;

  @Mixin private RunOptions run;

  /** A loss near w₀, as gradient descent with rate η sees it. */
  private record Model(Tensor w0, Tensor loss, Tensor gradient, double rate) {
    static Model of(UnaryOperator<Tensor> loss, Tensor at, double rate) {
      Tensor w0 = at.detach().requireGrad();
      Tensor value = loss.apply(w0);
      return new Model(at, value.detach(), Grad.of(value, w0)[0], rate);
    }

    Tensor at(Tensor w) {
      Tensor away = w.sub(w0);
      return loss.add(gradient.mul(away).sum()).add(away.pow(2).sum().div(2 * rate));
    }

    Tensor step() {
      return w0.sub(gradient.mul(rate));
    }

    /** The minimum, one axis at a time: no term of m has two of them. */
    Tensor argmin() {
      double[] best = w0.toDoubles();
      for (int i = 0; i < best.length; i++) {
        double[] w = w0.toDoubles();
        double middle = w[i];
        double here = at(Tensor.of(w)).item();
        w[i] = middle + 1;
        double right = at(Tensor.of(w)).item();
        w[i] = middle - 1;
        double left = at(Tensor.of(w)).item();
        best[i] = middle + 0.5 * (left - right) / (left - 2 * here + right);
      }
      return Tensor.of(best);
    }
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Philox random = new Philox(run.seed());
    double apart = 0;
    double slope = 0;
    for (int i = 0; i < CASES; i++) {
      Tensor a = normal(random, SIZE, SIZE);
      Tensor b = normal(random, SIZE);
      UnaryOperator<Tensor> loss = w -> a.matmul(w).tanh().sub(b).pow(2).mean();
      double rate = Math.pow(10, -3 + 4 * random.nextDouble()); // from 0.001 to 10
      Model model = Model.of(loss, normal(random, SIZE), rate);
      Tensor step = model.step().requireGrad();
      // Both in units of their own: of the step's length, and of the gradient's.
      double length = norm(model.gradient);
      apart = Math.max(apart, norm(model.argmin().sub(step)) / (rate * length));
      slope = Math.max(slope, norm(Grad.of(model.at(step), step)[0]) / length);
    }
    System.out.println(CASES + " random losses of " + SIZE + " weights, rates from 0.001 to 10");
    System.out.println("  argmin m from w0 - eta dL(w0), as a share of the step: " + apart);
    System.out.println("  gradient of m there, as a share of dL(w0): " + slope);
    draw();
    Lesson.end(
        run,
        "quadratic-model",
        SIZE,
        Lesson.figure("largest deviation of the minimum from the step", apart),
        Lesson.figure("largest gradient of the model at the step", slope));
    return 0;
  }

  private static Tensor normal(Philox random, long... sizes) {
    return Tensor.normal(random, sizes).to(DType.F64);
  }

  private static double norm(Tensor x) {
    return Math.sqrt(x.pow(2).sum().item());
  }

  /** One weight: a loss, and its models for two rates. */
  private void draw() {
    UnaryOperator<Tensor> loss = w -> w.pow(4).sub(w.pow(2).mul(2)).add(w.mul(0.5)).sum();
    Tensor w0 = Tensor.of(-1.6);
    double[] places = new double[151];
    Arrays.setAll(places, i -> -1.9 + i / 100.0);
    Lesson.pictures(run)
        .lines(
            "quadratic-model.png",
            "A loss, and what gradient descent makes of it at w₀ = −1.6",
            "w",
            "loss",
            List.of(
                curve("L(w)", loss, places),
                curve("m(w), η = 0.05", Model.of(loss, w0, 0.05)::at, places),
                curve("m(w), η = 0.1", Model.of(loss, w0, 0.1)::at, places),
                step(Model.of(loss, w0, 0.05)),
                step(Model.of(loss, w0, 0.1))));
  }

  private static Series curve(String name, UnaryOperator<Tensor> f, double... places) {
    double[] heights = Arrays.stream(places).map(w -> f.apply(Tensor.of(w)).item()).toArray();
    return new Series(name, places, heights);
  }

  private static Series step(Model model) {
    return Series.points(
        "the step, η = " + model.rate,
        model.step().toDoubles(),
        model.at(model.step()).reshape(1).toDoubles());
  }
}
