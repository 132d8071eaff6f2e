package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.cpu.Gemm.Matrix;
import org.jspecify.annotations.Nullable;

/** dw = dy · colᵀ and db = dy · 1, by {@link Im2col}. Internal to the backends. */
final class ColumnSums implements WeightSums {
  private final ConvKernels.Shape shape;
  private final int filters;
  private final int terms;
  private final boolean bias;
  private final float[] ones;

  /** Without the bias, its sums stay 0. */
  ColumnSums(ConvKernels.Shape shape, boolean bias) {
    this.shape = shape;
    this.bias = bias;
    filters = shape.filtersOfGroup();
    terms = shape.window().rows();
    ones = new float[bias ? Math.multiplyExact(shape.batch(), shape.window().outputSize()) : 0];
    Arrays.fill(ones, 1);
  }

  @Override
  public int size() {
    return Math.multiplyExact(filters, terms + 1);
  }

  @Override
  public void add(int group, int first, int count, Floats x, Floats dy, float[] sum, int at) {
    ConvBatch batch = new ConvBatch(shape, group, first, count);
    Matrix outputs = batch.gather(dy);
    Gemm.multiply(outputs, batch.columns(x).t(), Matrix.of(sum, at, filters, terms), true);
    if (bias) {
      Matrix one = Matrix.of(ones, 0, outputs.columns(), 1);
      Gemm.multiply(outputs, one, Matrix.of(sum, at + filters * terms, filters, 1), true);
    }
  }

  @Override
  public void store(int group, float[] sum, int at, Floats dw, @Nullable Floats db) {
    int weights = filters * terms;
    System.arraycopy(sum, at, dw.data(), dw.at() + group * weights, weights);
    if (db != null) {
      System.arraycopy(sum, at + weights, db.data(), db.at() + group * filters, filters);
    }
  }
}
