package org.adjoint.backend.cpu;

import java.util.Arrays;

/** {@link Packing} number by number, also for what {@link VectorPacking} leaves over. */
final class ScalarPacking implements Packing {
  @Override
  public void pack(
      float[] x,
      int at,
      int count,
      int lineStride,
      int depth,
      int stride,
      int width,
      float[] out,
      int outAt) {
    for (int first = 0; first < count; first += width) {
      int panel = outAt + first * depth;
      int lines = Math.min(width, count - first);
      int from = at + first * lineStride;
      if (lines < width) {
        Arrays.fill(out, panel, panel + width * depth, 0);
      }
      if (lineStride == 1) {
        for (int k = 0; k < depth; k++) {
          System.arraycopy(x, from + k * stride, out, panel + k * width, lines);
        }
      } else {
        int line = 0;
        for (; line + 4 <= lines; line += 4) { // four streams to read keep the memory busy
          int x0 = from + line * lineStride;
          int x1 = x0 + lineStride;
          int x2 = x1 + lineStride;
          int x3 = x2 + lineStride;
          int to = panel + line;
          for (int k = 0; k < depth; k++, to += width) {
            out[to] = x[x0 + k * stride];
            out[to + 1] = x[x1 + k * stride];
            out[to + 2] = x[x2 + k * stride];
            out[to + 3] = x[x3 + k * stride];
          }
        }
        for (; line < lines; line++) {
          for (int k = 0; k < depth; k++) {
            out[panel + k * width + line] = x[from + line * lineStride + k * stride];
          }
        }
      }
    }
  }
}
