package org.adjoint.backend.cpu;

import org.adjoint.DType;
import org.adjoint.backend.Operand;

/**
 * Softmax and its relatives in F32 along the last axis, a row at a time: a row is read again while
 * it is still in the nearest cache. Internal to the backends. Each method returns false, having
 * done nothing, where the axis is not the last or the dtype not F32.
 */
public final class SoftmaxKernels {
  private static final RowMath ROWS = RowMath.best();

  private SoftmaxKernels() {}

  private interface Row {
    void run(int at);
  }

  private interface Rows {
    Row open(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int n);
  }

  private static boolean applies(Operand x, int axis) {
    return x.dtype() == DType.F32 && x.shape().countAfter(axis) == 1;
  }

  /** Runs {@code kernel} on rows of {@code a}, {@code b} and {@code y}, all of one shape. */
  private static boolean run(int axis, Operand a, Operand b, Operand y, Rows kernel) {
    if (!applies(a, axis)) {
      return false;
    }
    Floats p = Floats.of(a);
    Floats q = b.equals(a) ? p : Floats.of(b); // laid out once, if it must be
    Floats out = y.equals(a) ? p : Floats.of(y);
    int n = (int) a.shape().size(axis);
    long rows = a.shape().countBefore(axis);
    Parallel.forRange(
        rows,
        RowMath.grain(rows, n),
        (from, to) -> {
          Row row = kernel.open(p.data(), p.at(), q.data(), q.at(), out.data(), out.at(), n);
          for (long r = from; r < to; r++) {
            row.run((int) r * n);
          }
        });
    return true;
  }

  /** y = exp(x − max) / Σ exp(x − max). */
  public static boolean softmax(Operand in, Operand out, int axis) {
    return run(
        axis,
        in,
        in,
        out,
        (x, xAt, _, _, y, yAt, n) ->
            at -> {
              double sum = exponentials(x, xAt + at, y, yAt + at, n);
              Simd.best().scale((float) (1 / sum), y, yAt + at, y, yAt + at, n);
            });
  }

  /** y = exp(x − max); returns Σ y. A NaN is not the maximum, but makes the sum NaN. */
  private static double exponentials(float[] x, int xAt, float[] y, int yAt, int n) {
    return ROWS.exp(ROWS.max(x, xAt, n), x, xAt, y, yAt, n);
  }

  /** y = (x − max) − ln Σ exp(x − max). */
  public static boolean logSoftmax(Operand in, Operand out, int axis) {
    return run(
        axis,
        in,
        in,
        out,
        (x, xAt, _, _, y, yAt, n) ->
            at -> {
              float max = ROWS.max(x, xAt + at, n);
              double sum = ROWS.exp(max, x, xAt + at, y, yAt + at, n);
              ROWS.subTwice(max, (float) log(sum), x, xAt + at, y, yAt + at, n);
            });
  }

  /** y = max + ln Σ exp(x − max), a number per row. */
  public static boolean logSumExp(Operand in, Operand out, int axis) {
    float[] y = out.dtype() == DType.F32 ? CpuStorage.floats(out) : new float[0];
    int yAt = CpuStorage.at(out);
    return run(
        axis,
        in,
        in,
        in,
        (x, xAt, _, _, _, _, n) -> {
          float[] e = new float[n];
          return at -> {
            float max = ROWS.max(x, xAt + at, n);
            double sum = ROWS.exp(max, x, xAt + at, e, 0, n);
            boolean infinite = Float.isInfinite(max);
            int r = n == 0 ? 0 : at / n;
            y[yAt + r] = infinite ? ofInfinite(x, xAt + at, n, max) : (float) (max + log(sum));
          };
        });
  }

  private static double log(double x) {
    return StrictMath.log(x);
  }

  /** The infinite maximum, unless there is NaN, which comes first. */
  private static float ofInfinite(float[] x, int xAt, int n, float max) {
    float result = max;
    for (int i = 0; i < n; i++) {
      result = Float.isNaN(x[xAt + i]) ? Float.NaN : result;
    }
    return result;
  }

  /** Softmax over the elements where {@code mask}, of BOOL, is true; 0 elsewhere. */
  public static boolean maskedSoftmax(Operand in, Operand mask, Operand out, int axis) {
    if (!applies(in, axis)) {
      return false;
    }
    Operand packed = CpuBackend.contiguous(mask);
    byte[] seen = CpuStorage.bytes(packed);
    int seenAt = CpuStorage.at(packed);
    return run(
        axis,
        in,
        in,
        out,
        (x, xAt, _, _, y, yAt, n) ->
            at -> {
              for (int i = 0; i < n; i++) {
                y[yAt + at + i] = seen[seenAt + at + i] != 0 ? x[xAt + at + i] : -1 / 0f;
              }
              double sum = exponentials(y, yAt + at, y, yAt + at, n);
              if (Double.isNaN(sum)) { // nothing is seen, or a NaN, or an infinity
                for (int i = 0; i < n; i++) {
                  y[yAt + at + i] = seen[seenAt + at + i] != 0 ? Float.NaN : 0;
                }
              } else {
                Simd.best().scale((float) (1 / sum), y, yAt + at, y, yAt + at, n);
              }
            });
  }

  /** dx = y ⊙ (dy − Σ dy ⊙ y). */
  public static boolean softmaxGrad(Operand y, Operand dy, Operand dx, int axis) {
    return run(
        axis,
        y,
        dy,
        dx,
        (a, aAt, b, bAt, c, cAt, n) ->
            at -> {
              float dot = (float) Simd.best().dot(b, bAt + at, a, aAt + at, n);
              ROWS.softmaxGrad(dot, a, aAt + at, b, bAt + at, c, cAt + at, n);
            });
  }

  /** dx = dy − exp(y) ⊙ Σ dy. */
  public static boolean logSoftmaxGrad(Operand y, Operand dy, Operand dx, int axis) {
    return run(
        axis,
        y,
        dy,
        dx,
        (a, aAt, b, bAt, c, cAt, n) ->
            at -> {
              float sum = (float) Simd.best().sum(b, bAt + at, n);
              SimdMath.best().exp(0, a, aAt + at, c, cAt + at, n);
              Simd.best().scale(-sum, c, cAt + at, c, cAt + at, n);
              Simd.best().add(b, bAt + at, c, cAt + at, c, cAt + at, n);
            });
  }
}
