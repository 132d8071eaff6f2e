package org.adjoint.check;

import java.util.Arrays;
import java.util.EnumSet;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.Variant;
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
 */
final class CaseCheck {
  private static final int TIMES = 10;

  private final DeviceComparison check;
  private final Example example;
  private final DType dtype;
  private final Tally tally;

  private CaseCheck(DeviceComparison check, Example example, DType dtype, Tally tally) {
    this.check = check;
    this.example = example;
    this.dtype = dtype;
    this.tally = tally;
  }

  static void run(
      OpSpec spec, Device device, Variant variant, Example example, DType dtype, Tally tally) {
    CaseCheck one =
        new CaseCheck(
            new DeviceComparison(spec, device, variant, tally, EnumSet.noneOf(DType.class)),
            example,
            dtype,
            tally);
    tally.during(
        example.label(),
        () -> {
          Inputs inputs = Inputs.fair(example);
          one.check.compare(
              new Oracle(spec, example, example.op(), spec.gpuTolerance()), inputs, dtype, false);
          one.compareGradients(inputs);
        });
  }

  private void compareGradients(Inputs inputs) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = inputs.tensors(dtype);
      Tensor[] wide =
          Grad.off(() -> Arrays.stream(in).map(CaseCheck::widened).toArray(Tensor[]::new));
      Tensor[] there = Grad.off(() -> check.moved(in));
      Run got = check.whereSupported(() -> Run.of(example.call(), there));
      Run exact = CpuBackend.withReference(() -> Run.of(example.call(), wide));
      Run rounded = CpuBackend.withReference(() -> Run.of(example.call(), in));
      for (int i = 0; got != null && i < exact.gradients().size(); i++) {
        double[] right = exact.gradients().get(i);
        double rounding = distance(rounded.gradients().get(i), right);
        double unit = 2 * dtype.unitRoundoff() * distance(new double[right.length], right);
        double error = distance(got.gradients().get(i), right);
        tally.compare(
            dtype + " gradient " + i + ", norm of the error",
            0,
            error,
            TIMES * Math.max(rounding, unit));
      }
    }
  }

  private static Tensor widened(Tensor x) {
    return x.dtype().isFloating() ? x.to(DType.F64) : x;
  }

  /** ‖a − b‖; elements that are the same NaN or infinity do not differ. */
  private static double distance(double[] a, double[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double error = Double.compare(a[i], b[i]) == 0 ? 0 : a[i] - b[i];
      squares += error * error;
    }
    return Math.sqrt(squares);
  }
}
