package org.adjoint.backend.cuda.driver;

import java.util.List;
import org.adjoint.DType;

/**
 * A convolution by cuDNN: y = x * w over contiguous x [N, C, I…], w [F, C / groups, K…] and y [N,
 * F, O…], with one to three spatial axes, and its two gradients.
 *
 * <p>Of the algorithms that cuDNN's heuristics propose, the first that repeats to the bit is taken,
 * and only if there is none, the first at all: see {@link #deterministic}.
 */
public final class Convolution implements AutoCloseable {
  /**
   * What is convolved.
   *
   * @param type F32, F64, BF16 or F16
   * @param tf32 whether F32 products may be rounded to TF32
   * @param workspace bytes of workspace that an algorithm may ask for
   */
  public record Sizes(
      DType type,
      List<Long> x,
      List<Long> w,
      List<Long> y,
      List<Integer> stride,
      List<Integer> padding,
      List<Integer> dilation,
      int groups,
      boolean tf32,
      long workspace) {}

  /** The three sums of products that a convolution is made of. */
  public enum Direction {
    /** y from x and w. */
    FORWARD,
    /** dx from w and dy. */
    INPUT_GRADIENT,
    /** dw from x and dy. */
    FILTER_GRADIENT
  }

  /** Bytes of workspace that the algorithm of {@code direction} wants. */
  public long workspace(Direction direction) {
    throw new UnsupportedOperationException();
  }

  /** Whether the algorithm of {@code direction} gives the same bits each time. */
  public boolean deterministic(Direction direction) {
    throw new UnsupportedOperationException();
  }

  /** cuDNN's name of the algorithm of {@code direction}. */
  public String algorithm(Direction direction) {
    throw new UnsupportedOperationException();
  }

  /** y = x * w + beta · y. */
  public void forward(long x, long w, long y, double beta, long workspace) {
    throw new UnsupportedOperationException();
  }

  /** dx from w and dy, + beta · dx. */
  public void inputGradient(long w, long dy, long dx, double beta, long workspace) {
    throw new UnsupportedOperationException();
  }

  /** dw from x and dy, + beta · dw. */
  public void filterGradient(long x, long dy, long dw, double beta, long workspace) {
    throw new UnsupportedOperationException();
  }

  /** y += b [F], for each image and place. */
  public void addBias(long b, long y) {
    throw new UnsupportedOperationException();
  }

  /** db [F] = Σ dy over images and places, + beta · db. */
  public void biasGradient(long dy, long db, double beta) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
