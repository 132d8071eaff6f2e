package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Remainder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversions round once, and hold integers within their range: on a GPU as on the CPU. */
class CastKernelsTest {
  private final Device gpu = TestGpu.device();

  /**
   * Halfway between neighbours of each dtype, a little off that (less than a float has room for),
   * at the ends of all ranges, beyond them, and what is no number.
   */
  private static double[] awkward() {
    double[] positive = {
      0,
      0.4,
      0.5,
      1,
      1 + 0x1p-8, // ties of BF16
      1 + 3 * 0x1p-8,
      1 + 0x1p-11, // ties of F16
      1 + 3 * 0x1p-11,
      1 + 0x1p-24, // ties of F32
      1 + 3 * 0x1p-24,
      254.9,
      255,
      256.5,
      65504,
      65520,
      2147483646.5,
      2147483647,
      2147483648.0,
      0x1p53 + 2,
      0x1p62,
      0x1p63,
      1e30,
      Float.MAX_VALUE,
      0x1.ffp127,
      3.4028236e38,
      1e300,
      Float.MIN_NORMAL,
      Float.MIN_VALUE,
      0x1p-134,
      0x1p-25,
      1e-300,
      Double.POSITIVE_INFINITY,
      Double.NaN
    };
    return Arrays.stream(positive)
        .flatMap(x -> DoubleStream.of(x, x * (1 + 0x1p-40), x * (1 - 0x1p-40)))
        .flatMap(x -> DoubleStream.of(x, -x))
        .toArray();
  }

  @ParameterizedTest
  @EnumSource
  void roundOnceAndStayInRange(DType to) {
    double[] x = awkward();
    Tensor wide = Tensor.of(Shape.of(x.length), x).to(DType.F64);
    for (DType from : DType.values()) {
      Tensor in = wide.to(from);
      double[] expected = in.to(to).toDoubles();
      double[] got = in.to(gpu).to(to).toDoubles();
      double[] values = in.toDoubles();
      for (int i = 0; i < x.length; i++) {
        assertEquals(expected[i], got[i], from + " " + values[i] + " as " + to);
      }
    }
  }

  /** It has no remainder, which integers have no word for but 0. */
  @ParameterizedTest
  @EnumSource(names = {"I64", "I32", "U8"})
  void whatIsDividedByZeroLeavesZero(DType dtype) {
    Tensor a = Tensor.of(5L, 7, 0).to(dtype);
    Tensor b = Tensor.of(0L, 4, 0).to(dtype);
    double[] rest = Remainder.of(a.to(gpu), b.to(gpu)).toDoubles();
    assertArrayEquals(new double[] {0, 3, 0}, rest);
    assertArrayEquals(Remainder.of(a, b).toDoubles(), rest);
  }

  @ParameterizedTest
  @EnumSource
  void constantsAreRoundedOnce(DType dtype) {
    Tensor many = Tensor.full(new Meta(Shape.of(1000), dtype, gpu), 3);
    assertEquals(dtype == DType.BOOL ? 1000 : 3000, Arrays.stream(many.toDoubles()).sum());
    for (double x : awkward()) {
      Tensor here = Tensor.full(new Meta(Shape.of(2), dtype, Device.CPU), x);
      Tensor there = Tensor.full(new Meta(Shape.of(2), dtype, gpu), x);
      assertArrayEquals(here.toDoubles(), there.toDoubles(), dtype + " " + x);
    }
  }
}
