package org.adjoint.op;

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
 * y = x̂ ⊙ w + b with x̂ = (x − mean) r and r = 1 / √(variance + eps), of x [N, C, …] and w, b, a
 * mean and a variance that are given for each channel, [C]: {@link BatchNorm} after training.
 * Gradient: dx = dy ⊙ w r, dw = Σ dy ⊙ x̂, db = Σ dy, dmean = −w r Σ dy, and dvariance = −w r² dw /
 * 2.
 */
public record FrozenNorm(double eps) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDtype(this, in[0], in[1], in[2]);
    Channel.require(this, in[0], in[1], in[2], in[3], in[4]);
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    for (int c = 0; c < in[0].size(1); c++) {
      Channel channel = Channel.of(in[0].shape(), c);
      double r = 1 / Math.sqrt(in[4].data()[c] + eps);
      for (int k = 0; k < channel.count(); k++) {
        double unit = (in[0].data()[channel.at(k)] - in[3].data()[c]) * r;
        out[0].data()[channel.at(k)] = unit * in[1].data()[c] + in[2].data()[c];
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    ChannelKernels.frozen(eps, in, out[0]);
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return ChannelVariants.frozen(eps);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 3.0 * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1, 3, 4);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor x = saved.input(0);
    Tensor w = saved.input(1);
    Tensor variance = saved.input(4);
    Tensor zeros = Tensor.zeros(w.meta());
    Tensor[] d = new Tensor[5];
    d[0] = apply(dy[0], w, zeros, zeros, variance);
    if (IntStream.range(1, 5).noneMatch(saved::needs)) {
      return d;
    }
    int[] axes = IntStream.range(0, x.rank()).filter(axis -> axis != 1).toArray();
    Tensor r = Rsqrt.of(variance.to(x.dtype()).add(eps));
    Tensor mean = saved.input(3).to(x.dtype()).reshape(Standardise.perChannel(x).toArray());
    d[1] = dy[0].mul(x.sub(mean)).sum(axes).mul(r);
    d[2] = dy[0].sum(axes);
    d[3] = d[2].mul(w).mul(r).neg().to(saved.meta(3).dtype());
    d[4] = d[1].mul(w).mul(r.pow(2)).mul(-0.5).to(saved.meta(4).dtype());
    return d;
  }

  static OpSpec spec() {
    return OpSpec.of(new FrozenNorm(1e-5))
        .broadcast(1, 2, 3, 4)
        .formula("y = (x − mean) / √(variance + eps) ⊙ w + b per channel")
        .gradient(
            "dx = dy ⊙ w r; dw = Σ dy ⊙ x̂; db = Σ dy; dmean = −w r db; dvariance = −w r² dw / 2")
        .ulpsOfLargest(4)
        .example(new FrozenNorm(1e-5), draws(3, 2, 2, 9))
        .example(new FrozenNorm(1e-5), draws(129, 2))
        .example(new FrozenNorm(0.1), draws(3, 21))
        .example(new FrozenNorm(0.1), draws(5, 3, 4))
        .example(new FrozenNorm(1), draws(1, 1))
        .example(new FrozenNorm(1), draws(0, 2, 3))
        .rejects(
            () -> {
              Tensor c = Tensor.zeros(3);
              return new FrozenNorm(1).apply(Tensor.zeros(2, 3), c, c, Tensor.zeros(2), c);
            },
            "frozen_norm: [2, 3] has no channels of [2]")
        .build();
  }

  private static Draw[] draws(long... x) {
    Draw c = Draw.normal(x[1]);
    return new Draw[] {Draw.normal(x), c, c, c, Draw.positive(x[1])};
  }
}
