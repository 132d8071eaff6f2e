package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * The ways to convolve: by cuDNN, and by the ladders of {@code conv_first.cu}, {@code
 * conv_implicit.cu} and {@code conv.cu}, which describe their steps.
 *
 * @param windows of given sizes
 * @param groups of channels and filters
 */
public record ConvVariants(Windows windows, int groups) {
  private static final int WARP = 32;

  /** How windows of {@code kernel} slide over {@code input}. */
  @FunctionalInterface
  public interface Windows {
    /** The windows between spatial axes of these sizes. */
    Window of(Shape input, Shape kernel, Shape output);
  }

  /** y from x, w, and perhaps b. */
  public List<Variant> forward() {
    return with(
        (in, out) -> sizes(in[0], in[1], out[0]),
        (dnn, tf32, sizes, gpu, in, out) ->
            dnn.forward(
                tf32, sizes, gpu.contiguous(in[0]), gpu.contiguous(in[1]), bias(gpu, in), out[0]),
        new Variant(
            "first",
            ConvFirst.TAKES,
            (in, out) -> ConvFirst.supports(sizes(in[0], in[1], out[0]), out[0]),
            (gpu, in, out) ->
                new ConvFirst(gpu, sizes(in[0], in[1], out[0]))
                    .forward(gpu.contiguous(in[0]), gpu.contiguous(in[1]), bias(gpu, in), out[0])),
        new Variant(
            "implicit",
            "F32; 1 or 2 axes",
            (in, out) -> ConvImplicit.supports(sizes(in[0], in[1], out[0]), out[0]),
            (gpu, in, out) ->
                ConvImplicit.forward(
                    gpu,
                    sizes(in[0], in[1], out[0]),
                    gpu.contiguous(in[0]),
                    gpu.contiguous(in[1]),
                    bias(gpu, in),
                    out[0])),
        new Variant(
            "im2col",
            "not empty",
            (in, out) -> sizes(in[0], in[1], out[0]).isSome(),
            (gpu, in, out) ->
                new ConvGemm(gpu, sizes(in[0], in[1], out[0]))
                    .forward(gpu.contiguous(in[0]), gpu.contiguous(in[1]), bias(gpu, in), out[0])),
        Variant.of(
            "naive",
            (gpu, in, out) -> {
              ConvSizes sizes = sizes(in[0], in[1], out[0]);
              Operand x = gpu.contiguous(in[0]);
              Operand w = gpu.contiguous(in[1]);
              Operand b = bias(gpu, in);
              call(gpu, "conv_naive", sizes, out[0])
                  .pointers(x, w)
                  .pointerOrNull(b)
                  .pointer(out[0])
                  .each(out[0].count());
            }));
  }

  /** dx from dy and w. */
  public List<Variant> inputGrad() {
    return with(
        (in, out) -> sizes(out[0], in[1], in[0]),
        (dnn, tf32, sizes, gpu, in, out) ->
            dnn.inputGrad(tf32, sizes, gpu.contiguous(in[0]), gpu.contiguous(in[1]), out[0]),
        new Variant(
            "im2col",
            "F32 and F64",
            (in, out) -> isWide(out[0]) && sizes(out[0], in[1], in[0]).isSome(),
            (gpu, in, out) ->
                new ConvGemm(gpu, sizes(out[0], in[1], in[0]))
                    .inputGrad(gpu.contiguous(in[0]), gpu.contiguous(in[1]), out[0])),
        Variant.of(
            "naive",
            (gpu, in, out) -> {
              Operand dy = gpu.contiguous(in[0]);
              Operand w = gpu.contiguous(in[1]);
              call(gpu, "conv_input_grad_naive", sizes(out[0], w, dy), out[0])
                  .pointers(dy, w, out[0])
                  .each(out[0].count());
            }));
  }

  /** dw, and perhaps db, from x and dy. */
  public List<Variant> weightGrad() {
    return with(
        (in, out) -> sizes(in[0], out[0], in[1]),
        (dnn, tf32, sizes, gpu, in, out) ->
            dnn.weightGrad(
                tf32,
                sizes,
                gpu.contiguous(in[0]),
                gpu.contiguous(in[1]),
                out[0],
                out.length > 1 ? out[1] : null),
        new Variant(
            "first",
            ConvFirst.TAKES + "; a row in shared memory",
            (in, out) -> ConvFirst.supportsGrad(sizes(in[0], out[0], in[1]), in[0].dtype()),
            (gpu, in, out) ->
                new ConvFirst(gpu, sizes(in[0], out[0], in[1]))
                    .weightGrad(gpu.contiguous(in[0]), gpu.contiguous(in[1]), out)),
        new Variant(
            "im2col",
            "F32 and F64",
            (in, out) -> isWide(out[0]) && sizes(in[0], out[0], in[1]).isSome(),
            (gpu, in, out) -> {
              Operand dy = gpu.contiguous(in[1]);
              new ConvGemm(gpu, sizes(in[0], out[0], in[1]))
                  .weightGrad(gpu.contiguous(in[0]), dy, out[0]);
              biasGrad(gpu, dy, out);
            }),
        Variant.of(
            "naive",
            (gpu, in, out) -> {
              Operand x = gpu.contiguous(in[0]);
              Operand dy = gpu.contiguous(in[1]);
              call(gpu, "conv_weight_grad_naive", sizes(x, out[0], dy), out[0])
                  .pointers(x, dy, out[0])
                  .each(out[0].count() * WARP);
              biasGrad(gpu, dy, out);
            }));
  }

  /** What cuDNN is called with. */
  @FunctionalInterface
  private interface ByDnn {
    void run(Convolutions dnn, boolean tf32, ConvSizes sizes, Gpu gpu, Operand[] in, Operand[] out);
  }

  /** cuDNN, rounding to TF32 and not, and then the variants of our own. */
  private static List<Variant> with(
      BiFunction<Operand[], Operand[], ConvSizes> sizes, ByDnn dnn, Variant... own) {
    List<Variant> all = new ArrayList<>();
    for (boolean tf32 : new boolean[] {true, false}) {
      Variant variant =
          new Variant(
              tf32 ? "cudnn_tf32" : "cudnn",
              (tf32 ? "F32, " : "") + "where there is cuDNN",
              (in, out) ->
                  (!tf32 || out[0].dtype() == DType.F32)
                      && Convolutions.supports(sizes.apply(in, out)),
              (gpu, in, out) ->
                  dnn.run(gpu.convolutions(), tf32, sizes.apply(in, out), gpu, in, out));
      all.add(tf32 ? variant.rounding(Tf32::rounding) : variant);
    }
    all.addAll(List.of(own));
    return all;
  }

  private ConvSizes sizes(Operand x, Operand w, Operand y) {
    Window window = windows.of(spatial(x), spatial(w), spatial(y));
    return new ConvSizes(x.shape(), w.shape(), y.shape(), window, groups);
  }

  private static Shape spatial(Operand operand) {
    return operand.shape().slice(2, operand.shape().rank());
  }

  private static @Nullable Operand bias(Gpu gpu, Operand[] in) {
    return in.length > 2 ? gpu.contiguous(in[2]) : null;
  }

  /** Whether partial sums can be kept in the dtype of the result. */
  private static boolean isWide(Operand out) {
    return out.dtype() == DType.F32 || out.dtype() == DType.F64;
  }

  private static Gpu.Call call(Gpu gpu, String entry, ConvSizes sizes, Operand out) {
    return gpu.call("conv", entry, out.dtype())
        .longs(sizes.window().members())
        .longs(sizes.many())
        .int64(out.count());
  }

  /** y = b, for each image and place. */
  static void writeBias(Gpu gpu, Operand b, Operand y) {
    gpu.call("conv", "conv_bias", y.dtype())
        .int64(y.count())
        .int64(y.shape().slice(2, y.shape().rank()).count())
        .int64(b.count())
        .pointers(b, y)
        .each(y.count());
  }

  /** db = out[1], if there is one. */
  private static void biasGrad(Gpu gpu, Operand dy, Operand[] out) {
    if (out.length < 2 || out[1].count() == 0) {
      return;
    }
    Operand db = out[1];
    long filters = db.count();
    long images = dy.shape().size(0);
    long outputs = images == 0 ? 0 : dy.count() / images / filters;
    long parts = Math.clamp(4L * gpu.multiprocessors() / filters, 1, Math.clamp(images, 1, 1024));
    Operand partial = gpu.scratch(wide(dy.dtype()), Shape.of(parts, filters));
    gpu.call("conv", "conv_bias_grad", dy.dtype())
        .int64(images)
        .int64(outputs)
        .pointers(dy, partial)
        .grid(filters, parts, 1)
        .block(Gpu.BLOCK)
        .run();
    join(gpu, partial, filters, null, db);
  }

  /** The sums of partial's columns: dw, if there is one, and of the {@code n} after them db. */
  static void join(Gpu gpu, Operand partial, long n, @Nullable Operand dw, @Nullable Operand db) {
    Operand to = dw != null ? dw : Objects.requireNonNull(db);
    gpu.call("conv", "conv_join", to.dtype())
        .int64(partial.shape().size(0))
        .int64(partial.shape().size(1))
        .int64(n)
        .pointer(partial)
        .int64(dw == null ? 0 : dw.count())
        .pointerOrNull(dw)
        .pointerOrNull(db)
        .each(n * WARP);
  }

  /** What sums of {@code dtype} are kept in. */
  static DType wide(DType dtype) {
    return dtype == DType.F64 ? DType.F64 : DType.F32;
  }
}
