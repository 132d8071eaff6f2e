package org.adjoint.backend.cuda;

import java.util.Collections;
import java.util.Set;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/** Launches of {@code conv_first.cu}: how the images are cut. All operands lie in order. */
final class ConvFirst {
  /** Outputs of a thread, side by side, and filters. */
  private static final int COLUMNS = 4;

  private static final int FILTERS = 8;

  /** Filters of a thread of the weights' gradient. */
  private static final int SHARE = 4;

  private static final int MOST_CHANNELS = 4;
  private static final int WIDEST = 64;
  private static final int WARP = 32;

  /** Bytes of shared memory of a block, so that a multiprocessor has room for some. */
  private static final long SHARED = 48 << 10;

  private static final Set<Integer> WINDOWS = Set.of(3, 5, 7);
  private static final Set<Integer> STRIDES = Set.of(1, 2);

  /** What is supported, in words. */
  static final String TAKES =
      "F32 and BF16; 2 axes, up to 4 channels, windows of 3, 5 or 7 squared, stride 1 or 2";

  private final Gpu gpu;
  private final ConvSizes sizes;
  private final int kernel;
  private final int stride;
  private final long channels;
  private final long filters;
  private final long rows;
  private final long columns;

  ConvFirst(Gpu gpu, ConvSizes sizes) {
    this.gpu = gpu;
    this.sizes = sizes;
    kernel = (int) sizes.window().kernel().size(0);
    stride = sizes.window().stride().get(0);
    channels = sizes.channels();
    filters = sizes.w().size(0);
    rows = sizes.window().output().size(0);
    columns = sizes.window().output().size(1);
  }

  static boolean supports(ConvSizes sizes, Operand y) {
    return isFirst(sizes, y.dtype()) && Gpu.isAligned(y);
  }

  /** Whether a row of an image, and what it became, fit into shared memory besides. */
  static boolean supportsGrad(ConvSizes sizes, DType dtype) {
    if (!isFirst(sizes, dtype)) {
      return false;
    }
    long kernel = sizes.window().kernel().size(0);
    long tile = roundUp(sizes.window().output().size(1));
    long width = tile * sizes.window().stride().get(0) + 2 * (kernel + COLUMNS);
    return (sizes.channels() * kernel * width + sizes.w().size(0) * (tile + COLUMNS)) * Float.BYTES
        < SHARED;
  }

  private static boolean isFirst(ConvSizes sizes, DType dtype) {
    Window window = sizes.window();
    return (dtype == DType.F32 || dtype == DType.BF16)
        && sizes.isSome()
        && window.axes() == 2
        && sizes.groups() == 1
        && sizes.channels() <= MOST_CHANNELS
        && Collections.max(window.dilation()) == 1
        && window.kernel().size(0) == window.kernel().size(1)
        && WINDOWS.contains((int) window.kernel().size(0))
        && window.stride().get(0).equals(window.stride().get(1))
        && STRIDES.contains(window.stride().get(0))
        && window.input().count() <= 1 << 30
        && window.output().count() <= 1 << 30;
  }

  void forward(Operand x, Operand w, @Nullable Operand b, Operand y) {
    long tiles = Math.ceilDiv(columns, WIDEST);
    long tile = roundUp(Math.ceilDiv(columns, tiles));
    tiles = Math.ceilDiv(columns, tile);
    long across = tile / COLUMNS;
    long pitch = pitch(tile);
    long weights = channels * kernel * kernel * FILTERS;
    // Few images are cut finer, so that all multiprocessors have work.
    long wanted = 2L * gpu.multiprocessors();
    long perRow = sizes.images() * tiles;
    long most = Math.clamp(rows * perRow / wanted, 1, Gpu.BLOCK / across);
    long band = Math.min(rows, most);
    while (band > 1 && (weights + channels * lines(band) * pitch) * Float.BYTES > SHARED) {
      band--;
    }
    long bands = Math.ceilDiv(rows, band);
    band = Math.ceilDiv(rows, bands);
    bands = Math.ceilDiv(rows, band);
    long blocks = perRow * bands;
    long shares = Math.clamp(wanted / blocks, 1, Math.ceilDiv(filters, FILTERS));
    begin("conv_first", x.dtype(), band, bands, tile, tiles, pitch, 0, 0, 0)
        .pointers(x, w)
        .pointerOrNull(b)
        .pointer(y)
        .grid(blocks, shares, 1)
        .block((int) roundUp(band * across, WARP))
        .shared((weights + channels * lines(band) * pitch) * Float.BYTES)
        .run();
  }

  /** dw = out[0], and db = out[1] if there is one. */
  void weightGrad(Operand x, Operand dy, Operand[] out) {
    long tile = roundUp(columns);
    long pitch = pitch(tile) | COLUMNS; // rows begin in different banks
    long all = Math.ceilDiv(filters, SHARE) * channels * kernel;
    long shares = Math.ceilDiv(all, Gpu.BLOCK);
    long units = Math.ceilDiv(all, shares);
    long wanted = Math.ceilDiv(2L * gpu.multiprocessors(), shares);
    long band = Math.clamp(rows * sizes.images() / wanted, 1, rows);
    while (band > 1 && stage(band, tile, pitch) > SHARED) {
      band--;
    }
    long bands = Math.ceilDiv(rows, band);
    long splits = Math.min(Gpu.BLOCK / units, band);
    long threads = roundUp(units * splits, WARP);
    long parts = Math.min(sizes.images() * bands, wanted);
    long sums = SHARE * (kernel + 1) * threads * Float.BYTES;
    long weights = out[0].count();
    Operand partial = gpu.scratch(DType.F32, Shape.of(parts, weights + filters));
    begin(
            "conv_first_weight_grad",
            x.dtype(),
            band,
            bands,
            tile,
            1,
            pitch,
            plane(band, tile),
            units,
            splits)
        .pointers(x, dy, partial)
        .grid(parts, shares, 1)
        .block((int) threads)
        .shared(Math.max(stage(band, tile, pitch), sums))
        .run();
    Operand db = out.length > 1 ? out[1] : null;
    ConvVariants.join(gpu, partial, weights + (db == null ? 0 : filters), out[0], db);
  }

  private Gpu.Call begin(
      String entry,
      DType dtype,
      long band,
      long bands,
      long tile,
      long tiles,
      long pitch,
      long plane,
      long units,
      long splits) {
    Window window = sizes.window();
    return gpu.call("conv_first", entry + "_k" + kernel + "s" + stride, dtype)
        .longs(
            sizes.images(),
            channels,
            filters,
            window.input().size(0),
            window.input().size(1),
            rows,
            columns,
            window.padding().get(0),
            window.padding().get(1),
            band,
            tile,
            bands,
            tiles,
            pitch,
            plane,
            units,
            splits);
  }

  /** Lines of an image that {@code band} rows of outputs see. */
  private long lines(long band) {
    return (band - 1) * stride + kernel;
  }

  /** Pixels of a line that {@code tile} outputs see, in whole reads of 4. */
  private long pitch(long tile) {
    return (tile - COLUMNS) * stride + roundUp((COLUMNS - 1L) * stride + kernel);
  }

  /** Bytes of some rows of an image and of dy. */
  private long stage(long band, long tile, long pitch) {
    return (channels * lines(band) * pitch + filters * plane(band, tile)) * Float.BYTES;
  }

  /** Rows of dy for one filter; those of the next begin in another bank. */
  private static long plane(long band, long tile) {
    return band * tile | COLUMNS;
  }

  private static long roundUp(long size) {
    return roundUp(size, COLUMNS);
  }

  private static long roundUp(long size, long unit) {
    return Math.ceilDiv(size, unit) * unit;
  }
}
