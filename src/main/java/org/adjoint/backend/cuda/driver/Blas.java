package org.adjoint.backend.cuda.driver;

import org.adjoint.DType;

/**
 * cuBLAS, as row-major matrices want it. Sums of BF16 and F16 products are kept in F32. Calls on
 * one stream give the same bits each time on the same device.
 */
public final class Blas implements AutoCloseable {
  /**
   * Matrices in device memory.
   *
   * @param address of the first element
   * @param lead elements from one row to the next, as it lies in memory
   * @param stride elements from one matrix of the batch to the next; 0 repeats the one
   * @param transposed whether the rows in memory are the matrix's columns
   */
  public record Matrix(long address, long lead, long stride, boolean transposed) {}

  /**
   * cuBLAS for work on {@code stream}.
   *
   * @throws UnsupportedOperationException if cuBLAS is not found
   */
  public Blas(Stream stream) {
    throw new UnsupportedOperationException();
  }

  /** As in {@code 12.6.4}. */
  public String version() {
    throw new UnsupportedOperationException();
  }

  /** Memory that cuBLAS may use, so that it takes none itself, which a capture would not allow. */
  public void workspace(long address, long bytes) {
    throw new UnsupportedOperationException();
  }

  /** Whether F32 products may be rounded to TF32's 10 bits of mantissa; at first they may not. */
  public void allowTf32(boolean allow) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
