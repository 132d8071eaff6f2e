package org.adjoint.profile;

import java.util.function.DoubleSupplier;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.GpuClock;

/**
 * How fast a device is at the two things that bound every operation: the sides of a roofline
 * (Williams, Waterman and Patterson, Roofline, 2009), measured where the operations ran.
 *
 * @param bytesPerSecond that a pass over memory, which no cache holds, reads and writes
 * @param flopPerSecond of a product of two matrices of F32
 */
record Ceilings(double bytesPerSecond, double flopPerSecond) {
  private static final int FLOATS = 32 << 20;
  private static final int CPU_SIDE = 1024;
  private static final int GPU_SIDE = 4096;
  private static final int LEAST_ROUNDS = 3;
  private static final double SECONDS = 0.15;

  /** Measures them, in less than a second. */
  static Ceilings of(Device device) {
    return Grad.off(() ->
        device.equals(Device.CPU)
            ? new Ceilings(ofMemory(floats()), ofProducts(CPU_SIDE))
            : onGpu(device, GPU_SIDE));
  }

  /** 128 MB, twice; less where the heap is small. */
  private static int floats() {
    long most = Runtime.getRuntime().maxMemory() / 16 / Float.BYTES;
    return (int) Math.min(FLOATS, most);
  }

  private static double ofMemory(int floats) {
    try (Tensor x = Tensor.full(new Meta(Shape.of(floats), DType.F32, Device.CPU), 0.5)) {
      return 2.0 * Float.BYTES * floats / best(() -> seconds(x::relu));
    }
  }

  private static double ofProducts(int side) {
    try (Tensor a = Tensor.uniform(new Philox(1), -1, 1, side, side);
        Tensor b = Tensor.uniform(new Philox(2), -1, 1, side, side)) {
      return 2.0 * side * side * side / best(() -> seconds(() -> a.matmul(b)));
    }
  }

  private static double seconds(Runnable work) {
    try (Scope _ = Scope.open()) {
      long begin = System.nanoTime();
      work.run();
      return (System.nanoTime() - begin) * 1e-9;
    }
  }

  /** The same on a GPU, for a product of so many rows and columns. */
  static Ceilings onGpu(Device device, int side) {
    Meta meta = new Meta(Shape.of(side, side), DType.F32, device);
    try (GpuClock clock = GpuClock.of(device);
        Tensor a = Tensor.uniform(meta, new Philox(1), -1, 1);
        Tensor b = Tensor.uniform(meta, new Philox(2), -1, 1)) {
      double copy = best(() -> clock.time(clock::copy).device());
      double product =
          best(() -> {
            try (Scope _ = Scope.open()) {
              return clock.time(() -> a.matmul(b)).device();
            }
          });
      return new Ceilings(clock.copied() / copy, 2.0 * side * side * side / product);
    }
  }

  /** The shortest of some rounds: what disturbs can only make them longer. */
  private static double best(DoubleSupplier round) {
    double best = Double.POSITIVE_INFINITY;
    double sum = 0;
    for (int i = 0; i < LEAST_ROUNDS || sum < SECONDS; i++) {
      double seconds = Math.max(round.getAsDouble(), 1e-9);
      best = Math.min(best, seconds);
      sum += seconds;
    }
    return best;
  }

  /** Seconds that so much work takes at least. */
  double least(long bytes, double flop) {
    return Math.max(bytes / bytesPerSecond, flop / flopPerSecond);
  }
}
