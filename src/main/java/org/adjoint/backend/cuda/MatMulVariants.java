package org.adjoint.backend.cuda;

import java.util.List;
import java.util.stream.Collectors;
import org.adjoint.DType;

/** The ways to multiply matrices: cuBLAS, and the ladder that begins in {@code matmul.cu}. */
public final class MatMulVariants {
  private static final int TILE = 32;

  private static final List<Variant> ALL =
      List.of(
          byBlas("cublas_tf32", true)
              .where("F32, where there is cuBLAS", (in, out) -> out[0].dtype() == DType.F32)
              .rounding(Tf32::rounding),
          byBlas("cublas", false).takes("where there is cuBLAS"),
          by("mma", Rung.MMA, DType.BF16, DType.F16),
          by("split", Rung.SPLIT, DType.F32, DType.F64),
          by("3xtf32", Rung.THREE_TF32, DType.F32),
          by("tf32", Rung.TF32, DType.F32).rounding(Tf32::rounding),
          by("warptiled", Rung.WARPTILED, DType.F32, DType.F64),
          by("blocked", Rung.BLOCKED, DType.F32, DType.F64),
          floating(
              "tiled",
              (gpu, in, out) ->
                  gpu.gemm()
                      .simple("tiled", in[0], in[1], out[0])
                      .grid(Gemm.tiles(out[0], TILE))
                      .block(TILE, TILE, 1)
                      .run()),
          Variant.of(
              "naive",
              (gpu, in, out) ->
                  gpu.gemm().simple("naive", in[0], in[1], out[0]).each(out[0].count())));

  private MatMulVariants() {}

  /** The best first, but for those that round: they run if they are named. */
  public static List<Variant> all() {
    return ALL;
  }

  private static Variant byBlas(String name, boolean tf32) {
    return floating(name, (gpu, in, out) -> gpu.gemm().byBlas(tf32, in[0], in[1], out[0], false))
        .where((in, out) -> Gemm.hasBlas());
  }

  private static Variant by(String name, Rung rung, DType... dtypes) {
    List<DType> taken = List.of(dtypes);
    return floating(name, (gpu, in, out) -> gpu.gemm().byKernel(rung, in[0], in[1], out[0], false))
        .where(
            taken.stream().map(DType::toString).collect(Collectors.joining(", ")),
            (in, out) -> taken.contains(out[0].dtype()));
  }

  /** A variant with a block for each tile of the result, as long as a grid has so many. */
  private static Variant floating(String name, Variant.Launcher launch) {
    return new Variant(name, (in, out) -> Gemm.tiles(out[0], TILE) <= Integer.MAX_VALUE, launch);
  }
}
