package org.adjoint.backend.cuda;

import org.jspecify.annotations.Nullable;

/**
 * How the blocks of {@code recurrent_persistent.cu} share a run: all are in flight at once, one a
 * multiprocessor.
 *
 * @param units elements of a state that a block has
 * @param rows sequences that it has
 * @param across blocks for all elements
 * @param down blocks for all sequences
 * @param shared bytes of its shared memory
 */
record PersistentGrid(long units, long rows, long across, long down, long shared) {
  /** These are the kernels' own. */
  static final int THREADS = 256;

  static final int SEQUENCES = 64;
  private static final int TILE = 4;
  private static final int STAGE = 2048;
  private static final int STAGES = 4;
  private static final int OWN = 2;

  /**
   * The grid whose blocks have the fewest rows, and so read least.
   *
   * @param columns of the weights, for each unit
   * @param n units
   * @param depth of a column
   * @param most blocks
   * @param room bytes of shared memory for each
   * @return null if none fits
   */
  static @Nullable PersistentGrid of(
      long columns, long n, long depth, long sequences, int most, long room) {
    if (n % TILE != 0 || sequences < 1 || sequences > SEQUENCES) {
      return null;
    }
    for (long rows = TILE; rows <= SEQUENCES; rows *= 2) {
      long down = Math.ceilDiv(sequences, rows);
      if (down > most) {
        continue;
      }
      long units = Math.ceilDiv(Math.ceilDiv(n, most / down), TILE) * TILE;
      long across = Math.ceilDiv(n, units);
      long shared = shared(columns, units, rows, depth);
      if (shared <= room
          && rows * units <= OWN * THREADS
          && tiles(columns, units, rows) <= THREADS) {
        return new PersistentGrid(units, rows, across, down, shared);
      }
    }
    return null;
  }

  private static long tiles(long columns, long units, long rows) {
    return columns * units / TILE * (rows / TILE);
  }

  /** Of weights, of some chunks of each row, and of sums. */
  private static long shared(long columns, long units, long rows, long depth) {
    long chunks = STAGES * rows * apart(STAGE / rows, 8);
    long sums = TILE * TILE * (THREADS + (columns | 1) * units / TILE);
    return Float.BYTES * (columns * units * apart(depth, columns * units / TILE) + chunks + sums);
  }

  /** How far rows lie apart, as in {@code recurrent_product.cuh}. */
  private static long apart(long elements, long side) {
    long packs = elements / TILE;
    return (packs + ((Math.max(8 / side, 1) - packs) & 7)) * TILE;
  }
}
