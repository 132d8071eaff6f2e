package org.adjoint.backend.cpu;

/**
 * The right operand of many matrix products with few rows on the left, laid out once as {@link
 * Gemm} lays it out each time: what a recurrent network multiplies with at every step. Internal to
 * the backends.
 *
 * <p>Each element of a product is Σ over slices of {@value #DEPTH} terms, in order, and a slice is
 * one fma chain: its bits depend neither on the vector width nor on the rows beside it.
 */
final class PackedMatrix {
  private static final int DEPTH = Gemm.DEPTH;

  private final Simd simd;
  private final int depth;
  private final int columns;
  private final int width;

  /** Slices of the depth; in each, panels as wide as a tile: [slice][panel][k][column]. */
  private final float[] data;

  /** Packs b, [K, N]. */
  PackedMatrix(Simd simd, Gemm.Matrix b) {
    this.simd = simd;
    depth = b.rows();
    columns = b.columns();
    int tile = simd.tileColumns();
    width = (columns + tile - 1) / tile * tile;
    data = new float[depth * width];
    Parallel.forRange(
        width / tile,
        1 + (1 << 15) / (tile * depth + 1),
        (from, to) -> {
          for (int panel = (int) from; panel < to; panel++) {
            pack(b, panel * tile, tile);
          }
        });
  }

  private void pack(Gemm.Matrix b, int left, int tile) {
    for (int from = 0; from < depth; from += DEPTH) {
      int n = Math.min(DEPTH, depth - from);
      Gemm.pack(
          b.data(),
          b.offset() + from * b.rowStride() + left * b.columnStride(),
          Math.min(tile, columns - left),
          b.columnStride(),
          n,
          b.rowStride(),
          tile,
          data,
          from * width + left * n);
    }
  }

  /** What {@link #multiplyAdd} needs of memory for up to {@code rows} rows. */
  final class Buffer {
    private final float[] a;
    private final float[] tile = new float[simd.tileRows() * simd.tileColumns()];

    Buffer(int rows) {
      int height = simd.tileRows();
      a = new float[(rows + height - 1) / height * height * Math.min(DEPTH, depth)];
    }
  }

  /** c += a · b on this thread, for a [rows, K] and c [rows, N], both contiguous. */
  void multiplyAdd(float[] a, int aAt, int rows, float[] c, int cAt, Buffer buffer) {
    int height = simd.tileRows();
    int tile = simd.tileColumns();
    for (int from = 0; from < depth; from += DEPTH) {
      int n = Math.min(DEPTH, depth - from);
      Gemm.pack(a, aAt + from, rows, depth, n, 1, height, buffer.a, 0);
      for (int left = 0; left < columns; left += tile) {
        int b = from * width + left * n;
        for (int i = 0; i < rows; i += height) {
          int to = cAt + i * columns + left;
          if (i + height <= rows && left + tile <= columns) {
            simd.tile(n, buffer.a, i * n, data, b, c, to, columns, true);
          } else {
            simd.tile(n, buffer.a, i * n, data, b, buffer.tile, 0, tile, false);
            int lines = Math.min(tile, columns - left);
            for (int r = 0; r < Math.min(height, rows - i); r++) {
              int at = to + r * columns;
              simd.add(c, at, buffer.tile, r * tile, c, at, lines);
            }
          }
        }
      }
    }
  }
}
