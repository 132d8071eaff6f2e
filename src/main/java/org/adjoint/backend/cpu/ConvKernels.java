package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.cpu.Gemm.Matrix;

/**
 * Convolution and its two gradients in float, by {@link Im2col} and {@link Gemm}. Internal to the
 * backends.
 *
 * <pre>
 *   x [N, C, I..]   w [F, C / groups, K..]   y [N, F, O..]       col = im2col(x)
 *   y = w · col     dx = col2im(wᵀ · dy)     dw = Σ over images dy · colᵀ
 * </pre>
 *
 * Where the output of an image is small, the matrices of several images stand side by side as one
 * batch, so that there is enough to multiply for each weight that is fetched. Where the lines of
 * the output are short, {@link BlockedConv} and {@link FiltersLast} do the same without the matrix
 * col, which would cost more than the product. With groups, each of them is a convolution of its
 * own, of C / groups channels by F / groups filters. Every method overwrites its result.
 */
public final class ConvKernels {
  /** Columns that a batch has room for, unless a single image takes more. */
  private static final int BATCH_COLUMNS = 256;

  /** Partial sums of a weight gradient, and how many floats they may take together. */
  private static final int CHUNKS = 16;

  private static final int CHUNK_BUDGET = 1 << 24;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private ConvKernels() {}

  /**
   * The sizes of a convolution.
   *
   * @param images N
   * @param groups independent convolutions side by side
   * @param filters F, of all groups together
   * @param window the geometry of one group: its channels are C / groups
   */
  public record Shape(int images, int groups, int filters, Im2col.Geometry window) {
    public Shape {
      if (images < 0 || groups < 1 || filters < 0 || filters % groups != 0) {
        throw new IllegalArgumentException(
            "conv: %d images, %d filters in %d groups".formatted(images, filters, groups));
      }
    }

    int batch() {
      return Math.clamp(BATCH_COLUMNS / Math.max(1, window.outputSize()), 1, Math.max(1, images));
    }

    int batches() {
      return Math.ceilDiv(images, batch());
    }
  }

  /** y = conv(x, w). */
  public static void forward(Shape s, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt) {
    if (BlockedConv.suits(s)) {
      BlockedConv.forward(s, x, xAt, w, wAt, y, yAt);
    } else if (LineConv.suits(s)) {
      LineConv.forward(s, x, xAt, w, wAt, y, yAt);
    } else {
      forwardByColumns(s, x, xAt, w, wAt, y, yAt);
    }
  }

  static void forwardByColumns(
      Shape s, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt) {
    Parallel.forRange(
        s.batches(),
        i -> {
          for (int g = 0; g < s.groups; g++) {
            Batch batch = new Batch(s, i, g);
            Matrix out = batch.outputs(y, yAt);
            Gemm.multiply(batch.weights(w, wAt), batch.columns(x, xAt), out, false);
            batch.scatter(out, y, yAt);
          }
        });
  }

  /** dx = the gradient of Σ dy · conv(x, w) in x. */
  public static void inputGrad(
      Shape s, float[] dy, int dyAt, float[] w, int wAt, float[] dx, int dxAt) {
    if (BlockedConv.suits(s)) {
      BlockedConv.inputGrad(s, dy, dyAt, w, wAt, dx, dxAt);
    } else {
      inputGradByColumns(s, dy, dyAt, w, wAt, dx, dxAt);
    }
  }

  static void inputGradByColumns(
      Shape s, float[] dy, int dyAt, float[] w, int wAt, float[] dx, int dxAt) {
    Parallel.forRange(
        s.batches(),
        i -> {
          for (int g = 0; g < s.groups; g++) {
            Batch batch = new Batch(s, i, g);
            Matrix col = batch.columnSpace(dx, dxAt);
            Gemm.multiply(batch.weights(w, wAt).t(), batch.gather(dy, dyAt), col, false);
            batch.addBack(col, dx, dxAt);
          }
        });
  }

  /**
   * dw = the gradient of Σ dy · conv(x, w) in w. The batches are dealt to at most {@value #CHUNKS}
   * partial sums, which are added in order; how many depends on the shape alone.
   */
  public static void weightGrad(
      Shape s, float[] x, int xAt, float[] dy, int dyAt, float[] dw, int dwAt) {
    weightGrad(s, x, xAt, dy, dyAt, dw, dwAt, FiltersLast.suits(s));
  }

  static void weightGrad(
      Shape s,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] dw,
      int dwAt,
      boolean filtersLast) {
    int size = Math.multiplyExact(s.filters, s.window.rows());
    Arrays.fill(dw, dwAt, dwAt + size, 0);
    int chunks = Math.min(s.batches(), Math.clamp(CHUNK_BUDGET / Math.max(1, size), 1, CHUNKS));
    float[][] partial = new float[chunks][];
    FiltersLast last = filtersLast ? new FiltersLast(s) : null;
    Parallel.forRange(
        chunks,
        chunk -> {
          float[] sum = chunk == 0 ? dw : new float[size];
          int sumAt = chunk == 0 ? dwAt : 0;
          for (int g = 0; g < s.groups; g++) {
            if (last != null) {
              last.chunk(g, chunk, chunks, x, xAt, dy, dyAt, sum, sumAt);
            } else {
              chunkByColumns(s, g, chunk, chunks, x, xAt, dy, dyAt, sum, sumAt);
            }
          }
          partial[chunk] = sum;
        });
    for (int chunk = 1; chunk < chunks; chunk++) {
      Simd.best().add(dw, dwAt, partial[chunk], 0, dw, dwAt, size);
    }
  }

  private static void chunkByColumns(
      Shape s,
      int group,
      int chunk,
      int chunks,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] sum,
      int sumAt) {
    for (int i = chunk; i < s.batches(); i += chunks) {
      Batch batch = new Batch(s, i, group);
      Matrix colT = batch.columns(x, xAt).t();
      Gemm.multiply(batch.gather(dy, dyAt), colT, batch.weights(sum, sumAt), true);
    }
  }

  /** Memory for matrices that are not laid out as a product needs them: one set a thread. */
  private static final class Scratch {
    float[] columns = {};
    float[] outputs = {};

    float[] columns(int size) {
      columns = columns.length < size ? new float[size] : columns;
      return columns;
    }

    float[] outputs(int size) {
      outputs = outputs.length < size ? new float[size] : outputs;
      return outputs;
    }
  }

  /** One group of a few images, and its operands as matrices with a column for each output. */
  private static final class Batch {
    private final Shape shape;
    private final int group;
    private final int first;
    private final int count;
    private final int filters;
    private final int rows;
    private final int outputSize;
    private final int width;
    private final Scratch scratch = SCRATCH.get();

    Batch(Shape shape, int index, int group) {
      this.shape = shape;
      this.group = group;
      first = index * shape.batch();
      count = Math.min(shape.batch(), shape.images - first);
      filters = shape.filters / shape.groups;
      rows = shape.window.rows();
      outputSize = shape.window.outputSize();
      width = count * outputSize;
    }

    private int xSize() {
      return shape.window.channels() * shape.window.inputSize();
    }

    /** Where image {@code i} of the batch begins, for this group. */
    private int xAt(int i) {
      return ((first + i) * shape.groups + group) * xSize();
    }

    private int yAt(int i) {
      return ((first + i) * shape.groups + group) * filters * outputSize;
    }

    /** [filters, rows]. */
    Matrix weights(float[] w, int at) {
      return Matrix.of(w, at + group * filters * rows, filters, rows);
    }

    /** [rows, width], to be written: x itself if that is its own matrix, or else scratch. */
    Matrix columnSpace(float[] x, int at) {
      return isImage()
          ? Matrix.of(x, at + xAt(0), rows, width)
          : Matrix.of(scratch.columns(Math.multiplyExact(rows, width)), 0, rows, width);
    }

    /** im2col of the images. */
    Matrix columns(float[] x, int at) {
      Matrix col = columnSpace(x, at);
      for (int i = 0; i < count && !isImage(); i++) {
        Im2col.im2col(shape.window, x, at + xAt(i), col.data(), i * outputSize, width);
      }
      return col;
    }

    /** col2im to the images. */
    void addBack(Matrix col, float[] dx, int at) {
      for (int i = 0; i < count && !isImage(); i++) {
        Arrays.fill(dx, at + xAt(i), at + xAt(i) + xSize(), 0);
        Im2col.col2im(shape.window, col.data(), i * outputSize, width, dx, at + xAt(i));
      }
    }

    private boolean isImage() {
      return count == 1 && shape.window.isIdentity();
    }

    /** [filters, width], to be written: y itself if it is a single image's, or else scratch. */
    Matrix outputs(float[] y, int at) {
      return count == 1
          ? Matrix.of(y, at + yAt(0), filters, outputSize)
          : Matrix.of(scratch.outputs(Math.multiplyExact(filters, width)), 0, filters, width);
    }

    /** The outputs of all images, side by side. */
    Matrix gather(float[] y, int at) {
      Matrix out = outputs(y, at);
      for (int i = 0; i < count && count > 1; i++) {
        for (int f = 0; f < filters; f++) {
          int from = at + yAt(i) + f * outputSize;
          System.arraycopy(y, from, out.data(), f * width + i * outputSize, outputSize);
        }
      }
      return out;
    }

    /** Puts the outputs of all images where they belong. */
    void scatter(Matrix out, float[] y, int at) {
      for (int i = 0; i < count && count > 1; i++) {
        for (int f = 0; f < filters; f++) {
          int to = at + yAt(i) + f * outputSize;
          System.arraycopy(out.data(), f * width + i * outputSize, y, to, outputSize);
        }
      }
    }
  }
}
