package org.adjoint.op;

import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.Transfer;
import org.adjoint.backend.Dense;

/** y = x on another device. Gradient: dx = dy on x's device. */
public record ToDevice(Device device) implements Transfer {
  /** {@code x} on {@code device}; {@code x} itself if it is there. */
  public static Tensor of(Tensor x, Device device) {
    return x.device().equals(device) ? x : new ToDevice(device).apply(x);
  }

  @Override
  public Meta[] infer(Meta... in) {
    return new Meta[] {new Meta(in[0].shape(), in[0].dtype(), device)};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    System.arraycopy(in[0].data(), 0, out[0].data(), 0, out[0].count());
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].to(saved.meta(0).device())};
  }

  static OpSpec spec() {
    return OpSpec.of(new ToDevice(Device.CPU))
        .formula("y = x on another device")
        .gradient("dx = dy on x's device")
        .elementwise(Draw::normal)
        .build();
  }
}
