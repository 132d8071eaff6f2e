package org.adjoint.bench.cpu;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Numbers that every contender can make for itself, to the bit: element i of operand s is a hash of
 * both, uniform on [−½, ½). The mixing is the finaliser of Appleby's MurmurHash3.
 */
final class Fill {
  private Fill() {}

  /** The first {@code n} numbers of operand {@code seed}, times {@code scale}. */
  static float[] floats(int seed, int n, double scale) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (scale * at(seed, i));
    }
    return values;
  }

  static double at(int seed, int i) {
    int h = i + 1 + seed * 0x9E3779B9;
    h = (h ^ (h >>> 16)) * 0x85EBCA6B;
    h = (h ^ (h >>> 13)) * 0xC2B2AE35;
    h ^= h >>> 16;
    return (h >>> 8) * 0x1p-24 - 0.5;
  }

  static Tensor tensor(int seed, double scale, long... sizes) {
    Shape shape = Shape.of(sizes);
    return Tensor.of(shape, floats(seed, (int) shape.count(), scale));
  }
}
