package org.adjoint.backend.cpu;

import java.util.Arrays;

/**
 * Turns a convolution into a matrix product. Internal to the backends.
 *
 * <p>An image [C, I₁, .., Iₙ] becomes a matrix with a row for each weight of a filter (channel and
 * tap) and a column for each position of the output: the element is what that tap sees there, or 0
 * in the padding. Then filters × matrix is the convolution. {@link #col2im} is the adjoint map: it
 * adds each element back to the place it came from, which is how gradients return.
 */
public final class Im2col {
  private Im2col() {}

  /**
   * A window sliding over n spatial dimensions; each array has a number for each of them.
   *
   * @param channels planes of the image
   * @param input sizes of a plane
   * @param kernel taps of the window
   * @param stride how far the window moves at a step
   * @param padding cells added on both sides
   * @param dilation distance between taps
   */
  public record Geometry(
      int channels, int[] input, int[] kernel, int[] stride, int[] padding, int[] dilation) {
    public Geometry {
      input = input.clone();
      kernel = kernel.clone();
      stride = stride.clone();
      padding = padding.clone();
      dilation = dilation.clone();
      int n = input.length;
      if (n == 0
          || kernel.length != n
          || stride.length != n
          || padding.length != n
          || dilation.length != n) {
        throw new IllegalArgumentException("window: each of its arrays needs a number a dimension");
      }
      for (int d = 0; d < n; d++) {
        long reach = dilation[d] * (kernel[d] - 1L) + 1;
        boolean valid = channels >= 0 && input[d] >= 0 && padding[d] >= 0;
        if (!valid || kernel[d] < 1 || stride[d] < 1 || dilation[d] < 1) {
          throw new IllegalArgumentException("window: a size is negative, or a step less than 1");
        }
        if (reach > input[d] + 2L * padding[d]) {
          throw new IllegalArgumentException(
              "window: it spans %d cells of dimension %d, which has %d + 2 · %d"
                  .formatted(reach, d, input[d], padding[d]));
        }
      }
      Math.multiplyExact(channels, product(input));
      Math.multiplyExact(channels, product(kernel));
    }

    /** Spatial dimensions. */
    public int dimensions() {
      return input.length;
    }

    /** Size of the output along dimension {@code d}: the positions that the window can take. */
    public int output(int d) {
      long reach = dilation[d] * (kernel[d] - 1L) + 1;
      return Math.toIntExact((input[d] + 2L * padding[d] - reach) / stride[d] + 1);
    }

    /** Sizes of the output. */
    public int[] output() {
      int[] output = new int[dimensions()];
      Arrays.setAll(output, this::output);
      return output;
    }

    /** Elements of an image's plane. */
    public int inputSize() {
      return product(input);
    }

    /** Elements of an output's plane: columns of the matrix. */
    public int outputSize() {
      return product(output());
    }

    /** Taps of the window. */
    public int taps() {
      return product(kernel);
    }

    /** Rows of the matrix: channels times taps. */
    public int rows() {
      return channels * taps();
    }

    /** Elements of the matrix. */
    public int matrixSize() {
      return Math.multiplyExact(rows(), outputSize());
    }

    /** Whether the matrix is the image itself: a 1 × 1 window that goes everywhere. */
    public boolean isIdentity() {
      for (int d = 0; d < dimensions(); d++) {
        if (kernel[d] != 1 || stride[d] != 1 || padding[d] != 0) {
          return false;
        }
      }
      return true;
    }

    private static int product(int[] sizes) {
      int product = 1;
      for (int size : sizes) {
        product = Math.multiplyExact(product, size);
      }
      return product;
    }
  }

  /**
   * Fills the matrix [rows, outputSize] at {@code matrixAt} from the image at {@code imageAt}.
   *
   * @param rowStride from one row of the matrix to the next: outputSize, or more where the matrices
   *     of several images stand side by side
   */
  public static void im2col(
      Geometry g, float[] image, int imageAt, float[] matrix, int matrixAt, int rowStride) {
    new Walk(g, image, matrix, rowStride, false).run(imageAt, matrixAt);
  }

  /** Adds the matrix at {@code matrixAt} to the image at {@code imageAt}. */
  public static void col2im(
      Geometry g, float[] matrix, int matrixAt, int rowStride, float[] image, int imageAt) {
    new Walk(g, image, matrix, rowStride, true).run(imageAt, matrixAt);
  }

  /** One walk along the matrix, row by row, which keeps the place in the image beside it. */
  private static final class Walk {
    private final Geometry g;
    private final float[] image;
    private final float[] matrix;
    private final int rowStride;
    private final boolean back;

    private final int last;
    private final int[] output;
    private final int[] tap;

    /** Elements of the image, and of the output, in a slice along each dimension. */
    private final int[] imageStep;

    private final int[] outputStep;

    /**
     * Of the row being walked: cell that the tap sees first, and positions that are not padding.
     */
    private int first;

    private int from;
    private int to;

    Walk(Geometry g, float[] image, float[] matrix, int rowStride, boolean back) {
      this.g = g;
      this.image = image;
      this.matrix = matrix;
      this.rowStride = rowStride;
      this.back = back;
      last = g.dimensions() - 1;
      output = g.output();
      tap = new int[last + 1];
      imageStep = steps(g.input);
      outputStep = steps(output);
    }

    void run(int imageAt, int matrixAt) {
      int taps = g.taps();
      int inputSize = g.inputSize();
      int rows = g.rows();
      for (int row = 0; row < rows; row++) {
        int rest = row % taps;
        for (int d = last; d >= 0; d--) {
          tap[d] = rest % g.kernel[d];
          rest /= g.kernel[d];
        }
        // along the last dimension the tap sees cells of the image in positions from .. to − 1
        int stride = g.stride[last];
        first = tap[last] * g.dilation[last] - g.padding[last];
        from = Math.clamp(Math.ceilDiv(-first, stride), 0, output[last]);
        to = Math.clamp(Math.ceilDiv(g.input[last] - first, stride), from, output[last]);
        slice(0, imageAt + row / taps * inputSize, matrixAt + row * rowStride);
      }
    }

    /** All positions of dimensions {@code d .. last}, in one slice of the image and of the row. */
    private void slice(int d, int imageAt, int matrixAt) {
      if (d == last) {
        line(imageAt, matrixAt);
        return;
      }
      int in = tap[d] * g.dilation[d] - g.padding[d];
      for (int out = 0; out < output[d]; out++, in += g.stride[d]) {
        int at = matrixAt + out * outputStep[d];
        if (in >= 0 && in < g.input[d]) {
          slice(d + 1, imageAt + in * imageStep[d], at);
        } else if (!back) {
          Arrays.fill(matrix, at, at + outputStep[d], 0);
        }
      }
    }

    /** The innermost dimension: padding on the left, what the tap sees, padding on the right. */
    private void line(int imageAt, int matrixAt) {
      int stride = g.stride[last];
      int at = imageAt + first;
      if (back) {
        for (int i = from; i < to; i++) {
          image[at + i * stride] += matrix[matrixAt + i];
        }
        return;
      }
      for (int i = 0; i < from; i++) {
        matrix[matrixAt + i] = 0;
      }
      if (stride == 1 && from < to) { // a tap in the padding alone has no place in the image
        System.arraycopy(image, at + from, matrix, matrixAt + from, to - from);
      } else {
        for (int i = from; i < to; i++) {
          matrix[matrixAt + i] = image[at + i * stride];
        }
      }
      for (int i = to; i < output[last]; i++) {
        matrix[matrixAt + i] = 0;
      }
    }

    private static int[] steps(int[] sizes) {
      int[] steps = new int[sizes.length];
      for (int d = sizes.length - 1, step = 1; d >= 0; step *= sizes[d--]) {
        steps[d] = step;
      }
      return steps;
    }
  }
}
