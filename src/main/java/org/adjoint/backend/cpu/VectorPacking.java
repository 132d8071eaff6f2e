package org.adjoint.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Packing} by the Vector API, eight numbers at a time. What lies line beside line is copied;
 * what lies line after line is transposed in squares of 8 × 8. The panel at the edge, and matrices
 * with a stride in both directions, are left to {@link ScalarPacking}.
 */
final class VectorPacking implements Packing {
  /** Lines at a time: the panels for vectors of 256 and of 512 bits are as wide, or more so. */
  static final int LINES = 8;

  /** Elements of a line that are copied before the next panel has its turn. */
  private static final int STRIP = 16;

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
  private static final ScalarPacking REST = new ScalarPacking();

  // What selects, from vectors i and i + d of a square, the ones of a square whose blocks of d × d
  // have changed places across the diagonal.
  private static final FloatVector LOW4 = indices(0, 1, 2, 3, 8, 9, 10, 11);
  private static final FloatVector HIGH4 = indices(4, 5, 6, 7, 12, 13, 14, 15);
  private static final FloatVector LOW2 = indices(0, 1, 8, 9, 4, 5, 12, 13);
  private static final FloatVector HIGH2 = indices(2, 3, 10, 11, 6, 7, 14, 15);
  private static final FloatVector LOW1 = indices(0, 8, 2, 10, 4, 12, 6, 14);
  private static final FloatVector HIGH1 = indices(1, 9, 3, 11, 5, 13, 7, 15);

  private static FloatVector indices(float... i) {
    return FloatVector.fromArray(S, i, 0);
  }

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
    int done = 0;
    if (width % LINES == 0 && lineStride == 1) {
      done = count / width * width;
      copy(x, at, done, depth, stride, width, out, outAt);
    } else if (width % LINES == 0 && stride == 1) {
      done = count / width * width;
      transpose(x, at, done, lineStride, depth, width, out, outAt);
    }
    int from = at + done * lineStride;
    int to = outAt + done * depth;
    REST.pack(x, from, count - done, lineStride, depth, stride, width, out, to);
  }

  private static void copy(
      float[] x, int at, int count, int depth, int stride, int width, float[] out, int outAt) {
    for (int from = 0; from < depth; from += STRIP) {
      int end = Math.min(depth, from + STRIP);
      for (int line = 0; line < count; line += LINES) {
        int to = outAt + line / width * width * depth + line % width;
        for (int k = from; k < end; k++) {
          FloatVector.fromArray(S, x, at + line + k * stride).intoArray(out, to + k * width);
        }
      }
    }
  }

  private static void transpose(
      float[] x, int at, int count, int lineStride, int depth, int width, float[] out, int outAt) {
    for (int line = 0; line < count; line += LINES) {
      int from = at + line * lineStride;
      int to = outAt + line / width * width * depth + line % width;
      int k = 0;
      for (; k + LINES <= depth; k += LINES) {
        square(x, from + k, lineStride, out, to + k * width, width);
      }
      for (; k < depth; k++) {
        for (int i = 0; i < LINES; i++) {
          out[to + k * width + i] = x[from + i * lineStride + k];
        }
      }
    }
  }

  /** out[k][i] = x[i][k], for rows of eight that are {@code stride} and {@code outStride} apart. */
  private static void square(float[] x, int at, int stride, float[] out, int to, int outStride) {
    FloatVector x0 = FloatVector.fromArray(S, x, at);
    FloatVector x1 = FloatVector.fromArray(S, x, at + stride);
    FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * stride);
    FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * stride);
    FloatVector x4 = FloatVector.fromArray(S, x, at + 4 * stride);
    FloatVector x5 = FloatVector.fromArray(S, x, at + 5 * stride);
    FloatVector x6 = FloatVector.fromArray(S, x, at + 6 * stride);
    FloatVector x7 = FloatVector.fromArray(S, x, at + 7 * stride);
    FloatVector y0 = LOW4.selectFrom(x0, x4);
    FloatVector y1 = LOW4.selectFrom(x1, x5);
    FloatVector y2 = LOW4.selectFrom(x2, x6);
    FloatVector y3 = LOW4.selectFrom(x3, x7);
    FloatVector y4 = HIGH4.selectFrom(x0, x4);
    FloatVector y5 = HIGH4.selectFrom(x1, x5);
    FloatVector y6 = HIGH4.selectFrom(x2, x6);
    FloatVector y7 = HIGH4.selectFrom(x3, x7);
    FloatVector z0 = LOW2.selectFrom(y0, y2);
    FloatVector z1 = LOW2.selectFrom(y1, y3);
    FloatVector z2 = HIGH2.selectFrom(y0, y2);
    FloatVector z3 = HIGH2.selectFrom(y1, y3);
    FloatVector z4 = LOW2.selectFrom(y4, y6);
    FloatVector z5 = LOW2.selectFrom(y5, y7);
    FloatVector z6 = HIGH2.selectFrom(y4, y6);
    FloatVector z7 = HIGH2.selectFrom(y5, y7);
    LOW1.selectFrom(z0, z1).intoArray(out, to);
    HIGH1.selectFrom(z0, z1).intoArray(out, to + outStride);
    LOW1.selectFrom(z2, z3).intoArray(out, to + 2 * outStride);
    HIGH1.selectFrom(z2, z3).intoArray(out, to + 3 * outStride);
    LOW1.selectFrom(z4, z5).intoArray(out, to + 4 * outStride);
    HIGH1.selectFrom(z4, z5).intoArray(out, to + 5 * outStride);
    LOW1.selectFrom(z6, z7).intoArray(out, to + 6 * outStride);
    HIGH1.selectFrom(z6, z7).intoArray(out, to + 7 * outStride);
  }
}
