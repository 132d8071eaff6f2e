package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one check found on the examples of one operation: how much was compared, how near each error
 * came to its bound, and what failed.
 */
public final class Tally {
  /** Elements of one comparison that are told of. */
  private static final int MOST_TOLD = 3;

  private final String op;
  private final String check;
  private final List<Double> shares = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final Set<Tally> taken = new HashSet<>();
  private String example = "";
  private int compared;
  private double widest;

  /** An empty tally of {@code check} on {@code op}. */
  public Tally(String op, String check) {
    this.op = op;
    this.check = check;
  }

  /** Runs {@code work} as the check of {@code example}; an exception is a failure of it. */
  public void during(String example, Runnable work) {
    this.example = example;
    try {
      work.run();
    } catch (RuntimeException | LinkageError e) {
      fail("threw " + e);
    }
  }

  /**
   * Compares two numbers: they agree if they are equal, if both are NaN, or if they differ by at
   * most {@code bound}. That order matters: a comparison by {@code diff > bound} alone lets NaN
   * pass, and one by {@code diff <= bound} alone fails at equal infinities.
   *
   * @param where which number this is, for the message
   */
  public void compare(String where, double expected, double got, double bound) {
    if (!agree(expected, got, bound)) {
      fail("%s: expected %s, got %s, bound %.3g".formatted(where, expected, got, bound));
    }
  }

  /** ‖a − b‖; elements that are the same NaN or infinity do not differ, lengths do infinitely. */
  public static double distance(double[] a, double[] b) {
    double squares = a.length == b.length ? 0 : Double.POSITIVE_INFINITY;
    for (int i = 0; i < a.length && i < b.length; i++) {
      double error = Double.compare(a[i], b[i]) == 0 ? 0 : a[i] - b[i];
      squares += error * error;
    }
    return Math.sqrt(squares);
  }

  private boolean agree(double expected, double got, double bound) {
    compared++;
    double error = expected == got || bothNaN(expected, got) ? 0 : Math.abs(expected - got);
    if (error > 0 && bound > 0 && bound < Double.POSITIVE_INFINITY) {
      shares.add(error / bound);
    }
    return error <= bound || error == 0;
  }

  /**
   * Notes how wide a bound is beside what it bounds. One that is as wide as {@code limit} would let
   * errors pass that matter, and is a failure of its own.
   */
  void compareBound(double bound, double scale, double limit) {
    if (bound > 0) {
      widest = Math.max(widest, bound / scale);
    }
    if (!(bound <= limit * scale)) {
      fail("the bound %.3g is too wide to prove anything beside %.3g".formatted(bound, scale));
    }
  }

  /**
   * Compares element by element; {@code bounds} may be one number for all. Of elements that differ
   * the first few are told, and the number of the others.
   */
  public void compareAll(String where, double[] expected, double[] got, double... bounds) {
    if (expected.length != got.length) {
      fail(where + ": expected " + expected.length + " elements, got " + got.length);
      return;
    }
    int differ = 0;
    for (int i = 0; i < expected.length; i++) {
      double bound = bounds[bounds.length == 1 ? 0 : i];
      if (!agree(expected[i], got[i], bound) && ++differ <= MOST_TOLD) {
        fail(
            "%s, element %d: expected %s, got %s, bound %.3g"
                .formatted(where, i, expected[i], got[i], bound));
      }
    }
    if (differ > MOST_TOLD) {
      fail("%s: %d of %d elements differ".formatted(where, differ, expected.length));
    }
  }

  private static boolean bothNaN(double a, double b) {
    return Double.isNaN(a) && Double.isNaN(b);
  }

  /** Notes that {@code problem} was found in the example at hand. */
  public void fail(String problem) {
    failures.add(new Failure(op, example, check, problem));
  }

  /** Takes over what another tally has, unless it has it already. */
  void take(Tally other) {
    if (taken.add(other)) {
      shares.addAll(other.shares);
      failures.addAll(other.failures);
      compared += other.compared;
    }
  }

  /** The title of the check. */
  public String check() {
    return check;
  }

  /** Numbers compared. */
  public int compared() {
    return compared;
  }

  /** Numbers that had an error, and a finite bound above 0 for it. */
  public int inexact() {
    return shares.size();
  }

  /** The largest share error/bound; 0 if nothing had an error. */
  public double worst() {
    return shares.stream().mapToDouble(s -> s).max().orElse(0);
  }

  /** The median of the shares error/bound of those that had an error; 0 if nothing had. */
  public double median() {
    return median(shares.stream().mapToDouble(s -> s).toArray());
  }

  /** The widest bound beside what it bounds. */
  public double widest() {
    return widest;
  }

  /** The median of {@code values}; 0 if there are none. */
  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }

  /** What does not hold. */
  public List<Failure> failures() {
    return List.copyOf(failures);
  }
}
