package org.adjoint.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cpu.MaxPoolKernels;
import org.adjoint.backend.cpu.ScatterKernels;
import org.adjoint.backend.cuda.PoolVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y[n, c, o] = max over the taps k of x[n, c, o·stride + k·dilation − padding], over n spatial
 * axes; padding never wins, the first of equal maxima does, and a NaN wins over all. Gradient:
 * {@link InputGrad} brings dy to the place of the maximum, which a second output remembers as a
 * flat index into x's plane.
 *
 * @param kernel sizes of the window, one per spatial axis
 * @param sliding how the window moves
 * @param ceil whether a last window may reach beyond the padded input, as long as it starts before
 *     the input's end; else what is left over there is not seen
 */
public record MaxPool(List<Integer> kernel, Sliding sliding, boolean ceil) implements Op {
  /** Checks that the window has as many axes as its steps, and is not mostly padding. */
  public MaxPool {
    requireWindow("max_pool", kernel, sliding);
  }

  /** The rules for windows of all pooling. */
  static void requireWindow(String op, List<Integer> kernel, Sliding sliding) {
    if (kernel.size() != sliding.axes() || Collections.min(kernel) < 1) {
      throw new IllegalArgumentException(
          op + ": a window of " + kernel + " must have " + sliding.axes() + " sizes above 0");
    }
    for (int axis = 0; axis < kernel.size(); axis++) {
      if (2L * sliding.padding().get(axis) > sliding.reach(axis, kernel.get(axis))) {
        throw new IllegalArgumentException(
            op + ": padding " + sliding.padding() + " is more than half of the window " + kernel);
      }
    }
  }

  /** Windows of {@code kernel}, one size per spatial axis or one for all, side by side. */
  public static Tensor of(Tensor x, int... kernel) {
    int axes = Math.max(1, x.rank() - 2);
    int[] sizes =
        kernel.length == 1
            ? Collections.nCopies(axes, kernel[0]).stream().mapToInt(i -> i).toArray()
            : kernel;
    return of(x, Sliding.over(axes).withStride(sizes), sizes);
  }

  /** Windows of {@code kernel}, one size per spatial axis, that move as {@code sliding} says. */
  public static Tensor of(Tensor x, Sliding sliding, int... kernel) {
    return of(x, sliding, false, kernel);
  }

  /** As above, with {@code ceil} also over what whole windows leave over at the end. */
  public static Tensor of(Tensor x, Sliding sliding, boolean ceil, int... kernel) {
    return picked(x, sliding, ceil, kernel).values();
  }

  /**
   * The maxima, and where each was: I64, a flat index into x's plane. {@link MaxUnpool} puts values
   * back there.
   */
  public static Picked picked(Tensor x, Sliding sliding, boolean ceil, int... kernel) {
    return Picked.of(
        Tensor.apply(new MaxPool(Arrays.stream(kernel).boxed().toList(), sliding, ceil), x));
  }

  private Shape window() {
    return Shape.of(kernel.stream().mapToLong(i -> i).toArray());
  }

  private static Shape spatial(Shape shape) {
    return shape.slice(2, shape.rank());
  }

  @Override
  public Meta[] infer(Meta... in) {
    Meta y = in[0].with(output(this, in[0]));
    return new Meta[] {y, y.with(DType.I64)};
  }

  private Shape output(Op op, Meta in) {
    Require.floating(op, in);
    Shape x = in.shape();
    Require.rank(op, in, kernel.size() + 2, "[N, C, " + kernel.size() + " spatial]");
    Shape y = x.slice(0, 2).concat(sliding.output(op.name(), spatial(x), window(), ceil));
    for (int axis = 0; axis < kernel.size(); axis++) {
      if (sliding.padding().get(axis) > 0 && sliding.dilation().get(axis) > x.size(axis + 2)) {
        throw new IllegalArgumentException(
            op.name()
                + ": with padding "
                + sliding.padding()
                + " and dilation "
                + sliding.dilation()
                + " a window may miss all of "
                + spatial(x));
      }
    }
    return y;
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] y = out[0].data();
    double[] index = out[1].data();
    Shape input = spatial(in[0].shape());
    Shape output = spatial(out[0].shape());
    int planes = (int) in[0].shape().slice(0, 2).count();
    Arrays.fill(index, -1);
    sliding.forEachTap(
        input,
        window(),
        output,
        (o, k, i) -> {
          for (int p = 0; p < planes && i >= 0; p++) {
            int to = p * (int) output.count() + o;
            double candidate = x[p * (int) input.count() + i];
            if (index[to] < 0 || candidate > y[to] || Double.isNaN(candidate)) {
              y[to] = candidate;
              index[to] = i;
            }
          }
        });
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    Shape floor = sliding.output(name(), spatial(in[0].shape()), window());
    if (in[0].dtype() != DType.F32 || !floor.equals(spatial(out[0].shape()))) {
      return false;
    }
    Operand x = CpuBackend.contiguous(in[0]);
    MaxPoolKernels.forward(
        sliding.geometry((int) x.shape().slice(0, 2).count(), spatial(x.shape()), window()),
        CpuStorage.floats(x),
        CpuStorage.at(x),
        CpuStorage.floats(out[0]),
        CpuStorage.at(out[0]),
        CpuStorage.longs(out[1]),
        CpuStorage.at(out[1]));
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return PoolVariants.max((x, y) -> sliding.window(x, window(), y));
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return (double) out[0].shape().count() * window().count();
  }

  @Override
  public Keep keep() {
    return Keep.outputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new InputGrad(this, saved.meta(0).shape()).apply(dy[0], saved.output(1))};
  }

  /** Each element of dy at its place, among zeros of shape {@code x}. */
  static Tensor inPlace(Shape x, Tensor dy, Tensor index) {
    return new Gather.ScatterAdd(2, spatial(x).count())
        .apply(dy.flatten(2), index.flatten(2))
        .reshape(x.toArray());
  }

  static OpSpec spec() {
    Sliding full = Sliding.over(2).withStride(2, 1).withPadding(1, 0).withDilation(1, 2);
    return OpSpec.of(new MaxPool(List.of(1), Sliding.over(1), false))
        .formula("y[n, c, o] = maxₖ x[n, c, o·stride + k·dilation − padding]")
        .gradient("dx[n, c, argmax] += dy[n, c, o]")
        .example("by 3", t -> of(t[0], 3), Draw.apart(2, 1, 129))
        .example("by 2", t -> of(t[0], 2), Draw.apart(2, 3, 4, 5))
        .example("by 1", t -> of(t[0], 1), Draw.apart(1, 1, 1))
        .example("by 2", t -> of(t[0], 2), Draw.apart(0, 2, 4))
        .example(new MaxPool(List.of(3, 2), full, false), Draw.apart(2, 2, 6, 7))
        .example(
            new MaxPool(List.of(2, 2, 2), Sliding.over(3).withPadding(1, 0, 1), false),
            Draw.apart(1, 2, 3, 4, 2))
        .example(
            new MaxPool(List.of(3, 3), Sliding.over(2).withStride(2), true), Draw.apart(2, 2, 6, 7))
        .example(
            new MaxPool(List.of(2), Sliding.over(1).withStride(3).withPadding(1), true),
            Draw.apart(1, 2, 128))
        .example(
            new MaxPool(List.of(2, 2), Sliding.over(2).withStride(2), false),
            Draw.apart(2, 3, 5, 16))
        .example(new MaxPool(List.of(5, 7), Sliding.over(2), false), Draw.apart(3, 3, 5, 7))
        .rejects(
            () -> of(Tensor.zeros(1, 1, 2, 2), 3),
            "max_pool: a window of [3, 3] does not fit into [2, 2] with padding [0, 0] and dilation"
                + " [1, 1]")
        .rejects(
            () -> of(Tensor.zeros(4, 4), 2),
            "max_pool: [4, 4] has 2 axes where [N, C, 1 spatial] is expected")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4), Sliding.over(1).withPadding(2), 3),
            "max_pool: padding [2] is more than half of the window [3]")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 1), Sliding.over(1).withPadding(1).withDilation(2), 2),
            "max_pool: with padding [1] and dilation [2] a window may miss all of [1]")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4), Sliding.over(1), 2, 2),
            "max_pool: a window of [2, 2] must have 1 sizes above 0")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4).to(DType.I64), 2),
            "max_pool: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * dx[n, c, index[n, c, o]] += dy[n, c, o], for x of shape {@code input} and the index that {@code
   * pool} remembered of x. Its gradient: d(dy) takes the elements of g from those places.
   *
   * <p>An index outside the plane is refused. One of a cell that its window does not see, which no
   * pooling gives, is refused by the reference alone: else its element is added there on the CPU,
   * and left out on a GPU, whose cells ask the windows that see them.
   */
  public record InputGrad(MaxPool pool, Shape input) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.sameDevice(this, in);
      Require.index(this, in[1]);
      Meta x = in[0].with(input);
      Shape y = pool.output(this, x);
      if (!in[0].shape().equals(y) || !in[1].shape().equals(y)) {
        throw new IllegalArgumentException(
            "%s: dy is %s and the index %s, but %s is pooled to %s"
                .formatted(name(), in[0].shape(), in[1].shape(), input, y));
      }
      return new Meta[] {x};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] dy = in[0].data();
      double[] dx = out[0].data();
      int inputs = (int) spatial(input).count();
      int outputs = (int) spatial(in[0].shape()).count();
      for (int i = 0; i < dy.length; i++) {
        int place = Require.inRange(this, in[1].data()[i], inputs, i);
        if (!isSeen(place, i % outputs, spatial(in[0].shape()))) {
          throw new IndexOutOfBoundsException(
              name() + ": index " + place + " at element " + i + " lies outside its window");
        }
        dx[i / outputs * inputs + place] += dy[i];
      }
    }

    /** Whether cell {@code i} of a plane is one that window {@code o} sees. */
    private boolean isSeen(int i, int o, Shape windows) {
      int cell = i;
      int window = o;
      for (int axis = windows.rank() - 1; axis >= 0; axis--) {
        long from = window % windows.size(axis) * pool.sliding.stride().get(axis);
        long tap = cell % input.size(axis + 2) - from + pool.sliding.padding().get(axis);
        int dilation = pool.sliding.dilation().get(axis);
        if (tap < 0 || tap % dilation != 0 || tap / dilation >= pool.kernel.get(axis)) {
          return false;
        }
        window /= (int) windows.size(axis);
        cell /= (int) input.size(axis + 2);
      }
      return true;
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32 || in[1].dtype() != DType.I64) {
        return false;
      }
      ScatterKernels.add(name(), lines(in[0]), lines(in[1]), lines(out[0]), 1);
      return true;
    }

    /** [N·C, cells]. */
    private static Operand lines(Operand operand) {
      Operand packed = CpuBackend.contiguous(operand);
      Shape shape = packed.shape();
      Shape lines = Shape.of(shape.slice(0, 2).count(), spatial(shape).count());
      return new Operand(packed.storage(), Objects.requireNonNull(packed.layout().reshape(lines)));
    }

    @Override
    public List<Variant> cuda() {
      return PoolVariants.maxGrad(name(), (x, y) -> pool.sliding.window(x, pool.window(), y));
    }

    @Override
    public Keep keep() {
      return Keep.inputs(1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor index = saved.input(1);
      Tensor taken = new Gather(2).apply(g[0].flatten(2), index.flatten(2));
      return new Tensor[] {taken.reshape(index.shape().toArray()), null};
    }

    static OpSpec spec() {
      MaxPool all = new MaxPool(List.of(5), Sliding.over(1), false);
      MaxPool plane = new MaxPool(List.of(3, 4), Sliding.over(2), false);
      MaxPool pairs = new MaxPool(List.of(2, 2), Sliding.over(2).withStride(2), false);
      MaxPool overlapping =
          new MaxPool(List.of(3, 2), Sliding.over(2).withPadding(1, 0).withDilation(1, 2), false);
      MaxPool boxes = new MaxPool(List.of(2, 2, 2), Sliding.over(3).withPadding(1, 0, 1), true);
      return OpSpec.of(new InputGrad(all, Shape.of(1, 1, 5)))
          .formula("dx[n, c, index[n, c, o]] += dy[n, c, o]")
          .gradient("d(dy)[n, c, o] = g[n, c, index[n, c, o]]")
          .sums(in -> in[0].shape().slice(2, in[0].shape().rank()).count())
          .example(
              new InputGrad(all, Shape.of(2, 3, 5)), Draw.normal(2, 3, 1), Draw.index(5, 2, 3, 1))
          .example(
              new InputGrad(all, Shape.of(0, 3, 5)), Draw.normal(0, 3, 1), Draw.index(5, 0, 3, 1))
          .example(
              new InputGrad(plane, Shape.of(2, 1, 3, 4)),
              Draw.normal(2, 1, 1, 1),
              Draw.index(12, 2, 1, 1, 1))
          .example("pairs", t -> back(pairs, t[0], 2, 3, 5, 16), Draw.normal(2, 3, 2, 8))
          .example("pairs", t -> back(pairs, t[0], 1, 1, 2, 129), Draw.normal(1, 1, 1, 64))
          .example("overlapping", t -> back(overlapping, t[0], 1, 2, 6, 5), Draw.normal(1, 2, 6, 3))
          .example("boxes", t -> back(boxes, t[0], 1, 2, 2, 3, 2), Draw.normal(1, 2, 3, 2, 3))
          .rejects(
              () ->
                  new InputGrad(all, Shape.of(1, 1, 5))
                      .apply(Tensor.zeros(1, 1, 2), Tensor.of(0L).reshape(1, 1, 1)),
              "max_pool.input_grad: dy is [1, 1, 2] and the index [1, 1, 1], but [1, 1, 5] is"
                  + " pooled to [1, 1, 1]")
          .rejects(
              () ->
                  new InputGrad(all, Shape.of(1, 1, 5))
                      .apply(Tensor.zeros(1, 1, 1), Tensor.of(5L).reshape(1, 1, 1)),
              "max_pool.input_grad: index 5 at element 0 lies outside 0 to 4")
          .build();
    }

    /** dy where {@code pool} would bring it for some x. */
    private static Tensor back(MaxPool pool, Tensor dy, long... x) {
      Shape input = Shape.of(x);
      Tensor some = Tensor.arange((int) input.count()).to(DType.F32).mul(2).sin().reshape(x);
      Tensor index = Tensor.apply(pool, some)[1];
      return new InputGrad(pool, input).apply(dy, index.to(dy.device()));
    }
  }
}
