package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.bench.Result;
import org.adjoint.nn.Layer;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.common.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Any curve is nearly a sum of ReLUs: f(x) ≈ Σₖ ωₖ·σ(wₖx + bₖ). Each σ(x − t) bends the sum at t,
 * so K of them draw a line with K bends, and a line with enough bends looks like a curve.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). First the
 * pieces are laid by hand, with bends at equal distances where the line touches the curve. Then
 * gradient descent on the mean squared error moves all ω, w and b, and finds better places. Expect
 * an error (root mean square) that falls each time K doubles, from 2 to 128, and no point of the
 * last line further than 0.05 from the curve.
 */
@Command(name = "approximation", description = "a curve from 2 to 128 ReLUs, laid and learned")
public final class Approximation implements Callable<Integer> {
  private static final int POINTS = 512;
  private static final int MOST_UNITS = 128;
  private static final double RATE = 0.002;
  private static final double MOMENTUM = 0.9;

  @Mixin private DeviceOptions run;

  @Option(names = "--steps", defaultValue = "1000", description = "steps of each training")
  private int steps;

  /** ω [K, 1], w [1, K] and b [K]. */
  private record Units(Tensor omega, Tensor w, Tensor b) implements Layer {
    /** The line that touches {@code curve} at K + 1 places from 0 to 1, with a bend at each. */
    static Units laid(int count) {
      double[] omega = new double[count];
      double[] w = new double[count];
      double[] b = new double[count];
      double slope = 0;
      for (int k = 0; k < count; k++) {
        double from = (double) k / count;
        double to = (k + 1.0) / count;
        double next = (curve(to) - curve(from)) / (to - from);
        omega[k] = next - slope;
        w[k] = 1;
        b[k] = -from;
        slope = next;
      }
      return new Units(
          Tensor.of(Shape.of(count, 1), omega).requireGrad(),
          Tensor.of(Shape.of(1, count), w).requireGrad(),
          Tensor.of(b).requireGrad());
    }

    @Override
    public Tensor forward(Tensor x) {
      return x.matmul(w).add(b).relu().matmul(omega);
    }
  }

  /** What is to be drawn; 0 at 0. */
  private static double curve(double x) {
    return Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x * x);
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Lesson.require(steps >= 0, "--steps must be at least 0");
    double[] places = new double[POINTS];
    double[] heights = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      places[i] = i / (POINTS - 1.0);
      heights[i] = curve(places[i]);
    }
    Tensor x = Tensor.of(Shape.of(POINTS, 1), places).to(run.device());
    Tensor y = Tensor.of(Shape.of(POINTS, 1), heights).to(run.device());

    List<Result> figures = new ArrayList<>();
    List<Series> lines = new ArrayList<>(List.of(new Series("curve", places, heights)));
    System.out.println("           laid by hand          after " + steps + " steps of descent");
    System.out.println("  K      rms     greatest          rms     greatest");
    for (int units = 2; units <= MOST_UNITS; units *= 2) {
      Units model = Units.laid(units);
      model.to(run.device());
      Tensor before = Grad.off(() -> model.forward(x).sub(y));
      train(model, x, y);
      Tensor line = Grad.off(() -> model.forward(x));
      Tensor after = line.sub(y);
      System.out.printf(
          Locale.ROOT,
          "%3d   %.5f   %.5f        %.5f   %.5f%n",
          units,
          rms(before),
          greatest(before),
          rms(after),
          greatest(after));
      figures.add(Lesson.figure("rms, " + units + " laid", rms(before)));
      figures.add(Lesson.figure("rms, " + units + " learned", rms(after)));
      figures.add(Lesson.figure("greatest error, " + units + " learned", greatest(after)));
      if (units == 4 || units == 16 || units == MOST_UNITS) {
        lines.add(new Series(units + " ReLUs", places, line.toDoubles()));
      }
    }
    Lesson.pictures(run)
        .lines("approximation.png", "A curve from pieces of ReLU", "x", "f(x)", lines);
    Lesson.end(run, "approximation", 3 * MOST_UNITS, figures.toArray(Result[]::new));
    return 0;
  }

  private void train(Units model, Tensor x, Tensor y) {
    Sgd sgd = new Sgd(model, RATE, MOMENTUM);
    for (int step = 0; step < steps; step++) {
      try (Scope _ = Scope.open()) {
        Tensor loss = model.forward(x).mse(y);
        sgd.zeroGrad();
        loss.backward();
        sgd.step();
      }
    }
  }

  private static double rms(Tensor errors) {
    return Math.sqrt(errors.pow(2).mean().item());
  }

  private static double greatest(Tensor errors) {
    double greatest = 0;
    for (double error : errors.toDoubles()) {
      greatest = Math.max(greatest, Math.abs(error));
    }
    return greatest;
  }
}
