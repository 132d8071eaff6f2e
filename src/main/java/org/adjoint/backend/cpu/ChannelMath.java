package org.adjoint.backend.cpu;

import org.adjoint.backend.cpu.NormMath.Sums;

/**
 * What batch normalisation does to floats: to a run of elements of one channel, or to rows in which
 * each column has numbers of its own. Internal to the backends. As in {@link Simd}, two
 * implementations give the same bits, at every vector width: each operation of a formula is rounded
 * by itself; element i of a run is added to partial sum i mod {@value NormMath#LANES}, and each
 * column to sums of its own, row after row.
 *
 * <p>Rows are {@code n} columns wide and {@code stride} apart.
 */
public interface ChannelMath {
  /** The implementation for this machine; see {@link Simd#best}. */
  static ChannelMath best() {
    return Chosen.CHANNELS;
  }

  /** For people: {@code "scalar"}, {@code "512-bit"}. */
  String name();

  /** The numbers of a formula, for each channel or column; in it d = (x − shift) − off. */
  final class Factors {
    /** The mean, and what this lacks of it. */
    public final float[] shift;

    public final float[] off;

    public final float[] by;
    public final float[] level;
    public final float[] slope;
    public final float[] tilt;
    public final float[] rest;

    public Factors(int n) {
      shift = new float[n];
      off = new float[n];
      by = new float[n];
      level = new float[n];
      slope = new float[n];
      tilt = new float[n];
      rest = new float[n];
    }
  }

  /** y = fma(d, by, rest) of a run, with the numbers of {@code c}. */
  void scale(Factors f, int c, float[] x, int xAt, float[] y, int yAt, int n);

  /** Σ dy and Σ dy ⊙ (x − shift) of a run. */
  void products(float shift, float[] x, int xAt, float[] dy, int dyAt, Sums sums, int n);

  /** dx = fma(by, fma(−slope, d, dy − level), fma(tilt, d, rest)) of a run. */
  void combine(
      Factors f, int c, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int n);

  /** Writes Σ x − shift and Σ (x − shift)² of each column; column 0 has {@code shift[c]}. */
  void columnMoments(
      float[] shift,
      int c,
      float[] x,
      int xAt,
      int stride,
      int rows,
      float[] sums,
      float[] squares,
      int n);

  /** {@link #scale} of a row, whose column 0 has the numbers of {@code c}. */
  void scaleColumns(Factors f, int c, float[] x, int xAt, float[] y, int yAt, int n);

  /** Writes Σ dy and Σ dy ⊙ (x − shift) of each column. */
  void columnProducts(
      float[] shift,
      int c,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      int stride,
      int rows,
      float[] sums,
      float[] dots,
      int n);

  /** {@link #combine} of a row. */
  void combineColumns(
      Factors f, int c, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int n);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final ChannelMath CHANNELS =
        Simd.best().lanes() == 1 ? new ScalarChannels() : new VectorChannels();

    private Chosen() {}
  }
}
