package org.adjoint.backend.cpu;

/**
 * {@link SimdMath} number by number: what each function means, and the end of a range for {@link
 * VectorMath}, which takes its constants from here.
 */
public final class ScalarMath implements SimdMath {
  static final float LOG2_E = 0x1.715476p0f;

  /**
   * Added to a float below 2²², it rounds that to a whole number, which its last bits then hold.
   */
  static final float ROUNDER = 0x1.8p23f;

  static final int ROUNDER_BITS = 0x4b400000;

  // ln 2 in two parts; the first has so few digits that its product with an exponent is exact.
  static final float LN2_HIGH = 0x1.62e4p-1f;
  static final float LN2_LOW = 0x1.7f7d1cp-20f;

  // e to these is 0 and ∞.
  static final float EXP_LEAST = -104;
  static final float EXP_MOST = 89;

  // (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2, within 2⁻²⁸ of eʳ.
  static final float E0 = 0x1.fffffcp-2f;
  static final float E1 = 0x1.55548cp-3f;
  static final float E2 = 0x1.5558b8p-5f;
  static final float E3 = 0x1.123e58p-7f;
  static final float E4 = 0x1.6a4d74p-10f;

  static final int SQRT_HALF_BITS = 0x3f3504f3;

  // (ln(1 + f) − f + f²/2) / f³ for 1 + f from √½ to √2, within 2⁻²⁷ of ln(1 + f).
  static final float L0 = 0x1.555554p-2f;
  static final float L1 = -0x1.000226p-2f;
  static final float L2 = 0x1.99a01cp-3f;
  static final float L3 = -0x1.54728ap-3f;
  static final float L4 = 0x1.22d92ep-3f;
  static final float L5 = -0x1.0d8242p-3f;
  static final float L6 = 0x1.055ec6p-3f;
  static final float L7 = -0x1.38c9dep-4f;

  // (tanh x − x) / x³ in x², for |x| ≤ TANH_SMALL, within 2⁻²⁷ of tanh x.
  static final float TANH_SMALL = 0.625f;
  static final float T0 = -0x1.555532p-2f;
  static final float T1 = 0x1.1106f6p-3f;
  static final float T2 = -0x1.b835a4p-5f;
  static final float T3 = 0x1.51f8cep-6f;
  static final float T4 = -0x1.750ce2p-8f;

  // (1 + 2x) exp(x²) erfc x in (x − 4) / (x + 4), for 0 ≤ x ≤ ERFC_MOST, within 2⁻²⁵.
  static final float ERFC_MOST = 10.2f; // erfc of this is 0
  static final float C0 = 0x1.3ba592p+0f;
  static final float C1 = -0x1.1df1aep-3f;
  static final float C2 = 0x1.f7d5dp-7f;
  static final float C3 = 0x1.16eb56p-4f;
  static final float C4 = -0x1.9d8e56p-4f;
  static final float C5 = 0x1.80446ap-4f;
  static final float C6 = -0x1.118888p-4f;
  static final float C7 = 0x1.298752p-5f;
  static final float C8 = -0x1.0051cp-6f;
  static final float C9 = 0x1.e4b63ep-8f;
  static final float C10 = 0x1.0cb8e4p-10f;

  // erf x / x − 1 in x², for |x| ≤ 1, within 2⁻²⁷.
  static final float F0 = 0x1.06eba8p-3f;
  static final float F1 = -0x1.81273ep-2f;
  static final float F2 = 0x1.ce2ce6p-4f;
  static final float F3 = -0x1.b7f71ap-6f;
  static final float F4 = 0x1.53f224p-8f;
  static final float F5 = -0x1.a3515ep-11f;
  static final float F6 = 0x1.4771fep-14f;

  /** Where eˣ − 1 and ln(1 + x) are x. */
  static final float TINY = 0x1p-25f;

  @Override
  public String name() {
    return "scalar";
  }

  static float exp(float x) {
    float in = x > EXP_MOST ? EXP_MOST : x < EXP_LEAST ? EXP_LEAST : x;
    float rounded = Math.fma(in, LOG2_E, ROUNDER);
    int n = Float.floatToRawIntBits(rounded) - ROUNDER_BITS;
    float r = reduced(in, rounded - ROUNDER);
    // 2ⁿ in two factors: one alone may lie beyond the exponents of a float.
    int half = n >> 1;
    return (expm1OfReduced(r) + 1) * power(half) * power(n - half);
  }

  private static float reduced(float x, float n) {
    return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
  }

  /** eʳ − 1 for |r| ≤ ln 2 / 2. */
  private static float expm1OfReduced(float r) {
    float p = Math.fma(Math.fma(Math.fma(Math.fma(E4, r, E3), r, E2), r, E1), r, E0);
    return Math.fma(r * r, p, r);
  }

  /** 2ⁿ. */
  private static float power(int n) {
    return Float.intBitsToFloat((n + 127) << 23);
  }

  static float expm1(float x) {
    if (Math.abs(x) < TINY) {
      return x;
    }
    float in = x > EXP_MOST ? EXP_MOST : x < -20 ? -20 : x;
    float rounded = Math.fma(in, LOG2_E, ROUNDER);
    float r = reduced(in, rounded - ROUNDER);
    // Half of the result, which does not overflow before its time.
    float power = power(Float.floatToRawIntBits(rounded) - ROUNDER_BITS - 1);
    return 2 * Math.fma(power, expm1OfReduced(r), power - 0.5f);
  }

  static float log(float x) {
    return log(x, 0);
  }

  static float log1p(float x) {
    if (Math.abs(x) < TINY) {
      return x;
    }
    float u = 1 + x;
    float back = u - 1;
    float lost = (1 - (u - back)) + (x - back);
    return log(u, lost / u);
  }

  /** ln x + correction, the latter far smaller. */
  private static float log(float x, float correction) {
    if (!(x < Float.POSITIVE_INFINITY)) {
      return x;
    }
    if (x <= 0) {
      return x == 0 ? Float.NEGATIVE_INFINITY : Float.NaN;
    }
    boolean subnormal = x < Float.MIN_NORMAL;
    int bits = Float.floatToRawIntBits(subnormal ? x * 0x1p23f : x);
    int exponent = (bits - SQRT_HALF_BITS) >> 23;
    float f = Float.intBitsToFloat(bits - (exponent << 23)) - 1;
    float e = exponent - (subnormal ? 23 : 0);
    float p = Math.fma(Math.fma(Math.fma(Math.fma(L7, f, L6), f, L5), f, L4), f, L3);
    p = Math.fma(Math.fma(Math.fma(p, f, L2), f, L1), f, L0);
    float small = Math.fma(f * f, Math.fma(f, p, -0.5f), Math.fma(e, LN2_LOW, correction));
    return Math.fma(e, LN2_HIGH, f + small);
  }

  static float tanh(float x) {
    float a = Math.abs(x);
    if (a < TANH_SMALL) {
      float z = a * a;
      float p = Math.fma(Math.fma(Math.fma(Math.fma(T4, z, T3), z, T2), z, T1), z, T0);
      return Math.copySign(Math.fma(a * z, p, a), x);
    }
    return Math.copySign(1 - 2 / (exp(a + a) + 1), x);
  }

  static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  static float softplus(float beta, float x) {
    return (x < 0 ? 0 : x) + log1p(exp(-Math.abs(beta * x))) / beta;
  }

  static float erf(float x) {
    float a = Math.abs(x);
    return Math.copySign(a < 1 ? smallErf(a) : 1 - positiveErfc(a), x);
  }

  static float erfc(float x) {
    float a = Math.abs(x);
    float y = a < 0.5f ? 1 - smallErf(a) : positiveErfc(a);
    return x < 0 ? 2 - y : y;
  }

  private static float smallErf(float x) {
    float z = x * x;
    float p = Math.fma(Math.fma(Math.fma(F6, z, F5), z, F4), z, F3);
    p = Math.fma(Math.fma(Math.fma(p, z, F2), z, F1), z, F0);
    return Math.fma(x, p, x);
  }

  private static float positiveErfc(float x) {
    float a = x > ERFC_MOST ? ERFC_MOST : x;
    float t = (a - 4) / (a + 4);
    float p = Math.fma(Math.fma(Math.fma(Math.fma(C10, t, C9), t, C8), t, C7), t, C6);
    p = Math.fma(Math.fma(Math.fma(Math.fma(p, t, C5), t, C4), t, C3), t, C2);
    p = Math.fma(Math.fma(p, t, C1), t, C0);
    float square = a * a;
    float lost = Math.fma(a, a, -square);
    float y = exp(-square) * (p / Math.fma(2, a, 1));
    return Math.fma(-lost, y, y);
  }

  @Override
  public void exp(float shift, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = exp(x[xAt + i] - shift);
    }
  }

  @Override
  public void softplus(float beta, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = softplus(beta, x[xAt + i]);
    }
  }

  @Override
  public void expm1(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = expm1(x[xAt + i]);
    }
  }

  @Override
  public void log(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = log(x[xAt + i]);
    }
  }

  @Override
  public void log1p(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = log1p(x[xAt + i]);
    }
  }

  @Override
  public void tanh(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = tanh(x[xAt + i]);
    }
  }

  @Override
  public void sigmoid(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = sigmoid(x[xAt + i]);
    }
  }

  @Override
  public void erf(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = erf(x[xAt + i]);
    }
  }

  @Override
  public void erfc(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = erfc(x[xAt + i]);
    }
  }
}
