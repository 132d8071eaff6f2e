package org.adjoint.bench.kernels;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.bench.Result.Ratio;
import org.adjoint.check.DeviceCheck;
import org.adjoint.check.Inputs;
import org.adjoint.check.KernelTimer;
import org.adjoint.check.Timing;
import org.adjoint.check.Trial;
import org.adjoint.check.Trials;
import org.adjoint.op.OpSpec.Example;

/** PyTorch and Triton beside variants that a timer of kernels has just found to be right. */
final class Beside implements AutoCloseable {
  private static final int ROUNDS = 9;

  private final TorchPeer torch;
  private final PeerRounds rounds;

  Beside(TorchPeer torch, Consumer<String> notes) {
    this.torch = torch;
    rounds = new PeerRounds(torch, ROUNDS, notes);
  }

  /** With the PyTorch of a Python. */
  static Beside of(String python, Consumer<String> notes) {
    Path home = Path.of(System.getProperty("adjoint.home", ""));
    return new Beside(TorchPeer.of(home, python, notes), notes);
  }

  /** What the peers consist of, as far as they have been asked. */
  Map<String, String> versions() {
    return torch.versions();
  }

  /**
   * How many times as fast as each peer a variant is, by the peer's name: of the variant that the
   * operation takes by itself, and of those that round to TF32, whose peers then may as well.
   */
  Map<String, Ratio> ratios(KernelTimer timer, Device device, KernelCase one, Timing timing) {
    boolean tf32 = Roofline.rounds(timing.variant());
    if (timing.cold() == null || !timing.failures().isEmpty() || !(timing.chosen() || tf32)) {
      return Map.of();
    }
    PeerCase given =
        one.flop() / 2 > DeviceCheck.MOST_WORK
            ? PeerCase.agreeing(one, tf32, outputs(device, one, timing.variant()))
            : PeerCase.of(one, tf32);
    try (Trials trials = timer.prepare(one.spec(), one.dtype(), one.op(), one.draws())) {
      Trial trial = trials.all(timing.variant()::equals).getFirst();
      return rounds
          .ratios(given, Map.of(trial.variant(), trial::round))
          .getOrDefault(trial.variant(), Map.of());
    }
  }

  /** What the variant computes of the inputs that peers are given. */
  private static List<double[]> outputs(Device device, KernelCase one, String variant) {
    Op op = one.op();
    try (Scope _ = Scope.open()) {
      Tensor[] in = Inputs.fair(Example.of(op, one.draws())).tensors(one.dtype());
      Tensor[] out =
          Grad.off(() ->
              Choice.with(
                  op.getClass(),
                  variant,
                  () ->
                      Tensor.apply(
                          op, Arrays.stream(in).map(x -> x.to(device)).toArray(Tensor[]::new))));
      return Arrays.stream(out).map(Tensor::toDoubles).toList();
    }
  }

  @Override
  public void close() {
    torch.close();
  }
}
