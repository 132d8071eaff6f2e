package org.adjoint.bench.kernels;

import java.util.Map;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.KernelFacts.Warm;
import org.adjoint.bench.Result;
import org.adjoint.bench.Result.Ratio;
import org.adjoint.check.Spread;
import org.adjoint.check.Timing;
import org.jspecify.annotations.Nullable;

/** What a timer found, as rows of results. */
record KernelRows(String device, Roofline roofline) {
  /** The unit of a row that has nothing but its check: of a library on the emulator. */
  static final String CHECKED = "share of bound";

  /**
   * A row for what is right: of cold times, or of what was counted.
   *
   * @param chosen whether the variant is the one that runs by itself
   * @param versions of the peers, told where there are ratios
   */
  Result row(
      KernelCase of,
      Timing timing,
      boolean chosen,
      Map<String, Ratio> ratios,
      Map<String, String> versions) {
    Counts counts = Roofline.counted(timing);
    Spread cold = timing.cold();
    Result.Builder row =
        Result.of(of.what())
            .variant(timing.variant())
            .device(device)
            .dtype(timing.dtype().name())
            .shape(of.shapes())
            .bytes(timing.bytes())
            .flop((long) timing.flop())
            .errorShare(timing.error())
            .kernel(
                new KernelFacts(
                    of.family(),
                    Roofline.math(timing.variant(), timing.dtype()),
                    chosen,
                    timing.change().isEmpty()
                        ? Changes.of(of.family(), timing.variant())
                        : timing.change(),
                    warm(timing),
                    cold == null ? null : cold.settled(),
                    counts == null ? null : traffic(counts),
                    cold == null ? roofline.impliedUs(timing) : null));
    ratios.forEach(row::ratio);
    if (!ratios.isEmpty()) {
      versions.forEach(row::version);
    }
    if (cold != null) {
      return row.samples("us", cold.samples().stream().mapToDouble(s -> 1e6 * s).toArray()).build();
    }
    return counts != null
        ? row.value("bytes moved", (double) counts.moved()).build()
        : row.value(CHECKED, timing.error()).build();
  }

  private static @Nullable Warm warm(Timing timing) {
    Spread warm = timing.warm();
    return warm == null
        ? null
        : new Warm(
            warm.n(),
            1e6 * warm.median(),
            1e6 * warm.quantile(0.1),
            1e6 * warm.quantile(0.9),
            timing.queued());
  }

  private static Traffic traffic(Counts counts) {
    return new Traffic(
        counts.loaded(),
        counts.stored(),
        counts.moved(),
        counts.cached(),
        counts.ideal(),
        counts.conflicts(),
        counts.barriers(),
        counts.atomics());
  }

  /** Why a timing has no row, in one line; null if it has one. */
  @Nullable String problem(KernelCase of, Timing timing) {
    String head =
        "%s, %s, %s %s: ".formatted(of.what(), timing.variant(), timing.dtype(), of.shapes());
    if (!timing.failures().isEmpty()) {
      int more = timing.failures().size() - 1;
      return head
          + "no time and no counts, since it is wrong: "
          + timing.failures().getFirst()
          + (more > 0 ? " and " + more + " more" : "");
    }
    double share = roofline.share(timing);
    return share > Ceilings.MOST
        ? head
            + "no time, since it cannot be: %.1f %% of the roofline".formatted(100 * share)
            + "; the time or a ceiling is wrong"
        : null;
  }
}
