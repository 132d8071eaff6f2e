package org.adjoint.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.LongToDoubleFunction;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Images, lines or volumes [N, C, I…] at another resolution, one spatial axis after the other. Cell
 * o of the result looks at the place s of the input, a fraction:
 *
 * <pre>
 *   nearest                  s = o / factor, and takes cell ⌊s⌋
 *   linear                   s = (o + ½) / factor − ½, not below 0
 *   linear, alignCorners     s = o · (I − 1) / (O − 1)
 *   linear, both             y = (1 − t)·x[⌊s⌋] + t·x[⌊s⌋ + 1], with t = s − ⌊s⌋
 * </pre>
 *
 * <p>Without alignCorners cells are little squares whose edges coincide, with it they are points
 * whose ends coincide. A composition of {@link IndexSelect} and weights; so linear over two axes is
 * bilinear, over three trilinear.
 */
public final class Resize {
  private Resize() {}

  /** Nearest cells, to the given spatial sizes: one per axis, or one for all. */
  public static Tensor nearest(Tensor x, long... sizes) {
    return nearest(x, Axis.to(x, sizes));
  }

  /** Nearest cells, the spatial sizes multiplied by the factors, and rounded down. */
  public static Tensor nearestBy(Tensor x, double... factors) {
    return nearest(x, Axis.by(x, factors));
  }

  /** Linear interpolation to the given spatial sizes: one per axis, or one for all. */
  public static Tensor linear(Tensor x, boolean alignCorners, long... sizes) {
    return linear(x, alignCorners, Axis.to(x, sizes));
  }

  /** Linear interpolation, the spatial sizes multiplied by the factors, and rounded down. */
  public static Tensor linearBy(Tensor x, boolean alignCorners, double... factors) {
    return linear(x, alignCorners, Axis.by(x, factors));
  }

  /**
   * One axis before and after. The quotient of {@code cells} and {@code perCells} is the distance
   * of two places; it is kept as two numbers, since o·I / O is exact where o·(I / O) is not.
   */
  private record Axis(int axis, long in, long out, double cells, double perCells) {
    static List<Axis> to(Tensor x, long... sizes) {
      return each(
          x,
          sizes.length,
          Arrays.toString(sizes),
          (axis, i) -> new Axis(axis, x.size(axis), sizes[i], x.size(axis), sizes[i]));
    }

    static List<Axis> by(Tensor x, double... factors) {
      return each(
          x,
          factors.length,
          "× " + Arrays.toString(factors),
          (axis, i) -> {
            long out = (long) Math.floor(x.size(axis) * factors[i]);
            return new Axis(axis, x.size(axis), out, 1, factors[i]);
          });
    }

    private static List<Axis> each(
        Tensor x, int given, String what, BiFunction<Integer, Integer, Axis> make) {
      int n = x.rank() - 2;
      List<Axis> axes = new ArrayList<>();
      for (int i = 0; i < n && (given == 1 || given == n); i++) {
        axes.add(make.apply(i + 2, given == 1 ? 0 : i));
      }
      if (axes.isEmpty() || axes.stream().anyMatch(a -> a.in < 1 || a.out < 1)) {
        throw new IllegalArgumentException(
            "resize: "
                + x.shape()
                + " cannot become "
                + what
                + "; name one number for all spatial axes of [N, C, spatial], or one for each, that"
                + " leave at least one cell");
      }
      return axes;
    }

    boolean isIdentity() {
      return in == out && cells == perCells;
    }

    double place(long o, double shift) {
      return (o + shift) * cells / perCells - shift;
    }

    double place(long o, boolean alignCorners) {
      if (alignCorners) {
        return out == 1 ? 0 : (double) (o * (in - 1)) / (out - 1);
      }
      return Math.max(0, place(o, 0.5));
    }

    /** x at the cells ⌊place⌋ + {@code beyond}, or at the last one. */
    Tensor select(Tensor x, double[] places, int beyond) {
      long[] index = new long[places.length];
      Arrays.setAll(index, o -> Math.min((long) Math.floor(places[o]) + beyond, in - 1));
      return x.indexSelect(axis, Tensor.of(index).to(x.device()));
    }

    double[] places(LongToDoubleFunction place) {
      double[] places = new double[Math.toIntExact(out)];
      Arrays.setAll(places, place::applyAsDouble);
      return places;
    }
  }

  private static Tensor nearest(Tensor x, List<Axis> axes) {
    Tensor y = x;
    for (Axis axis : axes) {
      if (!axis.isIdentity()) {
        y = axis.select(y, axis.places(o -> axis.place(o, 0)), 0);
      }
    }
    return y;
  }

  private static Tensor linear(Tensor x, boolean alignCorners, List<Axis> axes) {
    Require.floating("resize", x.meta());
    Tensor y = x;
    for (Axis axis : axes) {
      if (!axis.isIdentity()) {
        double[] places = axis.places(o -> axis.place(o, alignCorners));
        long[] as = new long[x.rank() - axis.axis];
        Arrays.fill(as, 1);
        as[0] = axis.out;
        double[] share = Arrays.stream(places).map(s -> s - Math.floor(s)).toArray();
        Tensor t = Tensor.of(Shape.of(as), share).to(x.dtype()).to(x.device());
        Tensor low = axis.select(y, places, 0);
        Tensor high = axis.select(y, places, 1);
        y = low.mul(t.neg().add(1)).add(high.mul(t));
      }
    }
    return y;
  }

  static OpSpec spec() {
    return OpSpec.composition("resize")
        .formula("y[o] = x[⌊s⌋], or (1 − t)·x[⌊s⌋] + t·x[⌊s⌋ + 1], at the place s of the input")
        .gradient("dx[⌊s⌋] += dy[o], or (1 − t)·dy[o] there and t·dy[o] at ⌊s⌋ + 1")
        .example("nearest", t -> nearest(t[0], 5, 2), Draw.normal(1, 2, 3, 4))
        .example("nearest line", t -> nearest(t[0], 127), Draw.normal(1, 1, 129))
        .example("nearest × 2", t -> nearestBy(t[0], 2), Draw.normal(1, 2, 2, 1, 3))
        .example("nearest × 1.5", t -> nearestBy(t[0], 1.5, 0.5), Draw.normal(1, 1, 3, 4))
        .example("linear", t -> linear(t[0], false, 5, 2), Draw.normal(1, 2, 3, 4))
        .example("linear, corners", t -> linear(t[0], true, 5, 2), Draw.normal(1, 2, 3, 4))
        .example("to one", t -> linear(t[0], true, 1), Draw.normal(2, 1, 5))
        .example("linear × 2", t -> linearBy(t[0], false, 2), Draw.normal(1, 1, 2, 3, 1))
        .example("linear × 1.7", t -> linearBy(t[0], false, 1.7), Draw.normal(1, 1, 128))
        .rejects(
            () -> nearest(Tensor.zeros(1, 1, 4), 2, 2),
            "resize: [1, 1, 4] cannot become [2, 2]; name one number for all spatial axes of [N, C,"
                + " spatial], or one for each, that leave at least one cell")
        .rejects(
            () -> linearBy(Tensor.zeros(1, 1, 3), false, 0.3),
            "resize: [1, 1, 3] cannot become × [0.3]; name one number for all spatial axes of [N,"
                + " C, spatial], or one for each, that leave at least one cell")
        .rejects(
            () -> linear(Tensor.arange(3).reshape(1, 1, 3), false, 2),
            "resize: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
