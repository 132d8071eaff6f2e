package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Picked;
import org.adjoint.op.Sort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SortKernelsTest {
  private final Device gpu = TestGpu.device();

  /** Few different values, so that many are equal, and all the awkward ones. */
  private static Tensor awkward(Shape shape, DType dtype) {
    Philox random = new Philox(shape.count());
    double negativeNan = Double.longBitsToDouble(-1L << 51);
    double[] few = {
      0, -0.0, 1, -1, 2.5, -2.5, 100, Double.NaN, negativeNan, 1 / 0.0, -1 / 0.0, 1e-40, -3e-3
    };
    double[] x = new double[(int) shape.count()];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(3) == 0 ? random.nextGaussian() : few[random.nextInt(few.length)];
    }
    return Tensor.of(shape, x).to(dtype);
  }

  private void check(Tensor x, int axis, boolean descending, String variant) {
    Picked expected = Sort.of(x, axis, descending);
    Tensor there = x.to(gpu);
    Picked sorted = Choice.with(Sort.class, variant, () -> Sort.of(there, axis, descending));
    String what = variant + " " + x.shape() + " " + x.dtype();
    assertArrayEquals(expected.indices().toLongs(), sorted.indices().toLongs(), what);
    assertArrayEquals(expected.values().toDoubles(), sorted.values().toDoubles(), what);
  }

  @ParameterizedTest
  @CsvSource({
    "warp, 1",
    "warp, 2",
    "warp, 31",
    "warp, 32",
    "block, 33",
    "block, 255",
    "block, 256",
    "block, 257",
    "block, 1023",
    "block, 1024",
    "block, 1025",
    "block, 4095",
    "block, 4096",
    "tiles, 33",
    "tiles, 255",
    "tiles, 2047",
    "tiles, 2048",
    "tiles, 2049",
    "tiles, 4097",
    "rank, 129"
  })
  void equalsKeepTheirOrderAtTheEdgesOfBlocks(String variant, int n) {
    Tensor x = awkward(Shape.of(n), DType.F32);
    check(x, 0, false, variant);
    check(x, 0, true, variant);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOOL")
  void everyTypeAlongEveryAxis(DType dtype) {
    Tensor x = awkward(Shape.of(2, 30, 3), dtype);
    for (String variant : new String[] {"warp", "rank"}) {
      check(x, 1, false, variant);
      check(x, -2, true, variant);
    }
    Tensor longer = awkward(Shape.of(2, 37, 3), dtype);
    for (String variant : new String[] {"block", "tiles"}) {
      check(longer, 1, false, variant);
      check(longer, -2, true, variant);
    }
    check(x, 0, true, "warp");
    check(x, -1, false, "rank");
    check(awkward(Shape.of(2, 2100), dtype).permute(1, 0), 0, true, "tiles");
    check(awkward(Shape.of(2, 700), dtype).flip(1), 1, false, "block");
  }

  @ParameterizedTest
  @CsvSource({"warp, 1000, 2", "block, 30, 39", "tiles, 10, 33", "rank, 1000, 2", "warp, 3, 0"})
  void manyLinesAndNone(String variant, int lines, int n) {
    check(awkward(Shape.of(lines, n), DType.F32), 1, false, variant);
  }

  /** So many tiles that their counts are summed by a block for each digit. */
  @Test
  void aLongLine() {
    Tensor x = awkward(Shape.of(33 * 2048 + 1), DType.U8);
    check(x, 0, true, "tiles");
  }
}
