package org.adjoint.data;

import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** Moves the pixels of pictures about. */
final class Pixels {
  private Pixels() {}

  /** Where in the old picture the pixel (y, x) of the new one comes from. */
  interface Move {
    void from(int y, int x, double[] from);
  }

  /** Draws the move of one picture. */
  interface Moves {
    Move draw(int width, int height);
  }

  static Tensor move(Tensor images, Moves moves) {
    Shape shape = images.shape();
    if (shape.rank() != 4 || images.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          "augment: " + images.describe() + " must be pictures [N, C, H, W] of F32");
    }
    int height = Math.toIntExact(shape.size(2));
    int width = Math.toIntExact(shape.size(3));
    int area = height * width;
    int channels = Math.toIntExact(shape.size(1));
    float[] old = images.toFloats();
    float[] made = new float[old.length];
    double[] from = new double[2];
    for (int n = 0; n < shape.size(0); n++) {
      Move move = moves.draw(width, height);
      for (int p = 0; p < area; p++) {
        move.from(p / width, p % width, from);
        for (int c = 0; c < channels; c++) {
          int start = (n * channels + c) * area;
          made[start + p] = at(old, start, height, width, from[0], from[1]);
        }
      }
    }
    return Tensor.of(shape, made);
  }

  /** The value at (y, x), between the four pixels around it; outside there are zeros. */
  private static float at(float[] a, int start, int height, int width, double y, double x) {
    int y0 = (int) Math.floor(y);
    int x0 = (int) Math.floor(x);
    double sum = 0;
    for (int i = y0; i <= y0 + 1; i++) {
      for (int j = x0; j <= x0 + 1; j++) {
        double share = (1 - Math.abs(y - i)) * (1 - Math.abs(x - j));
        if (share > 0 && i >= 0 && i < height && j >= 0 && j < width) {
          sum += share * a[start + i * width + j];
        }
      }
    }
    return (float) sum;
  }
}
