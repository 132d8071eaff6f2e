package org.adjoint.mutants;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.adjoint.mutants.Family.Kernel;
import org.jspecify.annotations.Nullable;

/** Makes mutants of kernels one after another, and lets the checks look for each. */
final class Campaign {
  /** Unmutated trials are run again after so many mutants, and must pass. */
  private static final int BETWEEN = 25;

  private static final long KEEP = 5_000_000_000L;

  /**
   * What is asked for.
   *
   * @param max of a kernel's mutants
   * @param seed by which they are chosen
   * @param again whether those that survived are tried again
   */
  record Order(int max, long seed, boolean again) {}

  /** What came out: mutants by kernel, and how many are still to be tried. */
  record Outcome(Map<Kernel, List<Mutant>> mutants, int left) {}

  private final Lab lab;
  private final List<Trial> trials;
  private final Coverage coverage;
  private final Results results;
  private final Order order;
  private final BooleanSupplier isOver;
  private final PrintWriter out;
  private long kept = System.nanoTime();
  private int tried;

  Campaign(
      Lab lab,
      List<Trial> trials,
      Coverage coverage,
      Results results,
      Order order,
      BooleanSupplier isOver,
      PrintWriter out) {
    this.lab = lab;
    this.trials = trials;
    this.coverage = coverage;
    this.results = results;
    this.order = order;
    this.isOver = isOver;
    this.out = out;
  }

  /** Tries what has not been tried yet. */
  Outcome run(List<Kernel> kernels) {
    Map<Kernel, List<Mutant>> done = new LinkedHashMap<>();
    int left = 0;
    for (Kernel kernel : kernels) {
      BitSet reached = coverage.reached(kernel);
      List<Mutant> mutants = new ArrayList<>();
      int before = tried;
      for (Site site : Chosen.of(kernel, reached, order.max(), order.seed())) {
        List<Trial> fit = fit(kernel, site);
        String key = key(kernel, site);
        Mutant known = known(key, fit);
        if (known == null && !isOver.getAsBoolean()) {
          known = attempt(kernel, site, fit, key);
          results.put(known);
          keep();
        }
        if (known == null) {
          left++;
        } else {
          mutants.add(known);
        }
      }
      done.put(kernel, mutants);
      if (tried > before) {
        long killed = mutants.stream().filter(Mutant::killed).count();
        out.printf(
            "%-14s %-28s %2d of %2d%n", kernel.family().name(), kernel, killed, mutants.size());
        out.flush();
      }
    }
    return new Outcome(done, left);
  }

  /** Keeps what there is, now and then, for who is stopped. */
  private void keep() {
    if (System.nanoTime() - kept > KEEP) {
      kept = System.nanoTime();
      results.write(order.seed(), order.max(), _ -> true);
    }
  }

  /** The trials that a mutant may fail, the quickest first. */
  private List<Trial> fit(Kernel kernel, Site site) {
    return trials.stream()
        .filter(trial -> coverage.matters(trial, kernel, site.id()))
        .sorted(
            Comparator.comparing(Trial::last).thenComparing(trial -> coverage.of(trial).nanos()))
        .toList();
  }

  private static String key(Kernel kernel, Site site) {
    return Family.digest(
        kernel.family().name() + "/" + kernel,
        kernel.source(),
        site.region() + " " + site.ordinal() + " " + site.operator(),
        site.original(),
        site.mutated());
  }

  /** The result of an earlier run, if what it depends on is as it was. */
  private @Nullable Mutant known(String key, List<Trial> fit) {
    Mutant mutant = results.get(key);
    if (mutant == null) {
      return null;
    }
    if (!mutant.killed()) {
      return !order.again() && mutant.inputs().equals(inputs(fit)) ? mutant : null;
    }
    boolean same =
        fit.stream()
            .anyMatch(trial ->
                trial.name().equals(mutant.by()) && inputs(List.of(trial)).equals(mutant.inputs()));
    return same ? mutant : null;
  }

  private static String inputs(List<Trial> trials) {
    return Family.digest(
        trials.stream().map(t -> t.name() + " " + t.inputs()).sorted().toArray(String[]::new));
  }

  private Mutant attempt(Kernel kernel, Site site, List<Trial> fit, String key) {
    if (tried++ % BETWEEN == 0 && !fit.isEmpty()) {
      lab.mustPass(fit.getFirst());
    }
    for (Trial trial : fit) {
      double seconds = Math.max(1, 10 * coverage.of(trial).nanos() / 1e9);
      String failure = lab.mutated(kernel, site, trial, seconds);
      if (!failure.isEmpty()) {
        return mutant(kernel, site, key, true, trial.name(), shortened(failure), List.of(trial));
      }
    }
    String by = fit.isEmpty() ? "no check depends on it" : fit.size() + " checks pass";
    return mutant(kernel, site, key, false, by, "", fit);
  }

  private static String shortened(String failure) {
    String line = failure.replaceAll("\\s+", " ");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }

  private static Mutant mutant(
      Kernel kernel,
      Site site,
      String key,
      boolean killed,
      String by,
      String how,
      List<Trial> trials) {
    return new Mutant(
        kernel.family().name() + "/" + kernel,
        key,
        site.operator().toString(),
        site.file(),
        site.line(),
        site.original(),
        site.mutated(),
        killed,
        by,
        how,
        inputs(trials));
  }
}
