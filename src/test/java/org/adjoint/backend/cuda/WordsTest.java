package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small writes, which go as arguments of a launch, and those too large for that. */
class WordsTest {
  private final Device gpu = TestGpu.device();

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 511, 512, 513, 519, 3839, 3840, 3841})
  void bytesArriveAndNoMore(int n) {
    byte[] bytes = new byte[n];
    for (int i = 0; i < n; i++) {
      bytes[i] = (byte) (i * 37 + 1);
    }
    Tensor there = Tensor.of(Shape.of(n), bytes).to(gpu);
    byte[] before = bytes.clone();
    Arrays.fill(bytes, (byte) 0); // the host's memory is its own again
    assertArrayEquals(before, (byte[]) there.toArray());
  }

  /** In the order of all other work, though nobody waits. */
  @ParameterizedTest
  @ValueSource(ints = {3, 100, 480})
  void writesKeepTheirTurn(int n) {
    Tensor x = Tensor.arange(n).mul(0).to(gpu);
    Tensor sum = x.add(0);
    for (int i = 1; i <= 10; i++) {
      x.assign(Tensor.arange(n).add(i));
      sum.assign(sum.add(x));
    }
    long[] expected = new long[n];
    Arrays.setAll(expected, i -> 10L * i + 55);
    assertArrayEquals(expected, sum.to(DType.I64).toLongs());
  }
}
