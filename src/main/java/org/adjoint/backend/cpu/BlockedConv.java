package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with the images of a block side by side in the lanes of a vector. Internal to the
 * backends.
 *
 * <p>{@link Im2col} copies each cell once for every tap that sees it, in pieces as long as a line
 * of the output: where those are short, the copying takes longer than the product. Here a block of
 * images is stored as [C, cells, images]. Then what a tap sees at a position is a vector of its own
 * in one place, and the product's inner loop fetches it from there.
 *
 * <p>The terms of each sum are those of im2col's product, in the same order and the same slices; so
 * the bits are the same.
 */
final class BlockedConv {
  /** Terms of one fma chain, as in {@link Gemm}. */
  private static final int DEPTH = Gemm.DEPTH;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Simd simd = Simd.best();
  private final int tileRows = simd.tileRows();
  private final int lanes = simd.tileColumns() / 2;
  private final ConvKernels.Shape shape;
  private final PaddedPlane plane;
  private final int channels;
  private final int filters;
  private final int taps;
  private final int inputSize;
  private final int outputs;

  /** Numbers of one position and the next, side by side in a pair. */
  private final int pairs;

  private BlockedConv(ConvKernels.Shape shape) {
    this.shape = shape;
    plane = new PaddedPlane(shape.window());
    channels = shape.window().channels();
    filters = shape.filtersOfGroup();
    taps = shape.window().taps();
    inputSize = shape.window().inputSize();
    outputs = shape.window().outputSize();
    pairs = Math.ceilDiv(outputs, 2);
  }

  /** Memory of one thread. */
  private static final class Scratch {
    float[] x = {};
    float[] y = {};
    float[] panel = {};

    void reserve(int xSize, int ySize, int panelSize) {
      x = x.length < xSize ? new float[xSize] : x;
      y = y.length < ySize ? new float[ySize] : y;
      panel = panel.length < panelSize ? new float[panelSize] : panel;
    }
  }

  /** Whether lines are short enough, and images many enough, for this to be the quicker way. */
  static boolean suits(ConvKernels.Shape shape) {
    Im2col.Geometry g = shape.window();
    int lanes = Simd.best().tileColumns() / 2;
    return !g.isIdentity()
        && g.output(g.dimensions() - 1) < 20
        && 2 * shape.images() > lanes
        && 4L * g.channels() * PaddedPlane.cells(g) * lanes < Integer.MAX_VALUE;
  }

  /** y = conv(x, w) + b, without b where it is null. */
  static void forward(ConvKernels.Shape shape, Floats x, Floats w, @Nullable Floats b, Floats y) {
    BlockedConv conv = new BlockedConv(shape);
    for (int g = 0; g < shape.groups(); g++) {
      conv.forward(g, x, w, b, y);
    }
  }

  /** dx = the gradient of Σ dy · conv(x, w) in x. */
  static void inputGrad(ConvKernels.Shape shape, Floats dy, Floats w, Floats dx) {
    BlockedConv conv = new BlockedConv(shape);
    for (int g = 0; g < shape.groups(); g++) {
      conv.inputGrad(g, dy, w, dx);
    }
  }

  private int blocks() {
    return Math.ceilDiv(shape.images(), lanes);
  }

  private int count(int block) {
    return Math.min(lanes, shape.images() - block * lanes);
  }

  /** Where channel {@code c} of a block's first image lies, of {@code each} channels a group. */
  private int at(int block, int group, int each, int size) {
    return (block * lanes * shape.groups() + group) * each * size;
  }

  private void forward(int group, Floats x, Floats w, @Nullable Floats b, Floats y) {
    int terms = channels * taps;
    int panels = Math.ceilDiv(filters, tileRows);
    float[] packed = new float[panels * tileRows * terms];
    Gemm.packSlices(w.data(), w.at() + group * filters * terms, filters, terms, terms, 1, packed);
    int[] rows = Arrays.stream(plane.rows(channels)).map(cell -> cell * lanes).toArray();
    int parts = parts(panels);
    Parallel.forRange(
        blocks() * parts,
        turn -> {
          int block = turn / parts;
          int first = turn % parts * panels / parts;
          int last = (turn % parts + 1) * panels / parts;
          Scratch scratch = SCRATCH.get();
          int line = 2 * pairs * lanes;
          scratch.reserve(channels * plane.cells * lanes, panels * tileRows * line, 0);
          loadX(block, group, x, scratch.x);
          for (int from = 0; from < terms; from += DEPTH) {
            int depth = Math.min(DEPTH, terms - from);
            for (int pair = 0; pair < pairs; pair++) {
              int left = plane.position[2 * pair] * lanes;
              int right = plane.position[Math.min(2 * pair + 1, outputs - 1)] * lanes;
              for (int panel = first; panel < last; panel++) {
                simd.gatherTile(
                    depth,
                    packed,
                    (panels * from + panel * depth) * tileRows,
                    scratch.x,
                    rows,
                    from,
                    left,
                    right,
                    scratch.y,
                    panel * tileRows * line + 2 * pair * lanes,
                    panel * tileRows * line + (2 * pair + 1) * lanes,
                    line,
                    from > 0);
              }
            }
          }
          int to = Math.min(filters, last * tileRows);
          for (int f = first * tileRows; f < to; f++) {
            if (b != null) {
              float bias = b.data()[b.at() + group * filters + f];
              simd.addScalar(bias, scratch.y, f * line, scratch.y, f * line, outputs * lanes);
            }
            PaddedPlane.separate(
                scratch.y,
                f * line,
                lanes,
                y.data(),
                y.at() + at(block, group, filters, outputs) + f * outputs,
                shape.filters() * outputs,
                count(block),
                outputs);
          }
        });
  }

  /** With few blocks, each of them is cut in two, so that no thread is idle at the end. */
  private int parts(int panels) {
    return panels > 1 && blocks() < 4 * Parallel.threads() ? 2 : 1;
  }

  private void loadX(int block, int group, Floats x, float[] out) {
    for (int c = 0; c < channels; c++) {
      int to = c * plane.cells * lanes;
      plane.clear(out, to, lanes);
      plane.interleave(
          x.data(),
          x.at() + at(block, group, channels, inputSize) + c * inputSize,
          shape.groups() * channels * inputSize,
          count(block),
          out,
          to,
          lanes);
    }
  }

  private void inputGrad(int group, Floats dy, Floats w, Floats dx) {
    int terms = channels * taps;
    int panels = Math.ceilDiv(terms, tileRows);
    float[] packed = new float[panels * tileRows * filters];
    Gemm.packSlices(w.data(), w.at() + group * filters * terms, terms, filters, 1, terms, packed);
    int line = 2 * pairs * lanes;
    int[] rows = new int[filters];
    Arrays.setAll(rows, f -> f * line);
    Parallel.forRange(
        blocks(),
        block -> {
          Scratch scratch = SCRATCH.get();
          int xSize = channels * plane.cells * lanes;
          scratch.reserve(xSize, filters * line, tileRows * line);
          for (int f = 0; f < filters; f++) {
            PaddedPlane.interleave(
                dy.data(),
                dy.at() + at(block, group, filters, outputs) + f * outputs,
                shape.filters() * outputs,
                count(block),
                outputs,
                scratch.y,
                f * line,
                lanes);
          }
          Arrays.fill(scratch.x, 0, xSize, 0);
          for (int panel = 0; panel < panels; panel++) {
            for (int from = 0; from < filters; from += DEPTH) {
              int depth = Math.min(DEPTH, filters - from);
              for (int pair = 0; pair < pairs; pair++) {
                simd.gatherTile(
                    depth,
                    packed,
                    (panels * from + panel * depth) * tileRows,
                    scratch.y,
                    rows,
                    from,
                    2 * pair * lanes,
                    (2 * pair + 1) * lanes,
                    scratch.panel,
                    2 * pair * lanes,
                    (2 * pair + 1) * lanes,
                    line,
                    from > 0);
              }
            }
            int first = panel * tileRows;
            for (int k = first; k < Math.min(terms, first + tileRows); k++) {
              addRow(scratch, (k - first) * line, k);
            }
          }
          for (int c = 0; c < channels; c++) {
            plane.separate(
                scratch.x,
                c * plane.cells * lanes,
                lanes,
                dx.data(),
                dx.at() + at(block, group, channels, inputSize) + c * inputSize,
                shape.groups() * channels * inputSize,
                count(block));
          }
        });
  }

  /** Adds what weight {@code k} brings at all positions to the cells that it saw there. */
  private void addRow(Scratch scratch, int at, int k) {
    int start = (k / taps * plane.cells + plane.tap[k % taps]) * lanes;
    int p = 0;
    while (p < outputs) {
      int end = p + 1;
      while (end < outputs && plane.position[end] == plane.position[end - 1] + 1) {
        end++;
      }
      int to = start + plane.position[p] * lanes;
      int from = at + p * lanes;
      simd.add(scratch.x, to, scratch.panel, from, scratch.x, to, (end - p) * lanes);
      p = end;
    }
  }
}
