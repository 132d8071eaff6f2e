package org.adjoint.backend.cuda;

import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * The ways to compute attention in one kernel, and its gradient: the ladders that begin in {@code
 * attention.cu} and {@code attention_gradient.cu}.
 *
 * @param scale what scores are multiplied with
 * @param causal whether a query sees the keys up to its own position only
 * @param masked whether the last input says which keys a query sees
 */
public record AttentionVariants(double scale, boolean causal, boolean masked) {
  private static final int WARP = 32;
  private static final int TILE = 64;
  private static final int LINE = TILE + 4;
  private static final String HEADS = "heads of up to %d".formatted(2 * TILE);

  /** Threads of a block that uses tensor cores, and its queries in the forward direction. */
  private static final int TENSOR = 128;

  /** From q, k, v to y and the logarithm of each query's sum. */
  public List<Variant> forward() {
    return List.of(
        new Variant(
                "mma",
                "BF16 and F16; " + HEADS,
                where(AttentionVariants::isNarrow),
                this::byTensorCores)
            .rounding(DType::unitRoundoff),
        new Variant("tiled", "not F64; " + HEADS, where(dtype -> dtype != DType.F64), this::tiled),
        Variant.of(
            "naive",
            (gpu, in, out) ->
                begin(gpu, "attention", "naive", false, in, 0)
                    .pointers(out)
                    .each(WARP * out[1].count())));
  }

  /** From q, k, v, y, the logarithms and the gradient of y to those of q, k and v. */
  public List<Variant> backward() {
    return List.of(
        new Variant(
                "mma",
                "BF16 and F16; " + HEADS,
                where(AttentionVariants::isNarrow),
                this::gradientByTensorCores)
            .rounding(DType::unitRoundoff),
        new Variant(
            "tiled", "F32; " + HEADS, where(dtype -> dtype == DType.F32), this::tiledGradient),
        Variant.of("naive", this::naiveGradient));
  }

  // ---- forward
  // ------------------------------------------------------------------------------------

  private void tiled(Gpu gpu, Operand[] in, Operand[] out) {
    int most = most(in);
    begin(gpu, "attention", "tiled" + most, false, in, 0)
        .pointers(out)
        .grid(blocks(out[0], TILE))
        .block(Gpu.BLOCK)
        .shared(4L * (3 * most * LINE + TILE * LINE))
        .run();
  }

  private void byTensorCores(Gpu gpu, Operand[] in, Operand[] out) {
    int most = most(in);
    begin(gpu, "attention_tensor", "mma" + most, true, in, 0)
        .pointers(out)
        .grid(blocks(out[0], TENSOR))
        .block(TENSOR)
        .shared(2L * (TENSOR + 2 * others(most)) * most)
        .run();
  }

  // ---- backward
  // -----------------------------------------------------------------------------------

  private void naiveGradient(Gpu gpu, Operand[] in, Operand[] out) {
    Incoming with = incoming(gpu, in, false);
    begin(gpu, "attention_gradient", "dq", false, in, with.row())
        .pointers(with.logs(), with.delta(), with.dy(), out[0])
        .each(WARP * rows(out[0]));
    begin(gpu, "attention_gradient", "dkv", false, in, with.row())
        .pointers(with.logs(), with.delta(), with.dy(), out[1], out[2])
        .each(WARP * rows(out[1]));
  }

  private void tiledGradient(Gpu gpu, Operand[] in, Operand[] out) {
    long shared = 4L * (4 * most(in) * LINE + TILE * LINE);
    gradient(gpu, "attention_gradient", "tiled", Gpu.BLOCK, shared, in, out);
  }

  private void gradientByTensorCores(Gpu gpu, Operand[] in, Operand[] out) {
    int most = most(in);
    long shared = 2L * (2 * TILE + 4 * others(most)) * most + 4L * 4 * others(most);
    gradient(gpu, "attention_gradient_tensor", "mma", TENSOR, shared, in, out);
  }

  /** By blocks that have 64 queries, and then 64 keys, of their own. */
  private void gradient(
      Gpu gpu, String family, String name, int threads, long shared, Operand[] in, Operand[] out) {
    boolean wide = isNarrow(out[0].dtype());
    Incoming with = incoming(gpu, in, wide);
    if (out[0].count() > 0) {
      begin(gpu, family, "dq_" + name + most(in), wide, in, with.row())
          .pointers(with.logs(), with.delta(), with.dy(), out[0])
          .grid(blocks(out[0], TILE))
          .block(threads)
          .shared(shared)
          .run();
    }
    if (out[1].count() + out[2].count() > 0) {
      begin(gpu, family, "dkv_" + name + most(in), wide, in, with.row())
          .pointers(with.logs(), with.delta(), with.dy(), out[1], out[2])
          .grid(blocks(out[1], TILE))
          .block(threads)
          .shared(shared)
          .run();
    }
  }

  /**
   * What a gradient is computed of beside q, k and v; dy has {@code row} elements from row to row.
   */
  private record Incoming(Operand logs, Operand delta, Operand dy, long row) {}

  private static Incoming incoming(Gpu gpu, Operand[] in, boolean wide) {
    Operand y = gpu.contiguous(in[3]);
    DType exact = y.dtype() == DType.F64 ? DType.F64 : DType.F32;
    Operand logs = in[4].dtype() == exact ? gpu.contiguous(in[4]) : gpu.converted(in[4], exact);
    Operand dy = gpu.contiguous(in[5]);
    Operand delta = gpu.scratch(logs.dtype(), logs.shape());
    gpu.call("attention_gradient", "attention_inner", y.dtype())
        .int64(logs.count())
        .int64(y.shape().size(-1))
        .pointers(dy, y, delta)
        .each(WARP * logs.count());
    int pack = 16 / dy.dtype().bytes();
    long width = dy.shape().size(-1);
    if (wide && !(width % pack == 0 && Gpu.isAligned(dy))) {
      return new Incoming(logs, delta, gpu.padded(dy, pack), Math.ceilDiv(width, pack) * pack);
    }
    return new Incoming(logs, delta, dy, width);
  }

  // ---- both
  // ---------------------------------------------------------------------------------------

  private static boolean isNarrow(DType dtype) {
    return dtype == DType.BF16 || dtype == DType.F16;
  }

  /** The operands of a dtype whose rows fit in tiles, as long as a grid has so many blocks. */
  private static BiPredicate<Operand[], Operand[]> where(Predicate<DType> dtypes) {
    return (in, out) ->
        dtypes.test(out[0].dtype())
            && Math.max(in[0].shape().size(-1), in[2].shape().size(-1)) <= 2 * TILE
            && blocks(in[0], TILE) <= Integer.MAX_VALUE
            && blocks(in[1], TILE) <= Integer.MAX_VALUE;
  }

  /** For rows of up to so many elements there is a kernel. */
  private static int most(Operand... in) {
    long longest = Math.max(in[0].shape().size(-1), in[2].shape().size(-1));
    return longest <= TILE ? TILE : 2 * TILE;
  }

  /** Rows that a block with tensor cores meets at a time. */
  private static int others(int most) {
    return most == TILE ? TILE : TILE / 2;
  }

  private static long rows(Operand x) {
    Shape shape = x.shape();
    return shape.slice(0, shape.rank() - 1).count();
  }

  private static long blocks(Operand x, int tile) {
    Shape shape = x.shape();
    return shape.slice(0, shape.rank() - 2).count() * Math.ceilDiv(shape.size(-2), tile);
  }

  private Gpu.Call begin(
      Gpu gpu, String family, String entry, boolean wide, Operand[] in, long rowOfDy) {
    Operand q = inRows(gpu, in[0], wide);
    Operand k = inRows(gpu, in[1], wide);
    Operand v = inRows(gpu, in[2], wide);
    Operand mask = masked ? in[in.length - 1] : q; // or what serves as a parameter
    return gpu.call(family, "attention_" + entry, q.dtype())
        .walk(Matrices.corners(q), Matrices.corners(k), Matrices.corners(v), Matrices.corners(mask))
        .longs(
            q.shape().size(-2),
            k.shape().size(-2),
            q.shape().size(-1),
            v.shape().size(-1),
            stride(q, -2),
            stride(k, -2),
            stride(v, -2),
            rowOfDy,
            stride(mask, -2),
            stride(mask, -1),
            causal ? 1 : 0,
            masked ? 1 : 0)
        .float64(scale)
        .pointers(q, k, v, mask);
  }

  private static long stride(Operand x, int axis) {
    return x.layout().stride(x.shape().rank() + axis);
  }

  /** The operand, or a copy, with each row in order, and {@code wide} at multiples of 16 bytes. */
  private static Operand inRows(Gpu gpu, Operand x, boolean wide) {
    boolean inOrder = x.shape().size(-1) == 1 || stride(x, -1) == 1;
    if (!wide) {
      return inOrder ? x : gpu.contiguous(x);
    }
    int pack = 16 / x.dtype().bytes();
    boolean isWide = inOrder && new Matrices(x, false, stride(x, -2)).isWide(pack);
    return isWide ? x : gpu.padded(x, pack);
  }
}
