package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * The ways to compute attention in one kernel, which {@code attention.cu} describes, and its
 * gradient.
 *
 * @param scale what scores are multiplied with
 * @param causal whether a query sees the keys up to its own position only
 * @param masked whether the last input says which keys a query sees
 */
public record AttentionVariants(double scale, boolean causal, boolean masked) {
  private static final int WARP = 32;
  private static final int TILE = 64;
  private static final int LINE = TILE + 4;

  /** From q, k, v to y and the logarithm of each query's sum. */
  public List<Variant> forward() {
    return List.of(
        new Variant(
            "tiled",
            (in, out) ->
                out[0].dtype() != DType.F64
                    && width(in) <= 2 * TILE
                    && Gemm.tiles(out[0], TILE) <= Integer.MAX_VALUE,
            (gpu, in, out) -> {
              int most = width(in) <= TILE ? TILE : 2 * TILE;
              Shape shape = out[0].shape();
              long batch = shape.slice(0, shape.rank() - 2).count();
              begin(gpu, "tiled" + most, in[0], in[1], in[2], mask(in))
                  .pointers(out)
                  .grid(batch * Math.ceilDiv(shape.size(-2), TILE))
                  .block(Gpu.BLOCK)
                  .shared(4L * (2 * most * LINE + TILE * LINE + TILE * most))
                  .run();
            }),
        Variant.of(
            "naive",
            (gpu, in, out) ->
                begin(gpu, "naive", in[0], in[1], in[2], mask(in))
                    .pointers(out)
                    .each(WARP * out[1].count())));
  }

  /** From q, k, v, y, the logarithms and the gradient of y to those of q, k and v. */
  public List<Variant> backward() {
    return List.of(Variant.of("naive", this::backward));
  }

  private void backward(Gpu gpu, Operand[] in, Operand[] out) {
    Operand y = gpu.contiguous(in[3]);
    DType exact = y.dtype() == DType.F64 ? DType.F64 : DType.F32;
    Operand logs = in[4].dtype() == exact ? gpu.contiguous(in[4]) : gpu.converted(in[4], exact);
    Operand dy = gpu.contiguous(in[5]);
    Operand delta = gpu.scratch(logs.dtype(), logs.shape());
    gpu.call("attention", "attention_inner", y.dtype())
        .int64(logs.count())
        .int64(y.shape().size(-1))
        .pointers(dy, y, delta)
        .each(WARP * logs.count());
    begin(gpu, "dq", in[0], in[1], in[2], mask(in))
        .pointers(logs, delta, dy, out[0])
        .each(WARP * logs.count());
    Shape keys = in[1].shape();
    begin(gpu, "dkv", in[0], in[1], in[2], mask(in))
        .pointers(logs, delta, dy, out[1], out[2])
        .each(WARP * keys.slice(0, keys.rank() - 1).count());
  }

  /** The longest row of q, k and v. */
  private static long width(Operand... in) {
    return Math.max(in[0].shape().size(-1), in[2].shape().size(-1));
  }

  /** The mask, or what serves as a parameter where there is none. */
  private Operand mask(Operand... in) {
    return in[masked ? in.length - 1 : 0];
  }

  private Gpu.Call begin(
      Gpu gpu, String entry, Operand query, Operand key, Operand value, Operand mask) {
    Operand q = withRows(gpu, query);
    Operand k = withRows(gpu, key);
    Operand v = withRows(gpu, value);
    return gpu.call("attention", "attention_" + entry, q.dtype())
        .walk(
            Matrices.corners(q),
            Matrices.corners(k),
            Matrices.corners(v),
            Matrices.corners(masked ? mask : q))
        .longs(
            q.shape().size(-2),
            k.shape().size(-2),
            q.shape().size(-1),
            v.shape().size(-1),
            stride(q, -2),
            stride(k, -2),
            stride(v, -2),
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

  /** The operand, or a copy, with each row in order. */
  private static Operand withRows(Gpu gpu, Operand x) {
    return x.shape().size(-1) == 1 || stride(x, -1) == 1 ? x : gpu.contiguous(x);
  }
}
