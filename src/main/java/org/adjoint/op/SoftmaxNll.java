package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.NllKernels;
import org.adjoint.backend.cuda.NllVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y_n = −Σ_c t_nc ln p_nc with p = softmax(x) along the second axis, and t_nc = (1 − ε)·[c =
 * label_n] + ε/C; 0 where the label is {@code ignore}. Gradient: dx_nc = (p_nc − t_nc) dy_n.
 *
 * <p>Inputs: x [N, C, …] and labels [N, …]. Outputs: y [N, …]; as workspace the maxima of x, and ln
 * Σ exp(x − max), apart, since their sum would cost the digits of the smaller one. The
 * probabilities are never stored: {@link CrossEntropy} reads x twice and writes dx, and that is
 * all.
 *
 * @param ignore the label of what counts nothing, or {@link #NONE}
 * @param smoothing ε
 */
public record SoftmaxNll(long ignore, double smoothing) implements Op {
  /** No label is ignored. */
  public static final long NONE = Long.MIN_VALUE;

  /** In messages about labels: nobody calls this operation by its name. */
  private static final String CALLED = "cross_entropy";

  @Override
  public Meta[] infer(Meta... in) {
    Meta rows = requireRows(this, in[0], in[1]);
    DType exact = in[0].dtype() == DType.F64 ? DType.F64 : DType.F32;
    return new Meta[] {rows, rows.with(exact), rows.with(exact)};
  }

  private static Meta requireRows(Op op, Meta x, Meta labels) {
    Require.sameDevice(op, x, labels);
    Require.floating(op, x);
    Require.index(op, labels);
    if (x.rank() < 2 || !x.shape().remove(1).equals(labels.shape())) {
      throw new IllegalArgumentException(
          "%s: logits %s and labels %s; they must be [N, C, …] and [N, …]"
              .formatted(op.name(), x.shape(), labels.shape()));
    }
    return x.with(labels.shape());
  }

  @Override
  public int workspace() {
    return 2;
  }

  /** Whether such a label counts nothing. */
  private boolean ignores(double label) {
    return ignore != NONE && label == ignore;
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    int size = in[0].size(1);
    int inner = (int) in[0].shape().countAfter(1);
    for (int row = 0; row < in[1].count(); row++) {
      double label = in[1].data()[row];
      if (ignores(label)) {
        continue;
      }
      int right = Require.inRange(CALLED, label, size, row);
      int start = row / inner * size * inner + row % inner;
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < size; c++) {
        max = Math.max(max, x[start + c * inner]);
      }
      double sum = 0;
      for (int c = 0; c < size; c++) {
        sum += StrictMath.exp(x[start + c * inner] - max);
      }
      double log = StrictMath.log(sum);
      double loss = log - (x[start + right * inner] - max);
      if (smoothing > 0) {
        double all = 0;
        for (int c = 0; c < size; c++) {
          all += log - (x[start + c * inner] - max);
        }
        loss = (1 - smoothing) * loss + smoothing / size * all;
      }
      out[0].data()[row] = loss;
      out[1].data()[row] = max;
      out[2].data()[row] = log;
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    return new NllKernels(CALLED, ignore, smoothing).forward(in, out);
  }

  @Override
  public List<Variant> cuda() {
    return new NllVariants(CALLED, ignore, smoothing).forward();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 4.0 * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1).andOutputs(1, 2);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor x = saved.input(0);
    Tensor labels = saved.input(1);
    if (Grad.isOn()) { // then who differentiates again gets the composition's gradient
      Nll.Labels made = Nll.Labels.of(name(), x, labels, null, ignore);
      Tensor[] in = {x};
      Tensor[] dx =
          Grad.vjp(
              t -> new Tensor[] {CrossEntropy.composed(t[0], made, null, smoothing)}, in, dy[0]);
      return new Tensor[] {dx[0], null};
    }
    Tensor dx = new InputGrad(this).apply(x, labels, saved.output(1), saved.output(2), dy[0]);
    return new Tensor[] {dx, null};
  }

  static OpSpec spec() {
    SoftmaxNll plain = new SoftmaxNll(NONE, 0);
    return OpSpec.of(plain)
        .broadcast(1)
        .formula("y = −Σ_c t_c ln softmax(x)_c, t = (1 − ε)·one-hot(label) + ε/C")
        .gradient("dx = (softmax(x) − t) dy")
        .ulpsOfLargest(4)
        .gpuUlps(8)
        .example(plain, Draw.normal(3, 10), Draw.index(10, 3))
        .example(plain, Draw.normal(5, 1), Draw.index(1, 5))
        .example(plain, Draw.normal(0, 4), Draw.index(4, 0))
        .example(plain, Draw.normal(2, 127), Draw.index(127, 2))
        .example(plain, Draw.normal(2, 1000), Draw.index(1000, 2))
        .example(new SoftmaxNll(1, 0), Draw.normal(9, 3), Draw.index(3, 9))
        .example(new SoftmaxNll(0, 0), Draw.normal(2, 4), Draw.index(1, 2))
        .example(new SoftmaxNll(2, 0.1), Draw.normal(2, 3, 4), Draw.index(3, 2, 4))
        .example(new SoftmaxNll(NONE, 0.2), Draw.normal(3, 129), Draw.index(129, 3))
        .example(new SoftmaxNll(NONE, 0), Draw.normal(2, 128, 3, 2), Draw.index(128, 2, 3, 2))
        .rejects(
            () -> plain.apply(Tensor.zeros(3, 4), Tensor.of(1L)),
            "softmax_nll: logits [3, 4] and labels [1]; they must be [N, C, …] and [N, …]")
        .rejects(
            () -> plain.apply(Tensor.zeros(1, 4), Tensor.of(-1L)),
            "cross_entropy: index -1 at element 0 lies outside 0 to 3")
        .rejects(
            () -> plain.apply(Tensor.zeros(1, 4), Tensor.zeros(1)),
            "softmax_nll: the index is F32; convert it with to(DType.I64)")
        .build();
  }

  /**
   * dx = (exp(x − max − log) − t) dy, of x, labels, max, log and dy: the gradient of {@link
   * SoftmaxNll}. Its own is that of the same by tensor calls.
   */
  public record InputGrad(SoftmaxNll of) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Meta rows = requireRows(this, in[0], in[1]);
      Require.sameDtype(this, in[0], in[4]);
      Require.same(this, in[2], in[3]);
      Require.floating(this, in[2]);
      if (!in[2].shape().equals(rows.shape()) || !in[4].equals(rows)) {
        throw new IllegalArgumentException(
            "%s: max and log %s and dy %s; they must be %s"
                .formatted(name(), in[2].shape(), in[4].shape(), rows.shape()));
      }
      return new Meta[] {in[0]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] x = in[0].data();
      double[] dx = out[0].data();
      int size = in[0].size(1);
      int inner = (int) in[0].shape().countAfter(1);
      for (int row = 0; row < in[1].count(); row++) {
        double label = in[1].data()[row];
        if (of.ignores(label)) {
          continue;
        }
        int right = Require.inRange(CALLED, label, size, row);
        int start = row / inner * size * inner + row % inner;
        double dy = in[4].data()[row];
        for (int c = 0; c < size; c++) {
          int at = start + c * inner;
          dx[at] = StrictMath.exp(x[at] - in[2].data()[row] - in[3].data()[row]) * dy;
          dx[at] -= of.smoothing > 0 ? of.smoothing / size * dy : 0;
        }
        dx[start + right * inner] -= (1 - of.smoothing) * dy;
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      return new NllKernels(CALLED, of.ignore, of.smoothing).backward(in, out[0]);
    }

    @Override
    public List<Variant> cuda() {
      return new NllVariants(CALLED, of.ignore, of.smoothing).backward();
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return 5.0 * in[0].shape().count();
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1, 2, 3, 4);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor labels = saved.input(1);
      Tensor[] in = {saved.input(0), saved.input(2), saved.input(3), saved.input(4)};
      Tensor[] d = Grad.vjp(t -> new Tensor[] {composed(labels, t)}, in, g[0]);
      return new Tensor[] {d[0], null, d[1], d[2], d[3]};
    }

    /** The same by tensor calls. */
    private Tensor composed(Tensor labels, Tensor... t) {
      Tensor x = t[0];
      Nll.Labels l = Nll.Labels.of(name(), x, labels, null, of.ignore);
      Tensor rows = l.index().unsqueeze(1);
      Tensor target =
          new Gather.ScatterAdd(1, x.size(1))
              .apply(Tensor.full(x.meta().with(rows.shape()), 1 - of.smoothing), rows)
              .add(of.smoothing / x.size(1));
      Tensor p = x.sub(t[1].unsqueeze(1)).sub(t[2].unsqueeze(1)).exp();
      return Where.of(l.kept().unsqueeze(1), p.sub(target).mul(t[3].unsqueeze(1)), 0);
    }

    static OpSpec spec() {
      SoftmaxNll plain = new SoftmaxNll(NONE, 0);
      return OpSpec.of(new InputGrad(plain))
          .broadcast(1, 2, 3, 4)
          .formula("dx = (exp(x − max − log) − t) dy, t = (1 − ε)·one-hot(label) + ε/C")
          .gradient("that of the same by tensor calls")
          .ulpsOfLargest(8)
          .example(new InputGrad(plain), draws(10, 3))
          .example(new InputGrad(plain), draws(1, 2))
          .example(new InputGrad(plain), draws(4, 0))
          .example(new InputGrad(plain), draws(129, 2))
          .example(new InputGrad(new SoftmaxNll(1, 0)), draws(3, 9))
          .example(new InputGrad(new SoftmaxNll(2, 0.1)), draws(3, 2, 4))
          .example(new InputGrad(new SoftmaxNll(NONE, 0.2)), draws(128, 3))
          .rejects(
              () ->
                  new InputGrad(plain)
                      .apply(
                          Tensor.zeros(2, 3),
                          Tensor.of(0L, 1),
                          Tensor.zeros(3),
                          Tensor.zeros(3),
                          Tensor.zeros(2)),
              "softmax_nll.input_grad: max and log [3] and dy [2]; they must be [2]")
          .build();
    }

    private static Draw[] draws(long classes, long... rows) {
      long[] sizes = Shape.of(rows).insert(1, classes).toArray();
      return new Draw[] {
        Draw.normal(sizes),
        Draw.index(classes, rows),
        Draw.normal(rows),
        Draw.positive(rows),
        Draw.normal(rows)
      };
    }
  }
}
