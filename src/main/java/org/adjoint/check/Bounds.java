package org.adjoint.check;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.Variant;
import org.jspecify.annotations.Nullable;

/** What a GPU must give, and how far from that it may be. */
final class Bounds {
  /** F32 has all integers up to this. */
  private static final double EXACT = 1 << 24;

  /**
   * How much more than the largest bound of a sum a convolution by transforms may err. Winograd's
   * F(4×4, 3×3) (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015), written
   * out in F32, erred by 0.04 to 0.64 of that bound, on integers, of 256 to 2 channels; larger
   * filters and Fourier's transforms have room.
   */
  private static final double OF_TRANSFORMS = 8;

  /**
   * How much of what the inputs' rounding makes an algorithm may make anew on its way. Rows of two
   * elements, whose gradient through a norm cancels all but entirely, were seen to need 100.
   */
  private static final double OF_SPREAD = 256;

  private final Oracle oracle;
  private final boolean exact;
  private final boolean transformed;
  private final boolean drawn;
  private final Tensor[] in;
  private final List<double[]> expected;
  private final List<double[]> magnitudes;

  /**
   * Of an example's outputs for {@code in}.
   *
   * @param exact whether sums of {@code inputs} have no error as long as they fit
   * @param drawn whether nobody chose the sizes, and so whether numbers that cancel in them may
   *     leave nothing but errors: then the bound has a share of what the inputs' rounding makes
   * @param transformed whether the result was computed with transforms, so that they have
   */
  Bounds(
      Oracle oracle,
      Inputs inputs,
      boolean exact,
      boolean drawn,
      boolean transformed,
      Tensor... in) {
    this.oracle = oracle;
    this.exact = exact;
    this.transformed = transformed;
    this.drawn = drawn;
    this.in = in;
    expected = oracle.expected(in);
    magnitudes = oracle.magnitudes(inputs, expected);
  }

  /** Output {@code i}. */
  double[] expected(int i) {
    return expected.get(i);
  }

  /** The bound of each of its elements, which were computed in {@code dtype}. */
  double[] of(int i, DType dtype, @Nullable Variant variant) {
    return of(i, dtype, variant == null ? 0 : variant.rounding().applyAsDouble(dtype));
  }

  /**
   * The same.
   *
   * @param rounding the unit roundoff to which factors were rounded beforehand
   */
  double[] of(int i, DType dtype, double rounding) {
    double[] y = expected.get(i);
    double[] sums = magnitudes.get(i);
    if (!dtype.isFloating() || (exact && !transformed && fit(sums))) {
      return new double[y.length];
    }
    boolean narrow = dtype == DType.BF16 || dtype == DType.F16;
    // A result may have more digits than what it was computed in: a mean in F64 of F32, say.
    boolean single =
        Arrays.stream(in).map(Tensor::dtype).anyMatch(d -> d.isFloating() && d != DType.F64);
    DType computed = narrow || single ? DType.F32 : dtype;
    double[] bounds = oracle.bounds(y, sums, computed, Oracle.metas(in));
    if (drawn && oracle.tolerance().ofLargest()) {
      double u = computed.unitRoundoff();
      double[] spread = oracle.spread(u, in).get(i);
      for (int k = 0; k < bounds.length; k++) {
        bounds[k] += OF_SPREAD * spread[k];
      }
    }
    double rounded = 2 * rounding;
    double largest = Oracle.largest(y);
    for (int k = 0; rounded > 0 && k < bounds.length; k++) {
      // Each of two factors; the square of it is far below what rounding a sum may cost.
      boolean isSum = oracle.tolerance().terms() != null;
      bounds[k] += Double.isFinite(y[k]) ? rounded * (isSum ? sums[k] : largest) : 0;
    }
    if (transformed) {
      double widest = Arrays.stream(bounds).max().orElse(0);
      Arrays.fill(bounds, OF_TRANSFORMS * widest);
    }
    for (int k = 0; narrow && k < bounds.length; k++) {
      // Next to a tie, an error of the last bit of an F32 makes one of the last bit here.
      bounds[k] += bounds[k] == 0 ? 0 : 2 * dtype.unitRoundoff() * Math.abs(y[k]);
    }
    return bounds;
  }

  /** The bound of sums of F32 integers, given the sums of their absolute values. */
  static double[] ofSums(double[] magnitudes, boolean transformed) {
    if (fit(magnitudes) && !transformed) {
      return new double[magnitudes.length];
    }
    // Integers: there are no more terms than the sum of their absolute values.
    double u = DType.F32.unitRoundoff();
    double[] bounds =
        Arrays.stream(magnitudes).map(sum -> (4 * Math.sqrt(sum) + 2) * u * sum).toArray();
    if (transformed) {
      double widest = Arrays.stream(bounds).max().orElse(0);
      Arrays.fill(bounds, OF_TRANSFORMS * widest);
    }
    return bounds;
  }

  private static boolean fit(double... sums) {
    return Arrays.stream(sums).allMatch(sum -> Math.abs(sum) <= EXACT);
  }
}
