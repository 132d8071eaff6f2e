package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec.Example;

/** Values for the inputs of an example; the same ones every time. */
public final class Inputs {
  private static final long SEED = 2026;

  private final List<Draw> draws;
  private final List<double[]> values;

  private Inputs(List<Draw> draws, List<double[]> values) {
    this.draws = draws;
    this.values = values;
  }

  /** Values as the example's draws say, each of them an F32. */
  public static Inputs fair(Example example) {
    return drawn(example, Inputs::fair);
  }

  /**
   * Integers from ±1 to ±4 (all distinct where the draw keeps them apart, and from −1 to 1 where it
   * stays inside the unit interval): F32 sums are exact.
   */
  public static Inputs integers(Example example) {
    return drawn(example, Inputs::integers);
  }

  /** Tensors that nobody drew. */
  static Inputs given(Tensor... tensors) {
    List<Draw> draws =
        Arrays.stream(tensors)
            .map(x ->
                switch (x.dtype()) {
                  case BOOL -> Draw.mask(x.shape());
                  case I64, I32, U8 -> new Draw(Draw.Kind.INDEX, x.shape(), Long.MAX_VALUE);
                  default -> Draw.normal(x.shape());
                })
            .toList();
    return new Inputs(draws, Arrays.stream(tensors).map(Tensor::toDoubles).toList());
  }

  private interface Way {
    double[] draw(Draw draw, Philox random, int n);
  }

  private static Inputs drawn(Example example, Way way) {
    Philox random = random(example.label());
    List<double[]> values = new ArrayList<>();
    for (Draw draw : example.inputs()) {
      int n = Math.toIntExact(draw.shape().count());
      values.add(way.draw(draw, random, n));
    }
    return new Inputs(example.inputs(), values);
  }

  /** Random numbers that belong to {@code label}: no example's depend on another's. */
  static Philox random(String label) {
    return new Philox(SEED, label.hashCode());
  }

  private static double[] fair(Draw draw, Philox random, int n) {
    double[] x = new double[n];
    switch (draw.kind()) {
      case NORMAL -> Arrays.setAll(x, i -> (float) random.nextGaussian());
      case POSITIVE -> Arrays.setAll(x, i -> (float) (0.5 + 1.5 * random.nextDouble()));
      case APART -> {
        int[] order = random.permutation(n);
        Arrays.setAll(x, i -> apart(order[i], n) / 8.0);
      }
      case BETWEEN -> {
        int[] order = random.permutation(n);
        Arrays.setAll(x, i -> (2 * (order[i] - n / 2) + 1) / 16.0);
      }
      case UNIT -> Arrays.setAll(x, i -> (float) (1.5 * random.nextDouble() - 0.75));
      case WEIGHT -> {
        double largest = 1 / Math.sqrt(draw.shape().size(-1));
        Arrays.setAll(x, i -> (float) (largest * (2 * random.nextDouble() - 1)));
      }
      case INDEX -> Arrays.setAll(x, i -> random.nextInt((int) draw.limit()));
      case PAIRS -> Arrays.setAll(x, i -> pairs(draw, random, i));
      case MASK -> Arrays.setAll(x, i -> random.nextInt(2));
    }
    return x;
  }

  private static double[] integers(Draw draw, Philox random, int n) {
    double[] x = new double[n];
    switch (draw.kind()) {
      case NORMAL ->
          Arrays.setAll(x, i -> (1 + random.nextInt(4)) * (random.nextInt(2) == 0 ? -1 : 1));
      case POSITIVE -> Arrays.setAll(x, i -> 1 + random.nextInt(4));
      case APART, BETWEEN -> {
        int[] order = random.permutation(n);
        Arrays.setAll(x, i -> apart(order[i], n));
      }
      case UNIT, WEIGHT -> Arrays.setAll(x, i -> random.nextInt(3) - 1);
      case INDEX -> Arrays.setAll(x, i -> random.nextInt((int) draw.limit()));
      case PAIRS -> Arrays.setAll(x, i -> pairs(draw, random, i));
      case MASK -> Arrays.setAll(x, i -> random.nextInt(2));
    }
    return x;
  }

  /** The place of a cell of window {@code i}. */
  private static double pairs(Draw draw, Philox random, int i) {
    int rows = Math.toIntExact(draw.shape().size(-2));
    int columns = Math.toIntExact(draw.shape().size(-1));
    int row = 2 * (i / columns % rows) + random.nextInt(2);
    return row * 2 * columns + 2 * (i % columns) + random.nextInt(2);
  }

  /** The k-th of n integers around 0, without 0. */
  private static int apart(int k, int n) {
    int centred = k - n / 2;
    return centred >= 0 ? centred + 1 : centred;
  }

  /** These, but for one element of each floating input, which becomes {@code value}. */
  public Inputs planted(double value) {
    Philox random = random("planted " + value);
    return map(x -> {
      double[] y = x.clone();
      if (y.length > 0) {
        y[random.nextInt(y.length)] = value;
      }
      return y;
    });
  }

  /** The absolute values of the floating inputs. */
  Inputs absolute() {
    return map(x -> Arrays.stream(x).map(Math::abs).toArray());
  }

  /** The floating inputs changed by {@code change}. */
  public Inputs map(UnaryOperator<double[]> change) {
    List<double[]> changed = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      changed.add(isFloating(i) ? change.apply(values.get(i)) : values.get(i));
    }
    return new Inputs(draws, changed);
  }

  /** The elements of {@code tensors}, of the same shapes, in their place. */
  Inputs replaced(Tensor... tensors) {
    return new Inputs(draws, Arrays.stream(tensors).map(Tensor::toDoubles).toList());
  }

  /** Number of inputs. */
  public int size() {
    return draws.size();
  }

  /** Whether input {@code i} is a floating one, and so has a gradient. */
  public boolean isFloating(int i) {
    return draws.get(i).differentiable();
  }

  /** Elements of input {@code i} in row-major order. */
  public double[] values(int i) {
    return values.get(i);
  }

  /** How input {@code i} was drawn. */
  public Draw draw(int i) {
    return draws.get(i);
  }

  /** Input {@code i} as a tensor of {@code floating}, or of the dtype of indices or masks. */
  public Tensor tensor(int i, DType floating) {
    Tensor wide = Tensor.of(draws.get(i).shape(), values.get(i));
    return Grad.off(() -> wide.to(draws.get(i).dtype(floating)));
  }

  /** All inputs as tensors. */
  public Tensor[] tensors(DType floating) {
    Tensor[] tensors = new Tensor[size()];
    Arrays.setAll(tensors, i -> tensor(i, floating));
    return tensors;
  }
}
