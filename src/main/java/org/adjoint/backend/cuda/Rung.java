package org.adjoint.backend.cuda;

import org.adjoint.DType;

/**
 * A kernel of {@link Gemm} whose blocks compute a tile of y each.
 *
 * @param family the file that it is in
 * @param name what its entries begin with, after {@code matmul_}
 * @param split whether long sums may be cut, to keep all multiprocessors busy
 * @param wide whether lines of the factors must begin at multiples of 16 bytes
 * @param threads of a block
 * @param shared bytes of dynamic shared memory
 */
record Rung(String family, String name, boolean split, boolean wide, int threads, long shared) {
  static final Rung BLOCKED = new Rung("matmul_blocked", "blocked", false, false, Gpu.BLOCK, 0);
  static final Rung WARPTILED = new Rung("matmul_blocked", "warptiled", false, false, Gpu.BLOCK, 0);
  static final Rung SPLIT = new Rung("matmul_blocked", "warptiled", true, false, Gpu.BLOCK, 0);
  static final Rung MMA = tensor("mma", 128);
  static final Rung TF32 = tensor("tf32", 128);
  static final Rung THREE_TF32 = tensor("3xtf32", 256);

  /** Four stages of two tiles of 8 KiB. */
  private static Rung tensor(String name, int threads) {
    return new Rung("matmul_tensor", name, true, true, threads, 4 * 2 * (8 << 10));
  }

  /** The entry for factors that lie as {@code layout} tells, n in rows, t transposed. */
  String entry(DType dtype, String layout) {
    return "matmul_" + name + "_" + layout + "_" + Gpu.suffix(dtype);
  }

  /** The entry that writes pieces of sums in F32, for factors of 16 bits. */
  String pieces(DType dtype, String layout) {
    return "matmul_" + name + "_pieces_" + layout + "_" + Gpu.suffix(dtype);
  }
}
