package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;

/** The ways to multiply matrices: cuBLAS, and the ladder that {@code matmul.cu} describes. */
public final class MatMulVariants {
  private static final int TILE = 32;

  private static final List<Variant> ALL =
      List.of(
          floating("cublas", (gpu, in, out) -> gpu.gemm().byBlas(in[0], in[1], out[0], false))
              .where((in, out) -> Gemm.hasBlas()),
          floating(
              "split",
              (gpu, in, out) ->
                  gpu.gemm().byKernel("warptiled", true, in[0], in[1], out[0], false)),
          floating(
              "warptiled",
              (gpu, in, out) ->
                  gpu.gemm().byKernel("warptiled", false, in[0], in[1], out[0], false)),
          floating(
              "blocked",
              (gpu, in, out) -> gpu.gemm().byKernel("blocked", false, in[0], in[1], out[0], false)),
          floating(
              "tiled",
              (gpu, in, out) ->
                  gpu.gemm()
                      .simple("tiled", in[0], in[1], out[0])
                      .grid(Gemm.tiles(out[0], TILE))
                      .block(TILE, TILE, 1)
                      .run()),
          floating(
                  "mma",
                  (gpu, in, out) -> gpu.gemm().byKernel("mma", false, in[0], in[1], out[0], false))
              .where((in, out) -> out[0].dtype() == DType.BF16 || out[0].dtype() == DType.F16),
          Variant.of(
              "naive",
              (gpu, in, out) ->
                  gpu.gemm().simple("naive", in[0], in[1], out[0]).each(out[0].count())));

  private MatMulVariants() {}

  /** The best first. */
  public static List<Variant> all() {
    return ALL;
  }

  /** A variant with a block for each tile of the result, as long as a grid has so many. */
  private static Variant floating(String name, Variant.Launcher launch) {
    return new Variant(name, (in, out) -> Gemm.tiles(out[0], TILE) <= Integer.MAX_VALUE, launch);
  }
}
