package org.adjoint.check;

import java.util.Set;
import org.adjoint.DType;
import org.adjoint.check.DeviceCheck.Effort;
import org.adjoint.check.DeviceCheck.Outcome;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/** The rounds in which one variant of an operation is checked, and what they came to so far. */
final class DeviceRounds {
  private final OpSpec spec;
  private final DeviceComparison comparison;
  private final Tally tally;
  private int shapes;
  private int drawn;
  private int refused;
  private int left;

  /** Of a comparison that notes in {@code tally} what it finds. */
  DeviceRounds(OpSpec spec, DeviceComparison comparison, Tally tally) {
    this.spec = spec;
    this.comparison = comparison;
    this.tally = tally;
  }

  /**
   * All rounds, up to the first that loses the device.
   *
   * @param dtypes those that the comparison notes
   */
  Outcome all(String variant, Set<DType> dtypes, Effort effort) {
    @Nullable Long failedAt = null;
    boolean lost = false;
    for (long seed : effort.seeds()) {
      effort.schedule().accept(seed);
      try {
        round(seed, effort);
      } catch (DeviceComparison.LostDevice e) {
        lost = true;
      }
      if (failedAt == null && !tally.failures().isEmpty()) {
        failedAt = seed;
      }
      if (lost) {
        break;
      }
    }
    if (spec.type() != null && dtypes.isEmpty() && !lost) {
      tally.fail("takes no input of any example");
    }
    if (drawn == 0 && refused > 0 && !lost) {
      tally.fail("the operation refuses all " + refused + " other shapes that were drawn");
    }
    return new Outcome(
        spec.name(), variant, tally, dtypes, shapes, refused, left, failedAt, lost, null);
  }

  /** The examples of the spec, and then those that the seed draws, as long as there is time. */
  private void round(long seed, Effort effort) {
    String round = "seed " + seed + ", ";
    for (Example example : DeviceCheck.examples(spec)) {
      tally.during(
          round + example.label(),
          () -> {
            if (seed == DeviceCheck.FIRST) {
              comparison.inEveryWay(example);
            } else {
              comparison.inSomeWays(example, seed);
            }
          });
    }
    Stretch stretch = Stretch.of(spec, seed, effort.shapes(), effort.work());
    refused += stretch.refused();
    drawn += stretch.examples().size();
    long start = System.nanoTime();
    for (Example example : stretch.examples()) {
      if (System.nanoTime() - start > effort.seconds() * 1e9) {
        left++;
        continue;
      }
      int before = tally.compared();
      tally.during(round + example.label(), () -> comparison.inSomeWays(example, seed));
      shapes += tally.compared() > before ? 1 : 0;
    }
  }
}
