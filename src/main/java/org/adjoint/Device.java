package org.adjoint;

import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Where a tensor's elements lie and where its operations run.
 *
 * @param type {@code cpu} or {@code cuda}
 * @param index which of several; always 0 for the CPU
 */
public record Device(String type, int index) {
  /** The processor that runs the JVM. */
  public static final Device CPU = new Device("cpu", 0);

  private static final System.Logger LOG = System.getLogger(Device.class.getName());

  /** Checks the name and the index. */
  public Device {
    if (!type.equals("cpu") && !type.equals("cuda")) {
      throw new IllegalArgumentException("device: '" + type + "' is neither cpu nor cuda");
    }
    if (index < 0 || (type.equals("cpu") && index != 0)) {
      throw new IllegalArgumentException("device: there is no " + type + ":" + index);
    }
  }

  /** Finds the devices of one kind; a backend makes itself known as such a service. */
  public interface Finder {
    /** The first device on which everything can be computed, as a trial has shown. */
    Optional<Device> first();
  }

  /**
   * The fastest device: {@code cuda:0} where a driver, cuBLAS, cuDNN and the kernels are found and
   * a kernel has run, else the CPU. It fails nowhere; {@code adjoint doctor} says what is missing.
   */
  public static Device best() {
    try {
      for (Finder finder : ServiceLoader.load(Finder.class, Device.class.getClassLoader())) {
        Optional<Device> found = finder.first();
        if (found.isPresent()) {
          return found.get();
        }
      }
    } catch (RuntimeException | Error e) { // a fault of the first GPU is no reason to stop
      LOG.log(System.Logger.Level.DEBUG, "no device but the CPU", e);
    }
    return CPU;
  }

  /**
   * Reads {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @throws IllegalArgumentException if {@code text} is none of these
   */
  public static Device parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return new Device(text, 0);
    }
    try {
      return new Device(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "device: '" + text + "' is not a device; write cpu or cuda:0", e);
    }
  }

  @Override
  public String toString() {
    return type.equals("cpu") ? "cpu" : type + ":" + index;
  }
}
