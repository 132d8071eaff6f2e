package org.adjoint.backend.cpu;

/**
 * The matrix product C = A · B in float, or C += A · B. Internal to the backends.
 *
 * <p>A plain triple loop waits for memory. Here each number that is fetched is used many times
 * before it is dropped, on three levels:
 *
 * <pre>
 *   registers   a tile of C, say 8 × 32, keeps its sums in registers ({@link Simd#tile})
 *   L1 and L2   {@value #DEPTH} terms of all the tiles of a block of C, then the next {@value #DEPTH};
 *               a panel of B stays in L1 while the panels of A pass by from L2
 *   threads     the blocks of C are independent of each other
 * </pre>
 *
 * <p>For a tile to read straight ahead, a block of A is first packed into panels as high as the
 * tile, and B into panels as wide, each when its turn comes, whatever their strides ({@link
 * Packing}); panels at the edge are filled up with zeros.
 *
 * <p>Each element of C is Σ over slices of {@value #DEPTH} terms, in order, and a slice is one fma
 * chain, in order. So its bits depend on its row of A, its column of B and nothing else: not on the
 * vector width, the tile, the blocks, the shape of C or the number of threads.
 */
public final class Gemm {
  static final int DEPTH = 256;

  /** Blocks of C: at most this high and wide, and cut smaller to give every thread work. */
  private static final int BLOCK_ROWS = 512;

  private static final int BLOCK_COLUMNS = 1024;

  /** Multiplications below which a block is not worth waking a thread for. */
  private static final long WORTH_A_THREAD = 1L << 19;

  private static final ThreadLocal<Buffers> BUFFERS = ThreadLocal.withInitial(Buffers::new);

  private Gemm() {}

  /**
   * A matrix in an array: element (i, j) is {@code data[offset + i · rowStride + j ·
   * columnStride]}. Strides may be 0, which repeats a row or a column; not so in a result.
   */
  public record Matrix(
      float[] data, int offset, int rows, int columns, int rowStride, int columnStride) {
    public Matrix {
      if (rows < 0 || columns < 0 || rowStride < 0 || columnStride < 0) {
        throw new IllegalArgumentException(
            "matrix: [%d, %d] with strides %d, %d"
                .formatted(rows, columns, rowStride, columnStride));
      }
      if (rows > 0 && columns > 0) {
        long last = offset + (rows - 1L) * rowStride + (columns - 1L) * columnStride;
        if (offset < 0 || last < 0 || last >= data.length) {
          throw new IndexOutOfBoundsException(
              "matrix: elements %d .. %d of %d".formatted(offset, last, data.length));
        }
      }
    }

    /** Rows one after the other from {@code offset}. */
    public static Matrix of(float[] data, int offset, int rows, int columns) {
      return new Matrix(data, offset, rows, columns, columns, 1);
    }

    /** The transpose, of the same data. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // exchanged on purpose
    public Matrix t() {
      return new Matrix(data, offset, columns, rows, columnStride, rowStride);
    }
  }

  /** Memory for packed panels and for a tile at the edge: one set a thread, grown and kept. */
  private static final class Buffers {
    float[] a = {};
    float[] b = {};
    float[] tile = {};

    void reserve(int aSize, int bSize, int tileSize) {
      a = a.length < aSize ? new float[aSize] : a;
      b = b.length < bSize ? new float[bSize] : b;
      tile = tile.length < tileSize ? new float[tileSize] : tile;
    }
  }

  /** c = a · b, or c += a · b if {@code accumulate}. c shares no element with a or b. */
  public static void multiply(Matrix a, Matrix b, Matrix c, boolean accumulate) {
    multiply(Simd.best(), a, b, c, accumulate);
  }

  /** The same through a {@link Simd} of one's choice. */
  public static void multiply(Simd simd, Matrix a, Matrix b, Matrix c, boolean accumulate) {
    int m = c.rows;
    int n = c.columns;
    int k = a.columns;
    if (a.rows != m || b.columns != n || b.rows != k) {
      throw new IllegalArgumentException(
          "gemm: [%d, %d] × [%d, %d] into [%d, %d]".formatted(a.rows, k, b.rows, b.columns, m, n));
    }
    if (c.columnStride != 1 && c.rowStride == 1) { // tiles store whole rows: Cᵀ = Bᵀ · Aᵀ
      multiply(simd, b.t(), a.t(), c.t(), accumulate);
      return;
    }
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      if (!accumulate) {
        clear(c);
      }
      return;
    }
    int height = Math.min(m, roundUp(BLOCK_ROWS, simd.tileRows()));
    int width = Math.min(n, roundUp(BLOCK_COLUMNS, simd.tileColumns()));
    int wanted = (int) Math.min(2L * Parallel.threads(), (long) m * n * k / WORTH_A_THREAD);
    while (blocks(m, height) * blocks(n, width) < wanted) {
      if (height >= width && height > simd.tileRows()) {
        height = roundUp(height / 2, simd.tileRows());
      } else if (width > simd.tileColumns()) {
        width = roundUp(width / 2, simd.tileColumns());
      } else {
        break;
      }
    }
    int h = height;
    int w = width;
    int across = (int) blocks(n, w);
    Parallel.forRange(
        Math.toIntExact(blocks(m, h) * across),
        i -> block(simd, a, b, c, i / across * h, h, i % across * w, w, accumulate));
  }

  private static long blocks(int n, int size) {
    return (n + size - 1L) / size;
  }

  private static int roundUp(int n, int step) {
    return (n + step - 1) / step * step;
  }

  private static void clear(Matrix c) {
    for (int i = 0; i < c.rows; i++) {
      for (int j = 0; j < c.columns; j++) {
        c.data[c.offset + i * c.rowStride + j * c.columnStride] = 0;
      }
    }
  }

  /** The block of C that begins at (top, left), as far as C reaches. */
  private static void block(
      Simd simd,
      Matrix a,
      Matrix b,
      Matrix c,
      int top,
      int height,
      int left,
      int width,
      boolean accumulate) {
    int rows = simd.tileRows();
    int columns = simd.tileColumns();
    int m = Math.min(height, c.rows - top);
    int n = Math.min(width, c.columns - left);
    Buffers buffers = BUFFERS.get();
    int deepest = Math.min(DEPTH, a.columns);
    buffers.reserve(roundUp(m, rows) * deepest, columns * deepest, rows * columns);

    for (int from = 0; from < a.columns; from += DEPTH) {
      int depth = Math.min(DEPTH, a.columns - from);
      boolean add = accumulate || from > 0;
      int aAt = a.offset + top * a.rowStride + from * a.columnStride;
      int bAt = b.offset + left * b.columnStride + from * b.rowStride;
      pack(a.data, aAt, m, a.rowStride, depth, a.columnStride, rows, buffers.a, 0);
      for (int j = 0; j < n; j += columns) {
        int lines = Math.min(columns, n - j);
        int panel = bAt + j * b.columnStride;
        pack(b.data, panel, lines, b.columnStride, depth, b.rowStride, columns, buffers.b, 0);
        for (int i = 0; i < m; i += rows) {
          int cAt = c.offset + (top + i) * c.rowStride + (left + j) * c.columnStride;
          if (c.columnStride == 1 && i + rows <= m && j + columns <= n) {
            simd.tile(depth, buffers.a, i * depth, buffers.b, 0, c.data, cAt, c.rowStride, add);
          } else {
            float[] tile = buffers.tile;
            simd.tile(depth, buffers.a, i * depth, buffers.b, 0, tile, 0, columns, false);
            copyPart(tile, columns, c, cAt, Math.min(rows, m - i), lines, add);
          }
        }
      }
    }
  }

  /** Stores the part of a tile that lies inside C, or adds it. */
  private static void copyPart(
      float[] tile, int stride, Matrix c, int cAt, int rows, int columns, boolean add) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int at = cAt + i * c.rowStride + j * c.columnStride;
        c.data[at] = add ? c.data[at] + tile[i * stride + j] : tile[i * stride + j];
      }
    }
  }

  /**
   * Packs all of a left operand for {@link Simd#tile}: {@code count} rows, each {@code depth} long,
   * as {@code out[slice][panel][k][row]}. So the panel p of the slice from {@code from} on, n terms
   * long, begins at {@code (panels · from + p · n) · tileRows}.
   */
  static void packSlices(
      float[] x, int at, int count, int depth, int lineStride, int stride, float[] out) {
    int rows = Simd.best().tileRows();
    int panels = Math.ceilDiv(count, rows);
    for (int from = 0; from < depth; from += DEPTH) {
      int n = Math.min(DEPTH, depth - from);
      pack(x, at + from * stride, count, lineStride, n, stride, rows, out, panels * from * rows);
    }
  }

  /** See {@link Packing#pack}. */
  static void pack(
      float[] x,
      int at,
      int count,
      int lineStride,
      int depth,
      int stride,
      int width,
      float[] out,
      int outAt) {
    Packing.best().pack(x, at, count, lineStride, depth, stride, width, out, outAt);
  }
}
