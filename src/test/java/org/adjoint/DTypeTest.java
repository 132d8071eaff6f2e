package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import org.adjoint.backend.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Elements in and out, and from one type to another. */
class DTypeTest {
  private static short[] bits(DType dtype, double... values) {
    return (short[]) Tensor.of(values).to(dtype).toArray();
  }

  private static double[] through(DType dtype, double... values) {
    return Tensor.of(values).to(dtype).toDoubles();
  }

  private static Tensor all65536(DType half) {
    Tensor bits = Tensor.zeros(new Meta(Shape.of(65536), half, Device.CPU));
    short[] array = new short[65536];
    for (int i = 0; i < array.length; i++) {
      array[i] = (short) i;
    }
    Backend.of(Device.CPU).write(array, bits.storage());
    return bits;
  }

  @Test
  void aTensorIsMadeOfTheTypeOfItsElements() {
    Shape two = Shape.of(2);

    assertEquals(DType.F64, Tensor.of(1.0, 2.0).dtype());
    assertEquals(DType.F32, Tensor.of(1f, 2f).dtype());
    assertEquals(DType.I64, Tensor.of(1L, 2L).dtype());
    assertEquals(DType.I32, Tensor.of(two, new int[] {1, 2}).dtype());
    assertEquals(DType.U8, Tensor.of(two, new byte[] {1, 2}).dtype());
    assertEquals(DType.BOOL, Tensor.of(two, true, false).dtype());
    assertEquals(DType.F64, Tensor.scalar(1).dtype());
    assertEquals(DType.F32, Tensor.zeros(2).dtype());
    assertEquals(DType.I64, Tensor.arange(2).dtype());
  }

  @Test
  void theNumberOfElementsMustFitTheShape() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Tensor.of(Shape.of(2, 3), 1f, 2f, 3f, 4f));

    assertEquals("of: [2, 3] has 6 elements, but 4 were given", e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void bytesGoInAndOut(DType dtype) {
    Tensor x = Tensor.of(0.0, 1, 0, 1, 1, 0).to(dtype).reshape(2, 3);
    ByteBuffer bytes = ByteBuffer.allocate(6 * dtype.bytes()).order(ByteOrder.nativeOrder());

    x.t().copyTo(bytes);
    Tensor back = Tensor.of(Shape.of(3, 2), dtype, bytes);

    assertArrayEquals(new double[] {0, 1, 1, 1, 0, 0}, back.toDoubles());
    assertEquals(dtype, back.dtype());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(6L * dtype.bytes());
      back.copyTo(segment);
      assertArrayEquals(back.toDoubles(), Tensor.of(back.shape(), dtype, segment).toDoubles());
    }
  }

  @Test
  void bytesMustBeAsManyAsTheElementsTake() {
    MemorySegment seven = MemorySegment.ofArray(new byte[7]);
    String message = "F32 [2] on cpu takes 8 bytes, not 7";

    assertEquals(
        "of: " + message,
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(Shape.of(2), DType.F32, seven))
            .getMessage());
    assertEquals(
        "copyTo: " + message,
        assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(2).copyTo(seven))
            .getMessage());
  }

  @Test
  void anyByteButZeroIsTrue() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[] {0, 1, 2, -1});

    assertArrayEquals(
        new byte[] {0, 1, 1, 1}, (byte[]) Tensor.of(Shape.of(4), DType.BOOL, bytes).toArray());
  }

  @Test
  void whatGoesInIsCopied() {
    double[] values = {1, 2};
    Tensor x = Tensor.of(values);
    values[0] = 9;
    ((double[]) x.toArray())[1] = 9;

    assertArrayEquals(new double[] {1, 2}, x.toDoubles());
  }

  @Test
  void toArrayGivesTheArrayOfTheType() {
    Tensor x = Tensor.of(1.0, 0.0);

    assertInstanceOf(double[].class, x.toArray());
    assertInstanceOf(float[].class, x.to(DType.F32).toArray());
    assertInstanceOf(short[].class, x.to(DType.BF16).toArray());
    assertInstanceOf(short[].class, x.to(DType.F16).toArray());
    assertInstanceOf(long[].class, x.to(DType.I64).toArray());
    assertInstanceOf(int[].class, x.to(DType.I32).toArray());
    assertInstanceOf(byte[].class, x.to(DType.U8).toArray());
    assertInstanceOf(byte[].class, x.to(DType.BOOL).toArray());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void smallWholeNumbersPassThroughEveryPairOfTypes(DType from) {
    for (DType to : DType.values()) {
      Tensor x = Tensor.of(0.0, 1, 1, 0).to(from).to(to);
      assertEquals(to, x.dtype());
      assertArrayEquals(new double[] {0, 1, 1, 0}, x.toDoubles(), from + " to " + to);
      assertArrayEquals(new float[] {0, 1, 1, 0}, x.toFloats());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void viewsConvertAsTheyAreSeen(DType dtype) {
    Tensor x = Tensor.of(Shape.of(2, 3), 1.0, 0, 1, 0, 0, 1).to(dtype);

    assertArrayEquals(new double[] {1, 0, 0, 0, 1, 1}, x.t().toDoubles());
    assertArrayEquals(new double[] {1, 0, 0, 1, 0, 1}, x.flip(0).flip(1).contiguous().toDoubles());
    assertArrayEquals(new double[] {1, 1, 0, 1}, x.slice(1, 0, 3, 2).toDoubles());
  }

  @Test
  void integersAreCutTowardsZero() {
    assertArrayEquals(
        new long[] {2, -2, 0, 0}, Tensor.of(2.9, -2.9, 0.5, -0.5).to(DType.I64).toLongs());
    assertArrayEquals(
        new long[] {2, -2, 0, 0}, Tensor.of(2.9, -2.9, 0.5, -0.5).to(DType.I32).toLongs());
  }

  @Test
  void whateverIsNotZeroIsTrue() {
    double[] values = {0, -0.0, 0.1, -3, Double.NaN, Double.MIN_VALUE};

    assertArrayEquals(new double[] {0, 0, 1, 1, 1, 1}, through(DType.BOOL, values));
  }

  @Test
  void bytesAreUnsigned() {
    Tensor x = Tensor.of(Shape.of(3), (byte) 0, (byte) 127, (byte) 255);

    assertArrayEquals(new double[] {0, 127, 255}, x.toDoubles());
    assertArrayEquals(new long[] {0, 127, 255}, x.toLongs());
    assertArrayEquals(new byte[] {0, 127, -1}, (byte[]) x.to(DType.F32).to(DType.U8).toArray());
  }

  /** Indices are not computed with; on their way in, out and through views they lose nothing. */
  @Test
  void longsAreExactWhereNothingIsComputed() {
    long[] values = {Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1, -1};
    Tensor x = Tensor.of(Shape.of(2, 2), values);

    assertArrayEquals(values, x.toLongs());
    assertArrayEquals(new long[] {values[0], values[2], values[1], values[3]}, x.t().toLongs());
    assertArrayEquals(x.t().toLongs(), x.t().contiguous().toLongs());
    assertArrayEquals(x.t().toLongs(), x.t().reshape(4).toLongs());
    assertArrayEquals(values, Tensor.of(Shape.of(2, 2), 0L, 0, 0, 0).assign(x).toLongs());
    assertArrayEquals(
        new long[] {(1L << 53)}, Tensor.of(1L << 53).to(DType.F64).to(DType.I64).toLongs());
  }

  @Test
  void itemWantsOneElement() {
    assertEquals(7, Tensor.of(Shape.of(1, 1), 7L).item());
    assertEquals(1, Tensor.of(Shape.SCALAR, true).item());
    assertEquals(
        "item: [2] has 2 elements, not one",
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(1.0, 2.0).item())
            .getMessage());
    assertEquals(
        "item: [0] has 0 elements, not one",
        assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(0).item()).getMessage());
  }

  @Test
  void floatingNumbersAreNotCutBySurprise() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(1.5).toLongs());

    assertEquals("toLongs: F64 would be cut; use to(DType.I64)", e.getMessage());
  }

  @Test
  void typesAreNeverMixedSilently() {
    Tensor single = Tensor.zeros(2);
    Tensor wide = Tensor.of(1.0, 2.0);
    for (BinaryOperator<Tensor> op :
        List.<BinaryOperator<Tensor>>of(
            Tensor::add, Tensor::sub, Tensor::mul, Tensor::div, Tensor::matmul, Tensor::mse)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> op.apply(single, wide));
      assertTrue(
          String.valueOf(e.getMessage())
              .endsWith(": dtypes F32 and F64 differ; convert one with to(DType.F32)"),
          e.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F64", "F32", "BF16", "F16"})
  void javaNumbersAdaptToTheTensor(DType dtype) {
    Tensor x = Tensor.of(1.0, 2.0).to(dtype);

    assertEquals(dtype, x.add(1).mul(2.0).sub(0.5).div(2).pow(2).dtype());
  }

  // ---- half precision ------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16"})
  void everyHalfSurvivesTheWayToAnyWiderTypeAndBack(DType half) {
    Tensor x = all65536(half);
    for (DType wide : new DType[] {DType.F32, DType.F64}) {
      short[] back = (short[]) x.to(wide).to(half).toArray();
      double[] values = x.to(wide).toDoubles();
      for (int i = 0; i < back.length; i++) {
        if (Double.isNaN(values[i])) {
          assertTrue(Double.isNaN(through(half, values[i])[0]));
        } else {
          assertEquals((short) i, back[i]);
        }
      }
    }
  }

  @Test
  void aHalfIsWhatItsBitsSay() {
    float[] f16 = all65536(DType.F16).toFloats();
    float[] bf16 = all65536(DType.BF16).toFloats();
    for (int i = 0; i < 65536; i++) {
      int sign = i < 32768 ? 1 : -1;
      assertEquals(value(i & 0x7fff, 10, 15) * sign, f16[i], "F16 " + Integer.toHexString(i));
      assertEquals(value(i & 0x7fff, 7, 127) * sign, bf16[i], "BF16 " + Integer.toHexString(i));
    }
  }

  /** (−1)ˢ · 2^(e − bias) · 1.m, spelled out. */
  private static double value(int bits, int mantissaBits, int bias) {
    int exponent = bits >> mantissaBits;
    int mantissa = bits & (1 << mantissaBits) - 1;
    if (exponent == 2 * bias + 1) {
      return mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    double fraction = mantissa * Math.pow(2, -mantissaBits);
    return exponent == 0
        ? fraction * Math.pow(2, 1 - bias)
        : (1 + fraction) * Math.pow(2, exponent - bias);
  }

  /** For each pair of neighbours: below the middle down, above it up, on it to the even one. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16"})
  void roundingIsToNearestAndTiesGoToEven(DType half) {
    double[] values = all65536(half).toDoubles();
    int infinity = half == DType.F16 ? 0x7c00 : 0x7f80;
    double[] middles = new double[infinity - 1];
    double[] below = new double[middles.length];
    double[] above = new double[middles.length];
    for (int i = 0; i < middles.length; i++) {
      middles[i] = (values[i] + values[i + 1]) / 2; // exact in double
      below[i] = Math.nextDown(middles[i]);
      above[i] = Math.nextUp(middles[i]);
    }
    short[] tie = bits(half, middles);
    short[] down = bits(half, below);
    short[] up = bits(half, above);
    for (int i = 0; i < middles.length; i++) {
      String where = half + " " + Integer.toHexString(i);
      assertEquals(i % 2 == 0 ? i : i + 1, tie[i], where);
      assertEquals(i, down[i], where);
      assertEquals(i + 1, up[i], where);
    }
    assertArrayEquals(
        Tensor.of(middles).neg().to(half).toDoubles(),
        Tensor.of(middles).to(half).neg().toDoubles());
  }

  /** A double that rounds to a float on the middle of two halves, and from there the wrong way. */
  @Test
  void aDoubleIsRoundedOnce() {
    double middle = 1 + 0x1p-11;

    assertArrayEquals(
        new double[] {1, 1, 1 + 0x1p-10},
        through(DType.F16, middle, Math.nextDown(middle), middle + 0x1p-40));
    assertArrayEquals(
        new double[] {1, 1 + 0x1p-7}, through(DType.BF16, 1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-40));
    assertArrayEquals(
        new double[] {1 + 0x1p-7, 1 + 0x1p-6},
        through(DType.BF16, 1 + 3 * 0x1p-8 - 0x1p-40, 1 + 3 * 0x1p-8));
  }

  @ParameterizedTest
  @CsvSource({
    "F16, 65519.999, 65504",
    "F16, 65520, Infinity",
    "F16, -1e9, -Infinity",
    "F16, 1e300, Infinity",
    "BF16, 3.39e38, 3.3895313892515355e38",
    "BF16, 3.4e38, Infinity",
    "BF16, -1e39, -Infinity",
    "F32, 3.4028235e38, 3.4028234663852886e38",
    "F32, 3.4028236e38, Infinity"
  })
  void whatIsTooLargeIsInfinite(DType dtype, double value, double expected) {
    assertEquals(expected, through(dtype, value)[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "F16, 0x1p-24, 0x1p-24",
    "F16, 0x1p-25, 0",
    "F16, 0x1.000001p-25, 0x1p-24",
    "F16, 0x1.8p-24, 0x1p-23",
    "F16, -0x1p-30, -0.0",
    "F16, 1e-320, 0",
    "BF16, 0x1p-133, 0x1p-133",
    "BF16, 0x1p-134, 0",
    "BF16, 0x1.000001p-134, 0x1p-133",
    "BF16, 1e-50, 0",
    "BF16, -1e-50, -0.0",
    "F32, 0x1p-149, 0x1p-149",
    "F32, 0x1p-150, 0"
  })
  void smallNumbersLoseBitsGradually(DType dtype, String value, String expected) {
    assertEquals(Double.parseDouble(expected), through(dtype, Double.parseDouble(value))[0]);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F64", "F32", "BF16", "F16"})
  void nanInfinityAndTheSignOfZeroAreKept(DType dtype) {
    double[] special = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, -0.0};

    assertArrayEquals(special, through(dtype, special));
  }

  /** Against exact arithmetic: no half may lie closer. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomDoublesGoToTheNearestHalf(long seed) {
    Random random = new Random(seed);
    for (DType half : new DType[] {DType.BF16, DType.F16}) {
      double[] all = all65536(half).toDoubles();
      for (int repeat = 0; repeat < 2000; repeat++) {
        double x = random.nextGaussian() * Math.pow(2, random.nextInt(-30, 15));
        int found = bits(half, x)[0] & 0xffff;
        BigDecimal error = distance(x, all[found]);
        assertTrue(error.compareTo(distance(x, all[found + 1])) <= 0);
        assertTrue((found & 0x7fff) == 0 || error.compareTo(distance(x, all[found - 1])) <= 0);
      }
    }
  }

  private static BigDecimal distance(double a, double b) {
    return new BigDecimal(a).subtract(new BigDecimal(b)).abs();
  }

  @Test
  void unitRoundoffIsHalfTheGapAboveOne() {
    for (DType dtype : DType.values()) {
      if (!dtype.isFloating()) {
        assertThrows(IllegalArgumentException.class, dtype::unitRoundoff);
        continue;
      }
      double u = dtype.unitRoundoff();
      assertEquals(1, through(dtype, 1 + u)[0], dtype + ": a tie goes to even");
      assertEquals(1 + 2 * u, through(dtype, 1 + 2 * u)[0], dtype + ": the next number");
    }
  }
}
