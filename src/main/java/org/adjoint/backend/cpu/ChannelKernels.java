package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.ChannelMath.Factors;
import org.adjoint.backend.cpu.NormMath.Sums;

/**
 * Channels of F32 brought to mean 0 and variance 1, and the gradient of that. Internal to the
 * backends.
 *
 * <pre>
 *   x̂ = (x − mean) r,  r = 1 / √(variance + eps)      y = x̂ ⊙ w + b
 *   dx = w r (dy − mean(dy) − x̂ mean(dy ⊙ x̂)) + (dmean + 2 (x − mean) dvariance) / n
 *   dw = Σ dy ⊙ x̂     db = Σ dy
 * </pre>
 *
 * A thread takes a few channels at a time, sums them up, and goes over them again while they are in
 * its cache. What is found of a channel depends on its elements alone: a run of it, elements that
 * lie side by side, is summed as {@link NormMath} says; where runs are short, each column of a
 * block of rows; and runs and blocks are added up in double, one after the other.
 *
 * <p>The mean and the variance are taken in one pass, about 0; where that would cancel, because the
 * mean is larger than the deviation, a second pass takes them about the mean.
 */
public final class ChannelKernels {
  private static final NormMath NORMS = NormMath.best();
  private static final ChannelMath MATH = ChannelMath.best();

  /** From this length on, a run is worth a call of its own. */
  private static final int LONG = 16;

  /** Rows whose columns are added up in float. */
  private static final int BLOCK = 64;

  /** What a thread takes at least. */
  private static final int ELEMENTS = 1 << 14;

  /** Elements side by side that memory is read well by. */
  private static final int SIDE_BY_SIDE = 1024;

  private final int outer;
  private final int channels;
  private final int inner;

  /** Whether a channel's elements are taken run by run, or as columns. */
  private final boolean runs;

  private final double[] first;
  private final double[] second;
  private final Factors factors;

  private ChannelKernels(Shape x) {
    outer = (int) x.size(0);
    channels = (int) x.size(1);
    inner = (int) x.countAfter(1);
    runs = inner >= LONG;
    first = new double[channels];
    second = new double[channels];
    factors = new Factors(channels * columns());
  }

  /** The columns of a channel that have numbers of their own. */
  private int columns() {
    return runs ? 1 : inner;
  }

  private double count() {
    return (double) outer * inner;
  }

  /** y, mean and variance of x [N, C, …], w [C] and b [C]. */
  public static void forward(double eps, Operand[] in, Operand[] out) {
    ChannelKernels k = new ChannelKernels(in[0].shape());
    Floats x = Floats.of(in[0]);
    double[] w = doubles(in[1]);
    double[] b = doubles(in[2]);
    Floats y = Floats.of(out[0]);
    double[] means = new double[k.channels];
    double[] variances = new double[k.channels];
    k.each((from, to) -> {
      k.moments(x, from, to);
      boolean again = false;
      for (int c = from; c < to; c++) {
        double mean = k.first[c] / k.count();
        double squares = k.second[c] / k.count();
        boolean cancels = !(2 * mean * mean <= squares && squares < Double.POSITIVE_INFINITY);
        again |= cancels;
        k.set(k.factors.shift, c, cancels ? mean : 0);
      }
      if (again) {
        k.moments(x, from, to);
      }
      for (int c = from; c < to; c++) {
        double rest = k.first[c] / k.count();
        double shift = k.factors.shift[c * k.columns()];
        means[c] = Double.isInfinite(shift) ? shift : shift + rest;
        variances[c] = Math.max(0, k.second[c] / k.count() - rest * rest);
        k.scaling(c, w[c] / Math.sqrt(variances[c] + eps), means[c], b[c]);
      }
      k.scale(x, y, from, to);
    });
    CpuBackend.store(means, out[1], 0);
    CpuBackend.store(variances, out[2], 0);
  }

  /** y of x [N, C, …], and w, b, the mean and the variance, [C]. */
  public static void frozen(double eps, Operand[] in, Operand out) {
    ChannelKernels k = new ChannelKernels(in[0].shape());
    Floats x = Floats.of(in[0]);
    Floats y = Floats.of(out);
    double[][] of = {doubles(in[1]), doubles(in[2]), doubles(in[3]), doubles(in[4])};
    k.each((from, to) -> {
      for (int c = from; c < to; c++) {
        k.scaling(c, of[0][c] / Math.sqrt(of[3][c] + eps), of[2][c], of[1][c]);
      }
      k.scale(x, y, from, to);
    });
  }

  /** dx, dw and db of x, w, dy, mean, variance, dmean and dvariance. */
  public static void backward(double eps, Operand[] in, Operand[] out) {
    ChannelKernels k = new ChannelKernels(in[0].shape());
    Floats x = Floats.of(in[0]);
    Floats dy = Floats.of(in[2]);
    Floats dx = Floats.of(out[0]);
    double[] w = doubles(in[1]);
    double[] means = doubles(in[3]);
    double[] variance = doubles(in[4]);
    double[] ofMean = doubles(in[5]);
    double[] ofVariance = doubles(in[6]);
    double[] dw = new double[k.channels];
    double n = k.count();
    k.each((from, to) -> {
      for (int c = from; c < to; c++) {
        k.centre(c, means[c]);
      }
      k.products(x, dy, from, to);
      for (int c = from; c < to; c++) {
        double r = 1 / Math.sqrt(variance[c] + eps);
        double off = lost(means[c]);
        dw[c] = (k.second[c] - (off == 0 ? 0 : off * k.first[c])) * r; // no 0 · ∞
        k.set(k.factors.by, c, w[c] * r);
        k.set(k.factors.level, c, k.first[c] / n);
        k.set(k.factors.slope, c, dw[c] * r / n);
        k.set(k.factors.tilt, c, 2 * ofVariance[c] / n);
        k.set(k.factors.rest, c, ofMean[c] / n);
      }
      k.combine(x, dy, dx, from, to);
    });
    CpuBackend.store(dw, out[1], 0);
    CpuBackend.store(k.first, out[2], 0);
  }

  private static double[] doubles(Operand operand) {
    double[] all = new double[(int) operand.count()];
    CpuBackend.load(operand, 0, all);
    return all;
  }

  /** Sets the factors of y = (x − mean) ⊙ by + b. */
  private void scaling(int c, double by, double mean, double b) {
    centre(c, mean);
    set(factors.by, c, by);
    set(factors.rest, c, b);
  }

  private void centre(int c, double mean) {
    set(factors.shift, c, mean);
    set(factors.off, c, lost(mean));
  }

  /** What a float lacks of x. */
  private static double lost(double x) {
    return Double.isInfinite(x) ? 0 : x - (float) x;
  }

  private void set(float[] factor, int c, double value) {
    for (int j = 0; j < columns(); j++) {
      factor[c * columns() + j] = (float) value;
    }
  }

  private interface Body {
    void run(int from, int to);
  }

  /** Runs the body for a few channels at a time. */
  private void each(Body body) {
    double perChannel = Math.max(1, count());
    int some = (int) Math.max(ELEMENTS / perChannel, SIDE_BY_SIDE / Math.max(1.0, inner));
    int grain = Math.clamp(some, 1, Math.max(1, Math.ceilDiv(channels, 4)));
    Parallel.forRange(channels, grain, (from, to) -> body.run((int) from, (int) to));
  }

  /** Where the elements of {@code c} begin of the n-th of N. */
  private int at(Floats x, int n, int c) {
    return x.at() + (n * channels + c) * inner;
  }

  private void moments(Floats x, int from, int to) {
    Sums sums = new Sums();
    sum(
        from,
        to,
        (n, c) -> NORMS.moments(factors.shift[c], x.data(), at(x, n, c), sums, inner),
        sums,
        (n, rows, p, q) ->
            MATH.columnMoments(
                factors.shift,
                from * inner,
                x.data(),
                at(x, n, from),
                channels * inner,
                rows,
                p,
                q,
                (to - from) * inner));
  }

  private void products(Floats x, Floats dy, int from, int to) {
    Sums sums = new Sums();
    sum(
        from,
        to,
        (n, c) ->
            MATH.products(
                factors.shift[c], x.data(), at(x, n, c), dy.data(), at(dy, n, c), sums, inner),
        sums,
        (n, rows, p, q) ->
            MATH.columnProducts(
                factors.shift,
                from * inner,
                x.data(),
                at(x, n, from),
                dy.data(),
                at(dy, n, from),
                channels * inner,
                rows,
                p,
                q,
                (to - from) * inner));
  }

  private interface OfRun {
    void sum(int n, int c);
  }

  private interface OfColumns {
    void sum(int n, int rows, float[] p, float[] q);
  }

  /** Adds up two sums of each channel. */
  private void sum(int from, int to, OfRun ofRun, Sums sums, OfColumns ofColumns) {
    Arrays.fill(first, from, to, 0);
    Arrays.fill(second, from, to, 0);
    if (runs) {
      for (int n = 0; n < outer; n++) {
        for (int c = from; c < to; c++) {
          ofRun.sum(n, c);
          first[c] += sums.first;
          second[c] += sums.second;
        }
      }
      return;
    }
    float[] p = new float[(to - from) * inner];
    float[] q = new float[p.length];
    for (int n = 0; n < outer; n += BLOCK) {
      ofColumns.sum(n, Math.min(BLOCK, outer - n), p, q);
      for (int j = 0, c = from; c < to; c++) {
        for (int end = j + inner; j < end; j++) {
          first[c] += p[j];
          second[c] += q[j];
        }
      }
    }
  }

  private void scale(Floats x, Floats y, int from, int to) {
    eachLine(
        from,
        to,
        (n, c, length) -> {
          int at = at(x, n, c);
          if (runs) {
            MATH.scale(factors, c, x.data(), at, y.data(), at(y, n, c), length);
          } else {
            MATH.scaleColumns(factors, c * inner, x.data(), at, y.data(), at(y, n, c), length);
          }
        });
  }

  private void combine(Floats x, Floats dy, Floats dx, int from, int to) {
    float[] a = x.data();
    float[] b = dy.data();
    float[] d = dx.data();
    eachLine(
        from,
        to,
        (n, c, length) -> {
          int at = at(x, n, c);
          if (runs) {
            MATH.combine(factors, c, a, at, b, at(dy, n, c), d, at(dx, n, c), length);
          } else {
            MATH.combineColumns(
                factors, c * inner, a, at, b, at(dy, n, c), d, at(dx, n, c), length);
          }
        });
  }

  private interface Line {
    void run(int n, int c, int length);
  }

  /** Each run of some channels, or what a row has of them. */
  private void eachLine(int from, int to, Line line) {
    for (int n = 0; n < outer; n++) {
      if (!runs) {
        line.run(n, from, (to - from) * inner);
        continue;
      }
      for (int c = from; c < to; c++) {
        line.run(n, c, inner);
      }
    }
  }
}
