package org.adjoint.backend.cuda.driver;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/** NVIDIA's driver: whether CUDA can be used here, and what there is. */
public final class Driver {
  private Driver() {}

  /** Why CUDA cannot be used here, in one line; empty if it can. */
  public static String problem() {
    throw new UnsupportedOperationException();
  }

  /**
   * Nothing, if CUDA can be used.
   *
   * @throws UnsupportedOperationException with the problem
   */
  static void require() {
    String problem = problem();
    if (!problem.isEmpty()) {
      throw new UnsupportedOperationException("cuda is not available: " + problem);
    }
  }

  /** The newest CUDA that the driver knows: 12060 for 12.6. */
  public static int version() {
    throw new UnsupportedOperationException();
  }

  /** Number of devices. */
  public static int count() {
    throw new UnsupportedOperationException();
  }

  static String name(CUdevice device) {
    byte[] name = new byte[256];
    Status.check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  static long memory(CUdevice device) {
    long[] bytes = new long[1];
    Status.check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(bytes, device));
    return bytes[0];
  }

  static int attribute(CUdevice device, int number) {
    int[] value = new int[1];
    Status.check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, number, device));
    return value[0];
  }
}
