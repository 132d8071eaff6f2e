package org.adjoint.op;

import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.ConvKernels;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cpu.Floats;

/**
 * Convolution over n spatial axes, which, as everywhere in this field, is cross-correlation:
 *
 * <pre>y[n, f, o] = Σ_c Σ_k x[n, c, o·stride + k·dilation − padding] · w[f, c, k]</pre>
 *
 * <p>for x [N, C, I…], w [F, C / groups, K…] and y [N, F, O…], with 0 in the padding; filter f sees
 * the channels of its group alone.
 *
 * <p>Gradient: y is linear in x and in w, and so are its two gradients, {@link InputGrad} and
 * {@link WeightGrad}. All three are one sum of products x·w·y over the same index triples, solved
 * for another factor; so each is a gradient of the others, and none needs a fourth.
 */
public record Conv(Sliding sliding, int groups) implements Op {
  /** x convolved with w, one step at a time, without padding. */
  public static Tensor of(Tensor x, Tensor w) {
    return of(x, w, Sliding.over(Math.max(1, x.rank() - 2)), 1);
  }

  /** x [N, C, I…] convolved with w [F, C / groups, K…]. */
  public static Tensor of(Tensor x, Tensor w, Sliding sliding, int groups) {
    return new Conv(sliding, groups).apply(x, w);
  }

  private static Shape spatial(Shape shape) {
    return shape.slice(2, shape.rank());
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDtype(this, in);
    Require.floating(this, in[0]);
    return new Meta[] {in[0].with(output(name(), in[0].shape(), in[1].shape()))};
  }

  /** The shape of y, if x and w fit. */
  private Shape output(String op, Shape x, Shape w) {
    int rank = sliding.axes() + 2;
    if (x.rank() != rank || w.rank() != rank) {
      throw new IllegalArgumentException(
          op
              + ": "
              + x
              + " and filters "
              + w
              + " must have "
              + rank
              + " axes: [N, C, "
              + sliding.axes()
              + " spatial] and [F, C / groups, "
              + sliding.axes()
              + " spatial]");
    }
    if (groups < 1 || x.size(1) != w.size(1) * groups || w.size(0) % groups != 0) {
      throw new IllegalArgumentException(
          op
              + ": "
              + x
              + " has "
              + x.size(1)
              + " channels; filters "
              + w
              + " in "
              + groups
              + (groups == 1 ? " group take " : " groups take ")
              + w.size(1) * groups);
    }
    return Shape.of(x.size(0), w.size(0)).concat(sliding.output(op, spatial(x), spatial(w)));
  }

  /** Receives the flat indices of the factors of one product x·w·y; −1 for an x in the padding. */
  @FunctionalInterface
  private interface Term {
    void at(int x, int w, int y);
  }

  /** Visits the index triples of all products, of which each of the three ops is a sum. */
  private void forEachTerm(Shape x, Shape w, Shape y, Term term) {
    int inputs = (int) spatial(x).count();
    int taps = (int) spatial(w).count();
    int outputs = (int) spatial(y).count();
    int images = (int) x.size(0);
    int filters = (int) w.size(0);
    int channels = (int) w.size(1); // of one group
    sliding.forEachTap(
        spatial(x),
        spatial(w),
        spatial(y),
        (o, k, i) -> {
          for (int n = 0; n < images; n++) {
            for (int f = 0; f < filters; f++) {
              int group = f * groups / filters;
              for (int c = 0; c < channels; c++) {
                term.at(
                    i < 0 ? -1 : (n * channels * groups + group * channels + c) * inputs + i,
                    (f * channels + c) * taps + k,
                    (n * filters + f) * outputs + o);
              }
            }
          }
        });
  }

  /** An element of x, or the 0 of the padding, which an infinite weight does not let vanish. */
  private static double padded(double[] x, int i) {
    return i < 0 ? 0 : x[i];
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] w = in[1].data();
    double[] y = out[0].data();
    forEachTerm(
        in[0].shape(), in[1].shape(), out[0].shape(), (i, j, k) -> y[k] += padded(x, i) * w[j]);
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    return quick(
        in,
        in[0].shape(),
        in[1].shape(),
        (shape, x, w) ->
            ConvKernels.forward(
                shape,
                x.data(),
                x.at(),
                w.data(),
                w.at(),
                CpuStorage.floats(out[0]),
                offset(out[0])));
  }

  @FunctionalInterface
  private interface Quick {
    void run(ConvKernels.Shape shape, Floats first, Floats second);
  }

  private boolean quick(Operand[] in, Shape x, Shape w, Quick kernel) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    ConvKernels.Shape shape =
        new ConvKernels.Shape(
            (int) x.size(0),
            groups,
            (int) w.size(0),
            sliding.geometry((int) w.size(1), spatial(x), spatial(w)));
    kernel.run(shape, Floats.of(in[0]), Floats.of(in[1]));
    return true;
  }

  private static int offset(Operand operand) {
    return (int) operand.layout().offset();
  }

  /** Two for each product: the same for all three ops. */
  private double flop(Shape w, Shape y) {
    return 2.0 * y.count() * w.slice(1, w.rank()).count();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return flop(in[1].shape(), out[0].shape());
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {
      saved.needs(0) ? inputGrad(saved.meta(0), dy[0], saved.input(1)) : null,
      saved.needs(1) ? weightGrad(saved.meta(1), saved.input(0), dy[0]) : null
    };
  }

  private Tensor inputGrad(Meta x, Tensor dy, Tensor w) {
    return new InputGrad(this, x.shape()).apply(dy, w);
  }

  private Tensor weightGrad(Meta w, Tensor x, Tensor dy) {
    return new WeightGrad(this, w.shape()).apply(x, dy);
  }

  /** The shape of dy must be the one that x and w give. */
  private Meta[] inferGrad(Op op, Shape x, Shape w, Meta dy, Meta result, Meta... in) {
    Require.sameDtype(op, in);
    Require.floating(op, in[0]);
    Shape y = output(op.name(), x, w);
    if (!dy.shape().equals(y)) {
      throw new IllegalArgumentException(
          op.name() + ": dy is " + dy.shape() + ", but " + x + " and filters " + w + " give " + y);
    }
    return new Meta[] {result};
  }

  static OpSpec spec() {
    return OpSpec.of(new Conv(Sliding.over(1), 1))
        .formula("y[n, f, o] = Σ_c Σ_k x[n, c, o·stride + k·dilation − padding]·w[f, c, k]")
        .gradient("dx = InputGrad(dy, w), dw = WeightGrad(x, dy)")
        .sums(in -> in[1].shape().slice(1, in[1].rank()).count())
        .example(PLAIN_1D, Draw.normal(2, 1, 11), Draw.normal(1, 1, 2))
        .example(PLAIN_1D, Draw.normal(1, 1, 1), Draw.normal(1, 1, 1))
        .example(PLAIN_1D, Draw.normal(0, 2, 5), Draw.normal(3, 2, 2))
        .example(PLAIN_2D, Draw.normal(2, 3, 6, 5), Draw.normal(4, 3, 3, 2))
        .example(PLAIN_2D, Draw.normal(2, 1, 16, 16), Draw.normal(32, 1, 5, 5))
        .example(FULL_2D, Draw.normal(2, 4, 6, 7), Draw.normal(6, 2, 3, 2))
        .example(FULL_3D, Draw.normal(1, 2, 4, 3, 5), Draw.normal(2, 2, 2, 2, 3))
        .example(
            new Conv(Sliding.over(1).withPadding(2), 1), Draw.normal(1, 2, 1), Draw.normal(3, 2, 3))
        .example("one step", t -> of(t[0], t[1]), Draw.normal(1, 2, 129), Draw.normal(3, 2, 3))
        .rejects(
            () -> of(Tensor.zeros(8, 3, 32, 32), Tensor.zeros(6, 1, 5, 5)),
            "conv: [8, 3, 32, 32] has 3 channels; filters [6, 1, 5, 5] in 1 group take 1")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4, 4), Tensor.zeros(1, 1, 5, 5)),
            "conv: a window of [5, 5] does not fit into [4, 4] with padding [0, 0] and dilation [1,"
                + " 1]")
        .rejects(
            () -> of(Tensor.zeros(1, 4, 4), Tensor.zeros(1, 1, 5, 5)),
            "conv: [1, 4, 4] and filters [1, 1, 5, 5] must have 3 axes: [N, C, 1 spatial] and"
                + " [F, C / groups, 1 spatial]")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4), Tensor.zeros(1, 1, 2).to(DType.F64)),
            "conv: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () ->
                of(Tensor.zeros(1, 1, 4), Tensor.zeros(1, 1, 2), Sliding.over(1).withStride(0), 1),
            "sliding: stride [0] and dilation [1] must be at least 1, padding [0] at least 0")
        .rejects(
            () ->
                of(
                    Tensor.zeros(1, 1, 4),
                    Tensor.zeros(1, 1, 2),
                    Sliding.over(1).withStride(1, 2),
                    1),
            "sliding: stride [1, 2], padding [0] and dilation [1] must have one number per spatial"
                + " axis")
        .build();
  }

  private static final Conv PLAIN_1D = new Conv(Sliding.over(1), 1);
  private static final Conv PLAIN_2D = new Conv(Sliding.over(2), 1);
  private static final Conv FULL_2D =
      new Conv(Sliding.over(2).withStride(2, 1).withPadding(1, 2).withDilation(1, 2), 2);
  private static final Conv FULL_3D =
      new Conv(Sliding.over(3).withStride(1, 2, 1).withPadding(1), 1);

  /**
   * dx[n, c, i] = Σ over all (f, k, o) with o·stride + k·dilation − padding = i of dy[n, f, o] ·
   * w[f, c, k]: the gradient of {@link Conv} in x, of shape {@code input}; also called transposed
   * convolution. Its gradient: d(dy) = Conv(g, w), dw = WeightGrad(g, dy).
   */
  public record InputGrad(Conv conv, Shape input) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return conv.inferGrad(this, input, in[1].shape(), in[0], in[0].with(input), in);
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] dy = in[0].data();
      double[] w = in[1].data();
      double[] dx = out[0].data();
      conv.forEachTerm(
          input,
          in[1].shape(),
          in[0].shape(),
          (i, j, k) -> {
            if (i >= 0) {
              dx[i] += dy[k] * w[j];
            }
          });
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      return conv.quick(
          in,
          input,
          in[1].shape(),
          (shape, dy, w) ->
              ConvKernels.inputGrad(
                  shape,
                  dy.data(),
                  dy.at(),
                  w.data(),
                  w.at(),
                  CpuStorage.floats(out[0]),
                  offset(out[0])));
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return conv.flop(in[1].shape(), in[0].shape());
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      return new Tensor[] {
        saved.needs(0) ? conv.apply(g[0], saved.input(1)) : null,
        saved.needs(1) ? conv.weightGrad(saved.meta(1), g[0], saved.input(0)) : null
      };
    }

    static OpSpec spec() {
      return OpSpec.of(new InputGrad(PLAIN_1D, Shape.SCALAR))
          .formula(
              "dx[n, c, i] = Σ dy[n, f, o]·w[f, c, k] over o·stride + k·dilation − padding = i")
          .gradient("d(dy) = Conv(g, w), dw = WeightGrad(g, dy)")
          .sums(in -> in[1].shape().count())
          .example(
              new InputGrad(PLAIN_1D, Shape.of(2, 2, 5)),
              Draw.normal(2, 3, 4),
              Draw.normal(3, 2, 2))
          .example(
              new InputGrad(PLAIN_1D, Shape.of(0, 2, 5)),
              Draw.normal(0, 3, 4),
              Draw.normal(3, 2, 2))
          .example(
              new InputGrad(PLAIN_2D, Shape.of(2, 3, 6, 5)),
              Draw.normal(2, 4, 4, 4),
              Draw.normal(4, 3, 3, 2))
          .example(
              new InputGrad(FULL_2D, Shape.of(2, 4, 6, 7)),
              Draw.normal(2, 6, 3, 9),
              Draw.normal(6, 2, 3, 2))
          .example(
              new InputGrad(FULL_3D, Shape.of(1, 2, 4, 3, 5)),
              Draw.normal(1, 2, 5, 2, 5),
              Draw.normal(2, 2, 2, 2, 3))
          .rejects(
              () ->
                  new InputGrad(PLAIN_1D, Shape.of(2, 2, 5))
                      .apply(Tensor.zeros(2, 3, 3), Tensor.zeros(3, 2, 2)),
              "conv.input_grad: dy is [2, 3, 3], but [2, 2, 5] and filters [3, 2, 2] give [2, 3,"
                  + " 4]")
          .build();
    }
  }

  /**
   * dw[f, c, k] = Σₙ Σₒ x[n, c, o·stride + k·dilation − padding] · dy[n, f, o]: the gradient of
   * {@link Conv} in w, of shape {@code filters}. Its gradient: dx = InputGrad(dy, g), d(dy) =
   * Conv(x, g).
   */
  public record WeightGrad(Conv conv, Shape filters) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return conv.inferGrad(this, in[0].shape(), filters, in[1], in[0].with(filters), in);
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] x = in[0].data();
      double[] dy = in[1].data();
      double[] dw = out[0].data();
      conv.forEachTerm(
          in[0].shape(), filters, in[1].shape(), (i, j, k) -> dw[j] += padded(x, i) * dy[k]);
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      return conv.quick(
          in,
          in[0].shape(),
          filters,
          (shape, x, dy) ->
              ConvKernels.weightGrad(
                  shape,
                  x.data(),
                  x.at(),
                  dy.data(),
                  dy.at(),
                  CpuStorage.floats(out[0]),
                  offset(out[0])));
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return conv.flop(filters, in[1].shape());
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      return new Tensor[] {
        saved.needs(0) ? conv.inputGrad(saved.meta(0), saved.input(1), g[0]) : null,
        saved.needs(1) ? conv.apply(saved.input(0), g[0]) : null
      };
    }

    static OpSpec spec() {
      return OpSpec.of(new WeightGrad(PLAIN_1D, Shape.SCALAR))
          .formula("dw[f, c, k] = Σₙ Σₒ x[n, c, o·stride + k·dilation − padding]·dy[n, f, o]")
          .gradient("dx = InputGrad(dy, g), d(dy) = Conv(x, g)")
          .sums(in -> in[1].shape().count())
          .example(
              new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2)),
              Draw.normal(2, 2, 5),
              Draw.normal(2, 3, 4))
          .example(
              new WeightGrad(PLAIN_2D, Shape.of(4, 3, 3, 2)),
              Draw.normal(2, 3, 6, 5),
              Draw.normal(2, 4, 4, 4))
          .example(
              new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2)),
              Draw.normal(0, 2, 5),
              Draw.normal(0, 3, 4))
          .example(
              new WeightGrad(FULL_2D, Shape.of(6, 2, 3, 2)),
              Draw.normal(2, 4, 6, 7),
              Draw.normal(2, 6, 3, 9))
          .example(
              new WeightGrad(FULL_3D, Shape.of(2, 2, 2, 2, 3)),
              Draw.normal(1, 2, 4, 3, 5),
              Draw.normal(1, 2, 5, 2, 5))
          .rejects(
              () ->
                  new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2))
                      .apply(Tensor.zeros(2, 2, 5), Tensor.zeros(2, 3, 3)),
              "conv.weight_grad: dy is [2, 3, 3], but [2, 2, 5] and filters [3, 2, 2] give [2, 3,"
                  + " 4]")
          .build();
    }
  }
}
