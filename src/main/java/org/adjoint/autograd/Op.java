package org.adjoint.autograd;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.backend.Kernel;

/**
 * A differentiable operation: what it computes (from {@link Kernel}), which inputs it takes, and
 * its gradient. An instance holds the parameters of one call, such as an axis; it is immutable.
 *
 * <p>Implementing this interface is all it takes to add an operation of one's own.
 */
public interface Op extends Kernel {
  /**
   * What the outputs look like. Every check of shape, dtype and device happens here, once.
   *
   * @throws IllegalArgumentException if the inputs do not fit; the message names the op, the shapes
   *     and the remedy
   */
  Meta[] infer(Meta... in);

  /** What {@link #backward} will ask {@link Saved} for; nothing else is kept alive. */
  default Keep keep() {
    return Keep.NOTHING;
  }

  /**
   * How many of the last outputs are workspace: made for {@link #backward} alone, through {@link
   * #keep}. They have no gradient, and are not handed out.
   */
  default int workspace() {
    return 0;
  }

  /**
   * The gradient: given ∂L/∂y for every output y, returns ∂L/∂x for every input x.
   *
   * <p>It is made of ordinary tensor calls, so that it can be differentiated in turn. An entry is
   * null where the input has no gradient or where it is zero everywhere; work for an input that
   * {@link Saved#needs} denies may be left out.
   *
   * @param dy one gradient per output, null for outputs that are not floating or are workspace
   */
  Tensor[] backward(Saved saved, Tensor... dy);

  /**
   * Floating-point operations of one run, a multiply-add counting two: what the roofline and the
   * cost of a model are reckoned with. By default one per element of the output.
   */
  default double flop(Meta[] in, Meta[] out) {
    return out[0].shape().count();
  }

  /**
   * Bytes that one run must move at least: by default each element of each input once, and each of
   * each output.
   */
  default long bytes(Meta[] in, Meta[] out) {
    long bytes = 0;
    for (Meta[] metas : new Meta[][] {in, out}) {
      for (Meta meta : metas) {
        bytes += meta.shape().count() * meta.dtype().bytes();
      }
    }
    return bytes;
  }

  /** Applies the operation and returns its first output. */
  default Tensor apply(Tensor... in) {
    return Tensor.apply(this, in)[0];
  }
}
