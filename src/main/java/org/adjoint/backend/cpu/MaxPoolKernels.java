package org.adjoint.backend.cpu;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Max pooling over n spatial dimensions, and its gradient. Internal to the backends.
 *
 * <p>Beside each maximum its place is kept: the flat index into the plane it came from. The first
 * of equal maxima wins. A NaN wins over everything, and the last NaN over the others, as in
 * PyTorch. Cells of the padding never win; a window that sees nothing else gives −∞ and the index
 * −1.
 */
public final class MaxPoolKernels {
  /** The windows that a vector finds beside those that are asked for are thrown away. */
  private static final int MOST_STRIDE = 4;

  private MaxPoolKernels() {}

  /**
   * y = max over each window of x, and {@code index} where it was.
   *
   * @param g its channels are the planes of x, of all images together
   * @param x [channels, I..]
   * @param y [channels, O..]; so is {@code index}
   */
  public static void forward(
      Im2col.Geometry g, float[] x, int xAt, float[] y, int yAt, long[] index, int indexAt) {
    Windows windows = new Windows(g);
    int in = g.inputSize();
    int out = g.outputSize();
    Parallel.forRange(
        g.channels(),
        grain(out * g.taps()),
        (from, to) -> {
          for (int plane = (int) from; plane < to; plane++) {
            int yPlane = yAt + plane * out;
            windows.max(x, xAt + plane * in, y, yPlane, index, indexAt + plane * out);
          }
        });
  }

  /** dx = 0, and then dx[index] += dy, in the order of dy. */
  public static void inputGrad(
      Im2col.Geometry g, float[] dy, int dyAt, long[] index, int indexAt, float[] dx, int dxAt) {
    int in = g.inputSize();
    int out = g.outputSize();
    Parallel.forRange(
        g.channels(),
        grain(in),
        (from, to) -> {
          for (int plane = (int) from; plane < to; plane++) {
            int dxPlane = dxAt + plane * in;
            Arrays.fill(dx, dxPlane, dxPlane + in, 0);
            for (int i = plane * out; i < (plane + 1) * out; i++) {
              int at = (int) index[indexAt + i];
              if (at >= 0) {
                dx[dxPlane + at] += dy[dyAt + i];
              }
            }
          }
        });
  }

  /** Planes a chunk, so that it is worth waking a thread for. */
  private static int grain(int workPerPlane) {
    return Math.max(1, (1 << 15) / Math.max(1, workPerPlane));
  }

  /** Where each window lies in a plane: worked out once, used for all planes. */
  private static final class Windows {
    private final int taps;

    /** Flat offset of each tap from the window's first. */
    private final int[] offset;

    /** Flat index of each window's first tap, which may lie in the padding. */
    private final int[] corner;

    /** The taps inside the plane of a window that sticks out; null for a window that does not. */
    private final int[][] inside;

    /** Outputs in a line, and cells from one of them to the next. */
    private final int lineSize;

    private final int stride;

    Windows(Im2col.Geometry g) {
      taps = g.taps();
      offset = new int[taps];
      corner = new int[g.outputSize()];
      inside = new int[corner.length][];
      int n = g.dimensions();
      lineSize = g.output(n - 1);
      stride = g.stride()[n - 1];
      int[][] tap = new int[taps][];
      for (int t = 0; t < taps; t++) {
        tap[t] = unravel(t, g.kernel());
        for (int d = 0; d < n; d++) {
          tap[t][d] *= g.dilation()[d];
          offset[t] = offset[t] * g.input()[d] + tap[t][d];
        }
      }
      int[] output = g.output();
      for (int o = 0; o < corner.length; o++) {
        int[] first = unravel(o, output);
        for (int d = 0; d < n; d++) {
          first[d] = first[d] * g.stride()[d] - g.padding()[d];
          corner[o] = corner[o] * g.input()[d] + first[d];
        }
        if (!reaches(first, tap[0], g) || !reaches(first, tap[taps - 1], g)) {
          int at = corner[o];
          inside[o] =
              IntStream.range(0, taps)
                  .filter(t -> reaches(first, tap[t], g))
                  .map(t -> at + offset[t])
                  .toArray();
        }
      }
    }

    private static int[] unravel(int flat, int[] sizes) {
      int[] at = new int[sizes.length];
      for (int d = sizes.length - 1; d >= 0; d--) {
        at[d] = flat % sizes[d];
        flat /= sizes[d];
      }
      return at;
    }

    /** Whether a tap of a window that begins at {@code first} lies inside the plane. */
    private static boolean reaches(int[] first, int[] tap, Im2col.Geometry g) {
      for (int d = 0; d < first.length; d++) {
        int at = first[d] + tap[d];
        if (at < 0 || at >= g.input()[d]) {
          return false;
        }
      }
      return true;
    }

    void max(float[] x, int xAt, float[] y, int yAt, long[] index, int indexAt) {
      int span = (lineSize - 1) * stride + 1;
      boolean fast = stride <= MOST_STRIDE && span >= Simd.best().lanes();
      float[] best = new float[fast ? span : 0];
      float[] tap = new float[best.length];
      for (int o = 0; o < corner.length; o += lineSize) {
        boolean whole = fast && inside[o] == null && inside[o + lineSize - 1] == null;
        if (whole && Simd.best().maxOverTaps(x, xAt + corner[o], offset, best, tap, span)) {
          for (int i = 0; i < lineSize; i++) {
            int at = corner[o + i] + offset[(int) tap[i * stride]];
            y[yAt + o + i] = x[xAt + at];
            index[indexAt + o + i] = at;
          }
        } else {
          each(x, xAt, y, yAt, index, indexAt, o, o + lineSize);
        }
      }
    }

    private void each(
        float[] x, int xAt, float[] y, int yAt, long[] index, int indexAt, int first, int end) {
      for (int o = first; o < end; o++) {
        int at = inside[o] == null ? whole(x, xAt, corner[o]) : part(x, xAt, inside[o]);
        y[yAt + o] = at < 0 ? Float.NEGATIVE_INFINITY : x[xAt + at];
        index[indexAt + o] = at;
      }
    }

    /**
     * The place of the maximum in a window that lies inside. In random data a comparison of floats
     * is a branch that the processor cannot predict. So each value becomes a long that sorts alike:
     * the float's bits above, with negative numbers turned round, and below them a count that is
     * higher for earlier taps. Then the maximum is a mere maximum of longs.
     */
    private int whole(float[] x, int xAt, int first) {
      long best = Long.MIN_VALUE;
      for (int t = 0; t < taps; t++) {
        int bits = Float.floatToIntBits(x[xAt + first + offset[t]] + 0f); // −0 + 0 = +0
        int sortable = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        best = Math.max(best, (long) sortable << 32 | (taps - t));
      }
      int at = first + offset[taps - (int) best];
      return Float.isNaN(x[xAt + at]) ? lastNan(x, xAt, first) : at;
    }

    private int lastNan(float[] x, int xAt, int first) {
      int t = taps - 1;
      while (!Float.isNaN(x[xAt + first + offset[t]])) {
        t--;
      }
      return first + offset[t];
    }

    /** The place of the maximum among some cells of a plane, or −1 if there are none. */
    private static int part(float[] x, int xAt, int[] places) {
      int at = -1;
      for (int place : places) {
        float v = x[xAt + place];
        if (at < 0 || v > x[xAt + at] || Float.isNaN(v)) {
          at = place;
        }
      }
      return at;
    }
  }
}
