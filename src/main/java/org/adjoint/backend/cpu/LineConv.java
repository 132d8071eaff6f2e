package org.adjoint.backend.cpu;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with neighbours of a line side by side in the lanes of a vector. Internal to the
 * backends.
 *
 * <p>Where the window moves by single cells along lines that are at least a vector long, what a tap
 * sees at the positions of a vector is a piece of the image as it lies. So nothing is copied, but
 * for the padding, and the result is written where it belongs. Vectors at the end of a line overlap
 * those before them, and write the same numbers twice.
 *
 * <p>The terms of each sum are those of im2col's product, in the same order and the same slices; so
 * the bits are the same.
 */
final class LineConv {
  private static final int DEPTH = Gemm.DEPTH;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Simd simd = Simd.best();
  private final int tileRows = simd.tileRows();
  private final int lanes = simd.tileColumns() / 2;
  private final ConvKernels.Shape shape;
  private final PaddedPlane plane;
  private final int filters;
  private final int outputs;

  /** Where each weight of a filter sees its first cell. */
  private final int[] rows;

  /** The positions with which vectors begin. */
  private final int[] starts;

  private LineConv(ConvKernels.Shape shape) {
    this.shape = shape;
    plane = new PaddedPlane(shape.window());
    filters = shape.filtersOfGroup();
    outputs = shape.window().outputSize();
    rows = plane.rows(shape.window().channels());
    int line = line(shape.window());
    int each = Math.ceilDiv(line, lanes);
    starts =
        IntStream.range(0, outputs / line * each)
            .map(i -> i / each * line + Math.min(i % each * lanes, line - lanes))
            .toArray();
  }

  private static final class Scratch {
    float[] x = {};
    float[] tile = {};

    void reserve(int xSize, int tileSize) {
      x = x.length < xSize ? new float[xSize] : x;
      tile = tile.length < tileSize ? new float[tileSize] : tile;
    }
  }

  private static int line(Im2col.Geometry g) {
    return g.output(g.dimensions() - 1);
  }

  /** Whether lines are long enough, and no sum is added to twice where vectors overlap. */
  static boolean suits(ConvKernels.Shape shape) {
    Im2col.Geometry g = shape.window();
    int lanes = Simd.best().tileColumns() / 2;
    return g.stride()[g.dimensions() - 1] == 1
        && line(g) >= lanes
        && g.outputSize() > 0
        && (g.rows() <= DEPTH || line(g) % lanes == 0)
        && g.channels() * PaddedPlane.cells(g) < Integer.MAX_VALUE;
  }

  /** y = conv(x, w) + b, without b where it is null. */
  static void forward(ConvKernels.Shape shape, Floats x, Floats w, @Nullable Floats b, Floats y) {
    LineConv conv = new LineConv(shape);
    for (int g = 0; g < shape.groups(); g++) {
      conv.forward(g, x, w, b, y);
    }
  }

  private void forward(int group, Floats x, Floats w, @Nullable Floats b, Floats y) {
    int terms = rows.length;
    int panels = Math.ceilDiv(filters, tileRows);
    float[] packed = new float[panels * tileRows * terms];
    Gemm.packSlices(w.data(), w.at() + group * filters * terms, filters, terms, terms, 1, packed);
    int channels = shape.window().channels();
    int xSize = channels * shape.window().inputSize();
    Parallel.forRange(
        shape.images(),
        i -> {
          Scratch scratch = SCRATCH.get();
          scratch.reserve(plane.padded ? channels * plane.cells : 0, tileRows * 2 * lanes);
          int image = i * shape.groups() + group;
          int at = x.at() + image * xSize;
          float[] cells = x.data();
          if (plane.padded) {
            plane.copy(channels, cells, at, scratch.x, 0);
            cells = scratch.x;
            at = 0;
          }
          int to = y.at() + image * filters * outputs;
          image(packed, cells, at, y.data(), to, scratch.tile);
          for (int f = 0; b != null && f < filters; f++) {
            float bias = b.data()[b.at() + group * filters + f];
            int row = to + f * outputs;
            simd.addScalar(bias, y.data(), row, y.data(), row, outputs);
          }
        });
  }

  private void image(float[] packed, float[] x, int xAt, float[] y, int yAt, float[] tile) {
    int terms = rows.length;
    int panels = Math.ceilDiv(filters, tileRows);
    for (int from = 0; from < terms; from += DEPTH) {
      int depth = Math.min(DEPTH, terms - from);
      for (int i = 0; i < starts.length; i += 2) {
        int first = starts[i];
        int second = starts[Math.min(i + 1, starts.length - 1)];
        for (int panel = 0; panel < panels; panel++) {
          int f = panel * tileRows;
          boolean whole = f + tileRows <= filters && first != second;
          simd.gatherTile(
              depth,
              packed,
              (panels * from + panel * depth) * tileRows,
              x,
              rows,
              from,
              xAt + plane.position[first],
              xAt + plane.position[second],
              whole ? y : tile,
              whole ? yAt + f * outputs + first : 0,
              whole ? yAt + f * outputs + second : lanes,
              whole ? outputs : 2 * lanes,
              whole && from > 0);
          for (int row = f; !whole && row < Math.min(filters, f + tileRows); row++) {
            int sums = (row - f) * 2 * lanes;
            put(tile, sums, y, yAt + row * outputs + first, from > 0);
            if (first != second) {
              put(tile, sums + lanes, y, yAt + row * outputs + second, from > 0);
            }
          }
        }
      }
    }
  }

  private void put(float[] sums, int at, float[] y, int yAt, boolean add) {
    if (add) {
      simd.add(y, yAt, sums, at, y, yAt, lanes);
    } else {
      System.arraycopy(sums, at, y, yAt, lanes);
    }
  }
}
