package org.adjoint.backend.cpu;

/**
 * Functions of floats, as {@link Simd}: two implementations that give the same bits, on every width
 * and whether compiled or not.
 *
 * <p>They are polynomials, near minimax (fitted by Lawson's iteration of weighted least squares, a
 * coefficient rounded to float after the other), evaluated with fma after a reduction of the
 * argument:
 *
 * <ul>
 *   <li>eˣ = 2ⁿ eʳ, n = x / ln 2 rounded, r = x − n ln 2 in two steps (Cody and Waite, Software
 *       manual for the elementary functions, 1980);
 *   <li>ln x = e ln 2 + ln(1 + f), 1 + f from √½ to √2 (the same book, and fdlibm);
 *   <li>tanh, sigmoid and softplus from these, in forms that do not cancel;
 *   <li>erfc x = e^(−x²) / (1 + 2x) · p((x − 4) / (x + 4)) (Shepherd and Laframboise, Chebyshev
 *       approximation of (1 + 2x) exp(x²) erfc x, Mathematics of Computation 36, 1981).
 * </ul>
 *
 * NaN, infinities, zeros of both signs and subnormal numbers come out as the definition has them.
 * {@code x[xAt ..]} is read and {@code y[yAt ..]} written, n elements; both may be one range.
 */
public interface SimdMath {
  /** The implementation for this machine; see {@link Simd#best}. */
  static SimdMath best() {
    return Chosen.MATH;
  }

  /** For people: {@code "scalar"}, {@code "512-bit"}. */
  String name();

  /** y = e^(x − shift), good to 1 ulp; the difference is rounded, too. */
  void exp(float shift, float[] x, int xAt, float[] y, int yAt, int n);

  /** y = eˣ − 1, good to 2 ulp. */
  void expm1(float[] x, int xAt, float[] y, int yAt, int n);

  /** y = ln x, good to 1 ulp. */
  void log(float[] x, int xAt, float[] y, int yAt, int n);

  /** y = ln(1 + x), good to 1 ulp. */
  void log1p(float[] x, int xAt, float[] y, int yAt, int n);

  /** y = tanh x, good to 2 ulp. */
  void tanh(float[] x, int xAt, float[] y, int yAt, int n);

  /** y = 1 / (1 + e⁻ˣ), good to 2.5 ulp. */
  void sigmoid(float[] x, int xAt, float[] y, int yAt, int n);

  /** y = ln(1 + e^βx) / β; good to 2 ulp for β = 1, else the error of βx comes on top. */
  void softplus(float beta, float[] x, int xAt, float[] y, int yAt, int n);

  /** y = erf x, good to 2 ulp. */
  void erf(float[] x, int xAt, float[] y, int yAt, int n);

  /** y = 1 − erf x, good to 4 ulp. */
  void erfc(float[] x, int xAt, float[] y, int yAt, int n);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final SimdMath MATH = Simd.best().lanes() == 1 ? new ScalarMath() : new VectorMath();

    private Chosen() {}
  }
}
