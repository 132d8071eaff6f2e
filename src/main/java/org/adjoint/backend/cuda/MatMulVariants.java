package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;

/** The ways to multiply matrices: cuBLAS, and the ladder that begins in {@code matmul.cu}. */
public final class MatMulVariants {
  private static final int TILE = 32;

  /** The unit roundoff of TF32, which has 11 bits. */
  private static final double TF32 = 0x1p-11;

  private static final List<Variant> ALL =
      List.of(
          floating("cublas", (gpu, in, out) -> gpu.gemm().byBlas(in[0], in[1], out[0], false))
              .changes("NVIDIA's library")
              .where((in, out) -> Gemm.hasBlas()),
          by("mma", Rung.MMA, DType.BF16, DType.F16)
              .changes(
                  "tensor cores: factors of 16 bits, sums in F32; copies into shared memory go on"
                      + " by themselves"),
          by("split", Rung.SPLIT, DType.F32, DType.F64)
              .changes("warptiled, with long sums cut in pieces where tiles are few"),
          by("3xtf32", Rung.THREE_TF32, DType.F32)
              .changes(
                  "tf32 three times: each factor as a large and a small part, for F32's digits"),
          by("tf32", Rung.TF32, DType.F32)
              .changes("tensor cores, which round the factors to 11 bits")
              .rounding(dtype -> TF32),
          by("warptiled", Rung.WARPTILED, DType.F32, DType.F64)
              .changes("the elements of a warp lie together, so that no two reads meet in a bank"),
          by("blocked", Rung.BLOCKED, DType.F32, DType.F64)
              .changes(
                  "a thread holds 8 × 8 sums in registers; tiles travel while the last are computed"
                      + " with"),
          floating(
                  "tiled",
                  (gpu, in, out) ->
                      gpu.gemm()
                          .simple("tiled", in[0], in[1], out[0])
                          .grid(Gemm.tiles(out[0], TILE))
                          .block(TILE, TILE, 1)
                          .run())
              .changes("tiles of 32 × 32 in shared memory, where each number is used 32 times"),
          Variant.of(
                  "naive",
                  (gpu, in, out) ->
                      gpu.gemm().simple("naive", in[0], in[1], out[0]).each(out[0].count()))
              .changes("a thread an element, which reads a row and a column from memory"));

  private MatMulVariants() {}

  /** The best first, but for those that round: they run if they are named. */
  public static List<Variant> all() {
    return ALL;
  }

  private static Variant by(String name, Rung rung, DType... dtypes) {
    List<DType> taken = List.of(dtypes);
    return floating(name, (gpu, in, out) -> gpu.gemm().byKernel(rung, in[0], in[1], out[0], false))
        .where((in, out) -> taken.contains(out[0].dtype()));
  }

  /** A variant with a block for each tile of the result, as long as a grid has so many. */
  private static Variant floating(String name, Variant.Launcher launch) {
    return new Variant(name, (in, out) -> Gemm.tiles(out[0], TILE) <= Integer.MAX_VALUE, launch);
  }
}
