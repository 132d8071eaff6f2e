package org.adjoint.check;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Transfer;
import org.adjoint.autograd.View;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * What a GPU computes, by each variant of an operation, against the reference on the CPU: on all
 * examples of the spec in every way of {@link DeviceComparison}, and on examples of {@linkplain
 * Stretch other sizes} in some.
 *
 * <p>A variant need not take every dtype; one that never takes F32 fails, unless it is the only
 * dtype that the operation refuses.
 */
public final class DeviceCheck {
  /** Multiply-adds of an operation that the reference on the CPU is asked for: seconds' worth. */
  public static final double MOST_WORK = 1e9;

  /** The seed of the round that takes the examples in every way. */
  static final long FIRST = 1;

  private DeviceCheck() {}

  /**
   * How much is tried.
   *
   * @param seeds one for each round, which takes the spec's examples, in every way if the seed is
   *     1, and {@code shapes} more that the seed draws
   * @param work elements that the operands of a drawn example may have, or its multiply-adds
   * @param seconds that drawn examples of a round may take: later ones are left
   * @param schedule is told the seed before a round
   */
  public record Effort(
      List<Long> seeds, int shapes, long work, double seconds, LongConsumer schedule) {
    /** The examples of the spec, once. */
    public static final Effort EXAMPLES = new Effort(List.of(FIRST), 0, 0, 0, seed -> {});
  }

  /**
   * What came out.
   *
   * @param variant its name; empty where there is no choice
   * @param tally null if nothing was run
   * @param dtypes that it took
   * @param shapes examples of other sizes than the spec's that were compared
   * @param refused how many more were drawn that the operation does not take
   * @param left how many there was no time for
   * @param failedAt the seed of the round in which something failed first; null if nothing did
   * @param lost whether a kernel's error has put an end to this process's use of the device
   * @param skipped why nothing was run
   */
  public record Outcome(
      String op,
      String variant,
      @Nullable Tally tally,
      Set<DType> dtypes,
      int shapes,
      int refused,
      int left,
      @Nullable Long failedAt,
      boolean lost,
      @Nullable String skipped) {}

  /**
   * One variant on one example: the least that can be checked by itself.
   *
   * @param variant its name; empty where there is no choice
   * @param example its label
   */
  public record Part(String op, String variant, String example, Supplier<Tally> check) {}

  /** Checks all variants of {@code spec} on its examples, until one loses the device. */
  public static List<Outcome> of(OpSpec spec, Device device) {
    List<Outcome> outcomes = new ArrayList<>();
    for (String variant : variants(spec)) {
      outcomes.add(of(spec, variant, device, Effort.EXAMPLES));
      if (outcomes.getLast().lost()) {
        break;
      }
    }
    return outcomes;
  }

  /** Checks one variant, on all examples. */
  static Tally of(OpSpec spec, Device device, Variant variant) {
    Outcome outcome = of(spec, variant.name(), device, Effort.EXAMPLES);
    return Objects.requireNonNull(outcome.tally());
  }

  /** The names of the variants to check; one that is empty, where there is no choice. */
  public static List<String> variants(OpSpec spec) {
    Op op = anyOp(spec);
    return op == null || isMove(op) || op.cpuOnly() != null || Variants.of(op).isEmpty()
        ? List.of("")
        : Variants.of(op).stream().map(Variant::name).toList();
  }

  /**
   * All of {@link #of(OpSpec, Device)} in parts, to be run in any order, and as often as one likes.
   */
  public static List<Part> parts(OpSpec spec, Device device) {
    List<Part> parts = new ArrayList<>();
    Op op = anyOp(spec);
    if (op != null && op.cpuOnly() != null) {
      return parts;
    }
    for (String variant : variants(spec)) {
      for (Example example : examples(spec)) {
        parts.add(
            new Part(
                spec.name(),
                variant,
                example.label(),
                () -> {
                  Tally tally = tally(spec, variant, device);
                  DeviceComparison comparison =
                      new DeviceComparison(
                          spec, device, chosen(op, variant), tally, EnumSet.noneOf(DType.class));
                  try {
                    tally.during(example.label(), () -> comparison.inEveryWay(example));
                  } catch (DeviceComparison.LostDevice _) {
                    // What lost it stands in the tally.
                  }
                  return tally;
                }));
      }
    }
    return parts;
  }

  /** The examples of a spec, those for GPUs alone included. */
  static List<Example> examples(OpSpec spec) {
    return Stream.concat(spec.examples().stream(), spec.large().stream()).toList();
  }

  private static Tally tally(OpSpec spec, String variant, Device device) {
    return new Tally(spec.name(), variant.isEmpty() ? device.toString() : variant);
  }

  private static @Nullable Variant chosen(@Nullable Op op, String variant) {
    return op == null || variant.isEmpty()
        ? null
        : Variants.of(op).stream().filter(v -> v.name().equals(variant)).findAny().orElseThrow();
  }

  private static @Nullable Op anyOp(OpSpec spec) {
    return spec.examples().stream()
        .map(Example::op)
        .filter(Objects::nonNull)
        .findAny()
        .orElse(null);
  }

  private static boolean isMove(Op op) {
    return op instanceof View || op instanceof Transfer;
  }

  /**
   * Checks one variant of {@code spec}.
   *
   * @param variant of {@link #variants}
   */
  public static Outcome of(OpSpec spec, String variant, Device device, Effort effort) {
    Tally tally = tally(spec, variant, device);
    Set<DType> dtypes = EnumSet.noneOf(DType.class);
    Op op = anyOp(spec);
    String why = op == null ? null : op.cpuOnly();
    if (why != null) {
      why = "on the CPU alone: " + why;
      return new Outcome(spec.name(), variant, null, dtypes, 0, 0, 0, null, false, why);
    }
    if (op != null && !isMove(op) && variant.isEmpty()) {
      tally.fail("has no kernel");
      return new Outcome(spec.name(), variant, tally, dtypes, 0, 0, 0, null, false, null);
    }
    DeviceRounds rounds =
        new DeviceRounds(
            spec, new DeviceComparison(spec, device, chosen(op, variant), tally, dtypes), tally);
    return rounds.all(variant, dtypes, effort);
  }
}
