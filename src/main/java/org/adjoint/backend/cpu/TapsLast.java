package org.adjoint.backend.cpu;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a convolution in its weights and its bias, with the taps of a position side by
 * side in the lanes of a vector. Internal to the backends.
 *
 * <p>dw = Σ over images and positions dy · x is a product of matrices [F, positions] and
 * [positions, C · taps]. The first is dy as it lies; the second is made, so this is for windows of
 * few cells. The bias is the weight of one more cell, which is always 1.
 */
final class TapsLast implements WeightSums {
  private static final int DEPTH = Gemm.DEPTH;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Simd simd = Simd.best();
  private final int tileRows = simd.tileRows();
  private final int width = simd.tileColumns();
  private final ConvKernels.Shape shape;
  private final PaddedPlane plane;
  private final int channels;
  private final int filters;
  private final int terms;
  private final int inputSize;
  private final int outputs;

  /** Where each filter's outputs begin, filled up to whole tiles. */
  private final int[] rows;

  /** Where runs of neighbours among the cells that the first position sees begin. */
  private final int[] pieces;

  /** The term with which each run begins, and at the end how many terms there are. */
  private final int[] columns;

  TapsLast(ConvKernels.Shape shape) {
    this.shape = shape;
    plane = new PaddedPlane(shape.window());
    channels = shape.window().channels();
    filters = shape.filtersOfGroup();
    terms = shape.window().rows();
    inputSize = shape.window().inputSize();
    outputs = shape.window().outputSize();
    rows = new int[Math.ceilDiv(filters, tileRows) * tileRows];
    Arrays.setAll(rows, f -> f < filters ? f * outputs : 0);
    int[] cells = plane.rows(channels);
    int[] starts =
        IntStream.range(0, terms).filter(k -> k == 0 || cells[k] != cells[k - 1] + 1).toArray();
    pieces = Arrays.stream(starts).map(k -> cells[k]).toArray();
    columns = Arrays.copyOf(starts, starts.length + 1);
    columns[starts.length] = terms;
  }

  /** Memory of one thread. */
  private static final class Scratch {
    float[] x = {};
    float[] seen = {};
    int[] cells = {};
    int[] positions = {};

    void reserve(int xSize, int seenSize, int count) {
      x = x.length < xSize ? new float[xSize] : x;
      seen = seen.length < seenSize ? new float[seenSize] : seen;
      cells = cells.length < count ? new int[count] : cells;
      positions = positions.length < count ? new int[count] : positions;
    }
  }

  /** Whether a tile has room for all cells of a window, and one more. */
  static boolean fits(ConvKernels.Shape shape) {
    Im2col.Geometry g = shape.window();
    return g.rows() < Simd.best().tileColumns()
        && shape.batch() * PaddedPlane.cells(g) * g.channels() < Integer.MAX_VALUE;
  }

  /** Whether enough of that room is used for this to be the quicker way. */
  static boolean suits(ConvKernels.Shape shape) {
    return 2 * shape.window().rows() >= Simd.best().tileColumns() && fits(shape);
  }

  @Override
  public int size() {
    return Math.multiplyExact(rows.length, width);
  }

  @Override
  public void add(int group, int first, int count, Floats x, Floats dy, float[] sum, int at) {
    int imageSize = channels * plane.cells;
    Scratch scratch = SCRATCH.get();
    int positions = count * outputs;
    scratch.reserve(plane.padded ? count * imageSize : 0, DEPTH * width, positions);
    float[] cells = plane.padded ? scratch.x : x.data();
    for (int i = 0; i < count; i++) {
      int image = (first + i) * shape.groups() + group;
      int xAt = x.at() + image * channels * inputSize;
      if (plane.padded) {
        plane.copy(channels, x.data(), xAt, scratch.x, i * imageSize);
        xAt = i * imageSize;
      }
      for (int p = 0; p < outputs; p++) {
        scratch.cells[i * outputs + p] = xAt + plane.position[p];
        scratch.positions[i * outputs + p] = dy.at() + image * filters * outputs + p;
      }
    }
    for (int from = 0; from < positions; from += DEPTH) {
      int depth = Math.min(DEPTH, positions - from);
      simd.copyPieces(cells, scratch.cells, from, pieces, columns, scratch.seen, 0, width, depth);
      for (int k = 0; k < depth; k++) {
        scratch.seen[k * width + terms] = 1;
      }
      for (int f = 0; f < rows.length; f += tileRows) {
        simd.crossTile(
            depth,
            dy.data(),
            rows,
            f,
            scratch.positions,
            from,
            scratch.seen,
            0,
            sum,
            at + f * width,
            width,
            true);
      }
    }
  }

  @Override
  public void store(int group, float[] sum, int at, Floats dw, @Nullable Floats db) {
    for (int f = 0; f < filters; f++) {
      int row = at + f * width;
      int filter = group * filters + f;
      System.arraycopy(sum, row, dw.data(), dw.at() + filter * terms, terms);
      if (db != null) {
        db.data()[db.at() + filter] = sum[row + terms];
      }
    }
  }
}
