package org.adjoint.backend.cpu;

import java.util.Arrays;

/**
 * Means over windows, and their gradient. Internal to the backends.
 *
 * <p>A plane is rows along its last axis. The rows that an output row sees are added up, all
 * columns at a time; then columns of that sum are, and divided.
 */
public final class AvgPoolKernels {
  private AvgPoolKernels() {}

  /**
   * Which cells each output sees.
   *
   * @param rows of each row of outputs, the rows of cells that it sees, in order
   * @param rowCounts of each row of outputs, what the last axis has no part in of the divisor
   * @param from the first column that each column of outputs sees
   * @param to the column after its last
   * @param counts the last axis' part of the divisor
   * @param planeRows rows in a plane
   * @param width columns in a plane
   */
  public record Plan(
      int[][] rows,
      double[] rowCounts,
      int[] from,
      int[] to,
      double[] counts,
      int planeRows,
      int width) {
    private int outputs() {
      return rows.length * from.length;
    }

    private int inputs() {
      return planeRows * width;
    }

    /** Planes a chunk, so that it is worth waking a thread for. */
    private int grain() {
      return Math.max(1, (1 << 15) / Math.max(1, inputs() + outputs()));
    }

    /** What the outputs of a row divide by; where they see nothing, anything but 0. */
    private float[] divisors(int row) {
      float[] divisors = new float[from.length];
      for (int o = 0; o < divisors.length; o++) {
        boolean sees = rows[row].length > 0 && from[o] < to[o];
        divisors[o] = sees ? (float) (rowCounts[row] * counts[o]) : 1;
      }
      return divisors;
    }

    /** Distance of neighbouring windows if all see as many columns; else 0. */
    private int step() {
      int step = from.length > 1 ? from[1] - from[0] : 1;
      for (int o = 1; o < from.length; o++) {
        if (from[o] - from[o - 1] != step || to[o] - from[o] != to[0] - from[0]) {
          return 0;
        }
      }
      return step;
    }
  }

  /** y = the means of x's windows, plane by plane. */
  public static void forward(Plan plan, int planes, float[] x, int xAt, float[] y, int yAt) {
    float[][] divisors = divisors(plan);
    int step = plan.step();
    Simd simd = Simd.best();
    Parallel.forRange(
        planes,
        plan.grain(),
        (first, end) -> {
          float[] sum = new float[plan.width];
          for (int plane = (int) first; plane < end; plane++) {
            int in = xAt + plane * plan.inputs();
            int out = yAt + plane * plan.outputs();
            for (int r = 0; r < plan.rows.length; r++, out += plan.from.length) {
              Arrays.fill(sum, 0);
              for (int row : plan.rows[r]) {
                simd.add(sum, 0, x, in + row * plan.width, sum, 0, plan.width);
              }
              gather(plan, step, sum, y, out);
              simd.div(y, out, divisors[r], 0, y, out, plan.from.length);
            }
          }
        });
  }

  private static float[][] divisors(Plan plan) {
    float[][] divisors = new float[plan.rows.length][];
    Arrays.setAll(divisors, plan::divisors);
    return divisors;
  }

  /** y = the sums of the columns that each output sees, in order. */
  private static void gather(Plan plan, int step, float[] sum, float[] y, int out) {
    int n = plan.from.length;
    Arrays.fill(y, out, out + n, 0);
    if (step > 0 && n > 0) {
      for (int j = plan.from[0]; j < plan.to[0]; j++) {
        for (int o = 0; o < n; o++) {
          y[out + o] += sum[j + o * step];
        }
      }
      return;
    }
    for (int o = 0; o < n; o++) {
      float total = 0;
      for (int j = plan.from[o]; j < plan.to[o]; j++) {
        total += sum[j];
      }
      y[out + o] = total;
    }
  }

  /** dx = what each cell receives from the windows that see it, plane by plane. */
  public static void inputGrad(Plan plan, int planes, float[] dy, int dyAt, float[] dx, int dxAt) {
    float[][] divisors = divisors(plan);
    int step = plan.step();
    Simd simd = Simd.best();
    Parallel.forRange(
        planes,
        plan.grain(),
        (first, end) -> {
          float[] shares = new float[plan.from.length];
          float[] row = new float[plan.width];
          for (int plane = (int) first; plane < end; plane++) {
            int in = dxAt + plane * plan.inputs();
            int out = dyAt + plane * plan.outputs();
            Arrays.fill(dx, in, in + plan.inputs(), 0);
            for (int r = 0; r < plan.rows.length; r++, out += shares.length) {
              simd.div(dy, out, divisors[r], 0, shares, 0, shares.length);
              spread(plan, step, shares, row);
              for (int to : plan.rows[r]) {
                int at = in + to * plan.width;
                simd.add(dx, at, row, 0, dx, at, plan.width);
              }
            }
          }
        });
  }

  /** row = the sums of the shares that each column receives. */
  private static void spread(Plan plan, int step, float[] shares, float[] row) {
    Arrays.fill(row, 0);
    if (step > 0 && shares.length > 0) {
      for (int j = plan.from[0]; j < plan.to[0]; j++) {
        for (int o = 0; o < shares.length; o++) {
          row[j + o * step] += shares[o];
        }
      }
      return;
    }
    for (int o = 0; o < shares.length; o++) {
      for (int j = plan.from[o]; j < plan.to[o]; j++) {
        row[j] += shares[o];
      }
    }
  }
}
