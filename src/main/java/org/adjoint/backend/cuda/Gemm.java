package org.adjoint.backend.cuda;

import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.driver.Blas;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.Libraries;
import org.adjoint.backend.cuda.driver.Library;
import org.adjoint.backend.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Products of matrices on one GPU, y = a·b or y + a·b, for a [.., M, K], b [.., K, N] and y [.., M,
 * N] with rows in order: by cuBLAS, or by the kernels whose ladder begins in {@code matmul.cu}.
 *
 * <p>Both want factors whose rows, or whose columns, lie in order; others are copied first.
 */
final class Gemm {
  /** What NVIDIA recommends for Hopper. */
  private static final long WORKSPACE = 32 << 20;

  /** So many parts of a batch are multiplied one by one, rather than copied to equal distances. */
  private static final long FEW = 8;

  /** A piece of a sum is at least so long, and a multiple of {@link #DEPTH}. */
  private static final long PIECE = 256;

  /** And no longer than this, which kernels count in 32 bits. */
  private static final long LONGEST = 1 << 30;

  private static final long DEPTH = 32;

  private final Gpu gpu;
  private final Stream stream;
  private @Nullable Blas blas;
  private boolean rounds;

  Gemm(Gpu gpu, Stream stream) {
    this.gpu = gpu;
    this.stream = stream;
  }

  /** Whether cuBLAS is found here. */
  static boolean hasBlas() {
    return Libraries.bind(Library.BLAS).isBound();
  }

  /** y = a·b, or y + a·b, by cuBLAS where it is found. */
  void product(Operand a, Operand b, Operand y, boolean add) {
    if (y.count() == 0) {
      return;
    }
    if (hasBlas()) {
      byBlas(Tf32.isAllowed(y.dtype()), a, b, y, add);
    } else {
      byKernel(Rung.best(y.dtype()), a, b, y, add);
    }
  }

  // ---- cuBLAS
  // ------------------------------------------------------------------------------------

  /** By cuBLAS; {@code tf32} says whether factors of F32 may be rounded to that. */
  void byBlas(boolean tf32, Operand a, Operand b, Operand y, boolean add) {
    if (a.shape().size(-1) == 0) {
      byKernel(Rung.best(y.dtype()), a, b, y, add); // a sum of nothing
      return;
    }
    Matrices left = Matrices.of(gpu, a);
    Matrices right = Matrices.of(gpu, b);
    Walk batch = new Walk("matmul", left.corners(), right.corners(), Matrices.corners(y));
    if (batch.axes == 1 && batch.strides[0][0] >= 0 && batch.strides[1][0] >= 0) {
      call(tf32, left, right, Objects.requireNonNull(Matrices.in(y)), batch, add);
      return;
    }
    // cuBLAS knows batches at equal distances only, and counts upwards.
    int axis = 0;
    while (y.shape().size(axis) == 1) {
      axis++;
    }
    boolean packed = a.layout().isContiguous() && b.layout().isContiguous();
    if (packed || y.shape().size(axis) <= FEW) {
      for (long i = 0; i < y.shape().size(axis); i++) {
        byBlas(tf32, a.slice(axis, i), b.slice(axis, i), y.slice(axis, i), add);
      }
    } else {
      byBlas(tf32, gpu.contiguous(a), gpu.contiguous(b), y, add);
    }
  }

  private void call(boolean tf32, Matrices a, Matrices b, Matrices y, Walk batch, boolean add) {
    if (blas == null) {
      blas = new Blas(stream);
      // Memory of its own it would take at a time of its choice, which a capture forbids.
      Context context = stream.context();
      blas.workspace(context.unrecorded(() -> context.allocate(WORKSPACE)), WORKSPACE);
    }
    if (tf32 != rounds) {
      blas.allowTf32(tf32);
      rounds = tf32;
    }
    gpu.trace().queued("cuBLAS");
    try (Timeline.Mark _ = gpu.timed("cuBLAS")) {
      blas.gemm(
          y.operand().dtype(),
          y.operand().shape().size(-2),
          y.operand().shape().size(-1),
          a.operand().shape().size(-1),
          1,
          matrix(a, batch.strides[0][0]),
          matrix(b, batch.strides[1][0]),
          add ? 1 : 0,
          matrix(y, batch.strides[2][0]),
          batch.count);
    }
  }

  private static Blas.Matrix matrix(Matrices x, long stride) {
    return new Blas.Matrix(x.address(), x.lead(), stride, x.transposed());
  }

  // ---- matmul.cu
  // ---------------------------------------------------------------------------------

  /** By a rung of the ladder. */
  void byKernel(Rung rung, Operand a, Operand b, Operand y, boolean add) {
    long k = a.shape().size(-1);
    DType dtype = y.dtype();
    Matrices left = rung.wide() ? Matrices.wide(gpu, a) : Matrices.of(gpu, a);
    Matrices right = rung.wide() ? Matrices.wide(gpu, b) : Matrices.of(gpu, b);
    Operand corners = Matrices.corners(y);
    long tiles = tiles(y);
    long most = rung.split() ? 2L * gpu.multiprocessors() / tiles : 1;
    long least = Math.max(1, Math.ceilDiv(k, LONGEST));
    long pieces = Math.max(least, Math.min(most, k / PIECE));
    long depth = pieces == 1 ? k : Math.ceilDiv(Math.ceilDiv(k, pieces), DEPTH) * DEPTH;
    pieces = pieces == 1 ? 1 : Math.ceilDiv(k, depth);
    String layout = (left.transposed() ? "t" : "n") + (right.transposed() ? "t" : "n");
    if (pieces == 1) {
      Matrices to = Objects.requireNonNull(Matrices.in(y));
      begin(rung, "_" + layout, left, right, corners)
          .longs(sizes(left, right, y, to.lead(), k, 0, wide(left, right, to), add))
          .pointers(left.operand(), right.operand(), y)
          .grid(tiles)
          .run();
      return;
    }
    boolean narrow = dtype == DType.BF16 || dtype == DType.F16;
    long plane = y.shape().size(-2) * y.shape().size(-1);
    Shape batch = y.shape().slice(0, y.shape().rank() - 2);
    Operand partial =
        gpu.scratch(narrow ? DType.F32 : dtype, batch.concat(Shape.of(pieces, plane)));
    Matrices parts = new Matrices(partial, false, y.shape().size(-1));
    String entry = narrow ? "_pieces_" + layout : "_" + layout;
    begin(rung, entry, left, right, parts.corners())
        .longs(sizes(left, right, y, parts.lead(), depth, plane, wide(left, right, parts), false))
        .pointers(left.operand(), right.operand(), partial)
        .grid(tiles, pieces, 1)
        .run();
    Matrices to = Objects.requireNonNull(Matrices.in(y));
    gpu.call("matmul_blocked", "matmul_fold", dtype)
        .walk(corners)
        .longs(sizes(left, right, y, to.lead(), depth, plane, 0, add))
        .int32((int) pieces)
        .pointers(partial, y)
        .each(y.count());
  }

  private Gpu.Call begin(Rung rung, String entry, Matrices a, Matrices b, Operand corners) {
    return gpu.call(rung.family(), "matmul_" + rung.name() + entry, a.operand().dtype())
        .walk(a.corners(), b.corners(), corners)
        .block(rung.threads())
        .shared(rung.shared());
  }

  /** The kernel's {@code struct Sizes}. */
  private static long[] sizes(
      Matrices a,
      Matrices b,
      Operand y,
      long lead,
      long depth,
      long plane,
      long wide,
      boolean add) {
    return new long[] {
      y.shape().size(-2),
      y.shape().size(-1),
      a.operand().shape().size(-1),
      a.lead(),
      b.lead(),
      lead,
      depth,
      plane,
      wide,
      add ? 1 : 0
    };
  }

  private static long wide(Matrices a, Matrices b, Matrices y) {
    int pack = 16 / a.operand().dtype().bytes();
    return (a.isWide(pack) ? 1 : 0) | (b.isWide(pack) ? 2 : 0) | (y.isWide(pack) ? 4 : 0);
  }

  /** Blocks of a {@link Rung}: a tile of y each. */
  static long tiles(Operand y) {
    return tiles(y, y.dtype() == DType.F64 ? 64 : 128);
  }

  /** How many tiles of {@code size} × {@code size} elements the matrices of y have. */
  static long tiles(Operand y, long size) {
    Shape shape = y.shape();
    long batch = shape.slice(0, shape.rank() - 2).count();
    return batch * Math.ceilDiv(shape.size(-2), size) * Math.ceilDiv(shape.size(-1), size);
  }

  /** By {@code naive} or {@code tiled}, which take factors however they lie; y lies in order. */
  Gpu.Call simple(String entry, Operand a, Operand b, Operand y) {
    return gpu.call("matmul", "matmul_" + entry, y.dtype())
        .walk(Matrices.corners(a), Matrices.corners(b), Matrices.corners(y))
        .int64(y.shape().size(-2))
        .int64(y.shape().size(-1))
        .int64(a.shape().size(-1))
        .longs(strides(a))
        .longs(strides(b))
        .pointers(a, b, y);
  }

  private static long[] strides(Operand x) {
    Layout layout = x.layout();
    int rank = x.shape().rank();
    return new long[] {layout.stride(rank - 2), layout.stride(rank - 1)};
  }
}
