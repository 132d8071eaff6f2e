package org.adjoint.backend.cuda;

import org.adjoint.Shape;

/**
 * How {@code pool_band.cu} cuts rows of results into bands, a block's each: the struct {@code
 * Bands}. Small planes are a band together, of large ones a band is a part.
 *
 * @param rows of results, of all planes
 * @param group rows of the planes that a band may have a part of
 * @param bands of a group
 * @param length rows of a band
 * @param cells that a band looks at, at most
 */
record PoolBands(long rows, long group, long bands, long length, long cells) {
  /** Bytes of shared memory that a band may fill: as many blocks as an SM can hold have room. */
  private static final long MOST_BYTES = 1 << 14;

  /** Cells of planes that are a band together: a few for each thread. */
  private static final long MOST_JOINED = 1 << 10;

  /** Where windows look, or, going back, where the cells' windows are. */
  private record Way(Window window, boolean back) {
    Shape of() {
      return back ? window.input() : window.output();
    }

    Shape in() {
      return back ? window.output() : window.input();
    }

    /** Cells that {@code rows} rows of results look at, at most. */
    long cells(long rows) {
      long kernel = window.kernel().size(0);
      long stride = window.stride().get(0);
      long reach =
          kernel == 0
              ? rows * in().size(0) / of().size(0) + 2
              : back ? (rows + kernel - 2) / stride + 1 : (rows - 1) * stride + kernel;
      return Math.min(reach, in().size(0)) * in().size(1);
    }
  }

  /** Whether a band of one row has room, and windows lie in order. */
  static boolean fit(Window window, boolean back, int bytes) {
    return window.dilation().get(0) == 1 && new Way(window, back).cells(1) * bytes <= MOST_BYTES;
  }

  /** Bands of planes of two axes; {@code bytes} of shared memory are kept for a cell. */
  static PoolBands of(Window window, boolean back, int bytes, long planes) {
    Way way = new Way(window, back);
    long rows = way.of().size(0);
    long length = rows;
    while (length > 1 && way.cells(length) * bytes > MOST_BYTES) {
      length = Math.ceilDiv(length, 2);
    }
    long plane = Math.max(way.of().count(), way.in().count());
    long joined = length < rows ? 1 : Math.clamp(MOST_JOINED / plane, 1, planes);
    long cells = joined > 1 ? joined * way.in().count() : way.cells(length);
    return new PoolBands(
        planes * rows, joined * rows, Math.ceilDiv(rows, length), joined * length, cells);
  }

  long blocks() {
    return Math.ceilDiv(rows, group) * bands;
  }

  /** The members of the struct. */
  long[] members() {
    return new long[] {rows, group, bands, length, cells};
  }
}
