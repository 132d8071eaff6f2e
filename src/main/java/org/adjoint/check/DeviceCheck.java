package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Transfer;
import org.adjoint.autograd.View;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.NoKernelException;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.Copy;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.op.OpSpec.Tolerance;
import org.jspecify.annotations.Nullable;

/**
 * What a GPU computes, by each variant of an operation, against the reference on the CPU.
 *
 * <ul>
 *   <li>F32 and F64 may differ as the spec's tolerance for GPUs says, for each element; BF16 and
 *       F16 by one rounding more, since what they are computed in is not exact.
 *   <li>On small integers a sum of products is exact in whatever order, so the bound is 0, forward
 *       and gradient.
 *   <li>NaN and infinities come out where the reference has them. A variant that {@linkplain
 *       Variant#transforms transforms} its operands need not do this, nor be exact on integers.
 *   <li>Integers and truth values are equal, and so is what views of the inputs give.
 * </ul>
 *
 * <p>A variant need not take every dtype; one that never takes F32 fails, unless it is the only
 * dtype that the operation refuses.
 */
public final class DeviceCheck {
  private static final List<Double> SPECIAL =
      List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  private final OpSpec spec;
  private final Device device;
  private final @Nullable String variant;
  private final boolean transforms;
  private final Tally tally;
  private final Set<DType> dtypes = EnumSet.noneOf(DType.class);

  private DeviceCheck(OpSpec spec, Device device, @Nullable Variant variant) {
    this.spec = spec;
    this.device = device;
    this.variant = variant == null ? null : variant.name();
    transforms = variant != null && variant.transforms();
    tally = new Tally(spec.name(), variant == null ? device.toString() : variant.name());
  }

  /**
   * What came out.
   *
   * @param variant its name; empty where there is no choice
   * @param tally null if nothing was run
   * @param dtypes that it took
   * @param skipped why nothing was run
   */
  public record Outcome(
      String op,
      String variant,
      @Nullable Tally tally,
      Set<DType> dtypes,
      @Nullable String skipped) {}

  /**
   * One variant on one example: the least that can be checked by itself.
   *
   * @param variant its name; empty where there is no choice
   * @param example its label
   */
  public record Part(String op, String variant, String example, Supplier<Tally> check) {}

  /** Checks all variants of {@code spec} on {@code device}, on all examples. */
  public static List<Outcome> of(OpSpec spec, Device device) {
    Op op = op(spec);
    String why = op == null ? null : op.cpuOnly();
    if (why != null) {
      return List.of(new Outcome(spec.name(), "", null, Set.of(), "on the CPU alone: " + why));
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (@Nullable Variant variant : variants(op)) {
      outcomes.add(new DeviceCheck(spec, device, variant).run());
    }
    if (outcomes.isEmpty()) {
      Tally none = new Tally(spec.name(), device.toString());
      none.fail("has no kernel");
      outcomes.add(new Outcome(spec.name(), "", none, Set.of(), null));
    }
    return outcomes;
  }

  /** The same in parts, to be run in any order, and as often as one likes. */
  public static List<Part> parts(OpSpec spec, Device device) {
    List<Part> parts = new ArrayList<>();
    Op op = op(spec);
    if (op != null && op.cpuOnly() != null) {
      return parts;
    }
    for (@Nullable Variant variant : variants(op)) {
      for (Example example : examples(spec)) {
        parts.add(
            new Part(
                spec.name(),
                variant == null ? "" : variant.name(),
                example.label(),
                () -> {
                  DeviceCheck check = new DeviceCheck(spec, device, variant);
                  check.tally.during(example.label(), () -> check.run(example));
                  return check.tally;
                }));
      }
    }
    return parts;
  }

  private static List<Example> examples(OpSpec spec) {
    return Stream.concat(spec.examples().stream(), spec.large().stream()).toList();
  }

  private static @Nullable Op op(OpSpec spec) {
    return spec.examples().stream()
        .map(Example::op)
        .filter(Objects::nonNull)
        .findAny()
        .orElse(null);
  }

  /** What there is to choose from; null stands for no choice. */
  private static List<@Nullable Variant> variants(@Nullable Op op) {
    boolean choice = op != null && !(op instanceof View) && !(op instanceof Transfer);
    return choice ? new ArrayList<>(op.cuda()) : Collections.singletonList(null);
  }

  private Outcome run() {
    for (Example example : examples(spec)) {
      tally.during(example.label(), () -> run(example));
    }
    if (spec.type() != null && dtypes.isEmpty()) {
      tally.fail("takes no input of any example");
    }
    return new Outcome(spec.name(), variant == null ? "" : variant, tally, dtypes, null);
  }

  private void run(Example example) {
    Tolerance tolerance = spec.gpuTolerance();
    Oracle oracle = new Oracle(spec, example, example.op(), tolerance);
    Inputs fair = Inputs.fair(example);
    Inputs integers = Inputs.integers(example);
    for (double special : transforms ? List.<Double>of() : SPECIAL) {
      compare(oracle, fair.planted(special), DType.F32, false);
    }
    compare(oracle, fair, DType.F32, false);
    if (spec.type() == null) {
      return;
    }
    compare(oracle, fair, DType.F64, false);
    if (tolerance.terms() != null) {
      compare(oracle, integers, DType.F32, !transforms);
      gradients(example, integers);
    }
    Op op = example.op();
    if (op != null) {
      compare(oracle, fair, DType.BF16, false);
      compare(oracle, fair, DType.F16, false);
      for (DType dtype : List.of(DType.I64, DType.I32, DType.U8, DType.BOOL)) {
        if (FastCheck.accepts(op, integers.tensors(dtype))) {
          compare(oracle, integers, dtype, true);
        }
      }
      views(oracle, fair);
    }
  }

  private void compare(Oracle oracle, Inputs inputs, DType dtype, boolean exact) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = inputs.tensors(dtype);
      Tensor[] there = Grad.off(() -> moved(in));
      Tensor[] got = whereSupported(() -> Grad.off(() -> oracle.example().call().apply(there)));
      if (got == null) {
        return;
      }
      if (Arrays.stream(got).anyMatch(y -> y.shape().count() > 0)) {
        dtypes.add(dtype);
      }
      compare(oracle, inputs, exact, dtype.toString(), in, got);
    }
  }

  private void compare(
      Oracle oracle, Inputs inputs, boolean exact, String what, Tensor[] in, Tensor[] got) {
    List<double[]> expected = oracle.expected(in);
    List<double[]> magnitudes = exact ? expected : oracle.magnitudes(inputs, expected);
    for (int i = 0; i < got.length; i++) {
      DType dtype = got[i].dtype();
      double[] bounds =
          exact || !dtype.isFloating()
              ? new double[expected.get(i).length]
              : bounds(oracle, expected.get(i), magnitudes.get(i), dtype, in);
      if (!got[i].device().equals(device) && !(oracle.op() instanceof Transfer)) {
        tally.fail(what + " output " + i + " is on " + got[i].device());
      }
      tally.compareAll(what + " output " + i, expected.get(i), got[i].toDoubles(), bounds);
    }
  }

  private static double[] bounds(
      Oracle oracle, double[] expected, double[] magnitudes, DType dtype, Tensor... in) {
    boolean narrow = dtype == DType.BF16 || dtype == DType.F16;
    double[] bounds =
        oracle.bounds(expected, magnitudes, narrow ? DType.F32 : dtype, Oracle.metas(in));
    if (narrow) {
      for (int i = 0; i < bounds.length; i++) {
        // Next to a tie, an error of the last bit of an F32 makes one of the last bit here.
        bounds[i] += bounds[i] == 0 ? 0 : 2 * dtype.unitRoundoff() * Math.abs(expected[i]);
      }
    }
    return bounds;
  }

  private void views(Oracle oracle, Inputs inputs) {
    try (Scope _ = Scope.open()) {
      for (Views way : Views.values()) {
        Tensor[] in = inputs.tensors(DType.F32);
        Tensor[] views = new Tensor[in.length];
        Tensor[] plain = new Tensor[in.length];
        for (int i = 0; i < in.length; i++) {
          views[i] = way.detached(in[i].to(device));
          Tensor view = views[i];
          plain[i] = Grad.off(() -> new Copy().apply(view).to(Device.CPU));
        }
        Tensor[] got = whereSupported(() -> Grad.off(() -> oracle.example().call().apply(views)));
        if (got != null) {
          Inputs repeated = inputs.replaced(plain);
          compare(oracle, repeated, false, "F32 " + way, plain, got);
        }
      }
    }
  }

  private void gradients(Example example, Inputs integers) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = integers.tensors(DType.F32);
      Tensor[] there = Grad.off(() -> moved(in));
      Run expected = Run.of(example.call(), in);
      Run got = whereSupported(() -> Run.of(example.call(), there));
      for (int i = 0; got != null && i < got.gradients().size(); i++) {
        tally.compareAll("gradient " + i, expected.gradients().get(i), got.gradients().get(i), 0);
      }
    }
  }

  private Tensor[] moved(Tensor... in) {
    return Arrays.stream(in).map(x -> x.to(device)).toArray(Tensor[]::new);
  }

  /** What {@code work} gives by the variant at hand; null if that does not take such operands. */
  private <T> @Nullable T whereSupported(Supplier<T> work) {
    if (variant == null) {
      return work.get();
    }
    try {
      return Choice.with(Objects.requireNonNull(spec.type()), variant, work);
    } catch (NoKernelException e) {
      if (e.kernel() == spec.type()) {
        return null;
      }
      throw e;
    }
  }
}
