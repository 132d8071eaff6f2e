package org.adjoint.backend.cuda.driver;

import org.adjoint.DType;

/**
 * The functions of cuBLAS that are called, on one handle. Each returns cuBLAS's status. Matrices
 * are column-major, as cuBLAS has them.
 */
interface BlasCalls {
  /** A matrix in memory: {@code lead} elements lie between the starts of two columns. */
  record Columns(long address, int lead, long stride, boolean transposed) {}

  /** c = a · b for each of a batch, where op(a) is [m, k] and op(b) is [k, n]. */
  record Product(DType type, int m, int n, int k, Columns a, Columns b, Columns c, int batch) {
    /** The function that computes it. */
    String function() {
      return switch (type) {
        case F32 -> batch == 1 ? "cublasSgemm" : "cublasSgemmStridedBatched";
        case F64 -> batch == 1 ? "cublasDgemm" : "cublasDgemmStridedBatched";
        default -> "cublasGemmStridedBatchedEx";
      };
    }
  }

  int create();

  int destroy();

  int version(int[] version);

  int stream(Handles.StreamHandle stream);

  int mathMode(int mode);

  int workspace(long address, long bytes);

  int gemm(Product product, Scalars scalars);

  /** The calls of the cuBLAS that was bound. */
  static BlasCalls of(Libraries.Binding binding) {
    return binding.isBeyondJcublas() ? new ForeignBlas(binding) : new JavaBlas();
  }
}
