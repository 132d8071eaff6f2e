package org.adjoint.backend.cuda.driver;

import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasStatus;
import org.adjoint.DType;

/**
 * Matrix products by cuBLAS, row-major. Sums of BF16 and F16 products are kept in F32, and so are
 * partial sums. With one stream and one {@link #workspace} the same call on the same device gives
 * the same bits each time.
 */
public final class Blas implements AutoCloseable {
  /**
   * Matrices in device memory.
   *
   * @param address of the first element
   * @param lead elements from one row in memory to the next
   * @param stride elements from one matrix of the batch to the next; 0 repeats the one
   * @param transposed whether a row in memory is a column of the matrix
   */
  public record Matrix(long address, long lead, long stride, boolean transposed) {
    /** Rows of {@code columns} elements, one after the other, and so the matrices of a batch. */
    public static Matrix packed(long address, long rows, long columns) {
      return new Matrix(address, columns, rows * columns, false);
    }

    private BlasCalls.Columns columns(String name, long rows, long columns) {
      // A row in memory is what column-major calls a column; one row alone has no next.
      long inMemory = transposed ? rows : columns;
      if ((transposed ? columns : rows) > 1 && lead < inMemory) {
        throw new IllegalArgumentException(
            "gemm: rows of %s in memory hold %d elements, but follow each other at %d"
                .formatted(name, inMemory, lead));
      }
      int distance = size("the distance of rows of " + name, Math.max(1, Math.max(lead, inMemory)));
      return new BlasCalls.Columns(address, distance, stride, transposed);
    }
  }

  private final Stream stream;
  private final BlasCalls calls;
  private final Scalars scalars = new Scalars();

  /**
   * cuBLAS for work on {@code stream}.
   *
   * @throws UnsupportedOperationException if cuBLAS is not found
   */
  public Blas(Stream stream) {
    this.stream = stream;
    Libraries.Binding binding = Libraries.bind(Library.BLAS);
    if (!binding.isBound()) {
      throw new UnsupportedOperationException("cuBLAS is not available: " + binding.problem());
    }
    stream.context().makeCurrent();
    calls = BlasCalls.of(binding);
    check("cublasCreate", calls.create());
    check("cublasSetStream", calls.stream(stream.handle()));
    allowTf32(false);
  }

  /** As in {@code 12.6.4}. */
  public String version() {
    int[] version = new int[1];
    check("cublasGetVersion", calls.version(version));
    return "%d.%d.%d".formatted(version[0] / 10000, version[0] / 100 % 100, version[0] % 100);
  }

  /** Memory that cuBLAS may use, so that it takes none itself, which a capture would not allow. */
  public void workspace(long address, long bytes) {
    stream.context().makeCurrent();
    check("cublasSetWorkspace", calls.workspace(address, bytes));
  }

  /**
   * Whether factors of F32 products may be rounded to TF32's 11 bits; at first they may not.
   *
   * <p>The default mode "uses compute and intermediate storage precisions with at least the same
   * number of mantissa and exponent bits as requested" (cuBLAS Library, cublasMath_t), so F32 stays
   * F32; and partial sums of BF16 and F16 products are not to be kept in those.
   */
  public void allowTf32(boolean allow) {
    int mode = allow ? cublasMath.CUBLAS_TF32_TENSOR_OP_MATH : cublasMath.CUBLAS_DEFAULT_MATH;
    check(
        "cublasSetMathMode",
        calls.mathMode(mode | cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION));
  }

  /**
   * c[i] = alpha · a[i] · b[i] + beta · c[i], for each i of the batch: a is [m, k], b [k, n], c [m,
   * n].
   *
   * @param type F32, F64, BF16 or F16
   * @param c not transposed
   */
  public void gemm(
      DType type,
      long m,
      long n,
      long k,
      double alpha,
      Matrix a,
      Matrix b,
      double beta,
      Matrix c,
      long batch) {
    if (!type.isFloating()) {
      throw new IllegalArgumentException("gemm: cuBLAS multiplies no matrices of " + type);
    }
    if (c.transposed()) {
      throw new IllegalArgumentException("gemm: the result cannot be transposed; swap a and b");
    }
    if (m == 0 || n == 0 || batch == 0) {
      return;
    }
    // Row-major c is column-major cᵀ = bᵀ · aᵀ, and the same holds for what lies in a and b.
    BlasCalls.Product product =
        new BlasCalls.Product(
            type,
            size("n", n),
            size("m", m),
            size("k", k),
            b.columns("b", k, n),
            a.columns("a", m, k),
            c.columns("c", m, n),
            size("the batch", batch));
    stream.context().makeCurrent();
    scalars.set(type, alpha, beta);
    check(product.function(), calls.gemm(product, scalars));
  }

  private static int size(String name, long size) {
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "gemm: %s is %d; cuBLAS counts from 0 to %d".formatted(name, size, Integer.MAX_VALUE));
    }
    return (int) size;
  }

  private static void check(String call, int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CudaException(call, cublasStatus.stringFor(status), "");
    }
  }

  @Override
  public void close() {
    stream.context().makeCurrent();
    check("cublasDestroy", calls.destroy());
  }
}
