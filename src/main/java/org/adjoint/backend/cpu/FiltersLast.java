package org.adjoint.backend.cpu;

import java.util.Arrays;

/**
 * The gradient of a convolution in its weights, with the filters of a position side by side in the
 * lanes of a vector. Internal to the backends.
 *
 * <p>dwᵀ = Σ over images and positions x · dy is a product of matrices [C · taps, positions] and
 * [positions, F]. The first is not made: its element is a cell of the image, in a place that is the
 * sum of one number for the row and one for the column.
 *
 * <p>The terms of each sum are those of im2col's product, in the same order and the same slices; so
 * the bits are the same.
 */
final class FiltersLast {
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
    filters = shape.filters() / shape.groups();
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
    long width = (long) shape.filters() / shape.groups() + columns;
    return 2 * (shape.filters() / shape.groups()) >= columns
        && shape.batch() * width * g.outputSize() < Integer.MAX_VALUE
        && shape.batch() * PaddedPlane.cells(g) * g.channels() < Integer.MAX_VALUE;
  }

  /**
   * The partial sum of a chunk: of batches {@code chunk}, {@code chunk + chunks}, … in order, put
   * where {@code dw} has group {@code group}.
   */
  void chunk(
      int group,
      int chunk,
      int chunks,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] dw,
      int dwAt) {
    float[] sum = new float[Math.multiplyExact(rows.length, width)];
    for (int batch = chunk; batch < shape.batches(); batch += chunks) {
      addBatch(group, batch, x, xAt, dy, dyAt, sum);
    }
    int to = dwAt + group * filters * terms;
    PaddedPlane.separate(sum, 0, width, dw, to, terms, filters, terms);
  }

  private void addBatch(
      int group, int batch, float[] x, int xAt, float[] dy, int dyAt, float[] sum) {
    int first = batch * shape.batch();
    int count = Math.min(shape.batch(), shape.images() - first);
    int positions = count * outputs;
    int imageSize = channels * plane.cells;
    Scratch scratch = SCRATCH.get();
    scratch.reserve(plane.padded ? count * imageSize : 0, positions * width, positions);
    float[] cells = plane.padded ? scratch.x : x;
    for (int i = 0; i < count; i++) {
      int image = (first + i) * shape.groups() + group;
      int at = xAt + image * channels * inputSize;
      if (plane.padded) {
        plane.copy(channels, x, at, scratch.x, i * imageSize);
        at = i * imageSize;
      }
      for (int p = 0; p < outputs; p++) {
        scratch.columns[i * outputs + p] = at + plane.position[p];
      }
      loadOutputs(dy, dyAt + image * filters * outputs, i * outputs, positions, scratch.dy);
    }
    for (int from = 0; from < positions; from += DEPTH) {
      int depth = Math.min(DEPTH, positions - from);
      for (int f = 0; f < width; f += tileColumns) {
        for (int row = 0; row < rows.length; row += tileRows) {
          simd.crossTile(
              depth,
              cells,
              rows,
              row,
              scratch.columns,
              from,
              scratch.dy,
              f * positions + from * tileColumns,
              sum,
              row * width + f,
              width,
              true);
        }
      }
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
