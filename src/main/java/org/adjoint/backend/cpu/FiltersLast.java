package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a convolution in its weights and its bias, with the filters of a position side by
 * side in the lanes of a vector. Internal to the backends.
 *
 * <p>dwᵀ = Σ over images and positions x · dy is a product of matrices [C · taps, positions] and
 * [positions, F]. The first is not made: its element is a cell of the image, in a place that is the
 * sum of one number for the row and one for the column.
 */
final class FiltersLast implements WeightSums {
  private static final int DEPTH = Gemm.DEPTH;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Simd simd = Simd.best();
  private final int tileRows = simd.tileRows();
  private final int tileColumns = simd.tileColumns();
  private final ConvKernels.Shape shape;
  private final PaddedPlane plane;
  private final int channels;
  private final int filters;

  /** Filters, filled up to whole tiles. */
  private final int width;

  /** Weights of a filter, filled up to whole tiles: where each sees its first cell. */
  private final int[] rows;

  private final int terms;
  private final int inputSize;
  private final int outputs;

  FiltersLast(ConvKernels.Shape shape) {
    this.shape = shape;
    plane = new PaddedPlane(shape.window());
    channels = shape.window().channels();
    filters = shape.filtersOfGroup();
    width = Math.ceilDiv(filters, tileColumns) * tileColumns;
    terms = shape.window().rows();
    inputSize = shape.window().inputSize();
    outputs = shape.window().outputSize();
    rows = Arrays.copyOf(plane.rows(channels), Math.ceilDiv(terms, tileRows) * tileRows);
  }

  /** Memory of one thread. */
  private static final class Scratch {
    float[] x = {};
    float[] dy = {};
    int[] columns = {};

    void reserve(int xSize, int dySize, int columnCount) {
      x = x.length < xSize ? new float[xSize] : x;
      dy = dy.length < dySize ? new float[dySize] : dy;
      columns = columns.length < columnCount ? new int[columnCount] : columns;
    }
  }

  /** Whether filters are enough for this to be the quicker way. */
  static boolean suits(ConvKernels.Shape shape) {
    Im2col.Geometry g = shape.window();
    int columns = Simd.best().tileColumns();
    long width = (long) shape.filtersOfGroup() + columns;
    return 2 * shape.filtersOfGroup() >= columns
        && shape.batch() * width * g.outputSize() < Integer.MAX_VALUE
        && shape.batch() * PaddedPlane.cells(g) * g.channels() < Integer.MAX_VALUE;
  }

  @Override
  public int size() {
    return Math.multiplyExact(rows.length + 1, width);
  }

  @Override
  public void add(int group, int first, int count, Floats x, Floats dy, float[] sum, int at) {
    int positions = count * outputs;
    int imageSize = channels * plane.cells;
    Scratch scratch = SCRATCH.get();
    scratch.reserve(plane.padded ? count * imageSize : 0, positions * width, positions);
    float[] cells = plane.padded ? scratch.x : x.data();
    for (int i = 0; i < count; i++) {
      int image = (first + i) * shape.groups() + group;
      int xAt = x.at() + image * channels * inputSize;
      if (plane.padded) {
        plane.copy(channels, x.data(), xAt, scratch.x, i * imageSize);
        xAt = i * imageSize;
      }
      for (int p = 0; p < outputs; p++) {
        scratch.columns[i * outputs + p] = xAt + plane.position[p];
      }
      int dyAt = dy.at() + image * filters * outputs;
      loadOutputs(dy.data(), dyAt, i * outputs, positions, scratch.dy);
    }
    float[] bias = new float[tileColumns];
    for (int from = 0; from < positions; from += DEPTH) {
      int depth = Math.min(DEPTH, positions - from);
      for (int f = 0; f < width; f += tileColumns) {
        int panel = f * positions + from * tileColumns;
        for (int row = 0; row < rows.length; row += tileRows) {
          simd.crossTile(
              depth,
              cells,
              rows,
              row,
              scratch.columns,
              from,
              scratch.dy,
              panel,
              sum,
              at + row * width + f,
              width,
              true);
        }
        Arrays.fill(bias, 0);
        for (int k = 0; k < depth; k++) {
          simd.add(bias, 0, scratch.dy, panel + k * tileColumns, bias, 0, tileColumns);
        }
        int to = at + rows.length * width + f;
        simd.add(sum, to, bias, 0, sum, to, tileColumns);
      }
    }
  }

  @Override
  public void store(int group, float[] sum, int at, Floats dw, @Nullable Floats db) {
    int to = dw.at() + group * filters * terms;
    PaddedPlane.separate(sum, at, width, dw.data(), to, terms, filters, terms);
    if (db != null) {
      int biases = at + rows.length * width;
      System.arraycopy(sum, biases, db.data(), db.at() + group * filters, filters);
    }
  }

  /**
   * out[filters in tiles][position][filter] of one image, whose positions begin at {@code from}.
   */
  private void loadOutputs(float[] dy, int at, int from, int positions, float[] out) {
    for (int f = 0; f < filters; f += tileColumns) {
      PaddedPlane.interleave(
          dy,
          at + f * outputs,
          outputs,
          Math.min(tileColumns, filters - f),
          outputs,
          out,
          f * positions + from * tileColumns,
          tileColumns);
    }
  }
}
