package org.adjoint.backend.cpu;

/**
 * The gradient of a convolution in its weights, with the channels of a cell side by side in the
 * lanes of a vector. Internal to the backends.
 *
 * <p>For each tap, dw = Σ over images and positions dy · x is a product of matrices [F, positions]
 * and [positions, C]. With images stored as [cells, C], the second is not made: its rows lie in the
 * image, in places that differ from tap to tap by one number.
 *
 * <p>The terms of each sum are those of im2col's product, in the same order and the same slices; so
 * the bits are the same.
 */
final class ChannelsLast {
  private static final int DEPTH = Gemm.DEPTH;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Simd simd = Simd.best();
  private final int tileRows = simd.tileRows();
  private final int tileColumns = simd.tileColumns();
  private final ConvKernels.Shape shape;
  private final PaddedPlane plane;
  private final int channels;

  /** Channels, filled up to whole tiles. */
  private final int width;

  private final int filters;
  private final int panels;
  private final int taps;
  private final int inputSize;
  private final int outputs;

  private ChannelsLast(ConvKernels.Shape shape) {
    this.shape = shape;
    plane = new PaddedPlane(shape.window());
    channels = shape.window().channels();
    width = Math.ceilDiv(channels, tileColumns) * tileColumns;
    filters = shape.filters() / shape.groups();
    panels = Math.ceilDiv(filters, tileRows);
    taps = shape.window().taps();
    inputSize = shape.window().inputSize();
    outputs = shape.window().outputSize();
  }

  /** Memory of one thread. */
  private static final class Scratch {
    float[] x = {};
    float[] dy = {};
    int[] rows = {};

    void reserve(int xSize, int dySize, int rowCount) {
      x = x.length < xSize ? new float[xSize] : x;
      dy = dy.length < dySize ? new float[dySize] : dy;
      rows = rows.length < rowCount ? new int[rowCount] : rows;
    }
  }

  /** Whether channels are enough, and lines short enough, for this to be the quicker way. */
  static boolean suits(ConvKernels.Shape shape) {
    Im2col.Geometry g = shape.window();
    return g.output(g.dimensions() - 1) < 20
        && 2 * g.channels() >= Simd.best().tileColumns()
        && 4L * shape.batch() * new PaddedPlane(g).cells * 2 * g.channels() < Integer.MAX_VALUE;
  }

  /** Elements of {@link #addBatch}'s result: [taps, F, C], filled up to whole tiles. */
  private int sumSize() {
    return Math.multiplyExact(taps * panels * tileRows, width);
  }

  /**
   * The partial sum of a chunk: of batches {@code chunk}, {@code chunk + chunks}, … in order, put
   * where {@code dw} has group {@code group}.
   */
  static void chunk(
      ConvKernels.Shape shape,
      int group,
      int chunk,
      int chunks,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      float[] dw,
      int dwAt) {
    ChannelsLast conv = new ChannelsLast(shape);
    float[] sum = new float[conv.sumSize()];
    for (int batch = chunk; batch < shape.batches(); batch += chunks) {
      conv.addBatch(group, batch, x, xAt, dy, dyAt, sum);
    }
    conv.store(sum, dw, dwAt + group * conv.filters * conv.channels * conv.taps);
  }

  private void addBatch(
      int group, int batch, float[] x, int xAt, float[] dy, int dyAt, float[] sum) {
    int first = batch * shape.batch();
    int count = Math.min(shape.batch(), shape.images() - first);
    int terms = count * outputs;
    Scratch scratch = SCRATCH.get();
    scratch.reserve(count * plane.cells * width, panels * tileRows * terms, terms);
    for (int i = 0; i < count; i++) {
      int image = (first + i) * shape.groups() + group;
      int to = i * plane.cells * width;
      plane.clear(scratch.x, to, width);
      plane.interleave(
          x, xAt + image * channels * inputSize, inputSize, channels, scratch.x, to, width);
      for (int p = 0; p < outputs; p++) {
        scratch.rows[i * outputs + p] = (i * plane.cells + plane.position[p]) * width;
      }
    }
    packOutputs(dy, dyAt + (first * shape.groups() + group) * filters * outputs, terms, scratch.dy);
    for (int from = 0; from < terms; from += DEPTH) {
      int depth = Math.min(DEPTH, terms - from);
      for (int tap = 0; tap < taps; tap++) {
        for (int c = 0; c < channels; c += tileColumns) {
          int left = plane.tap[tap] * width + c;
          for (int panel = 0; panel < panels; panel++) {
            simd.gatherTile(
                depth,
                scratch.dy,
                (panels * from + panel * depth) * tileRows,
                scratch.x,
                scratch.rows,
                from,
                left,
                left + tileColumns / 2,
                sum,
                (tap * panels + panel) * tileRows * width + c,
                width,
                true);
          }
        }
      }
    }
  }

  /** out[slice][panel][term][filter], terms being positions of one image after the other. */
  private void packOutputs(float[] dy, int at, int terms, float[] out) {
    for (int from = 0; from < terms; from += DEPTH) {
      int depth = Math.min(DEPTH, terms - from);
      for (int f = 0; f < filters; f++) {
        int to = (panels * from + f / tileRows * depth) * tileRows + f % tileRows;
        for (int k = 0; k < depth; ) {
          int position = (from + k) % outputs;
          int n = Math.min(depth - k, outputs - position);
          int image = (from + k) / outputs;
          int source = at + (image * shape.filters() + f) * outputs + position;
          for (int i = 0; i < n; i++) {
            out[to + (k + i) * tileRows] = dy[source + i];
          }
          k += n;
        }
      }
    }
  }

  /** From [taps, F, C] to [F, C, taps]. */
  private void store(float[] sum, float[] dw, int dwAt) {
    for (int f = 0; f < filters; f++) {
      for (int tap = 0; tap < taps; tap++) {
        int from = (tap * panels * tileRows + f) * width;
        for (int c = 0; c < channels; c++) {
          dw[dwAt + (f * channels + c) * taps + tap] = sum[from + c];
        }
      }
    }
  }
}
