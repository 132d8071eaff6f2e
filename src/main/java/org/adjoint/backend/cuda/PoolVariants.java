package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/** The ladder that {@code pool.cu} begins and describes. */
public final class PoolVariants {
  private static final int WARP = 32;

  /** Bytes that memory is moved by. */
  private static final int SECTOR = 32;

  private PoolVariants() {}

  /** The windows of a pooling of x [N, C, I…] to y [N, C, O…], given I… and O…. */
  @FunctionalInterface
  public interface Windows {
    /** The windows between planes of these sizes. */
    Window of(Shape input, Shape output);
  }

  /** y and its places from x. */
  public static List<Variant> max(Windows windows) {
    Pooling max = new Pooling("max_pool", windows, false, true, null, null);
    return List.of(max.pairs(), max.whole(), max.band(), max.plane(), max.naive());
  }

  /** The same where windows are even, and so never pairs. */
  public static List<Variant> adaptiveMax(Windows windows) {
    Pooling max = new Pooling("max_pool", windows, false, true, null, null);
    return List.of(max.whole(), max.band(), max.plane(), max.naive());
  }

  /** dx from dy and the places; messages about those are {@code op}'s. */
  public static List<Variant> maxGrad(String op, Windows windows) {
    Pooling grad = new Pooling("max_pool_input_grad", windows, true, true, null, op);
    return List.of(grad.pairs(), grad.band(), grad.plane(), grad.naive());
  }

  /** y from x; {@code countPadding} says whether padding counts in the mean. */
  public static List<Variant> avg(Windows windows, boolean countPadding) {
    Pooling avg = new Pooling("avg_pool", windows, false, false, countPadding, null);
    return List.of(avg.pairs(), avg.whole(), avg.band(), avg.plane(), avg.naive());
  }

  /** dx from dy. */
  public static List<Variant> avgGrad(Windows windows, boolean countPadding) {
    Pooling grad = new Pooling("avg_pool_input_grad", windows, true, false, countPadding, null);
    return List.of(grad.pairs(), grad.band(), grad.plane(), grad.naive());
  }

  /**
   * What the variants of one operation have in common.
   *
   * @param kernel begins the names of its kernels
   * @param back whether it is a gradient: its operand lies as y does, its result as x
   * @param placed whether places go with y
   * @param countPadding for means
   * @param guarded the operation whose indices the kernels check
   */
  private record Pooling(
      String kernel,
      Windows windows,
      boolean back,
      boolean placed,
      @Nullable Boolean countPadding,
      @Nullable String guarded) {
    Operand x(Operand[] in, Operand[] out) {
      return back ? out[0] : in[0];
    }

    Operand y(Operand[] in, Operand[] out) {
      return back ? in[0] : out[0];
    }

    Window window(Operand[] in, Operand[] out) {
      Shape x = x(in, out).shape();
      Shape y = y(in, out).shape();
      return windows.of(x.slice(2, x.rank()), y.slice(2, y.rank()));
    }

    /** One output a thread. */
    Variant naive() {
      return Variant.of(
          "naive",
          (gpu, in, out) -> {
            Operand[] from = packed(gpu, in);
            Gpu.Call call = call(gpu, "pool", "_naive", out).longs(window(in, out).members());
            with(padding(call).int64(out[0].count()), from, out).each(out[0].count());
          });
    }

    /** The same in 32 bits. */
    Variant plane() {
      return new Variant(
          "plane",
          "1 or 2 axes, fewer than 2³¹ elements",
          (in, out) -> window(in, out).axes() <= 2 && isSmall(in, out),
          (gpu, in, out) -> {
            Operand[] from = packed(gpu, in);
            long[] members = window(in, out).asPlane().members();
            Gpu.Call call = padding(call(gpu, "pool", "_plane", out).longs(members));
            with(call.int32((int) out[0].count()), from, out).each(out[0].count());
          });
    }

    /** A block has a band of planes. */
    Variant band() {
      return new Variant(
          "band",
          "1 or 2 axes, windows that fit a block's shared memory",
          (in, out) -> {
            Window window = window(in, out);
            return window.axes() <= 2
                && isSmall(in, out)
                && out[0].count() > 0
                && PoolBands.fit(window.asPlane(), back, kept());
          },
          (gpu, in, out) -> {
            Operand[] from = packed(gpu, in);
            Window window = window(in, out).asPlane();
            PoolBands bands = PoolBands.of(window, back, kept(), planes(out[0]));
            Gpu.Call call =
                call(gpu, "pool_band", "_band", out)
                    .longs(window.members())
                    .longs(bands.members())
                    .grid(bands.blocks())
                    .block(Gpu.BLOCK)
                    .shared(bands.cells() * kept());
            with(padding(call), from, out).run();
          });
    }

    /** Bytes of shared memory that a band has for each cell. */
    private int kept() {
      return back && placed ? Float.BYTES + Integer.BYTES : Float.BYTES;
    }

    /** A warp a plane that is one window. */
    Variant whole() {
      return new Variant(
          "whole",
          "F32 and BF16, a window as large as the plane",
          (in, out) -> {
            Window window = window(in, out);
            return window.isWhole()
                && isFast(in[0].dtype())
                && window.input().count() <= Integer.MAX_VALUE;
          },
          (gpu, in, out) -> {
            Operand[] from = packed(gpu, in);
            long planes = planes(from[0]);
            int perBlock = Gpu.BLOCK / WARP;
            Gpu.Call call =
                call(gpu, "pool_pairs", "_whole", out)
                    .int32((int) (from[0].count() / planes))
                    .int64(planes)
                    .grid(Math.min(Math.ceilDiv(planes, perBlock), Integer.MAX_VALUE))
                    .block(WARP, perBlock, 1);
            with(call, from, out).run();
          });
    }

    /** A thread takes some columns of two rows. */
    Variant pairs() {
      return new Variant(
          "pairs",
          "windows of 2 × 2 side by side, rows of whole sectors",
          (in, out) -> isPairs(in, out) && Arrays.stream(in).allMatch(PoolVariants::isAligned),
          (gpu, in, out) -> {
            Operand[] from = packed(gpu, in);
            Operand x = x(in, out);
            int columns = placed ? 4 : 16 / x.dtype().bytes();
            long n = y(in, out).count() * 2 / columns;
            Gpu.Call call =
                call(gpu, "pool_pairs", "_pairs", out)
                    .int32((int) x.shape().size(2))
                    .int32((int) x.shape().size(3))
                    .int32((int) n);
            with(call, from, out).each(n);
          });
    }

    /** Whether y sees two rows and two columns of x each, and rows are whole sectors. */
    private boolean isPairs(Operand[] in, Operand[] out) {
      Window window = window(in, out);
      return window.axes() == 2
          && window.isSideBySide()
          && window.kernel().equals(Shape.of(2, 2))
          && window.input().size(1) * in[0].dtype().bytes() % SECTOR == 0
          && isSmall(in, out);
    }

    private Gpu.Call call(Gpu gpu, String family, String step, Operand[] out) {
      return gpu.call(family, kernel + step, out[0].dtype());
    }

    private Gpu.Call padding(Gpu.Call call) {
      return countPadding == null ? call : call.int32(countPadding ? 1 : 0);
    }

    private Gpu.Call with(Gpu.Call call, Operand[] from, Operand[] to) {
      call.pointers(from).pointers(to);
      return guarded == null ? call : call.guard(guarded);
    }

    /** Whether 32 bits count the elements, with padding and a step of a grid besides. */
    private boolean isSmall(Operand[] in, Operand[] out) {
      return isFast(in[0].dtype()) && Math.max(in[0].count(), out[0].count()) <= 1 << 30;
    }
  }

  private static long planes(Operand operand) {
    return operand.shape().slice(0, 2).count();
  }

  private static boolean isFast(DType dtype) {
    return dtype == DType.F32 || dtype == DType.BF16;
  }

  /** Whether accesses of 16 bytes are possible, if need be of a copy. */
  private static boolean isAligned(Operand operand) {
    return !operand.layout().isContiguous() || Gpu.isAligned(operand);
  }

  private static Operand[] packed(Gpu gpu, Operand[] operands) {
    return Arrays.stream(operands).map(gpu::contiguous).toArray(Operand[]::new);
  }
}
