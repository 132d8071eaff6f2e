package org.adjoint.backend.cuda;

import org.adjoint.DType;

/**
 * A kernel of {@link Gemm} whose blocks compute a tile of y each.
 *
 * @param family the file that it is in
 * @param name as in {@code matmul_NAME_nt_f32}, where n tells that a lies in rows, t that b is
 *     transposed; NAME_pieces has its sums written in F32
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

  /** The one that is used where nothing else is asked for. */
  static Rung best(DType dtype) {
    return dtype == DType.BF16 || dtype == DType.F16 ? MMA : SPLIT;
  }
}
