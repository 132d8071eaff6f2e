package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.Live;
import org.adjoint.backend.cuda.RandomVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y[i] = x[i] / (1 − p) with probability 1 − p, else 0. Gradient: dy under the same mask.
 *
 * <p>The mask is stored nowhere: element i is dropped if the uniform number that {@link Philox}
 * makes of (seed, offset + i) is below p. So the gradient, and the gradient's, draw it again; and a
 * call that comes later takes an offset that is further on by the number of elements.
 *
 * <p>Source: Srivastava et al., <i>Dropout: a simple way to prevent neural networks from
 * overfitting</i>, 2014.
 *
 * @param p the part that is dropped, from 0 to 1
 * @param seed of the random numbers
 * @param offset where among them element 0 looks
 */
public record Dropout(double p, Live seed, long offset) implements Op {
  /** Checks p. */
  public Dropout {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(
          "dropout: the part to drop, " + p + ", must lie between 0 and 1");
    }
  }

  /** With a seed that is known. */
  public Dropout(double p, long seed, long offset) {
    this(p, Live.of(seed), offset);
  }

  /** {@code x} with a part p of its elements dropped; {@code x} itself if p is 0. */
  public static Tensor of(Tensor x, double p, long seed, long offset) {
    return of(x, p, Live.of(seed), offset);
  }

  /** As {@link #of(Tensor, double, long, long)}, with a seed that may be drawn at each replay. */
  public static Tensor of(Tensor x, double p, Live seed, long offset) {
    Dropout dropout = new Dropout(p, seed, offset);
    return p == 0 ? x : dropout.apply(x);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] y = out[0].data();
    float[] uniform = new float[x.length];
    Philox.fillUniform(seed.value(), offset, uniform, 0, uniform.length);
    for (int i = 0; i < y.length; i++) {
      y[i] = uniform[i] < p ? 0 : x[i] / (1 - p);
    }
  }

  @Override
  public List<Variant> cuda() {
    return RandomVariants.dropout(p, seed, offset);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {apply(dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new Dropout(0.5, 1, 0))
        .formula("y[i] = x[i] / (1 − p) where uniform(seed, offset + i) ≥ p, else 0")
        .gradient("dx[i] = dy[i] / (1 − p) there, else 0")
        .example(new Dropout(0.5, 1, 0), Draw.normal(127))
        .example(new Dropout(0.25, 7, 3), Draw.normal(2, 3, 4))
        .example(new Dropout(0.75, 7, 1L << 40), Draw.normal(129))
        .example(new Dropout(0, 1, 0), Draw.normal(5))
        .example(new Dropout(1, 1, 0), Draw.normal(5))
        .example(new Dropout(0.5, 1, 0), Draw.normal())
        .example(new Dropout(0.5, 1, 0), Draw.normal(3, 0))
        .rejects(
            () -> of(Tensor.zeros(2), 1.5, 0, 0),
            "dropout: the part to drop, 1.5, must lie between 0 and 1")
        .rejects(
            () -> of(Tensor.of(1L), 0.5, 0, 0),
            "dropout: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
