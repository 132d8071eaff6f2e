package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.nn.Init;
import org.adjoint.op.Dropout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomKernelsTest {
  private final Device gpu = TestGpu.device();
  private final CudaBackend backend = CudaBackend.of(gpu);

  private interface Fill {
    void into(Storage storage);
  }

  private Object filled(DType dtype, int n, Fill fill) {
    Storage storage = backend.allocate(dtype, n);
    try {
      fill.into(storage);
      return backend.read(new Operand(storage, Layout.contiguous(Shape.of(n))));
    } finally {
      storage.release();
    }
  }

  /** Offsets odd and even, negative ones, and one whose sum with the index leaves 2³². */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1, 0, 1",
    "1, 1, 1",
    "7, 5, 2",
    "7, 6, 257",
    "-3, 7, 511",
    "9, -4, 8",
    "9, 4294967295, 513",
    "1234567890123, 9007199254740993, 20000",
    // Angles within 2e-7 of multiples of π/2, where more digits of it count.
    "1, 122532968, 2",
    "1, 183766934, 2",
    "1, 122661298, 2",
    "1, 266709528, 2"
  })
  void fillsHaveTheBitsOfTheCpu(long seed, long offset, int n) {
    float[] floats = new float[n];
    double[] doubles = new double[n];
    Philox.fillUniform(seed, offset, floats, 0, n);
    Philox.fillUniform(seed, offset, doubles, 0, n);
    assertArrayEquals(
        floats, (float[]) filled(DType.F32, n, to -> backend.fillUniform(to, seed, offset)));
    assertArrayEquals(
        doubles, (double[]) filled(DType.F64, n, to -> backend.fillUniform(to, seed, offset)));
    Philox.fillNormal(seed, offset, floats, 0, n);
    Philox.fillNormal(seed, offset, doubles, 0, n);
    assertArrayEquals(
        floats, (float[]) filled(DType.F32, n, to -> backend.fillNormal(to, seed, offset)));
    assertArrayEquals(
        doubles, (double[]) filled(DType.F64, n, to -> backend.fillNormal(to, seed, offset)));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, 300",
    "2, 5, 1, 129",
    "3, -1, 2, 128",
    "4, 7, 1003, 127",
    "5, 0, 4, 0",
    "1, 0, 245065936, 1"
  })
  void aGeneratorDrawsTheSameOnEitherDevice(long seed, long stream, long position, int n) {
    Philox here = new Philox(seed, stream);
    Philox there = new Philox(seed, stream);
    here.seek(position);
    there.seek(position);
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      Meta cpu = new Meta(Shape.of(n), dtype, Device.CPU);
      Meta cuda = new Meta(Shape.of(n), dtype, gpu);
      requireSame(Tensor.uniform(cpu, here, -0.25, 0.5), Tensor.uniform(cuda, there, -0.25, 0.5));
      // Half of what is drawn is rounded to the upper end.
      double next = dtype == DType.F32 ? Math.nextUp(1f) : Math.nextUp(1.0);
      requireSame(Tensor.uniform(cpu, here, 1, next), Tensor.uniform(cuda, there, 1, next));
      requireSame(Tensor.uniform(cpu, here, 3, 3), Tensor.uniform(cuda, there, 3, 3));
      requireSame(Tensor.normal(cpu, here), Tensor.normal(cuda, there));
      assertEquals(here.position(), there.position());
    }
  }

  private void requireSame(Tensor here, Tensor there) {
    assertEquals(gpu, there.device());
    assertEquals(here.meta().dtype(), there.dtype());
    assertArrayEquals(here.toDoubles(), there.toDoubles());
  }

  @Test
  void otherDtypesAreNotDrawn() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tensor.normal(new Meta(Shape.of(2), DType.BF16, gpu), new Philox(1)));
    assertEquals(
        "normal: BF16 is not drawn; draw F32 and convert it with to(DType.BF16)", e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16"})
  void parametersBeginWithTheSameBitsWhereverTheyLie(DType dtype) {
    Tensor here = Tensor.zeros(new Meta(Shape.of(7, 5, 3), dtype, Device.CPU));
    Tensor there = Tensor.zeros(new Meta(Shape.of(7, 5, 3), dtype, gpu));
    Philox a = new Philox(5);
    Philox b = new Philox(5);
    requireSame(Init.uniform(here, -3, 0.7, a), Init.uniform(there, -3, 0.7, b));
    requireSame(Init.normal(here, 0.3, 1.7, a), Init.normal(there, 0.3, 1.7, b));
    requireSame(
        Init.truncatedNormal(here, 0, 1, -1, 2, a), Init.truncatedNormal(there, 0, 1, -1, 2, b));
    requireSame(
        Init.kaimingUniform(here, Init.Fan.IN, Init.RELU, a),
        Init.kaimingUniform(there, Init.Fan.IN, Init.RELU, b));
    requireSame(Init.orthogonal(here, 1.5, a), Init.orthogonal(there, 1.5, b));
    requireSame(Init.constant(here, 0.1), Init.constant(there, 0.1));
    assertEquals(a.position(), b.position());
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16", "F16"})
  void dropoutHasTheBitsOfTheCpu(DType dtype) {
    for (int n : new int[] {1, 7, 8, 9, 2047, 2048, 2049}) {
      Tensor x = Tensor.normal(new Philox(n), n).to(dtype);
      Tensor there = x.to(gpu);
      for (long offset : new long[] {0, 1, 6, (1L << 32) - 5, -9}) {
        for (double p : new double[] {0.1, 1 / 3.0, 0.5, 0x1p-24, 1}) {
          Dropout dropout = new Dropout(p, 11, offset);
          double[] expected = dropout.apply(x).toDoubles();
          for (String variant : new String[] {"vector", "naive"}) {
            Tensor y = Choice.with(Dropout.class, variant, () -> dropout.apply(there));
            assertArrayEquals(expected, y.toDoubles(), variant + " " + p + " from " + offset);
          }
        }
      }
    }
  }

  /** 1 / keep lies just above a tie of BF16, by less than a float can say. */
  @ParameterizedTest
  @ValueSource(strings = {"naive", "vector"})
  void dropoutRoundsOnce(String variant) {
    Dropout dropout = new Dropout(1 - 1 / (1.00390625 * (1 + 1e-9)), 1, 0);
    Tensor x = Tensor.ones(64).to(DType.BF16);
    Tensor there = x.to(gpu);
    Tensor y = Choice.with(Dropout.class, variant, () -> dropout.apply(there));
    assertArrayEquals(dropout.apply(x).toDoubles(), y.toDoubles());
    assertEquals(1.0078125, Arrays.stream(y.toDoubles()).max().getAsDouble());
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32"})
  void dropoutOfAView(DType dtype) {
    Tensor x = Tensor.normal(new Philox(3), 130, 9).to(dtype);
    Dropout dropout = new Dropout(0.25, 1, 1);
    assertArrayEquals(
        dropout.apply(x.permute(1, 0)).toDoubles(),
        dropout.apply(x.to(gpu).permute(1, 0)).toDoubles());
    assertArrayEquals(
        dropout.apply(x.slice(0, 1, 5)).toDoubles(),
        dropout.apply(x.to(gpu).slice(0, 1, 5)).toDoubles());
  }
}
