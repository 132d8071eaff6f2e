package org.adjoint.backend.cuda.driver;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** NVIDIA's driver: whether CUDA can be used here, and which devices there are. */
public final class Driver {
  /** JCuda's natives are made for CUDA 12. */
  private static final int OLDEST = 12000;

  private Driver() {}

  /** A device, without a context on it. */
  public record Gpu(int index, String name, int capability, long memory) {}

  /** What was found when the first call came; it does not change any more. */
  private record Found(String problem, int version, int devices) {
    static final Found HERE = look();

    static Found problem(String text) {
      return new Found(text, 0, 0);
    }
  }

  /** Why CUDA cannot be used here, in one line; empty if it can. */
  public static String problem() {
    return Found.HERE.problem();
  }

  /**
   * Nothing, if CUDA can be used.
   *
   * @throws UnsupportedOperationException with the problem
   */
  public static void require() {
    if (!problem().isEmpty()) {
      throw new UnsupportedOperationException("cuda is not available: " + problem());
    }
  }

  /** The newest CUDA that the driver knows, as in 12060 for 12.6; 0 if there is no driver. */
  public static int version() {
    return Found.HERE.version();
  }

  /** Number of devices. */
  public static int count() {
    return Found.HERE.devices();
  }

  /** All devices. */
  public static List<Gpu> devices() {
    return IntStream.range(0, count()).mapToObj(Driver::gpu).toList();
  }

  /** {@code 12.6} for 12060, as CUDA numbers its versions. */
  public static String versionText(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static Found look() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      return Found.problem("it needs Linux on x86-64, and this is " + platform);
    }
    String natives = Natives.problem();
    if (!natives.isEmpty()) {
      return Found.problem(natives);
    }
    Libraries.Binding driver = Libraries.bind(Library.CUDA);
    if (!driver.isBound()) {
      return Found.problem(driver.problem());
    }
    try {
      return ask();
    } catch (CudaException e) {
      return Found.problem(String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      return Found.problem("JCuda's native library does not load: " + Libraries.firstLine(e));
    }
  }

  private static Found ask() {
    Status.check("cuInit", JCudaDriver.cuInit(0));
    int[] number = new int[1];
    Status.check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(number));
    int version = number[0];
    if (version < OLDEST) {
      return Found.problem(tooOld(version));
    }
    Status.check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(number));
    return number[0] == 0
        ? Found.problem("the driver is there, but shows no device")
        : new Found("", version, number[0]);
  }

  static String tooOld(int version) {
    return "the driver knows CUDA up to %s, and %s is needed: install a newer driver"
        .formatted(versionText(version), versionText(OLDEST));
  }

  private static Gpu gpu(int index) {
    CUdevice device = new CUdevice();
    Status.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, index));
    return new Gpu(index, name(device), capability(device), memory(device));
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

  static int capability(CUdevice device) {
    return attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
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
