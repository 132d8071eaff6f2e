package org.adjoint.backend.cpu;

import org.adjoint.backend.cpu.Gemm.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * Convolution and its two gradients in float, by {@link Im2col} and {@link Gemm}. Internal to the
 * backends.
 *
 * <pre>
 *   x [N, C, I..]   w [F, C / groups, K..]   b [F]   y [N, F, O..]       col = im2col(x)
 *   y = w · col + b     dx = col2im(wᵀ · dy)     dw = Σ over images dy · colᵀ     db = Σ dy
 * </pre>
 *
 * Where the output of an image is small, the matrices of several images stand side by side as one
 * batch, so that there is enough to multiply for each weight that is fetched. Mostly the matrix col
 * would cost more than the product; {@link BlockedConv}, {@link LineConv}, {@link FiltersLast} and
 * {@link TapsLast} do without. With groups, each of them is a convolution of its own, of C / groups
 * channels by F / groups filters. Every method overwrites its result.
 */
public final class ConvKernels {
  /** Columns that a batch has room for, unless a single image takes more. */
  private static final int BATCH_COLUMNS = 256;

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

    int filtersOfGroup() {
      return filters / groups;
    }

    /** Images that are worked on together. */
    int batch() {
      return Math.clamp(BATCH_COLUMNS / Math.max(1, window.outputSize()), 1, Math.max(1, images));
    }
  }

  private interface Work {
    void on(ConvBatch batch);
  }

  /** Runs {@code work} on all batches of all groups. */
  private static void forBatches(Shape s, Work work) {
    Parallel.forRange(
        Math.ceilDiv(s.images, s.batch()),
        i -> {
          int first = i * s.batch();
          for (int g = 0; g < s.groups; g++) {
            work.on(new ConvBatch(s, g, first, Math.min(s.batch(), s.images - first)));
          }
        });
  }

  /** y = conv(x, w) + b, without b where it is null. */
  public static void forward(Shape s, Floats x, Floats w, @Nullable Floats b, Floats y) {
    if (BlockedConv.suits(s)) {
      BlockedConv.forward(s, x, w, b, y);
    } else if (LineConv.suits(s)) {
      LineConv.forward(s, x, w, b, y);
    } else {
      forwardByColumns(s, x, w, b, y);
    }
  }

  static void forwardByColumns(Shape s, Floats x, Floats w, @Nullable Floats b, Floats y) {
    forBatches(
        s,
        batch -> {
          Matrix out = batch.outputs(y);
          Gemm.multiply(batch.weights(w), batch.columns(x), out, false);
          if (b != null) {
            batch.addBias(b, out);
          }
          batch.scatter(out, y);
        });
  }

  /** dx = the gradient of Σ dy · conv(x, w) in x. */
  public static void inputGrad(Shape s, Floats dy, Floats w, Floats dx) {
    if (BlockedConv.suits(s)) {
      BlockedConv.inputGrad(s, dy, w, dx);
    } else {
      inputGradByColumns(s, dy, w, dx);
    }
  }

  static void inputGradByColumns(Shape s, Floats dy, Floats w, Floats dx) {
    forBatches(
        s,
        batch -> {
          Matrix col = batch.columnSpace(dx);
          Gemm.multiply(batch.weights(w).t(), batch.gather(dy), col, false);
          batch.addBack(col, dx);
        });
  }

  /**
   * dw = the gradient of Σ dy · conv(x, w) in w, and db = Σ dy over images and positions, unless db
   * is null.
   */
  public static void weightGrad(Shape s, Floats x, Floats dy, Floats dw, @Nullable Floats db) {
    if (TapsLast.suits(s)) {
      WeightSums.run(new TapsLast(s), s, x, dy, dw, db);
    } else if (FiltersLast.suits(s)) {
      WeightSums.run(new FiltersLast(s), s, x, dy, dw, db);
    } else {
      WeightSums.run(new ColumnSums(s, db != null), s, x, dy, dw, db);
    }
  }
}
