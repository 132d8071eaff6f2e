package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.adjoint.DType;
import org.adjoint.backend.cuda.driver.Blas.Matrix;

/** Products by cuBLAS against plain loops. */
final class BlasChecks implements AutoCloseable {
  private static final int M = 3;
  private static final int N = 5;
  private static final int K = 4;
  private static final int LEAD = 7;
  private static final int STRIDE = 64;

  private final Numbers numbers;
  private final Blas blas;

  BlasChecks(Stream stream) {
    numbers = new Numbers(stream);
    blas = new Blas(stream);
  }

  Blas blas() {
    return blas;
  }

  void products(DType... types) {
    for (DType type : types) {
      for (int batch : new int[] {1, 3}) {
        for (int which = 0; which < 8; which++) {
          product(type, (which & 1) != 0, (which & 2) != 0, (which & 4) != 0, batch);
        }
      }
    }
  }

  /** [M, K] by [K, N], rows apart from each other, with or without adding to c; one b for all. */
  private void product(DType type, boolean ta, boolean tb, boolean adds, int batch) {
    double[] a = numbers.draw(batch * STRIDE);
    double[] b = numbers.draw(STRIDE);
    double[] c = numbers.draw(batch * STRIDE);
    double[] expected = c.clone();
    for (int t = 0; t < batch; t++) {
      for (int i = 0; i < M; i++) {
        for (int j = 0; j < N; j++) {
          double sum = 0;
          for (int l = 0; l < K; l++) {
            double x = a[t * STRIDE + (ta ? l * LEAD + i : i * LEAD + l)];
            sum += x * b[tb ? j * LEAD + l : l * LEAD + j];
          }
          int at = t * STRIDE + i * LEAD + j;
          expected[at] = 2 * sum + (adds ? 3 * c[at] : 0);
        }
      }
    }
    long da = numbers.upload(type, a);
    long db = numbers.upload(type, b);
    long dc = numbers.upload(type, c);
    Matrix left = new Matrix(da, LEAD, STRIDE, ta);
    Matrix right = new Matrix(db, LEAD, 0, tb);
    Matrix result = new Matrix(dc, LEAD, STRIDE, false);
    blas.gemm(type, M, N, K, 2, left, right, adds ? 3 : 0, result, batch);
    String what = type + (ta ? " aᵀ" : " a") + (tb ? " bᵀ" : " b") + " × " + batch;
    assertArrayEquals(expected, numbers.download(type, dc, c.length), what);
    numbers.download(type, da, 1);
    numbers.download(type, db, 1);
  }

  /** Sizes that nothing is done for, and what is refused. */
  void edges() {
    Matrix none = Matrix.packed(0, 0, 4);
    blas.gemm(DType.F32, 0, 4, 4, 1, none, Matrix.packed(0, 4, 4), 0, none, 1);
    refuses(
        "gemm: cuBLAS multiplies no matrices of I32",
        () -> blas.gemm(DType.I32, 1, 1, 1, 1, none, none, 0, none, 1));
    refuses(
        "gemm: rows of b in memory hold 4 elements, but follow each other at 3",
        () -> blas.gemm(DType.F32, 2, 4, 4, 1, none, new Matrix(0, 3, 0, false), 0, none, 1));
    refuses(
        "gemm: the result cannot be transposed; swap a and b",
        () -> blas.gemm(DType.F32, 2, 4, 4, 1, none, none, 0, new Matrix(0, 4, 0, true), 1));
    refuses(
        "gemm: n is 2147483648; cuBLAS counts from 0 to 2147483647",
        () -> blas.gemm(DType.F32, 2, 1L << 31, 4, 1, none, none, 0, none, 1));
  }

  private static void refuses(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  @Override
  public void close() {
    blas.close();
  }
}
