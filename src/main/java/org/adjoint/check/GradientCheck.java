package org.adjoint.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.check.Differences.Derivative;
import org.adjoint.op.OpSpec.Example;

/**
 * Whether a gradient is the gradient: ⟨∇L, v⟩ against the difference quotient of L along v, for L =
 * Σ w ⊙ f(x) with random w, in F64. A wrong element of ∇L escapes only a v that is orthogonal to
 * the error, and the second v at that; where there are few elements, each has a v of its own.
 */
public final class GradientCheck {
  private static final int RANDOM_DIRECTIONS = 2;
  private static final int FEW = 8;

  // Bounds come out below 1e-11 of the gradient.
  private static final double WIDEST = 1e-8;

  private final double[] w;
  private final double magnitude;
  private final List<double[]> directions = new ArrayList<>();
  private final List<Derivative> derivatives = new ArrayList<>();

  private GradientCheck(String label, Problem problem) {
    double[] x = problem.point();
    double[] y = problem.value(x);
    Philox random = Inputs.random("directions for " + label);
    w = Problem.onGrid(random, Shape.of(y.length));
    Differences differences = new Differences(problem::value, x, w);
    magnitude = differences.magnitude();
    for (int k = 0; k < RANDOM_DIRECTIONS; k++) {
      directions.add(Problem.onGrid(random, Shape.of(x.length)));
    }
    for (int i = 0; x.length <= FEW && i < x.length; i++) {
      double[] axis = new double[x.length];
      axis[i] = 1;
      directions.add(axis);
    }
    for (double[] v : directions) {
      derivatives.add(differences.along(v));
    }
  }

  /** The check of f's gradient, for f the example's call; differences are taken here, once. */
  static GradientCheck of(Example example) {
    return new GradientCheck(example.label(), Problem.of(example));
  }

  /** First derivatives. */
  static void first(Example example, Tally tally) {
    Problem problem = Problem.of(example);
    if (problem.isDifferentiable()) {
      new GradientCheck(example.label(), problem).compare(problem, tally);
    }
  }

  /** Second derivatives, as first ones of the gradient. */
  static void second(Example example, Tally tally) {
    Problem problem = Problem.of(example);
    if (problem.isDifferentiable()) {
      Problem gradient = problem.gradientProblem();
      new GradientCheck("gradient of " + example.label(), gradient).compare(gradient, tally);
    }
  }

  /** The gradient that {@code call} gives in the place of the example's own. */
  double[] gradientOf(Example example, Function<Tensor[], Tensor[]> call) {
    return Problem.of(example, call).gradient(w);
  }

  private void compare(Problem source, Tally tally) {
    compare(source.gradient(w), tally);
  }

  /** Compares the differences with a gradient that was computed some other way. */
  void compare(double[] gradient, Tally tally) {
    for (int k = 0; k < directions.size(); k++) {
      double[] v = directions.get(k);
      double sum = 0;
      double terms = 0;
      double squares = 0;
      for (int i = 0; i < v.length; i++) {
        double term = gradient[i] * v[i];
        sum += term;
        terms += Math.abs(term);
        squares += term * term;
      }
      Derivative derivative = derivatives.get(k);
      // The gradient has been rounded, too, though nothing divides that by a small step.
      double bound = derivative.bound() + 0x1p-50 * terms;
      tally.compare("⟨∇L, v⟩ along direction " + k, derivative.value(), sum, bound);
      // Where the gradient is 0, its bound is seen beside the values that were subtracted.
      double scale = Math.max(Math.sqrt(squares), magnitude);
      tally.compareBound(bound, scale, WIDEST);
    }
  }

  /** Whether two gradients are the same numbers. */
  static boolean same(double[] a, double[] b) {
    Tally tally = new Tally("", "");
    tally.compareAll("", a, b, 0);
    return tally.failures().isEmpty();
  }
}
