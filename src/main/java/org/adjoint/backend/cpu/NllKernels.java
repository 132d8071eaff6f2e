package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.backend.Operand;

/**
 * Softmax and the negative log-likelihood of labels in one, in F32 along the second and last axis,
 * a row at a time: a row is read again while it is still in the nearest cache. Internal to the
 * backends. Each method returns false, having done nothing, where it does not apply.
 *
 * @param op the name to complain in
 * @param ignore the label of rows that count nothing; the least long if there is none
 * @param smoothing what is taken from the label and given to all classes alike
 */
public record NllKernels(String op, long ignore, double smoothing) {
  private static final RowMath ROWS = RowMath.best();

  private static boolean applies(Operand x) {
    return x.dtype() == DType.F32 && x.shape().countAfter(1) == 1;
  }

  /** What is done with row {@code r}, whose first element is at {@code at}. */
  private interface Row {
    void run(int r, int at);
  }

  /** Rows for one thread. */
  private interface Rows {
    Row open();
  }

  private static void run(Operand x, Rows rows) {
    int n = (int) x.shape().size(1);
    long count = x.shape().countBefore(1);
    Parallel.forRange(
        count,
        RowMath.grain(count, n),
        (from, to) -> {
          Row row = rows.open();
          for (int r = (int) from; r < to; r++) {
            row.run(r, r * n);
          }
        });
  }

  /** The labels, each a class or, where it is ignored, −1. */
  private int[] labels(Operand labels, int classes) {
    Operand packed = CpuBackend.contiguous(labels);
    double[] values = new double[(int) packed.count()];
    CpuStorage storage = (CpuStorage) packed.storage();
    storage.load(packed.layout().offset(), 1, values.length, values, 0);
    int[] result = new int[values.length];
    for (int r = 0; r < result.length; r++) {
      double label = values[r];
      boolean ignored = ignore != Long.MIN_VALUE && label == ignore;
      if (!ignored && (label < 0 || label >= classes)) {
        throw new IndexOutOfBoundsException(
            op
                + ": index "
                + (long) label
                + " at element "
                + r
                + " lies outside 0 to "
                + (classes - 1));
      }
      result[r] = ignored ? -1 : (int) label;
    }
    return result;
  }

  /** Of x and labels the losses, and each row's maximum and ln Σ exp(x − max). */
  public boolean forward(Operand[] in, Operand[] out) {
    if (!applies(in[0])) {
      return false;
    }
    int n = (int) in[0].shape().size(1);
    int[] labels = labels(in[1], n);
    Floats x = Floats.of(in[0]);
    Floats[] y = Floats.all(out);
    run(
        in[0],
        () -> {
          float[] e = new float[n];
          return (r, row) -> {
            int at = x.at() + row;
            boolean counts = labels[r] >= 0;
            float max = counts ? ROWS.max(x.data(), at, n) : 0;
            double sum = counts ? ROWS.exp(max, x.data(), at, e, 0, n) : 1;
            float log = (float) StrictMath.log(sum);
            y[0].data()[y[0].at() + r] = counts ? loss(x.data(), at, labels[r], n, max, log) : 0;
            y[1].data()[y[1].at() + r] = max;
            y[2].data()[y[2].at() + r] = log;
          };
        });
    return true;
  }

  private float loss(float[] x, int at, int label, int n, float max, float log) {
    float loss = log - (x[at + label] - max);
    if (smoothing == 0) {
      return loss;
    }
    double all = log - (Simd.best().sum(x, at, n) / n - max);
    return (float) ((1 - smoothing) * loss + smoothing * all);
  }

  /** dx of x, labels, maxima, logarithms and dy. */
  public boolean backward(Operand[] in, Operand dx) {
    if (!applies(in[0])) {
      return false;
    }
    int n = (int) in[0].shape().size(1);
    int[] labels = labels(in[1], n);
    Floats x = Floats.of(in[0]);
    Floats max = Floats.of(in[2]);
    Floats log = Floats.of(in[3]);
    Floats dy = Floats.of(in[4]);
    float[] y = CpuStorage.floats(dx);
    int yAt = CpuStorage.at(dx);
    run(
        in[0],
        () ->
            (r, row) -> {
              int at = yAt + row;
              if (labels[r] < 0) {
                Arrays.fill(y, at, at + n, 0);
                return;
              }
              float g = dy.data()[dy.at() + r];
              float top = max.data()[max.at() + r];
              ROWS.subTwice(top, log.data()[log.at() + r], x.data(), x.at() + row, y, at, n);
              SimdMath.best().exp(0, y, at, y, at, n);
              Simd.best().scale(g, y, at, y, at, n);
              if (smoothing > 0) {
                Simd.best().addScalar((float) (-smoothing / n * g), y, at, y, at, n);
              }
              y[at + labels[r]] -= (float) ((1 - smoothing) * g);
            });
    return true;
  }
}
