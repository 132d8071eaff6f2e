package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Concat;
import org.adjoint.op.Pieces;
import org.adjoint.op.Slice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ArrangeKernelsTest {
  private final Device gpu = TestGpu.device();

  private static Tensor counted(DType dtype, long... sizes) {
    Shape shape = Shape.of(sizes);
    return Tensor.arange((int) shape.count()).to(dtype).reshape(sizes);
  }

  /** Parts in more launches than one, some empty, whose edges lie at odd places. */
  @ParameterizedTest
  @EnumSource
  void manyPartsAreJoinedAndPartedAgain(DType dtype) {
    for (int inner : new int[] {1, 3, 16}) {
      List<Long> sizes = new ArrayList<>();
      for (int i = 0; i < ArrangeVariants.MOST_PARTS + 3; i++) {
        sizes.add((long) (i * 7 % 5));
      }
      int total = (int) sizes.stream().mapToLong(n -> n).sum();
      Tensor x = counted(dtype, 5, total, inner);
      Tensor there = x.to(gpu);
      Tensor[] parts = Choice.with(Pieces.class, "units", () -> Pieces.of(there, 1, sizes));
      long start = 0;
      for (int i = 0; i < parts.length; i++) {
        assertArrayEquals(
            x.slice(1, start, start + sizes.get(i)).toDoubles(), parts[i].toDoubles());
        start += sizes.get(i);
      }
      Tensor joined = Choice.with(Concat.class, "units", () -> Concat.of(1, parts));
      assertArrayEquals(x.toDoubles(), joined.toDoubles());
    }
  }

  /** A part that begins anywhere in its storage is moved by smaller units. */
  @ParameterizedTest
  @EnumSource
  void partsNeedNotBeAligned(DType dtype) {
    Tensor x = counted(dtype, 4 * 16 + 1);
    Tensor tail = x.slice(0, 1, 65).reshape(4, 16);
    Tensor there = x.to(gpu).slice(0, 1, 65).reshape(4, 16);
    Tensor joined = Choice.with(Concat.class, "units", () -> Concat.of(1, there, there));
    assertArrayEquals(Concat.of(1, tail, tail).toDoubles(), joined.toDoubles());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 7, 0, 3, 1",
    "1, 7, 4, 3, 1",
    "4, 7, 2, 3, 2",
    "16, 9, 8, 3, -3",
    "3, 300, 5, 120, 2",
    "2, 300, 299, 150, -2",
    "1, 5, 3, 1, 9",
    "1, 5000, 17, 4000, 1",
    "4, 5, 5, 0, 1"
  })
  void aSliceIsPutAmongZeros(int inner, int size, int start, int count, int step) {
    for (DType dtype : new DType[] {DType.F64, DType.F32, DType.BF16, DType.U8}) {
      Tensor x = counted(dtype, 3, count, inner).to(DType.BOOL).to(dtype);
      Slice.Embed embed =
          new Slice.Embed(new Slice(1, start, count, step), Shape.of(3, size, inner));
      Tensor there = x.to(gpu);
      for (String variant : new String[] {"units", "copies"}) {
        Tensor y = Choice.with(Slice.Embed.class, variant, () -> embed.apply(there));
        assertArrayEquals(embed.apply(x).toDoubles(), y.toDoubles(), variant + " " + dtype);
      }
    }
  }
}
