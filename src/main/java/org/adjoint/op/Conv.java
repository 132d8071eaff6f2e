package org.adjoint.op;

import java.util.List;
import java.util.stream.IntStream;
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
import org.adjoint.backend.cpu.Floats;
import org.adjoint.backend.cuda.ConvVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * Convolution over n spatial axes, which, as everywhere in this field, is cross-correlation:
 *
 * <pre>y[n, f, o] = b[f] + Σ_c Σ_k x[n, c, o·stride + k·dilation − padding] · w[f, c, k]</pre>
 *
 * <p>for x [N, C, I…], w [F, C / groups, K…] and y [N, F, O…], with 0 in the padding; filter f sees
 * the channels of its group alone. The bias b [F] may be left out.
 *
 * <p>Gradient: y is linear in x and in w, and so are its two gradients, {@link InputGrad} and
 * {@link WeightGrad}. All three are one sum of products x·w·y over the same index triples, solved
 * for another factor; so each is a gradient of the others, and none needs a fourth. A bias is the
 * weight of one more cell, which is always 1.
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

  /** The same, and b [F] added. */
  public static Tensor of(Tensor x, Tensor w, Tensor b, Sliding sliding, int groups) {
    return new Conv(sliding, groups).apply(x, w, b);
  }

  private static Shape spatial(Shape shape) {
    return shape.slice(2, shape.rank());
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDtype(this, in);
    Require.floating(this, in[0]);
    Meta y = in[0].with(output(name(), in[0].shape(), in[1].shape()));
    Shape perFilter = y.shape().slice(1, 2);
    if (in.length > 2 && !in[2].shape().equals(perFilter)) {
      throw new IllegalArgumentException(
          name()
              + ": a bias for filters "
              + in[1].shape()
              + " is "
              + perFilter
              + ", not "
              + in[2].shape());
    }
    return new Meta[] {y};
  }

  /** x convolved with w, or with w and b. */
  private Tensor apply(Tensor x, Tensor[] filters) {
    return filters.length == 1 ? apply(x, filters[0]) : apply(x, filters[0], filters[1]);
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
    int outputs = (int) spatial(out[0].shape()).count();
    for (int i = 0; i < y.length && in.length > 2; i++) {
      y[i] = in[2].data()[i / outputs % in[2].data().length];
    }
    forEachTerm(
        in[0].shape(), in[1].shape(), out[0].shape(), (i, j, k) -> y[k] += padded(x, i) * w[j]);
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    Floats bias = in.length > 2 ? Floats.of(in[2]) : null;
    ConvKernels.forward(
        sizes(in[0].shape(), in[1].shape()),
        Floats.of(in[0]),
        Floats.of(in[1]),
        bias,
        Floats.of(out[0]));
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return onGpu().forward();
  }

  private ConvVariants onGpu() {
    return new ConvVariants(sliding::window, groups);
  }

  private ConvKernels.Shape sizes(Shape x, Shape w) {
    return new ConvKernels.Shape(
        (int) x.size(0),
        groups,
        (int) w.size(0),
        sliding.geometry((int) w.size(1), spatial(x), spatial(w)));
  }

  /** Two for each product: the same for all three ops. */
  private double flop(Shape w, Shape y) {
    return 2.0 * y.count() * w.slice(1, w.rank()).count();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    double bias = in.length > 2 ? out[0].shape().count() : 0;
    return flop(in[1].shape(), out[0].shape()) + bias;
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor dx = saved.needs(0) ? inputGrad(saved.meta(0), dy[0], saved.input(1)) : null;
    if (saved.count() == 2) {
      Tensor dw = saved.needs(1) ? weightGrad(saved.meta(1), saved.input(0), dy[0]) : null;
      return new Tensor[] {dx, dw};
    }
    if (!saved.needs(1)) {
      return new Tensor[] {dx, null, saved.needs(2) ? biasGrad(dy[0]) : null};
    }
    Tensor[] both =
        Tensor.apply(new WeightGrad(this, saved.meta(1).shape(), true), saved.input(0), dy[0]);
    return new Tensor[] {dx, both[0], both[1]};
  }

  private Tensor inputGrad(Meta x, Tensor dy, Tensor w) {
    return new InputGrad(this, x.shape()).apply(dy, w);
  }

  private Tensor weightGrad(Meta w, Tensor x, Tensor dy) {
    return new WeightGrad(this, w.shape(), false).apply(x, dy);
  }

  /** Σ dy over images and positions. */
  private static Tensor biasGrad(Tensor dy) {
    int[] axes = IntStream.range(0, dy.rank()).filter(axis -> axis != 1).toArray();
    return dy.sum(axes);
  }

  /** The shape of dy must be the one that x and w give. */
  private void requireGrad(Op op, Shape x, Shape w, Meta dy, Meta... in) {
    Require.sameDtype(op, in);
    Require.floating(op, in[0]);
    Shape y = output(op.name(), x, w);
    if (!dy.shape().equals(y)) {
      throw new IllegalArgumentException(
          op.name() + ": dy is " + dy.shape() + ", but " + x + " and filters " + w + " give " + y);
    }
  }

  static OpSpec spec() {
    return OpSpec.of(new Conv(Sliding.over(1), 1))
        .broadcast(1, 2)
        .formula("y[n, f, o] = b[f] + Σ_c Σ_k x[n, c, o·stride + k·dilation − padding]·w[f, c, k]")
        .gradient("dx = InputGrad(dy, w), dw and db = WeightGrad(x, dy)")
        .sums(in -> 1 + in[1].shape().slice(1, in[1].rank()).count())
        .example(PLAIN_1D, Draw.normal(2, 1, 11), Draw.normal(1, 1, 2))
        .example(PLAIN_1D, Draw.normal(1, 1, 1), Draw.normal(1, 1, 1))
        .example(PLAIN_1D, Draw.normal(0, 2, 5), Draw.normal(3, 2, 2))
        .example(PLAIN_2D, Draw.normal(2, 3, 6, 5), Draw.normal(4, 3, 3, 2))
        .example(PLAIN_2D, Draw.normal(2, 1, 16, 16), Draw.normal(32, 1, 5, 5))
        .example(PLAIN_2D, Draw.normal(3, 1, 24, 24), Draw.normal(3, 1, 5, 5), Draw.normal(3))
        .example(
            new Conv(Sliding.over(2).withStride(2).withPadding(1), 1),
            Draw.normal(2, 3, 7, 11),
            Draw.normal(9, 3, 3, 3))
        .example(FULL_2D, Draw.normal(2, 4, 6, 7), Draw.normal(6, 2, 3, 2))
        .example(FULL_2D, Draw.normal(17, 4, 6, 7), Draw.normal(6, 2, 3, 2), Draw.normal(6))
        .example(PLAIN_1D, Draw.normal(0, 2, 5), Draw.normal(3, 2, 2), Draw.normal(3))
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
                of(
                    Tensor.zeros(1, 1, 4),
                    Tensor.zeros(3, 1, 2),
                    Tensor.zeros(2),
                    Sliding.over(1),
                    1),
            "conv: a bias for filters [3, 1, 2] is [3], not [2]")
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
      conv.requireGrad(this, input, in[1].shape(), in[0], in);
      return new Meta[] {in[0].with(input)};
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
      if (in[0].dtype() != DType.F32) {
        return false;
      }
      ConvKernels.inputGrad(
          conv.sizes(input, in[1].shape()), Floats.of(in[0]), Floats.of(in[1]), Floats.of(out[0]));
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return conv.onGpu().inputGrad();
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
          .broadcast(1)
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
   * {@link Conv} in w, of shape {@code filters}; and, with {@code bias}, db[f] = Σₙ Σₒ dy[n, f, o].
   * Its gradient: dx = InputGrad(dy, g), d(dy) = Conv(x, g), g being those in dw and db.
   */
  public record WeightGrad(Conv conv, Shape filters, boolean bias) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      conv.requireGrad(this, in[0].shape(), filters, in[1], in);
      Meta dw = in[0].with(filters);
      return bias ? new Meta[] {dw, in[0].with(filters.slice(0, 1))} : new Meta[] {dw};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] x = in[0].data();
      double[] dy = in[1].data();
      double[] dw = out[0].data();
      conv.forEachTerm(
          in[0].shape(), filters, in[1].shape(), (i, j, k) -> dw[j] += padded(x, i) * dy[k]);
      int outputs = (int) spatial(in[1].shape()).count();
      for (int i = 0; i < dy.length && bias; i++) {
        out[1].data()[i / outputs % out[1].data().length] += dy[i];
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32) {
        return false;
      }
      Floats db = bias ? Floats.of(out[1]) : null;
      ConvKernels.weightGrad(
          conv.sizes(in[0].shape(), filters),
          Floats.of(in[0]),
          Floats.of(in[1]),
          Floats.of(out[0]),
          db);
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return conv.onGpu().weightGrad();
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return conv.flop(filters, in[1].shape()) + (bias ? in[1].shape().count() : 0);
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      return new Tensor[] {
        saved.needs(0) ? conv.inputGrad(saved.meta(0), saved.input(1), g[0]) : null,
        saved.needs(1) ? conv.apply(saved.input(0), g) : null
      };
    }

    static OpSpec spec() {
      return OpSpec.of(new WeightGrad(PLAIN_1D, Shape.SCALAR, false))
          .formula(
              "dw[f, c, k] = Σₙ Σₒ x[n, c, o·stride + k·dilation − padding]·dy[n, f, o]; "
                  + "db[f] = Σₙ Σₒ dy[n, f, o]")
          .gradient("dx = InputGrad(dy, g), d(dy) = Conv(x, g)")
          .sums(in -> in[1].shape().count())
          .example(
              new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2), false),
              Draw.normal(2, 2, 5),
              Draw.normal(2, 3, 4))
          .example(
              new WeightGrad(PLAIN_2D, Shape.of(4, 3, 3, 2), false),
              Draw.normal(2, 3, 6, 5),
              Draw.normal(2, 4, 4, 4))
          .example(
              new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2), false),
              Draw.normal(0, 2, 5),
              Draw.normal(0, 3, 4))
          .example(
              new WeightGrad(FULL_2D, Shape.of(6, 2, 3, 2), false),
              Draw.normal(2, 4, 6, 7),
              Draw.normal(2, 6, 3, 9))
          .example(
              new WeightGrad(FULL_3D, Shape.of(2, 2, 2, 2, 3), false),
              Draw.normal(1, 2, 4, 3, 5),
              Draw.normal(1, 2, 5, 2, 5))
          .example(
              new WeightGrad(PLAIN_2D, Shape.of(3, 1, 5, 5), true),
              Draw.normal(3, 1, 12, 12),
              Draw.normal(3, 3, 8, 8))
          .example(
              new WeightGrad(
                  new Conv(Sliding.over(2).withStride(2).withPadding(1), 1),
                  Shape.of(5, 3, 3, 3),
                  true),
              Draw.normal(2, 3, 7, 11),
              Draw.normal(2, 5, 4, 6))
          .example(
              new WeightGrad(FULL_2D, Shape.of(6, 2, 3, 2), true),
              Draw.normal(2, 4, 6, 7),
              Draw.normal(2, 6, 3, 9))
          .example(
              new WeightGrad(PLAIN_1D, Shape.of(33, 2, 2), true),
              Draw.normal(5, 2, 5),
              Draw.normal(5, 33, 4))
          .example(
              new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2), true),
              Draw.normal(0, 2, 5),
              Draw.normal(0, 3, 4))
          .rejects(
              () ->
                  new WeightGrad(PLAIN_1D, Shape.of(3, 2, 2), false)
                      .apply(Tensor.zeros(2, 2, 5), Tensor.zeros(2, 3, 3)),
              "conv.weight_grad: dy is [2, 3, 3], but [2, 2, 5] and filters [3, 2, 2] give [2, 3,"
                  + " 4]")
          .build();
    }
  }
}
