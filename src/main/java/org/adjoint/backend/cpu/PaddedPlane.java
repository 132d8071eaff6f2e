package org.adjoint.backend.cpu;

import java.util.Arrays;

/**
 * Where a window's taps and positions lie in a plane that is stored with its padding. A tap sees,
 * at a position, the cell {@code tap[t] + position[p]}: the sum of two numbers, and no test for the
 * padding is left.
 *
 * <p>Each cell holds the numbers of several planes side by side: of the images of a block, or of
 * the channels of an image.
 */
final class PaddedPlane {
  /** Elements that are moved together, so that what is written stays in the nearest cache. */
  private static final int CHUNK = 64;

  /** Cells, those of the padding among them. */
  final int cells;

  /** The first cell that each tap sees. */
  final int[] tap;

  /** How much further on a tap looks at each position of the output. */
  final int[] position;

  /** Whether there is any padding. */
  final boolean padded;

  /** Length of a line, which is contiguous in the plane as it is and as it is stored here. */
  private final int line;

  /** Where each line begins here. */
  private final int[] lines;

  PaddedPlane(Im2col.Geometry g) {
    int n = g.dimensions();
    int[] size = new int[n];
    int[] corner = new int[n];
    for (int d = 0; d < n; d++) {
      size[d] = Math.addExact(g.input()[d], 2 * g.padding()[d]);
    }
    padded = Arrays.stream(g.padding()).anyMatch(p -> p > 0);
    cells = Math.toIntExact(cells(g));
    tap = places(g.kernel(), g.dilation(), corner, size);
    position = places(g.output(), g.stride(), corner, size);
    if (padded) {
      int[] outer = g.input().clone();
      line = outer[n - 1];
      outer[n - 1] = 1;
      int[] ones = new int[n];
      Arrays.fill(ones, 1);
      lines = places(outer, ones, g.padding(), size);
    } else {
      line = cells;
      lines = new int[] {0};
    }
  }

  /** How many cells a plane has with its padding. */
  static long cells(Im2col.Geometry g) {
    long cells = 1;
    for (int d = 0; d < g.dimensions(); d++) {
      cells = Math.multiplyExact(cells, g.input()[d] + 2L * g.padding()[d]);
    }
    return cells;
  }

  /** The cells corner + i · step for all i below {@code count}, in row-major order. */
  private static int[] places(int[] count, int[] step, int[] corner, int[] size) {
    int total = Arrays.stream(count).reduce(1, Math::multiplyExact);
    int[] places = new int[total];
    for (int i = 0; i < total; i++) {
      int rest = i;
      int stride = 1;
      for (int d = count.length - 1; d >= 0; d--) {
        places[i] += (corner[d] + rest % count[d] * step[d]) * stride;
        rest /= count[d];
        stride *= size[d];
      }
    }
    return places;
  }

  /** Fills the padding of planes at {@code at} with zeros, and all else with anything. */
  void clear(float[] cellsOut, int at, int lanes) {
    if (padded) {
      Arrays.fill(cellsOut, at, at + cells * lanes, 0);
    }
  }

  /** Where each weight of a filter, channel by channel, sees its first cell. */
  int[] rows(int channels) {
    int[] rows = new int[channels * tap.length];
    Arrays.setAll(rows, k -> k / tap.length * cells + tap[k % tap.length]);
    return rows;
  }

  /** Copies an image, to be stored with its padding, plane after plane. */
  void copy(int channels, float[] x, int at, float[] out, int outAt) {
    for (int c = 0; c < channels; c++) {
      int plane = outAt + c * cells;
      clear(out, plane, 1);
      for (int l = 0; l < lines.length; l++) {
        int from = at + (c * lines.length + l) * line;
        System.arraycopy(x, from, out, plane + lines[l], line);
      }
    }
  }

  /**
   * Puts {@code count} planes side by side: number i of each cell is from the plane at {@code at +
   * i · stride}.
   */
  void interleave(float[] x, int at, int stride, int count, float[] out, int outAt, int lanes) {
    for (int l = 0; l < lines.length; l++) {
      interleave(x, at + l * line, stride, count, line, out, outAt + lines[l] * lanes, lanes);
    }
  }

  /** The reverse of {@link #interleave}; the padding is left out. */
  void separate(float[] in, int inAt, int lanes, float[] x, int at, int stride, int count) {
    for (int l = 0; l < lines.length; l++) {
      separate(in, inAt + lines[l] * lanes, lanes, x, at + l * line, stride, count, line);
    }
  }

  /** out[j, i] = x[i, j] for {@code count} rows of {@code n}; a row of out has {@code lanes}. */
  static void interleave(
      float[] x, int at, int stride, int count, int n, float[] out, int outAt, int lanes) {
    for (int from = 0; from < n; from += CHUNK) {
      int to = Math.min(n, from + CHUNK);
      for (int i = 0; i < count; i++) {
        int row = at + i * stride;
        int column = outAt + i;
        for (int j = from; j < to; j++) {
          out[column + j * lanes] = x[row + j];
        }
      }
    }
  }

  /** x[i, j] = in[j, i]. */
  static void separate(
      float[] in, int inAt, int lanes, float[] x, int at, int stride, int count, int n) {
    for (int from = 0; from < n; from += CHUNK) {
      int to = Math.min(n, from + CHUNK);
      for (int i = 0; i < count; i++) {
        int row = at + i * stride;
        int column = inAt + i;
        for (int j = from; j < to; j++) {
          x[row + j] = in[column + j * lanes];
        }
      }
    }
  }
}
