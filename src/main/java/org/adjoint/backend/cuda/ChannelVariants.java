package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * The ways to bring channels to mean 0 and variance 1, which {@code channel_norm.cu}, {@code
 * frozen_norm.cu} and {@code channel_norm_grad.cu} describe, of x [N, C, …].
 */
public final class ChannelVariants {
  private static final String FORWARD = "channel_norm";
  private static final String FROZEN = "frozen_norm";
  private static final String GRADIENT = "channel_norm_grad";
  private static final int WARP = 32;

  /** Threads of a block that adds up a part of a channel. */
  private static final int BLOCK = 256;

  /** Warps of a block that puts parts together. */
  private static final int WARPS = 4;

  /** From this length on, runs are walked one by one. */
  private static final int LONG = 64;

  /** The least elements of a part of a channel, a multiple of all packs. */
  private static final int PART = 4096;

  private static final String HELD =
      "channels of up to 8,192 elements, or 4,096 of F64, in runs of 64 bytes and more";

  /** The least rows of a part of a column. */
  private static final int ROWS = 128;

  /** Elements of a run that a thread takes. */
  private static final int A_THREAD = 16;

  /** Bytes of a run, two sectors, from which on a channel is read by itself without much waste. */
  private static final int WORTH_A_READ = 64;

  /** The numbers of a channel that {@code Factors} has. */
  private static final int FACTORS = 4;

  /** Those that {@code Slopes} has. */
  private static final int SLOPES = 8;

  private ChannelVariants() {}

  /** The variants of y, mean and variance, of x, w and b. */
  public static List<Variant> forward(double eps) {
    return List.of(
        variant("held", (gpu, in, out) -> held(gpu, FORWARD, eps, 1, in, out))
            .where(HELD, Channels::canBeHeld),
        variant("parts", (gpu, in, out) -> forward(gpu, eps, in, out))
            .where("columns that 31 bits count", Channels::fit),
        variant(
            "naive",
            (gpu, in, out) ->
                naive(gpu, FORWARD, "_naive", eps, in[0])
                    .pointers(in)
                    .pointers(out)
                    .each(in[0].shape().size(1))));
  }

  /** The variants of y, of x, w, b, mean and variance. */
  public static List<Variant> frozen(double eps) {
    return List.of(
        variant("parts", (gpu, in, out) -> frozen(gpu, eps, in, out[0]))
            .where("columns that 31 bits count", Channels::fit),
        variant(
            "naive",
            (gpu, in, out) ->
                naive(gpu, FROZEN, "_naive", eps, in[0])
                    .pointers(in)
                    .pointers(out)
                    .each(in[0].count())));
  }

  /** The variants of dx, dw and db, of x, w, dy, mean, variance and the gradients of these two. */
  public static List<Variant> gradient(double eps) {
    return List.of(
        variant("held", (gpu, in, out) -> held(gpu, GRADIENT, eps, 3, in, out))
            .where(HELD, Channels::canBeHeld),
        variant("parts", (gpu, in, out) -> gradient(gpu, eps, in, out))
            .where("columns that 31 bits count", Channels::fit),
        variant(
            "naive",
            (gpu, in, out) ->
                naive(gpu, GRADIENT, "_naive", eps, in[0])
                    .pointers(in)
                    .pointers(out)
                    .each(in[0].shape().size(1))));
  }

  /** A variant that is given operands in order, and statistics in F64; sums of nothing are 0. */
  private static Variant variant(String name, Variant.Launcher launcher) {
    return Variant.of(
        name,
        (gpu, in, out) -> {
          if (in[0].count() == 0) {
            for (Operand nothing : out) {
              gpu.zero(nothing);
            }
            return;
          }
          Operand[] packed = new Operand[in.length];
          for (int i = 0; i < in.length; i++) {
            boolean narrow = i > 2 && in[i].dtype() != DType.F64;
            packed[i] = narrow ? gpu.converted(in[i], DType.F64) : gpu.contiguous(in[i]);
          }
          launcher.run(gpu, packed, out);
        });
  }

  private static Gpu.Call naive(Gpu gpu, String family, String which, double eps, Operand x) {
    return gpu.call(family, family + which, x.dtype()).float64(eps).longs(Channels.of(x).sizes(0));
  }

  /** Launches what holds channels, of x and what lies like it up to {@code in[like - 1]}. */
  private static void held(
      Gpu gpu, String family, double eps, int like, Operand[] in, Operand[] out) {
    Channels x = Channels.of(in[0]);
    int pack = x.packOfRuns(in[0], in[like - 1], out[0]);
    long n = x.outer * x.inner;
    Gpu.Call call =
        gpu.call(family, family + "_held", in[0].dtype())
            .float64(eps)
            .longs(x.sizes(0))
            .divider(x.inner)
            .int32(pack)
            .pointers(in)
            .pointers(out);
    int group = Rows.group(n, pack, in[0].dtype().bytes(), Rows.held(in[0], 1));
    Rows.groups(call, x.channels, group).run();
  }

  private static void forward(Gpu gpu, double eps, Operand[] in, Operand[] out) {
    Channels x = Channels.of(in[0]);
    Sum sum = x.sum(gpu, FORWARD, "_moments", in[0]);
    Operand factors = x.factors(gpu, in[0], FACTORS);
    sum.found(gpu, FORWARD, eps, in[0])
        .pointers(in)
        .pointers(out[1], out[2], factors)
        .grid(Math.ceilDiv(x.channels, WARPS))
        .block(WARP, WARPS, 1)
        .run();
    x.result(gpu, FORWARD, "_scale", factors, in[0], out[0]);
  }

  private static void frozen(Gpu gpu, double eps, Operand[] in, Operand y) {
    Channels x = Channels.of(in[0]);
    Operand factors = x.factors(gpu, in[0], FACTORS);
    gpu.call(FROZEN, FROZEN + "_factors", in[0].dtype())
        .float64(eps)
        .int64(x.channels)
        .pointers(in[1], in[2], in[3], in[4], factors)
        .each(x.channels);
    x.result(gpu, FORWARD, "_scale", factors, in[0], y);
  }

  private static void gradient(Gpu gpu, double eps, Operand[] in, Operand[] out) {
    Channels x = Channels.of(in[0]);
    Sum sum = x.sum(gpu, GRADIENT, "_products", in[0], in[2], in[3]);
    Operand factors = x.factors(gpu, in[0], SLOPES);
    sum.found(gpu, GRADIENT, eps, in[0])
        .pointers(in[1], in[3], in[4], in[5], in[6], out[1], out[2], factors)
        .grid(Math.ceilDiv(x.channels, WARPS))
        .block(WARP, WARPS, 1)
        .run();
    x.result(gpu, GRADIENT, "_combine", factors, in[0], in[2], out[0]);
  }

  /** Sums of parts of channels. */
  private record Sum(Channels x, long part, Operand parts) {
    /** Begins the launch that adds them up. */
    Gpu.Call found(Gpu gpu, String family, double eps, Operand of) {
      return gpu.call(family, family + "_found", of.dtype())
          .float64(eps)
          .longs(x.sizes(part))
          .int32(x.runs() ? 1 : 0)
          .pointer(parts);
    }
  }

  /** The sizes of x, and how it is given to blocks. */
  private record Channels(long outer, long channels, long inner) {
    static Channels of(Operand x) {
      return new Channels(x.shape().size(0), x.shape().size(1), x.shape().countAfter(1));
    }

    /** Whether 31 bits can count the pieces of its runs, and its columns. */
    static boolean fit(Operand[] in, Operand[] out) {
      Channels x = of(in[0]);
      return Math.max(x.outer * x.channels * x.perRun(), x.columns()) < 1L << 31;
    }

    /** Whether registers have room for a channel, whose runs are not too short. */
    static boolean canBeHeld(Operand[] in, Operand[] out) {
      Channels x = of(in[0]);
      return x.outer * x.inner <= Rows.held(in[0], Rows.MOST)
          && x.inner * in[0].dtype().bytes() >= WORTH_A_READ;
    }

    boolean runs() {
      return inner >= LONG;
    }

    private long columns() {
      return channels * inner;
    }

    /** {@code Sizes}. */
    long[] sizes(long part) {
      return new long[] {outer, channels, inner, part};
    }

    Operand factors(Gpu gpu, Operand x, int count) {
      return gpu.scratch(SumVariants.wide(x.dtype()), Shape.of(channels, count));
    }

    /** Launches sums of parts of the operands, of which those after the second are for C. */
    Sum sum(Gpu gpu, String family, String which, Operand... of) {
      Operand[] whole = Arrays.copyOf(of, Math.min(of.length, 2));
      int pack = runs() ? packOfRuns(whole) : Rows.pack(columns(), whole);
      long part = runs() ? Rows.part(outer * inner, channels, PART) : rows(pack);
      long count = Math.ceilDiv(runs() ? outer * inner : outer, part);
      Operand parts = gpu.scratch(DType.F64, Shape.of(count, runs() ? channels : columns(), 2));
      Gpu.Call call =
          gpu.call(family, family + which + (runs() ? "_runs" : "_columns"), of[0].dtype())
              .longs(sizes(part));
      if (runs()) {
        call.int32(pack).pointers(of).pointer(parts).grid(count * channels).block(BLOCK).run();
      } else {
        call.divider(inner).int32(pack > 1 ? 1 : 0).pointers(of).pointer(parts);
        new Rows(count, part, columns() / pack).columns(call).run();
      }
      return new Sum(this, part, parts);
    }

    /**
     * Launches what is done to each element of the operands, the last of which is the result: by
     * runs, unless only the columns of the whole have accesses of 16 bytes.
     */
    void result(Gpu gpu, String family, String which, Operand factors, Operand... of) {
      int pack = Rows.pack(columns(), of);
      boolean byRuns = runs() && Rows.pack(inner, of) == pack;
      Operand[] in = Arrays.copyOf(of, of.length - 1);
      Operand out = of[of.length - 1];
      String entry = family + which + (byRuns ? "_runs" : "_columns");
      Gpu.Call call = gpu.call(family, entry, out.dtype());
      if (byRuns) {
        long pieces = outer * channels * perRun();
        long piece = Math.ceilDiv(Math.ceilDiv(inner, perRun()), pack) * pack;
        call.longs(pieces, inner, piece).divider(channels).divider(perRun());
      } else {
        call.longs(sizes(rows(pack))).divider(inner);
      }
      call.int32(pack > 1 ? 1 : 0).pointers(in).pointers(factors, out);
      if (byRuns) {
        int bytes = out.dtype().bytes();
        int group = Rows.group(Math.ceilDiv(inner, perRun()), pack, bytes, A_THREAD);
        Rows.groups(call, outer * channels * perRun(), group).run();
      } else {
        new Rows(Math.ceilDiv(outer, rows(pack)), rows(pack), columns() / pack).columns(call).run();
      }
    }

    /** Elements of an access to runs that begin at multiples of 16 bytes, or of 8; or one. */
    private int packOfRuns(Operand... operands) {
      int most = Rows.pack(0, operands);
      return inner % most == 0 ? most : inner % (most / 2) == 0 ? most / 2 : 1;
    }

    /** Rows of a part of the columns. */
    private long rows(int pack) {
      return Rows.part(outer, new Rows(1, outer, columns() / pack).columnBlocks(), ROWS);
    }

    /** Pieces of a run: what a block's threads take. */
    private long perRun() {
      return Math.max(1, Math.ceilDiv(inner, (long) Rows.MOST * A_THREAD));
    }
  }
}
