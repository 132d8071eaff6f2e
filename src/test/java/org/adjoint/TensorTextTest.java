package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** How a tensor looks in a log or in jshell. */
class TensorTextTest {
  @Test
  void aScalar() {
    assertEquals("F64[] 2.5000", Tensor.scalar(2.5).toString());
    assertEquals("F64[] 3.", Tensor.scalar(3).toString());
  }

  @Test
  void aVector() {
    assertEquals("F32[3] [1., 2., 3.]", Tensor.of(1f, 2f, 3f).toString());
    assertEquals("F64[3] [0.1000, 2.0000, 0.3333]", Tensor.of(0.1, 2, 1 / 3.0).toString());
  }

  @Test
  void columnsAreAligned() {
    assertEquals(
        """
        F32[2, 3] [[  1.5000,  -2.2500,   0.0000],
                   [100.0000,   7.1250,  -0.5000]]\
        """,
        Tensor.of(Shape.of(2, 3), 1.5f, -2.25f, 0, 100, 7.125f, -0.5f).toString());
  }

  @Test
  void higherRanksNest() {
    assertEquals(
        """
        I64[2, 2, 2] [[[0, 1],
                       [2, 3]],
                      [[4, 5],
                       [6, 7]]]\
        """,
        Tensor.arange(8).reshape(2, 2, 2).toString());
  }

  @Test
  void longAxesAreShortened() {
    assertEquals("I64[100] [ 0,  1,  2, …, 97, 98, 99]", Tensor.arange(100).toString());
    assertEquals("I64[8] [0, 1, 2, 3, 4, 5, 6, 7]", Tensor.arange(8).toString());
    assertEquals(
        """
        I64[9, 10] [[ 0,  1,  2, …,  7,  8,  9],
                    [10, 11, 12, …, 17, 18, 19],
                    [20, 21, 22, …, 27, 28, 29],
                    …,
                    [60, 61, 62, …, 67, 68, 69],
                    [70, 71, 72, …, 77, 78, 79],
                    [80, 81, 82, …, 87, 88, 89]]\
        """,
        Tensor.arange(90).reshape(9, 10).toString());
  }

  @Test
  void integersAreWhole() {
    assertEquals(
        "I64[2] [9007199254740993,               -1]",
        Tensor.of(9_007_199_254_740_993L, -1L).toString());
    assertEquals("U8[2] [255,   0]", Tensor.of(Shape.of(2), (byte) 255, (byte) 0).toString());
  }

  @Test
  void truthValuesAreWords() {
    assertEquals("BOOL[2] [ true, false]", Tensor.of(Shape.of(2), true, false).toString());
  }

  @Test
  void whatIsNoNumberIsSaid() {
    assertEquals(
        "F32[4] [      NaN,  Infinity, -Infinity,    1.5000]",
        Tensor.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1.5f).toString());
    assertEquals("F64[2] [NaN,  1.]", Tensor.of(Double.NaN, 1).toString());
  }

  @Test
  void zeroKeepsItsSign() {
    assertEquals("F64[2] [-0.,  0.]", Tensor.of(-0.0, 0).toString());
  }

  @Test
  void largeAndSmallNumbersArePowersOfTen() {
    assertEquals("F64[2] [1.0000e+00, 2.5000e-07]", Tensor.of(1, 2.5e-7).toString());
    assertEquals("F64[2] [1.2346e+08, 0.0000e+00]", Tensor.of(123_456_789, 0.0).toString());
    assertEquals("F32[1] [3.4028e+38]", Tensor.of(Float.MAX_VALUE).toString());
  }

  @Test
  void halfPrecisionIsReadAsNumbers() {
    assertEquals("BF16[2] [ 1.5000, -0.1001]", Tensor.of(1.5, -0.1).to(DType.BF16).toString());
    assertEquals("F16[2] [ 1.5000, -0.1000]", Tensor.of(1.5, -0.1).to(DType.F16).toString());
  }

  @Test
  void nothingIsBrackets() {
    assertEquals("F32[0] []", Tensor.zeros(0).toString());
    assertEquals("F32[2, 0] [[],\n           []]", Tensor.zeros(2, 0).toString());
    assertEquals("F32[0, 2] []", Tensor.zeros(0, 2).toString());
  }

  @Test
  void viewsAreShownAsTheyAre() {
    Tensor x = Tensor.arange(6).reshape(2, 3);

    assertEquals(
        """
        I64[3, 2] [[0, 3],
                   [1, 4],
                   [2, 5]]\
        """,
        x.t().toString());
    assertEquals("I64[3] [5, 4, 3]", x.select(0, 1).flip(0).toString());
  }

  @Test
  void showingAHugeViewCostsNothing() {
    Tensor huge = Tensor.of(7L).expand(Shape.of(10_000_000_000L));

    assertEquals("I64[10000000000] [7, 7, 7, …, 7, 7, 7]", huge.toString());
  }

  @Test
  void aClosedTensorSaysSo() {
    Tensor x = Tensor.of(1f, 2f);
    x.close();

    String text = x.toString();

    assertEquals(
        "tensor F32 [2], closed by close() at TensorTextTest.java:", text.replaceAll("\\d+$", ""));
  }

  @Test
  void showingNaNInAnomalyModeIsNoAnomaly() {
    Tensor x = Tensor.of(Double.NaN, 1);

    Grad.anomaly(() -> assertEquals("F64[2] [NaN,  1.]", x.toString()));
  }
}
