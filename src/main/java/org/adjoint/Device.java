package org.adjoint;

/**
 * Where a tensor's elements lie and where its operations run.
 *
 * @param type {@code cpu} or {@code cuda}
 * @param index which of several; always 0 for the CPU
 */
public record Device(String type, int index) {
  /** The processor that runs the JVM. */
  public static final Device CPU = new Device("cpu", 0);

  /** Checks the name and the index. */
  public Device {
    if (!type.equals("cpu") && !type.equals("cuda")) {
      throw new IllegalArgumentException("device: '" + type + "' is neither cpu nor cuda");
    }
    if (index < 0 || (type.equals("cpu") && index != 0)) {
      throw new IllegalArgumentException("device: there is no " + type + ":" + index);
    }
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
