package org.adjoint.autograd;

import java.util.List;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.Require;

/**
 * Launches of kernels on tensors, to try them out before an operation is made of them: what they
 * write are fresh tensors. There is no reference to check them against, and no gradient; the same
 * launcher serves a {@link Variant} of an {@link Op}, which has both.
 *
 * <pre>{@code
 * Tensor y = Launch.of((gpu, in, out) ->
 *     gpu.call(file, "swish_naive").flat(DType.F32, in[0], out[0]).each(out[0].count())).apply(x);
 * }</pre>
 *
 * @param launcher queues the launches, which write every element of the outputs
 * @param outputs what the outputs look like; none for one that looks like the first input
 */
public record Launch(Variant.Launcher launcher, List<Meta> outputs) implements Op {
  /** Launches with one output that looks like the first input. */
  public static Launch of(Variant.Launcher launcher) {
    return new Launch(launcher, List.of());
  }

  /** Launches with such outputs. */
  public static Launch to(Variant.Launcher launcher, Meta... outputs) {
    return new Launch(launcher, List.of(outputs));
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Meta[] out = outputs.isEmpty() ? new Meta[] {in[0]} : outputs.toArray(Meta[]::new);
    for (Meta meta : out) {
      if (meta.device().equals(Device.CPU)) {
        throw new IllegalArgumentException(
            name()
                + ": kernels run on a GPU, and the tensors are on cpu; move them with to(device)");
      }
      Require.sameDevice(this, in[0], meta);
    }
    return out;
  }

  /** There is none. */
  @Override
  public void reference(Dense[] in, Dense[] out) {
    throw new UnsupportedOperationException(name() + ": there is no reference; write an Op");
  }

  @Override
  public List<Variant> cuda() {
    return List.of(Variant.of("own", launcher));
  }

  /** There is none. */
  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    throw new UnsupportedOperationException(name() + ": there is no gradient; write an Op");
  }
}
