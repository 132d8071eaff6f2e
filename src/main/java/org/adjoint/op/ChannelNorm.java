package org.adjoint.op;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.ChannelKernels;
import org.adjoint.backend.cuda.ChannelVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = x̂ ⊙ w + b with x̂ = (x − mean) r and r = 1 / √(variance + eps), of x [N, C, …], w [C] and b
 * [C], where each channel has its own mean and variance: {@link BatchNorm} in training. Outputs: y;
 * the means and the variances (divided by the count), both [C] and in F64, since a mean that is
 * large against the deviation costs x − mean the digits that the mean lacks. Gradient: {@link
 * Grad}.
 */
public record ChannelNorm(double eps) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDtype(this, in);
    Channel.require(this, in[0], in[1], in[2]);
    if (in[0].shape().count() == 0 && in[0].size(1) > 0) {
      throw new IllegalArgumentException(
          name() + ": " + in[0].shape() + " has no values to take a mean of");
    }
    Meta statistic = in[1].with(DType.F64);
    return new Meta[] {in[0], statistic, statistic};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    for (int c = 0; c < in[0].size(1); c++) {
      Channel channel = Channel.of(in[0].shape(), c);
      int n = channel.count();
      double sum = 0;
      for (int k = 0; k < n; k++) {
        sum += x[channel.at(k)];
      }
      double mean = sum / n;
      double squares = 0;
      for (int k = 0; k < n; k++) {
        squares += (x[channel.at(k)] - mean) * (x[channel.at(k)] - mean);
      }
      double r = 1 / Math.sqrt(squares / n + eps);
      for (int k = 0; k < n; k++) {
        double unit = (x[channel.at(k)] - mean) * r;
        out[0].data()[channel.at(k)] = unit * in[1].data()[c] + in[2].data()[c];
      }
      out[1].data()[c] = mean;
      out[2].data()[c] = squares / n;
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    ChannelKernels.forward(eps, in, out);
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return ChannelVariants.forward(eps);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 7.0 * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1).andOutputs(1, 2);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return Tensor.apply(
        new Grad(eps),
        saved.input(0),
        saved.input(1),
        dy[0],
        saved.output(1),
        saved.output(2),
        dy[1],
        dy[2]);
  }

  static OpSpec spec() {
    return OpSpec.of(new ChannelNorm(1e-5))
        .broadcast(1, 2)
        .formula("y = (x − mean) / √(variance + eps) ⊙ w + b per channel; mean; variance")
        .gradient(
            "dx = w r (dy − mean(dy) − x̂ mean(dy ⊙ x̂)) + (dmean + 2 (x − mean) dvariance) / n;"
                + " dw = Σ dy ⊙ x̂; db = Σ dy")
        .ulpsOfLargest(4)
        .gpuSums(in -> in[0].shape().count())
        .example(new ChannelNorm(1e-5), Draw.normal(3, 2, 2, 9), Draw.normal(2), Draw.normal(2))
        .example(new ChannelNorm(1e-5), Draw.positive(129, 2), Draw.normal(2), Draw.normal(2))
        .example(new ChannelNorm(0.1), Draw.positive(3, 21), Draw.normal(21), Draw.normal(21))
        .example(new ChannelNorm(0.1), Draw.positive(5, 3, 4), Draw.normal(3), Draw.normal(3))
        .example(new ChannelNorm(1e-5), Draw.positive(2, 1, 128), Draw.normal(1), Draw.normal(1))
        .example(new ChannelNorm(1), Draw.normal(1, 2, 1), Draw.normal(2), Draw.normal(2))
        .example(new ChannelNorm(1), Draw.normal(2, 0, 3), Draw.normal(0), Draw.normal(0))
        .large(new ChannelNorm(1e-5), Draw.positive(9, 3, 77), Draw.normal(3), Draw.normal(3))
        .rejects(
            () -> new ChannelNorm(1).apply(Tensor.zeros(2, 3), Tensor.zeros(2), Tensor.zeros(3)),
            "channel_norm: [2, 3] has no channels of [2]")
        .rejects(
            () -> new ChannelNorm(1).apply(Tensor.zeros(0, 3), Tensor.zeros(3), Tensor.zeros(3)),
            "channel_norm: [0, 3] has no values to take a mean of")
        .rejects(
            () -> new ChannelNorm(1).apply(Tensor.zeros(3), Tensor.zeros(3), Tensor.zeros(3)),
            "channel_norm: [3] must be [N, C, …]")
        .rejects(
            () -> new ChannelNorm(1).apply(Tensor.of(1L), Tensor.of(1L), Tensor.of(1L)),
            "channel_norm: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * The gradients (dx, dw, db) of {@link ChannelNorm}, of x [N, C, …], w [C], dy [N, C, …], the
   * mean and the variance [C] that were found, and the gradients of these two. Gradient: that of
   * the same by tensor calls.
   */
  public record Grad(double eps) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in[0], in[2]);
      Require.sameDtype(this, in[0], in[1]);
      Channel.require(this, in[0], in[1], in[3], in[4], in[5], in[6]);
      return new Meta[] {in[0], in[1], in[1]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] x = in[0].data();
      double[] dy = in[2].data();
      for (int c = 0; c < in[0].size(1); c++) {
        Channel channel = Channel.of(in[0].shape(), c);
        int n = channel.count();
        double mean = in[3].data()[c];
        double r = 1 / Math.sqrt(in[4].data()[c] + eps);
        double sum = 0;
        double dot = 0;
        for (int k = 0; k < n; k++) {
          int i = channel.at(k);
          sum += dy[i];
          dot += dy[i] * (x[i] - mean) * r;
        }
        for (int k = 0; k < n; k++) {
          int i = channel.at(k);
          double rest = dy[i] - sum / n - (x[i] - mean) * r * dot / n;
          double ofStatistics = in[5].data()[c] + 2 * (x[i] - mean) * in[6].data()[c];
          out[0].data()[i] = in[1].data()[c] * r * rest + ofStatistics / n;
        }
        out[1].data()[c] = dot;
        out[2].data()[c] = sum;
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32) {
        return false;
      }
      ChannelKernels.backward(eps, in, out);
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return ChannelVariants.gradient(eps);
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return 10.0 * in[0].shape().count();
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1, 2, 3, 4, 5, 6);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor[] in = IntStream.range(0, 7).mapToObj(saved::input).toArray(Tensor[]::new);
      return org.adjoint.Grad.vjp(this::composed, in, g);
    }

    /** The same by tensor calls. */
    private Tensor[] composed(Tensor... in) {
      Tensor x = in[0];
      Tensor dy = in[2];
      int[] axes = IntStream.range(0, x.rank()).filter(axis -> axis != 1).toArray();
      double n = Standardise.count(x, axes);
      Tensor[] of = new Tensor[in.length]; // what is per channel, to broadcast
      for (int i : new int[] {1, 3, 4, 5, 6}) {
        of[i] = in[i].to(x.dtype()).reshape(Standardise.perChannel(x).toArray());
      }
      Tensor centred = x.sub(of[3]);
      Tensor r = Rsqrt.of(of[4].add(eps));
      Tensor unit = centred.mul(r);
      Tensor sum = dy.sumKeepDims(axes);
      Tensor dot = dy.mul(unit).sumKeepDims(axes);
      Tensor rest = dy.sub(sum.div(n)).sub(unit.mul(dot.div(n)));
      Tensor ofStatistics = of[5].add(centred.mul(of[6]).mul(2)).div(n);
      Tensor dx = rest.mul(of[1].mul(r)).add(ofStatistics);
      return new Tensor[] {dx, dot.flatten(0), sum.flatten(0)};
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad(1e-5))
          .broadcast(1, 3, 4, 5, 6)
          .formula(
              "dx = w r (dy − mean(dy) − x̂ mean(dy ⊙ x̂)) + (dmean + 2 (x − mean) dvariance) / n;"
                  + " dw = Σ dy ⊙ x̂; db = Σ dy")
          .gradient("that of the same by tensor calls")
          .ulpsOfLargest(4)
          .gpuSums(in -> in[0].shape().count())
          .example(new Grad(1e-5), draws(3, 2, 2, 9))
          .example(new Grad(1e-5), draws(129, 2))
          .example(new Grad(0.1), draws(3, 21))
          .example(new Grad(0.1), draws(5, 3, 4))
          .example(new Grad(1), draws(1, 2, 1))
          .example(new Grad(1), draws(2, 0, 3))
          .large(new Grad(1e-5), draws(9, 3, 77))
          .rejects(
              () -> {
                Tensor c = Tensor.zeros(3);
                return new Grad(1).apply(Tensor.zeros(2, 3), c, Tensor.zeros(3), c, c, c, c);
              },
              "channel_norm.grad: shapes [2, 3] and [3] differ")
          .build();
    }

    private static Draw[] draws(long... x) {
      Draw[] draws = new Draw[7];
      Arrays.setAll(draws, i -> i == 4 ? Draw.positive(x[1]) : Draw.normal(x[1]));
      draws[0] = Draw.normal(x);
      draws[2] = Draw.normal(x);
      return draws;
    }
  }
}
