package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Zeros of both signs, infinities, NaN, ties and halves: where elementwise functions go wrong. */
class SpecialValuesTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;
  private static final double LN2 = StrictMath.log(2);

  /** A function, and what it gives for −∞, −0, 0, ∞ and NaN. */
  private record Row(String name, UnaryOperator<Tensor> function, double... expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Row> functions() {
    List<Row> all = new ArrayList<>();
    all.add(new Row("sqrt", Tensor::sqrt, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("rsqrt", Rsqrt::of, NAN, -INF, INF, 0, NAN));
    all.add(new Row("abs", Tensor::abs, INF, 0, 0, INF, NAN));
    all.add(new Row("sign", Tensor::sign, -1, -0.0, 0, 1, NAN));
    all.add(new Row("clamp", x -> x.clamp(-1, 1), -1, -0.0, 0, 1, NAN));
    all.add(new Row("clamp below", x -> x.clamp(-INF, 1), -INF, -0.0, 0, 1, NAN));
    for (Unary whole : List.of(new Floor(), new Ceil(), new Round(), new Trunc())) {
      all.add(new Row(whole.name(), whole::apply, -INF, -0.0, 0, INF, NAN));
    }
    all.add(new Row("expm1", x -> new Expm1().apply(x), -1, -0.0, 0, INF, NAN));
    all.add(new Row("log1p", Tensor::log1p, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("log2", Log2::of, NAN, -INF, -INF, INF, NAN));
    all.add(new Row("log10", Log10::of, NAN, -INF, -INF, INF, NAN));
    all.add(new Row("sin", Tensor::sin, NAN, -0.0, 0, NAN, NAN));
    all.add(new Row("cos", Tensor::cos, NAN, 1, 1, NAN, NAN));
    all.add(new Row("tan", x -> new Tan().apply(x), NAN, -0.0, 0, NAN, NAN));
    all.add(new Row("asin", x -> new Asin().apply(x), NAN, -0.0, 0, NAN, NAN));
    double right = Math.PI / 2;
    all.add(new Row("acos", x -> new Acos().apply(x), NAN, right, right, NAN, NAN));
    all.add(new Row("atan", x -> new Atan().apply(x), -right, -0.0, 0, right, NAN));
    all.add(new Row("sinh", x -> new Sinh().apply(x), -INF, -0.0, 0, INF, NAN));
    all.add(new Row("cosh", x -> new Cosh().apply(x), INF, 1, 1, INF, NAN));
    all.add(new Row("erf", x -> new Erf().apply(x), -1, -0.0, 0, 1, NAN));
    all.add(new Row("erfc", x -> new Erfc().apply(x), 2, 1, 1, 0, NAN));
    all.add(new Row("is_nan", IsNan::of, 0, 0, 0, 0, 1));
    all.add(new Row("is_finite", IsFinite::of, 0, 1, 1, 0, 0));
    all.add(new Row("leaky_relu", x -> x.leakyRelu(0.5), -INF, -0.0, 0, INF, NAN));
    all.add(new Row("prelu", x -> PRelu.of(x, half(x)), -INF, -0.0, 0, INF, NAN));
    all.add(new Row("elu", x -> Elu.of(x, 1), -1, 0, 0, INF, NAN));
    all.add(new Row("selu", Selu::of, -1.7580993408473766, 0, 0, INF, NAN));
    all.add(new Row("gelu", Tensor::gelu, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("gelu tanh", Gelu::tanh, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("silu", Tensor::silu, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("mish", Mish::of, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("softplus", Tensor::softplus, 0, LN2, LN2, INF, NAN));
    all.add(new Row("log_sigmoid", LogSigmoid::of, -INF, -LN2, -LN2, -0.0, NAN));
    all.add(new Row("softsign", Softsign::of, NAN, -0.0, 0, NAN, NAN));
    all.add(new Row("hard_sigmoid", HardSigmoid::of, 0, 0.5, 0.5, 1, NAN));
    all.add(new Row("hard_swish", HardSwish::of, NAN, -0.0, 0, INF, NAN));
    all.add(new Row("remainder", x -> Remainder.of(x, half(x)), NAN, -0.0, 0, NAN, NAN));
    all.add(new Row("maximum", x -> x.maximum(half(x)), 0.5, 0.5, 0.5, INF, NAN));
    all.add(new Row("minimum", x -> x.minimum(half(x)), -INF, -0.0, 0, 0.5, NAN));
    return all;
  }

  private static Tensor half(Tensor x) {
    return Tensor.of(0.5).to(x.dtype());
  }

  @ParameterizedTest
  @MethodSource("functions")
  void givesWhatTheTableSays(Row row) {
    Tensor x = Tensor.of(-INF, -0.0, 0, INF, NAN);
    assertArrayEquals(row.expected, row.function.apply(x).toDoubles());
    double[] rounded = Arrays.stream(row.expected).map(y -> (float) y).toArray();
    double[] got = row.function.apply(x.to(DType.F32)).toDoubles();
    for (int i = 0; i < got.length; i++) {
      boolean finite = Double.isFinite(rounded[i]) && rounded[i] != 0;
      double bound = finite ? Math.ulp((float) rounded[i]) : 0;
      assertEquals(rounded[i], got[i], bound, "F32, element " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"EQ, 001001", "NE, 110110", "LT, 100000", "LE, 101001", "GT, 010000", "GE, 011001"})
  void relationsHold(Relation relation, String expected) {
    // The last pair but two and the last but one have a NaN.
    Tensor a = Tensor.of(1, 2, -INF, NAN, NAN, 0.0);
    Tensor b = Tensor.of(2, 1, -INF, 1, NAN, -0.0);
    assertEquals(expected, bits(Compare.of(relation, a, b)));
    for (int i = 0; i < expected.length(); i++) {
      Tensor one = CompareScalar.of(relation, a.slice(0, i, i + 1), b.toDoubles()[i]);
      assertEquals(expected.substring(i, i + 1), bits(one), "element " + i);
    }
  }

  private static String bits(Tensor mask) {
    assertEquals(DType.BOOL, mask.dtype());
    StringBuilder text = new StringBuilder();
    for (double bit : mask.toDoubles()) {
      text.append((int) bit);
    }
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16", "F16"})
  void numbersAreComparedInTheDtypeOfTheTensor(DType dtype) {
    Tensor tenth = Tensor.of(0.1).to(dtype);
    assertEquals("1", bits(tenth.eq(0.1)));
    assertEquals("0", bits(tenth.ne(0.1)));
    assertEquals("0", bits(tenth.lt(0.1)));
    assertEquals("1", bits(tenth.le(0.1)));
    assertEquals("0", bits(tenth.gt(0.1)));
    assertEquals("1", bits(tenth.ge(0.1)));
  }

  @Test
  void integersAreComparedWithNumbersAsTheyAre() {
    assertEquals("110", bits(Tensor.of(-1L, 0L, 1L).lt(0.5)));
    assertEquals("000", bits(Tensor.of(-1L, 0L, 1L).eq(0.5)));
  }

  @Test
  void truthValuesCombine() {
    Tensor a = Tensor.of(Shape.of(2, 1), true, false);
    Tensor b = Tensor.of(Shape.of(2), true, false);
    assertEquals("1000", bits(a.and(b)));
    assertEquals("1110", bits(a.or(b)));
    assertEquals("01", bits(b.not()));
  }

  @Test
  void halvesAreRoundedToEven() {
    Tensor x = Tensor.of(0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994);
    assertArrayEquals(new double[] {0, 2, 2, -0.0, -2, 0}, new Round().apply(x).toDoubles());
    assertArrayEquals(new double[] {0, 1, 2, -1, -2, 0}, new Floor().apply(x).toDoubles());
    assertArrayEquals(new double[] {1, 2, 3, -0.0, -1, 1}, new Ceil().apply(x).toDoubles());
    assertArrayEquals(new double[] {0, 1, 2, -0.0, -1, 0}, new Trunc().apply(x).toDoubles());
  }

  @Test
  void remaindersHaveTheSignOfTheDivisor() {
    Tensor a = Tensor.of(7L, -7L, 7L, -7L, 6L, 0L);
    Tensor b = Tensor.of(3L, 3L, -3L, -3L, 3L, -3L);
    assertArrayEquals(new double[] {1, 2, -2, -1, 0, 0}, Remainder.of(a, b).toDoubles());
    Tensor infinite = Remainder.of(Tensor.of(1.0, -1.0, 1.0), Tensor.of(INF, INF, 0));
    assertArrayEquals(new double[] {1, INF, NAN}, infinite.toDoubles());
  }

  @Test
  void wholeNumbersStayWhole() {
    Tensor x = Tensor.of(-3L, 0L, 5L);
    assertArrayEquals(new long[] {3, 0, 5}, x.abs().toLongs());
    assertArrayEquals(new long[] {-1, 0, 1}, x.sign().toLongs());
    assertArrayEquals(new long[] {-2, 0, 4}, x.clamp(-2, 4).toLongs());
    assertArrayEquals(new long[] {1, 1, 5}, x.maximum(Tensor.of(1L)).toLongs());
    assertArrayEquals(new long[] {-3, 0, 1}, x.minimum(Tensor.of(1L)).toLongs());
  }

  private static double[] gradient(UnaryOperator<Tensor> function, double... x) {
    Tensor in = Tensor.of(x).requireGrad();
    return Grad.of(function.apply(in).sum(), in)[0].toDoubles();
  }

  @Test
  void gradientsAtKinksAreAsDocumented() {
    assertArrayEquals(new double[] {0, -0.0}, gradient(Tensor::abs, 0, -0.0));
    assertArrayEquals(new double[] {1, 1, 0}, gradient(x -> x.clamp(-1, 1), -1, 1, NAN));
    assertArrayEquals(new double[] {0.25}, gradient(x -> x.leakyRelu(0.25), 0));
    assertArrayEquals(new double[] {0.5}, gradient(x -> Elu.of(x, 0.5), 0));
    assertArrayEquals(new double[] {1}, gradient(Softsign::of, 0));
    assertArrayEquals(new double[] {0.5}, gradient(Tensor::softplus, 0));
    Tensor one = Tensor.of(1.0, 1.0);
    assertArrayEquals(new double[] {0.5, 1}, gradient(x -> x.maximum(one), 1, NAN));
    assertArrayEquals(new double[] {0.5, 1}, gradient(x -> x.minimum(one), 1, NAN));
    assertArrayEquals(new double[] {0.5, 1}, gradient(x -> one.maximum(x), 1, NAN));
    assertArrayEquals(new double[] {0.5, 1}, gradient(x -> one.minimum(x), 1, NAN));
  }

  @Test
  void nothingOverflowsFarOut() {
    Tensor x = Tensor.of(-1e4f, 1e4f);
    assertArrayEquals(new float[] {0, 1e4f}, x.softplus().toFloats());
    assertArrayEquals(new float[] {-1e4f, -0f}, LogSigmoid.of(x).toFloats());
    assertArrayEquals(new float[] {-1, 1e4f}, Elu.of(x, 1).toFloats());
    assertArrayEquals(new double[] {0, 1}, gradient(Tensor::softplus, -1e4, 1e4));
    assertArrayEquals(new double[] {1, 0}, gradient(LogSigmoid::of, -1e4, 1e4));
    assertArrayEquals(new double[] {0, 1}, gradient(y -> Elu.of(y, 1), -1e4, 1e4));
    assertArrayEquals(new double[] {0, 1}, gradient(Tensor::gelu, -1e4, 1e4));
    assertArrayEquals(new double[] {0, 1}, gradient(Tensor::silu, -1e4, 1e4));
    // −6 Φ(−6), of which 1 + erf would lose half the digits.
    assertEquals(-5.919525870226188e-9, Tensor.of(-6.0).gelu().item(), 1e-22);
  }
}
