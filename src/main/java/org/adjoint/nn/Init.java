package org.adjoint.nn;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * How parameters begin. Each method overwrites the elements of a tensor, which need not be a
 * parameter, and returns it; the draws follow from the generator alone.
 *
 * <p>A weight [F, C, K…] has C·ΠK inputs to each output (its fan-in), and each of its inputs has
 * F·ΠK outputs (its fan-out).
 */
public final class Init {
  private Init() {}

  /** Which number of neighbours keeps its variance: forward, or backward. */
  public enum Fan {
    /** Inputs of an output: signals keep their size on the way forward. */
    IN,
    /** Outputs of an input: gradients keep theirs on the way back. */
    OUT
  }

  /** The gain of {@code relu}, √2: half of a signal is lost. */
  public static final double RELU = Math.sqrt(2);

  /** The gain of {@code tanh} that PyTorch recommends. */
  public static final double TANH = 5.0 / 3;

  /** The gain of a leaky {@code relu}: √(2 / (1 + slope²)). */
  public static double leakyRelu(double slope) {
    return Math.sqrt(2 / (1 + slope * slope));
  }

  /**
   * Uniform on ±1/√fanIn, with a gradient: PyTorch's default for weights and biases of linear and
   * convolutional layers (LeCun, Bottou, Orr, Müller, Efficient BackProp, 1998, up to a factor).
   */
  static Tensor defaults(Philox random, long fanIn, long... sizes) {
    if (Shape.of(sizes).count() == 0 || fanIn < 1) {
      throw new IllegalArgumentException(
          "parameters: a layer without inputs or outputs, " + Shape.of(sizes));
    }
    double bound = 1 / Math.sqrt((double) fanIn);
    return Tensor.uniform(random, -bound, bound, sizes).requireGrad();
  }

  /** {@code value} everywhere. */
  public static Tensor constant(Tensor t, double value) {
    return overwrite(t, () -> Tensor.full(t.meta(), value));
  }

  /** Uniform on [low, high). */
  public static Tensor uniform(Tensor t, double low, double high, Philox random) {
    require(low <= high, "uniform: low " + low + " must be at most high " + high);
    return overwrite(t, () -> Tensor.uniform(t.meta().with(DType.F64), random, low, high));
  }

  /** Normal, of the given mean and standard deviation. */
  public static Tensor normal(Tensor t, double mean, double deviation, Philox random) {
    require(deviation >= 0, "normal: deviation " + deviation + " must be at least 0");
    return overwrite(
        t, () -> Tensor.normal(t.meta().with(DType.F64), random).mul(deviation).add(mean));
  }

  /**
   * Normal as far as it falls into [low, high], drawn again where it does not (Robert, Simulation
   * of truncated normal variables, 1995, section 2.2: a window narrower than the bell is better
   * filled evenly, and thinned).
   *
   * @throws IllegalArgumentException unless low ≤ mean ≤ high and the deviation is above 0
   */
  public static Tensor truncatedNormal(
      Tensor t, double mean, double deviation, double low, double high, Philox random) {
    require(
        low <= mean && mean <= high && deviation > 0,
        "truncated normal: mean "
            + mean
            + " must lie in ["
            + low
            + ", "
            + high
            + "], and deviation "
            + deviation
            + " be above 0");
    boolean narrow = high - low < deviation * Math.sqrt(2 * Math.PI);
    return fill(
        t,
        () -> {
          while (true) {
            double z =
                narrow
                    ? (low + (high - low) * random.nextDouble() - mean) / deviation
                    : random.nextGaussian();
            double x = mean + deviation * z;
            boolean accepted =
                narrow ? random.nextDouble() < StrictMath.exp(-z * z / 2) : low <= x && x <= high;
            if (accepted) {
              return x;
            }
          }
        });
  }

  /**
   * Uniform on ±gain·√(6 / (fan-in + fan-out)) (Glorot, Bengio, Understanding the difficulty of
   * training deep feedforward neural networks, 2010, eq. 16).
   */
  public static Tensor xavierUniform(Tensor t, double gain, Philox random) {
    double bound = gain * Math.sqrt(6.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT)));
    return uniform(t, -bound, bound, random);
  }

  /** Normal of deviation gain·√(2 / (fan-in + fan-out)), as {@link #xavierUniform}. */
  public static Tensor xavierNormal(Tensor t, double gain, Philox random) {
    return normal(t, 0, gain * Math.sqrt(2.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT))), random);
  }

  /**
   * Uniform on ±gain·√(3 / fan) (He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, eq. 10
   * and 14, of the same variance as their normal).
   */
  public static Tensor kaimingUniform(Tensor t, Fan fan, double gain, Philox random) {
    double bound = gain * Math.sqrt(3.0 / fan(t, fan));
    return uniform(t, -bound, bound, random);
  }

  /** Normal of deviation gain / √fan, as {@link #kaimingUniform}. */
  public static Tensor kaimingNormal(Tensor t, Fan fan, double gain, Philox random) {
    return normal(t, 0, gain / Math.sqrt((double) fan(t, fan)), random);
  }

  /**
   * A random orthogonal matrix times {@code gain}: with axes after the first made one, its rows are
   * orthonormal, or its columns where there are fewer (Saxe, McClelland, Ganguli, Exact solutions
   * to the nonlinear dynamics of learning in deep linear neural networks, 2014).
   */
  public static Tensor orthogonal(Tensor t, double gain, Philox random) {
    require(t.rank() >= 2, "orthogonal: " + t.shape() + " must have at least two axes");
    int rows = Math.toIntExact(t.size(0));
    int columns = rows == 0 ? 0 : Math.toIntExact(t.shape().count() / rows);
    boolean tall = rows > columns;
    double[][] q = Orthogonal.draw(Math.min(rows, columns), Math.max(rows, columns), random);
    int[] next = {0};
    return fill(
        t,
        () -> {
          int row = next[0] / columns;
          int column = next[0]++ % columns;
          return gain * (tall ? q[column][row] : q[row][column]);
        });
  }

  private static long fan(Tensor t, Fan fan) {
    require(t.rank() >= 2, "init: " + t.shape() + " must have at least two axes to have a fan");
    long neighbours = t.size(fan == Fan.IN ? 1 : 0) * t.shape().countAfter(1);
    require(neighbours > 0, "init: " + t.shape() + " has no neighbours");
    return neighbours;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static Tensor fill(Tensor t, DoubleSupplier next) {
    double[] values = new double[Math.toIntExact(t.shape().count())];
    Arrays.setAll(values, _ -> next.getAsDouble());
    return overwrite(t, () -> Tensor.of(t.shape(), values).to(t.device()));
  }

  private static Tensor overwrite(Tensor t, Supplier<Tensor> values) {
    try (Scope _ = Scope.open()) {
      return Grad.off(() -> t.assign(values.get().to(t.dtype())));
    }
  }
}
