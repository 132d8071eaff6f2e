package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.cpu.Gemm.Matrix;

/**
 * One group of a few images of a convolution, and its operands as matrices with a column for each
 * output. Internal to the backends. A matrix that is not found as it is is made in memory of the
 * thread, and holds until the next batch of the thread.
 */
final class ConvBatch {
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final ConvKernels.Shape shape;
  private final int group;
  private final int first;
  private final int count;
  private final int filters;
  private final int rows;
  private final int outputSize;
  private final int width;
  private final Scratch scratch = SCRATCH.get();

  /** Images {@code first} .. {@code first + count − 1}. */
  ConvBatch(ConvKernels.Shape shape, int group, int first, int count) {
    this.shape = shape;
    this.group = group;
    this.first = first;
    this.count = count;
    filters = shape.filtersOfGroup();
    rows = shape.window().rows();
    outputSize = shape.window().outputSize();
    width = count * outputSize;
  }

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

  private int xSize() {
    return shape.window().channels() * shape.window().inputSize();
  }

  /** Where image {@code i} of the batch begins, for this group. */
  private int xAt(Floats x, int i) {
    return x.at() + ((first + i) * shape.groups() + group) * xSize();
  }

  private int yAt(Floats y, int i) {
    return y.at() + ((first + i) * shape.groups() + group) * filters * outputSize;
  }

  /** [filters, rows]. */
  Matrix weights(Floats w) {
    return Matrix.of(w.data(), w.at() + group * filters * rows, filters, rows);
  }

  /** [rows, width], to be written: x itself if that is its own matrix, or else scratch. */
  Matrix columnSpace(Floats x) {
    return isImage()
        ? Matrix.of(x.data(), xAt(x, 0), rows, width)
        : Matrix.of(scratch.columns(Math.multiplyExact(rows, width)), 0, rows, width);
  }

  /** im2col of the images. */
  Matrix columns(Floats x) {
    Matrix col = columnSpace(x);
    for (int i = 0; i < count && !isImage(); i++) {
      Im2col.im2col(shape.window(), x.data(), xAt(x, i), col.data(), i * outputSize, width);
    }
    return col;
  }

  /** col2im to the images. */
  void addBack(Matrix col, Floats dx) {
    for (int i = 0; i < count && !isImage(); i++) {
      int at = xAt(dx, i);
      Arrays.fill(dx.data(), at, at + xSize(), 0);
      Im2col.col2im(shape.window(), col.data(), i * outputSize, width, dx.data(), at);
    }
  }

  private boolean isImage() {
    return count == 1 && shape.window().isIdentity();
  }

  /** [filters, width], to be written: y itself if it is a single image's, or else scratch. */
  Matrix outputs(Floats y) {
    return count == 1
        ? Matrix.of(y.data(), yAt(y, 0), filters, outputSize)
        : Matrix.of(scratch.outputs(Math.multiplyExact(filters, width)), 0, filters, width);
  }

  /** The outputs of all images, side by side. */
  Matrix gather(Floats y) {
    Matrix out = outputs(y);
    for (int i = 0; i < count && count > 1; i++) {
      for (int f = 0; f < filters; f++) {
        int from = yAt(y, i) + f * outputSize;
        System.arraycopy(y.data(), from, out.data(), f * width + i * outputSize, outputSize);
      }
    }
    return out;
  }

  /** Puts the outputs of all images where they belong. */
  void scatter(Matrix out, Floats y) {
    for (int i = 0; i < count && count > 1; i++) {
      for (int f = 0; f < filters; f++) {
        int to = yAt(y, i) + f * outputSize;
        System.arraycopy(out.data(), f * width + i * outputSize, y.data(), to, outputSize);
      }
    }
  }

  /** Adds to the outputs of each filter, [filters, width], its bias. */
  void addBias(Floats bias, Matrix out) {
    for (int f = 0; f < filters; f++) {
      float b = bias.data()[bias.at() + group * filters + f];
      int row = out.offset() + f * width;
      Simd.best().addScalar(b, out.data(), row, out.data(), row, width);
    }
  }
}
