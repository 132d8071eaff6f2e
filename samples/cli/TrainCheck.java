package org.adjoint.samples.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.LeNet;

/**
 * LeNet in three ways from one seed, on one batch after the other: on a device in F32, on the CPU
 * in F32, and there in F64. Rounding errors grow as training goes on, on the device as on the CPU;
 * what is more than ten times as far from F64 as the CPU's F32 is an error of another kind.
 */
final class TrainCheck {
  private static final int BATCH = 8;
  private static final int FIRST = 1;
  private static final int LAST = 20;
  private static final double SLACK = 10;

  private final PrintWriter out;
  private boolean good = true;

  TrainCheck(PrintWriter out) {
    this.out = out;
  }

  /** One of the three. */
  private static final class Pupil {
    final DType dtype;
    final Device device;
    final Sequential model = LeNet.network(new Philox(1));
    final Sgd sgd;

    Pupil(DType dtype, Device device) {
      this.dtype = dtype;
      this.device = device;
      model.to(dtype);
      model.to(device);
      sgd = new Sgd(model, 0.05, 0.9);
    }

    void step(Tensor images, Tensor labels) {
      try (Scope _ = Scope.open()) {
        Tensor scores = model.forward(images.to(dtype).to(device));
        sgd.zeroGrad();
        scores.crossEntropy(labels.to(device)).backward();
        sgd.step();
      }
    }

    Map<String, double[]> weights() {
      Map<String, double[]> weights = new LinkedHashMap<>();
      model.parameters().forEach((name, tensor) -> weights.put(name, tensor.toDoubles()));
      return weights;
    }
  }

  /** Trains, prints how far the weights are apart, and says whether all is within bounds. */
  boolean run(Device device) {
    Pupil there = new Pupil(DType.F32, device);
    Pupil here = new Pupil(DType.F32, Device.CPU);
    Pupil exact = new Pupil(DType.F64, Device.CPU);
    Philox random = new Philox(2);
    out.printf("%5s  %-10s %12s %12s %12s%n", "step", "weights", device, "cpu in F32", "allowed");
    for (int step = 1; step <= LAST; step++) {
      try (Scope _ = Scope.open()) {
        Tensor images = Tensor.normal(random, BATCH, 1, 28, 28);
        long[] labels = new long[BATCH];
        for (int i = 0; i < BATCH; i++) {
          labels[i] = random.nextInt(10);
        }
        Tensor classes = Tensor.of(Shape.of(BATCH), labels);
        there.step(images, classes);
        here.step(images, classes);
        exact.step(images, classes);
      }
      if (step == FIRST || step == LAST) {
        compare(step, there.weights(), here.weights(), exact.weights());
      }
    }
    return good;
  }

  private void compare(
      int step,
      Map<String, double[]> there,
      Map<String, double[]> here,
      Map<String, double[]> exact) {
    exact.forEach((name, right) -> {
      double far = distance(Objects.requireNonNull(there.get(name)), right);
      double usual = distance(Objects.requireNonNull(here.get(name)), right);
      double allowed = SLACK * Math.max(usual, 0x1p-23 * distance(new double[right.length], right));
      boolean within = far <= allowed;
      good &= within;
      out.printf(
          Locale.ROOT,
          "%5d  %-10s %12.3g %12.3g %12.3g%s%n",
          step,
          name,
          far,
          usual,
          allowed,
          within ? "" : "  FAIL");
    });
    out.flush();
  }

  /** The Euclidean distance. */
  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }
}
