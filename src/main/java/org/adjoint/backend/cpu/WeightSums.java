package org.adjoint.backend.cpu;

import org.jspecify.annotations.Nullable;

/**
 * A way to sum up the gradient of a convolution in its weights and its bias. Internal to the
 * backends.
 *
 * <p>The images are dealt to a few chunks, each with a partial sum; these are added in order. How
 * many depends on the shape alone. All ways add the same terms in the same order, in slices of
 * {@link Gemm#DEPTH} positions of a batch of images; so the bits are the same.
 */
interface WeightSums {
  /**
   * Positions of the output that make a chunk worth its partial sum; but a few chunks in any case.
   */
  int POSITIONS = 1024;

  int FEWEST = 4;
  int MOST = 16;

  /** Floats that all partial sums may take together. */
  int BUDGET = 1 << 24;

  /** Floats of the partial sum of a group: its gradient in the weights and the bias. */
  int size();

  /** Adds what images {@code first} .. {@code first + count − 1} bring, to {@code sum[at ..]}. */
  void add(int group, int first, int count, Floats x, Floats dy, float[] sum, int at);

  /** Puts the sum of a group where it belongs. */
  void store(int group, float[] sum, int at, Floats dw, @Nullable Floats db);

  /** dw and db, unless that is null. */
  static void run(
      WeightSums way, ConvKernels.Shape s, Floats x, Floats dy, Floats dw, @Nullable Floats db) {
    int size = Math.multiplyExact(way.size(), s.groups());
    int chunks = chunks(s);
    float[][] partial = new float[chunks][];
    Parallel.forRange(
        chunks,
        chunk -> {
          float[] sum = new float[size];
          int end = (int) ((chunk + 1L) * s.images() / chunks);
          for (int i = (int) ((long) chunk * s.images() / chunks); i < end; i += s.batch()) {
            for (int g = 0; g < s.groups(); g++) {
              way.add(g, i, Math.min(s.batch(), end - i), x, dy, sum, g * way.size());
            }
          }
          partial[chunk] = sum;
        });
    for (int chunk = 1; chunk < chunks; chunk++) {
      Simd.best().add(partial[0], 0, partial[chunk], 0, partial[0], 0, size);
    }
    for (int g = 0; g < s.groups(); g++) {
      way.store(g, partial[0], g * way.size(), dw, db);
    }
  }

  private static int chunks(ConvKernels.Shape s) {
    long positions = (long) s.images() * s.window().outputSize();
    int worth = Math.clamp(positions / POSITIONS, FEWEST, MOST);
    long weights = (long) s.filters() * (s.window().rows() + 1);
    return Math.clamp(Math.min(worth, BUDGET / Math.max(1, weights)), 1, Math.max(1, s.images()));
  }
}
