package org.adjoint.samples.cli;

import org.adjoint.Device;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every sample understands, and a device besides: for samples that train or run a network. */
public final class DeviceOptions extends RunOptions {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = Devices.DESCRIPTION + "; default ${DEFAULT-VALUE}")
  private String text = "cpu";

  private @Nullable Device device;

  /**
   * The device to compute on.
   *
   * @throws UserError if what was typed is no device, or it cannot be used here
   */
  @Override
  public Device device() {
    if (device == null) {
      device = Devices.open(text);
    }
    return device;
  }
}
