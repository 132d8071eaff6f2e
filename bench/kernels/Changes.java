package org.adjoint.bench.kernels;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each variant of a family does otherwise than the step below it on the ladder, in a few
 * words; the kernels' files in {@code src/main/cuda} tell more. A variant may {@linkplain
 * org.adjoint.backend.cuda.Variant#changes say it} itself.
 */
final class Changes {
  private static final String SIXTEEN = "16 bytes a thread and access";
  private static final String NVIDIA = "NVIDIA's library";
  private static final String NVIDIA_ROUNDED =
      "NVIDIA's library, rounding factors to TF32's 11 bits";

  private static final Map<String, Map<String, String>> BY_FAMILY =
      Map.ofEntries(
          Map.entry(
              "elementwise",
              Map.of(
                  "strided",
                  "an element a thread, found by its index in every operand",
                  "vector",
                  SIXTEEN + ", and no index to compute")),
          Map.entry(
              "dropout",
              Map.of(
                  "naive",
                  "an element a thread, which draws a whole block of Philox",
                  "vector",
                  SIXTEEN + "; a block of Philox for two elements")),
          Map.entry(
              "arrange",
              Map.of(
                  "strided", "an element a thread, found by its index",
                  "vector", SIXTEEN,
                  "copies", "a copy for each part",
                  "units", "all parts in one launch, in units of up to 16 bytes")),
          Map.entry(
              "reductions",
              Map.of(
                  "each", "a thread a result",
                  "columns", "threads side by side take neighbouring columns, several share one",
                  "rows", "a group of threads a row, 16 bytes an access",
                  "passes", "axis by axis as rows or columns, long sums in parts")),
          Map.entry(
              "softmax",
              Map.of(
                  "naive", "a thread a row, which it reads three times",
                  "columns", "maximum and sum come from one reading, by threads side by side",
                  "strip", "a column is read once and stays in registers of its threads",
                  "online", "a block a row, 16 bytes an access; a row is read twice",
                  "reread", "a block a row, 16 bytes an access; a row is read twice",
                  "shared", "what is read stays in shared memory for the second time",
                  "half", "one of two rows stays in shared memory, the other is read again",
                  "block", "a row is read once and stays in the registers of a block",
                  "warp", "a row is read once and stays in the registers of a part of a warp")),
          Map.entry(
              "cross-entropy",
              Map.of(
                  "naive", "a thread a row, or an element of the gradient",
                  "columns", "maximum and sum come from one reading, by threads side by side",
                  "rows", "a part of a warp, or a block, a row; 16 bytes an access",
                  "tile", "32 short rows a warp, which reads them as one stretch of memory")),
          Map.entry(
              "norm",
              Map.of(
                  "naive", "a thread a row or a channel, in double",
                  "reread", "a block a row, 16 bytes an access; a row is read for each step",
                  "held", "a row, or a channel, is read once and stays in registers",
                  "parts", "sums of parts of each channel, the sums of these, and the result")),
          Map.entry(
              "sort",
              Map.of(
                  "rank", "each element counts who comes before it",
                  "tiles", "digit by digit through memory: three launches a byte",
                  "block", "up to 4,096 elements: digit by digit in shared memory",
                  "warp", "up to 32 elements: a warp a line, in registers",
                  "each", "a thread a result",
                  "rows", "a group of threads a row, 16 bytes an access")),
          Map.entry(
              "embedding",
              Map.of(
                  "strided", "an element a thread, found by its place in every operand",
                  "flat", "no division of 64 bits, and four elements in flight a thread",
                  "rows", "whole rows, " + SIXTEEN,
                  "ordered", "a thread a line adds up in order",
                  "sorted", "places are sorted first, and chunks added up in registers",
                  "lines", "a thread a line, where lines are many",
                  "held", "a warp a line, whose sums are in shared memory")),
          Map.entry(
              "matmul",
              Map.of(
                  "naive", "a thread an element, which reads a row and a column from memory",
                  "tiled", "tiles of 32 × 32 in shared memory: each number is used 32 times",
                  "blocked", "8 × 8 sums in a thread's registers; the next tiles are on their way",
                  "warptiled", "a warp's elements lie together: no two reads meet in a bank",
                  "split", "long sums are cut in pieces where tiles are few",
                  "tf32", "tensor cores, which round the factors to 11 bits",
                  "3xtf32", "tf32 three times, of large and small parts: the digits of F32",
                  "mma", "tensor cores for 16 bits; copies into shared memory go on by themselves",
                  "cublas", NVIDIA,
                  "cublas_tf32", NVIDIA_ROUNDED)),
          Map.entry(
              "convolution",
              Map.of(
                  "naive", "a thread an element; each factor comes from memory each time",
                  "im2col", "the cells that outputs see become columns of a matrix, for a GEMM",
                  "implicit", "that matrix is never written, but found while it is multiplied",
                  "first", "for few channels: patches in shared memory, each pixel read once",
                  "cudnn", NVIDIA,
                  "cudnn_tf32", NVIDIA_ROUNDED)),
          Map.entry(
              "pooling",
              Map.of(
                  "naive", "an output a thread, for any number of axes",
                  "plane", "arithmetic of 32 bits, and no arrays of positions",
                  "band", "a block's windows look into shared memory; a cell is read once",
                  "whole", "a warp for each plane, whose lanes read side by side",
                  "pairs", "2 × 2 windows: 8 or 16 bytes of two rows a thread and access")),
          Map.entry(
              "recurrent",
              Map.of(
                  "persistent", "one launch for all steps, whose blocks keep the weights",
                  "steps", "a product and one launch a step",
                  "widened", "the same in F32, of copies")),
          Map.entry(
              "attention",
              Map.of(
                  "naive", "a warp goes along the keys for each query",
                  "tiled", "64 queries a block meet 64 keys at a time in shared memory",
                  "mma", "tensor cores; scores become factors in the registers where they are")),
          Map.entry(
              "optimisers",
              Map.of(
                  "naive", "a launch for each parameter, an element a thread",
                  "vector", SIXTEEN,
                  "multi", "up to 64 parameters a launch")));

  private Changes() {}

  /** What a variant changed; null if nobody said so. */
  static @Nullable String of(String family, String variant) {
    return BY_FAMILY.getOrDefault(family, Map.of()).get(variant);
  }
}
