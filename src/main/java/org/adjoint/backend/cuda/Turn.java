package org.adjoint.backend.cuda;

import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * A copy that turns rows into columns: neighbours in one operand lie apart in the other. {@code
 * copy.cu} does it by tiles.
 *
 * @param walk over both operands
 * @param wide the axis along which neighbours of the first lie
 * @param tall the one along which those of the second do
 */
record Turn(Walk walk, int wide, int tall) {
  private static final int TILE = 32;

  /** Rows of a tile that are on their way at a time. */
  private static final int ROWS = 8;

  /** Half a tile: of less, threads without work would be in the way. */
  private static final int LEAST = TILE / 2;

  /** What turns {@code from} to {@code to}; null if their rows are alike, or too short for it. */
  static @Nullable Turn of(Operand from, Operand to) {
    Walk walk = new Walk("copy", from, to);
    int wide = along(walk, 0);
    int tall = along(walk, 1);
    if (wide < 0 || tall < 0 || wide == tall) {
      return null;
    }
    Turn turn = new Turn(walk, wide, tall);
    boolean isShort = Math.min(walk.sizes[wide], walk.sizes[tall]) < LEAST;
    return isShort || turn.tiles() > Integer.MAX_VALUE ? null : turn;
  }

  /** The axis of neighbours. */
  private static int along(Walk walk, int operand) {
    for (int axis = 0; axis < walk.axes; axis++) {
      if (walk.strides[operand][axis] == 1) {
        return axis;
      }
    }
    return -1;
  }

  private long tiles() {
    long columns = walk.sizes[wide];
    long rows = walk.sizes[tall];
    return walk.count / (columns * rows) * Math.ceilDiv(columns, TILE) * Math.ceilDiv(rows, TILE);
  }

  void run(Gpu.Call call, Operand from, Operand to) {
    call.walk(walk.without(wide, tall))
        .int64(walk.sizes[tall])
        .int64(walk.sizes[wide])
        .pointer(from)
        .int64(walk.strides[0][tall])
        .pointer(to)
        .int64(walk.strides[1][wide])
        .grid(tiles())
        .block(TILE, ROWS, 1)
        .run();
  }
}
