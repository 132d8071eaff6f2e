package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.bench.Result;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.common.Pictures;
import org.adjoint.samples.common.Series;
import org.adjoint.samples.common.Surface;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * How far a step may go. Gradient descent runs twice on one surface with two valleys, from the same
 * two starts, at the rates η = 0.125 and η = 0.5. The surface bends with a curvature of at most κ =
 * 10; along an axis that does, a step takes u to u − ηκu = (1 − ηκ)u, which shrinks only if η < 2/κ
 * = 0.2.
 *
 * <p>The rates are those of F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM,
 * 2019). Expect that 0.125 converges, zigzagging across the valleys, each start to the minimum of
 * its own; and that 0.5 leaps from wall to wall, four times as high with each step. The curvature
 * is looked for on the whole map: it is the largest eigenvalue of the matrix of second derivatives,
 * which autograd gives.
 */
@Command(name = "learning-rate", description = "two rates, two starts: to two minima, or away")
public final class LearningRate implements Callable<Integer> {
  private static final double[] RATES = {0.125, 0.5};
  private static final double[][] STARTS = {{0, 0.7}, {-0.6, 0.4}};
  private static final int STEPS = 50;
  private static final double REACH = 2.5; // from the map's middle to its edges
  private static final double TURN = Math.toRadians(30);

  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    double curvature = largestCurvature();
    System.out.printf(Locale.ROOT, "largest curvature on the map: %.4f%n", curvature);
    List<Result> figures = new ArrayList<>();
    figures.add(Lesson.figure("largest curvature", curvature));
    List<Series> converging = paths(RATES[0], figures);
    List<Series> diverging = paths(RATES[1], figures);
    Pictures pictures = Lesson.pictures(run);
    draw(pictures, "converges.png", "η = 0.125: each start finds a minimum", converging);
    draw(pictures, "diverges.png", "η = 0.5: from wall to wall, and away", diverging);
    Lesson.end(run, "learning-rate", 2, figures.toArray(Result[]::new));
    return 0;
  }

  /** The ways from both starts. */
  private static List<Series> paths(double rate, List<Result> figures) {
    List<Series> paths = new ArrayList<>();
    for (double[] start : STARTS) {
      Series path = descend(start, rate);
      double x = path.x()[STEPS];
      double y = path.y()[STEPS];
      double loss = surface(Tensor.scalar(x), Tensor.scalar(y)).item();
      System.out.printf(
          Locale.ROOT,
          "rate %.3f %s: after %d steps at (%.4g, %.4g), loss %.4g%n",
          rate,
          path.name(),
          STEPS,
          x,
          y,
          loss);
      figures.add(Lesson.figure("loss, rate " + rate + " " + path.name(), loss));
      paths.add(path);
    }
    return paths;
  }

  /**
   * In axes turned by 30°: along u a bowl with a hill in its middle, which leaves minima at u =
   * ±√ln 2; across it a parabola, whose curvature is 10 everywhere.
   */
  private static Tensor surface(Tensor x, Tensor y) {
    Tensor u = x.mul(Math.cos(TURN)).add(y.mul(Math.sin(TURN)));
    Tensor v = y.mul(Math.cos(TURN)).sub(x.mul(Math.sin(TURN)));
    Tensor square = u.pow(2);
    return square.add(square.neg().exp().mul(2)).add(v.pow(2).mul(5));
  }

  private static Series descend(double[] start, double rate) {
    List<double[]> path = new ArrayList<>(List.of(start));
    for (int step = 0; step < STEPS; step++) {
      double[] at = path.getLast();
      Tensor x = Tensor.scalar(at[0]).requireGrad();
      Tensor y = Tensor.scalar(at[1]).requireGrad();
      Tensor[] grads = Grad.of(surface(x, y), x, y);
      path.add(new double[] {at[0] - rate * grads[0].item(), at[1] - rate * grads[1].item()});
    }
    return new Series(
        "from (" + start[0] + ", " + start[1] + ")",
        path.stream().mapToDouble(at -> at[0]).toArray(),
        path.stream().mapToDouble(at -> at[1]).toArray());
  }

  /** The largest eigenvalue of the second derivatives, over the places of a coarse grid. */
  private static double largestCurvature() {
    double largest = 0;
    for (int i = 0; i <= 20; i++) {
      for (int j = 0; j <= 20; j++) {
        Tensor x = Tensor.scalar(-REACH + 0.1 * REACH * i).requireGrad();
        Tensor y = Tensor.scalar(-REACH + 0.1 * REACH * j).requireGrad();
        Tensor[] grads = Grad.ofDifferentiable(surface(x, y), x, y);
        double xx = Grad.ofDifferentiable(grads[0], x)[0].item();
        Tensor[] row = Grad.of(grads[1], x, y);
        double xy = row[0].item();
        double yy = row[1].item();
        largest = Math.max(largest, (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy));
      }
    }
    return largest;
  }

  private static void draw(Pictures pictures, String file, String title, List<Series> paths) {
    int side = 281;
    double[] x = new double[side * side];
    double[] y = new double[side * side];
    for (int i = 0; i < side * side; i++) {
      int row = i / side;
      int column = i % side;
      x[i] = -REACH + 2 * REACH * column / (side - 1);
      y[i] = -REACH + 2 * REACH * row / (side - 1);
    }
    double[] heights = surface(Tensor.of(x), Tensor.of(y)).toDoubles();
    double[][] rows = new double[side][side];
    for (int row = 0; row < side; row++) {
      System.arraycopy(heights, row * side, rows[row], 0, side);
    }
    Surface map = new Surface(-REACH, REACH, -REACH, REACH, rows);
    pictures.surface(file, title, "x", "y", map, paths);
  }
}
