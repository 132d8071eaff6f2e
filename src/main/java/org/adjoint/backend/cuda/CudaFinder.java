package org.adjoint.backend.cuda;

import java.util.Optional;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.driver.Report;

/** Finds the first GPU, if all that CUDA takes is there and a kernel runs on it. */
public final class CudaFinder implements Device.Finder {
  private static final double TRIAL = 0.75;

  @Override
  public Optional<Device> first() {
    Device device = new Device("cuda", 0);
    return Report.problem().isEmpty() && computes(device) ? Optional.of(device) : Optional.empty();
  }

  /** What no version number tells: whether the driver takes the kernels, and the device is free. */
  private static boolean computes(Device device) {
    CudaBackend backend = CudaBackend.of(device);
    Storage storage = backend.allocate(DType.F64, 1);
    try {
      backend.fill(storage, TRIAL);
      return ((double[]) backend.read(new Operand(storage, Layout.contiguous(Shape.SCALAR))))[0]
          == TRIAL;
    } finally {
      storage.release();
    }
  }
}
