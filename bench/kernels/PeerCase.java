package org.adjoint.bench.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Kernel;
import org.adjoint.check.Agreement;
import org.adjoint.check.Inputs;
import org.adjoint.check.Tally;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.Draw;
import org.adjoint.op.Dropout;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * What peers are given to do.
 *
 * @param kernel the operation
 * @param tf32 whether factors of F32 may be rounded to TF32
 * @param in on the CPU
 * @param out what the outputs look like
 * @param judge of outputs
 */
record PeerCase(Kernel kernel, boolean tf32, List<Tensor> in, List<Meta> out, Judge judge) {
  private static final double TF32 = 0x1p-11;
  private static final double UNITS = 100;

  /** Says what is wrong with what a peer computed. */
  @FunctionalInterface
  interface Judge {
    /**
     * A verdict.
     *
     * @param outputs the elements of each, or null for one that the peer does not compute
     */
    Tally of(String peer, List<double @Nullable []> outputs);
  }

  PeerCase {
    in = List.copyOf(in);
    out = List.copyOf(out);
  }

  /** A case that is timed, of the same inputs. */
  static PeerCase of(KernelCase one, boolean tf32) {
    return drawn(one.spec(), one.op(), one.dtype(), tf32, one.draws());
  }

  /** An operation of the catalog on inputs as a timer of kernels draws them. */
  static PeerCase drawn(OpSpec spec, Op op, DType dtype, boolean tf32, Draw... inputs) {
    return of(spec, op, dtype, tf32, Inputs.fair(Example.of(op, inputs)).tensors(dtype));
  }

  /**
   * The same on inputs that are given. The reference on the CPU is the judge, and is asked at once.
   *
   * @param tensors the inputs, on any device
   */
  static PeerCase of(OpSpec spec, Op op, DType dtype, boolean tf32, Tensor... tensors) {
    Tensor[] in = fitted(op, tensors);
    List<Meta> out = List.of(op.infer(metas(in)));
    Judge judge =
        op instanceof Dropout dropout
            ? (peer, outputs) -> ofDropout(dropout.p(), peer, in[0].toDoubles(), outputs, dtype)
            : Agreement.with(spec, op, dtype, tf32 ? TF32 : 0, in)::of;
    return new PeerCase(op, tf32, List.of(in), out, judge);
  }

  /**
   * A case too large to ask the reference: right is who agrees with a variant of ours, which has
   * been checked. The norm of the difference may be a hundred units in the last place.
   */
  static PeerCase agreeing(KernelCase one, boolean tf32, List<double[]> ours) {
    Tensor[] in =
        fitted(one.op(), Inputs.fair(Example.of(one.op(), one.draws())).tensors(one.dtype()));
    double unit = 2 * Math.max(one.dtype().unitRoundoff(), tf32 ? TF32 : 0);
    Judge judge =
        (peer, outputs) -> {
          Tally tally = new Tally(one.op().name(), "beside ours");
          for (int i = 0; i < outputs.size(); i++) {
            double[] got = outputs.get(i);
            if (got != null) {
              double[] right = ours.get(i);
              tally.compare(
                  peer + " output " + i + ", norm of the difference",
                  0,
                  Tally.distance(got, right),
                  UNITS * unit * Tally.distance(new double[right.length], right));
            }
          }
          return tally;
        };
    return new PeerCase(one.op(), tf32, List.of(in), List.of(one.op().infer(metas(in))), judge);
  }

  private static Meta[] metas(Tensor... in) {
    return Arrays.stream(in).map(Tensor::meta).toArray(Meta[]::new);
  }

  /**
   * The inputs, but for two. PyTorch finds the gradient of attention with the outputs of its own
   * forward pass alone, so the outputs are those; and it knows of no gradients of the statistics of
   * a batch, so these are zeros. No kernel's time depends on either.
   */
  private static Tensor[] fitted(Op op, Tensor... tensors) {
    Tensor[] in = Arrays.stream(tensors).map(x -> x.to(Device.CPU)).toArray(Tensor[]::new);
    if (op instanceof ChannelNorm.Grad) {
      in[5] = Tensor.zeros(in[5].meta());
      in[6] = Tensor.zeros(in[6].meta());
    }
    if (op.name().equals("fused_attention_gradient")) {
      Op forward = (Op) Parameters.component((Record) op, "of");
      Tensor[] first = Arrays.copyOf(in, 3);
      if (in.length > 6) {
        first = Arrays.copyOf(first, 4);
        first[3] = in[6];
      }
      Tensor[] y = reference(forward, first);
      in[3] = y[0];
      in[4] = y[1];
    }
    return in;
  }

  private static Tensor[] reference(Op op, Tensor... in) {
    Meta[] metas = op.infer(metas(in));
    Dense[] out = Arrays.stream(metas).map(y -> Dense.zeros(y.shape())).toArray(Dense[]::new);
    op.reference(
        Arrays.stream(in).map(x -> new Dense(x.toDoubles(), x.shape())).toArray(Dense[]::new), out);
    Tensor[] y = new Tensor[out.length];
    Arrays.setAll(y, i -> Tensor.of(metas[i].shape(), out[i].data()).to(metas[i].dtype()));
    return y;
  }

  /** Others draw other numbers: what is kept must be right, and as much as is to be. */
  private static Tally ofDropout(
      double p, String peer, double[] x, List<double @Nullable []> outputs, DType dtype) {
    Tally tally = new Tally("dropout", peer);
    double[] y = outputs.get(0);
    if (y == null || y.length != x.length) {
      tally.fail("computed something else");
      return tally;
    }
    double dropped = 0;
    for (int i = 0; i < y.length; i++) {
      if (y[i] == 0) {
        dropped++;
      } else {
        double right = x[i] / (1 - p);
        tally.compare("element " + i, right, y[i], 8 * dtype.unitRoundoff() * Math.abs(right));
      }
    }
    // Six deviations of a binomial distribution, and one element.
    double bound = 6 * Math.sqrt(p * (1 - p) * y.length) + 1;
    tally.compare("elements that are dropped", p * y.length, dropped, bound);
    return tally;
  }

  /** What it is, for messages. */
  @Override
  public String toString() {
    return in.stream()
        .map(x -> x.shape().toString())
        .collect(Collectors.joining(" ", kernel.name() + " ", ""));
  }
}
