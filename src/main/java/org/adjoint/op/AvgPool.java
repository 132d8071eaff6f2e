package org.adjoint.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.AvgPoolKernels;
import org.adjoint.backend.cpu.Floats;
import org.adjoint.backend.cuda.PoolVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y[n, c, o] = Σ x[n, c, i] / count over the cells i of window o, over n spatial axes. Gradient:
 * {@link InputGrad}, which hands each window's dy / count to its cells; the two are each other's
 * gradients.
 */
public record AvgPool(Windows windows) implements Op {
  /** Windows of {@code kernel}, one size per spatial axis or one for all, side by side. */
  public static Tensor of(Tensor x, int... kernel) {
    int axes = Math.max(1, x.rank() - 2);
    return of(x, Sliding.over(axes).withStride(kernel), false, true, kernel);
  }

  /**
   * Windows of {@code kernel}, one size per spatial axis or one for all; {@code ceil} and {@code
   * countPadding} as in {@link Windows.Moving}.
   */
  public static Tensor of(
      Tensor x, Sliding sliding, boolean ceil, boolean countPadding, int... kernel) {
    List<Integer> sizes =
        kernel.length == 1
            ? Collections.nCopies(sliding.axes(), kernel[0])
            : Arrays.stream(kernel).boxed().toList();
    return new AvgPool(new Windows.Moving(sizes, sliding, ceil, countPadding)).apply(x);
  }

  private static Shape spatial(Shape shape) {
    return shape.slice(2, shape.rank());
  }

  private Shape output(Op op, Meta x) {
    Require.floating(op, x);
    Require.rank(op, x, windows.axes() + 2, "[N, C, " + windows.axes() + " spatial]");
    return x.shape().slice(0, 2).concat(windows.output(op.name(), spatial(x.shape())));
  }

  @Override
  public Meta[] infer(Meta... in) {
    return new Meta[] {in[0].with(output(this, in[0]))};
  }

  /** Receives flat indices of an output and a cell it sees, over all planes. */
  private void forEachTerm(Shape x, Shape y, Windows.Cell term) {
    int inputs = (int) spatial(x).count();
    int outputs = (int) spatial(y).count();
    long planes = x.slice(0, 2).count();
    windows.forEachCell(
        spatial(x),
        spatial(y),
        (o, i, count) -> {
          for (int p = 0; p < planes; p++) {
            term.at(p * outputs + o, p * inputs + i, count);
          }
        });
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] y = out[0].data();
    forEachTerm(in[0].shape(), out[0].shape(), (o, i, count) -> y[o] += x[i] / count);
  }

  /** The windows row by row. */
  private AvgPoolKernels.Plan plan(Shape x, Shape y) {
    Shape input = spatial(x);
    Shape output = spatial(y);
    int last = windows.axes() - 1;
    int[][] rows = new int[(int) output.countBefore(last)][];
    double[] rowCounts = new double[rows.length];
    int columns = (int) output.size(last);
    int[] from = new int[columns];
    int[] to = new int[columns];
    double[] counts = new double[columns];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = new int[] {0};
      rowCounts[r] = 1;
      int rest = r;
      int stride = 1;
      for (int axis = last - 1; axis >= 0; axis--) {
        int size = (int) output.size(axis);
        Windows.Span span = windows.span(axis, input.size(axis), rest % size);
        int inner = stride;
        int[] seen = rows[r];
        rows[r] =
            IntStream.range((int) span.from(), (int) Math.max(span.from(), span.to()))
                .flatMap(i -> Arrays.stream(seen).map(row -> i * inner + row))
                .toArray();
        rowCounts[r] *= span.count();
        rest /= size;
        stride *= (int) input.size(axis);
      }
    }
    for (int o = 0; o < columns; o++) {
      Windows.Span span = windows.span(last, input.size(last), o);
      from[o] = (int) span.from();
      to[o] = (int) span.to();
      counts[o] = span.count();
    }
    int planeRows = (int) input.countBefore(last);
    return new AvgPoolKernels.Plan(
        rows, rowCounts, from, to, counts, planeRows, (int) input.size(last));
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    Floats x = Floats.of(in[0]);
    Floats y = Floats.of(out[0]);
    AvgPoolKernels.forward(
        plan(in[0].shape(), out[0].shape()),
        (int) in[0].shape().slice(0, 2).count(),
        x.data(),
        x.at(),
        y.data(),
        y.at());
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return PoolVariants.avg(windows::window, windows.countPadding());
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return in[0].shape().count();
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new InputGrad(this, saved.meta(0).shape()).apply(dy[0])};
  }

  private static AvgPool moving(
      List<Integer> kernel, Sliding sliding, boolean ceil, boolean countPadding) {
    return new AvgPool(new Windows.Moving(kernel, sliding, ceil, countPadding));
  }

  private static final AvgPool PAIRS = moving(List.of(2), Sliding.over(1), false, true);
  private static final AvgPool QUARTERS =
      moving(List.of(2, 2), Sliding.over(2).withStride(2), false, true);
  private static final AvgPool PADDED =
      moving(List.of(3, 2), Sliding.over(2).withStride(2).withPadding(1), true, false);
  private static final AvgPool COUNTED =
      moving(List.of(3, 3), Sliding.over(2).withStride(2, 3).withPadding(1, 0), true, true);
  private static final AvgPool EVEN = new AvgPool(new Windows.Even(List.of(3, 1, 2)));

  static OpSpec spec() {
    return OpSpec.of(PAIRS)
        .formula("y[n, c, o] = Σ x[n, c, i] / count over the cells of window o")
        .gradient("dx[n, c, i] = Σ dy[n, c, o] / count over the windows that see i")
        .means(in -> spatial(in[0].shape()).count())
        .example(PAIRS, Draw.normal(2, 1, 129))
        .example(PAIRS, Draw.normal(0, 2, 4))
        .example(PADDED, Draw.normal(2, 2, 6, 5))
        .example(COUNTED, Draw.normal(1, 2, 6, 7))
        .example(EVEN, Draw.normal(1, 2, 4, 3, 5))
        .example(
            moving(List.of(3), Sliding.over(1).withStride(2).withPadding(1), true, true),
            Draw.normal(1, 2, 128))
        .example(
            moving(List.of(2, 3, 2), Sliding.over(3).withStride(2, 3, 2), false, true),
            Draw.normal(2, 3, 4, 6, 8))
        .example(QUARTERS, Draw.normal(2, 3, 5, 16))
        .example(new AvgPool(new Windows.Even(List.of(1, 1))), Draw.normal(3, 3, 3, 4))
        .example(new AvgPool(new Windows.Even(List.of(1, 1))), Draw.normal(2, 2, 33, 31))
        .example("by 3", t -> of(t[0], 3), Draw.normal(1, 2, 7, 6))
        .example("by 1", t -> of(t[0], 1), Draw.normal(1, 1, 1))
        .rejects(
            () -> of(Tensor.zeros(1, 1, 2, 2), 3),
            "avg_pool: a window of [3, 3] does not fit into [2, 2] with padding [0, 0] and dilation"
                + " [1, 1]")
        .rejects(
            () -> of(Tensor.zeros(4, 4), 2),
            "avg_pool: [4, 4] has 2 axes where [N, C, 1 spatial] is expected")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 9), Sliding.over(1).withDilation(2), false, true, 2),
            "avg_pool: a dilation of [2] is not known here; use Conv")
        .build();
  }

  /** dx[n, c, i] = Σ dy[n, c, o] / count over the windows o that see i, for x of {@code input}. */
  public record InputGrad(AvgPool pool, Shape input) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Meta x = in[0].with(input);
      Shape y = pool.output(this, x);
      if (!in[0].shape().equals(y)) {
        throw new IllegalArgumentException(
            name() + ": dy is " + in[0].shape() + ", but " + input + " is pooled to " + y);
      }
      return new Meta[] {x};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] dy = in[0].data();
      double[] dx = out[0].data();
      pool.forEachTerm(input, in[0].shape(), (o, i, count) -> dx[i] += dy[o] / count);
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32) {
        return false;
      }
      Floats dy = Floats.of(in[0]);
      Floats dx = Floats.of(out[0]);
      AvgPoolKernels.inputGrad(
          pool.plan(input, in[0].shape()),
          (int) input.slice(0, 2).count(),
          dy.data(),
          dy.at(),
          dx.data(),
          dx.at());
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return PoolVariants.avgGrad(pool.windows::window, pool.windows.countPadding());
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      return new Tensor[] {pool.apply(g[0])};
    }

    static OpSpec spec() {
      return OpSpec.of(new InputGrad(PAIRS, Shape.of(1, 1, 2)))
          .formula("dx[n, c, i] = Σ dy[n, c, o] / count over the windows that see i")
          .gradient("d(dy) = AvgPool(g)")
          .means(in -> spatial(in[0].shape()).count())
          .example(new InputGrad(PAIRS, Shape.of(2, 1, 129)), Draw.normal(2, 1, 128))
          .example(new InputGrad(PAIRS, Shape.of(0, 2, 4)), Draw.normal(0, 2, 3))
          .example(new InputGrad(PADDED, Shape.of(2, 2, 6, 5)), Draw.normal(2, 2, 4, 3))
          .example(new InputGrad(EVEN, Shape.of(1, 2, 4, 3, 5)), Draw.normal(1, 2, 3, 1, 2))
          .example(new InputGrad(QUARTERS, Shape.of(2, 3, 5, 16)), Draw.normal(2, 3, 2, 8))
          .rejects(
              () -> new InputGrad(PAIRS, Shape.of(1, 1, 4)).apply(Tensor.zeros(1, 1, 4)),
              "avg_pool.input_grad: dy is [1, 1, 4], but [1, 1, 4] is pooled to [1, 1, 3]")
          .build();
    }
  }
}
