package org.adjoint.check;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;

/**
 * What a variant computes in one case that is to be timed, of one dtype and of shapes as large as
 * people use them.
 *
 * <p>Each element is compared with the reference as {@link DeviceComparison} does it. Of the
 * gradient, which may be made of several calls, no bound of single elements is known: the norm of
 * its error against the references in F64 may be ten times that of the references' own in this
 * dtype, or ten units in the last place.
 *
 * <p>Above {@link DeviceCheck#MOST_WORK} the CPU would take minutes. Then the naive variant in F64
 * on the device, which has passed its own checks at small shapes, stands for the reference, and the
 * norm of the error is all that is looked at.
 */
final class CaseCheck {
  private static final int TIMES = 10;
  private static final String NAIVE = "naive";

  private final DeviceComparison check;
  private final Variant variant;
  private final Example example;
  private final DType dtype;
  private final Tally tally;

  private CaseCheck(
      DeviceComparison check, Variant variant, Example example, DType dtype, Tally tally) {
    this.check = check;
    this.variant = variant;
    this.example = example;
    this.dtype = dtype;
    this.tally = tally;
  }

  /** Checks one case, or of what is large its outputs alone, if {@code gradient} is false. */
  static void run(
      OpSpec spec,
      Device device,
      Variant variant,
      Example example,
      DType dtype,
      boolean gradient,
      Tally tally) {
    run(spec, device, variant, example, dtype, DeviceCheck.MOST_WORK, gradient, tally);
  }

  /**
   * Checks one case.
   *
   * @param most multiply-adds that the CPU is asked for
   */
  static void run(
      OpSpec spec,
      Device device,
      Variant variant,
      Example example,
      DType dtype,
      double most,
      boolean gradient,
      Tally tally) {
    CaseCheck one =
        new CaseCheck(
            new DeviceComparison(spec, device, variant, tally, EnumSet.noneOf(DType.class)),
            variant,
            example,
            dtype,
            tally);
    tally.during(
        example.label(),
        () -> {
          Inputs inputs = Inputs.fair(example);
          if (one.isLarge(most)) {
            one.compareWithNaive(inputs);
          } else {
            one.check.compare(
                new Oracle(spec, example, example.op(), spec.gpuTolerance()), inputs, dtype, false);
            if (gradient) {
              one.compareGradients(inputs);
            }
          }
        });
  }

  private boolean isLarge(double most) {
    Op op = Objects.requireNonNull(example.op());
    Meta[] in =
        example.inputs().stream()
            .map(draw -> new Meta(draw.shape(), draw.dtype(dtype), Device.CPU))
            .toArray(Meta[]::new);
    return op.flop(in, op.infer(in)) / 2 > most
        && Variants.of(op).stream().anyMatch(v -> v.name().equals(NAIVE));
  }

  private void compareWithNaive(Inputs inputs) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = Grad.off(() -> check.moved(inputs.tensors(dtype)));
      Tensor[] wide =
          Grad.off(() -> Arrays.stream(in).map(CaseCheck::widened).toArray(Tensor[]::new));
      Run got = check.whereSupported(() -> Run.of(example.call(), in));
      if (got != null) {
        Run exact = naively(wide);
        Run rounded = naively(in);
        compareNorms("output", got.outputs(), exact.outputs(), rounded.outputs());
        compareNorms("gradient", got.gradients(), exact.gradients(), rounded.gradients());
      }
    }
  }

  private Run naively(Tensor... in) {
    Class<? extends Op> type = Objects.requireNonNull(example.op()).getClass();
    return Choice.with(type, NAIVE, () -> Run.of(example.call(), in));
  }

  private void compareGradients(Inputs inputs) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = inputs.tensors(dtype);
      Tensor[] wide =
          Grad.off(() -> Arrays.stream(in).map(CaseCheck::widened).toArray(Tensor[]::new));
      Tensor[] there = Grad.off(() -> check.moved(in));
      Run got = check.whereSupported(() -> Run.of(example.call(), there));
      if (got != null) {
        Run exact = CpuBackend.withReference(() -> Run.of(example.call(), wide));
        Run rounded = CpuBackend.withReference(() -> Run.of(example.call(), in));
        compareNorms("gradient", got.gradients(), exact.gradients(), rounded.gradients());
      }
    }
  }

  /**
   * By norms of errors, those of {@code rounded}, or a unit in the last place, being the measure.
   */
  private void compareNorms(
      String what, List<double[]> got, List<double[]> exact, List<double[]> rounded) {
    double u = Math.max(dtype.unitRoundoff(), variant.rounding().applyAsDouble(dtype));
    for (int i = 0; i < exact.size(); i++) {
      double[] right = exact.get(i);
      double rounding = Tally.distance(rounded.get(i), right);
      double unit = 2 * u * Tally.distance(new double[right.length], right);
      tally.compare(
          "%s %s %d, norm of the error".formatted(dtype, what, i),
          0,
          Tally.distance(got.get(i), right),
          TIMES * Math.max(rounding, unit));
    }
  }

  private static Tensor widened(Tensor x) {
    return x.dtype().isFloating() ? x.to(DType.F64) : x;
  }
}
