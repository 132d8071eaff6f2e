package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Views: other ways to look at the same elements. */
class ViewsTest {
  private static Tensor counting(long... sizes) {
    return Tensor.arange((int) Shape.of(sizes).count()).reshape(sizes);
  }

  private static void assertElements(Tensor x, long... expected) {
    assertArrayEquals(expected, x.toLongs());
  }

  @Test
  void transposeExchangesTwoAxes() {
    Tensor x = counting(2, 3);

    assertEquals(Shape.of(3, 2), x.t().shape());
    assertElements(x.t(), 0, 3, 1, 4, 2, 5);
    assertElements(x.transpose(-1, 0), 0, 3, 1, 4, 2, 5);
  }

  @Test
  void permuteNamesTheOldAxisOfEachNewOne() {
    Tensor x = counting(2, 3, 4);

    Tensor y = x.permute(2, 0, 1);

    assertEquals(Shape.of(4, 2, 3), y.shape());
    assertElements(y.select(0, 1), 1, 5, 9, 13, 17, 21);
    assertElements(x.permute(-1, 0, 1), y.toLongs());
  }

  @Test
  void slicesTakeEachStepth() {
    Tensor x = counting(10);

    assertElements(x.slice(0, 2, 5), 2, 3, 4);
    assertElements(x.slice(0, 0, 10, 3), 0, 3, 6, 9);
    assertElements(x.slice(0, -3, 10), 7, 8, 9);
    assertElements(x.slice(0, 2, -2, 2), 2, 4, 6);
    assertElements(x.slice(0, 4, 4));
    assertElements(x.slice(0, 7, 3));
  }

  @Test
  void negativeStepsGoBackwards() {
    Tensor x = counting(10);

    assertElements(x.slice(0, 8, 2, -2), 8, 6, 4);
    assertElements(x.slice(0, -1, 5, -1), 9, 8, 7, 6);
    assertElements(x.slice(0, -1, -11, -3), 9, 6, 3, 0);
    assertElements(x.slice(0, 2, 8, -1));
  }

  @Test
  void whatASliceDoesNotHoldIsAnError() {
    Tensor x = counting(10);

    assertThrows(IndexOutOfBoundsException.class, () -> x.slice(0, 0, 11));
    assertThrows(IndexOutOfBoundsException.class, () -> x.slice(0, -11, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> x.slice(0, 10, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> x.select(0, 10));
    assertThrows(IndexOutOfBoundsException.class, () -> x.select(0, -11));
    assertThrows(IllegalArgumentException.class, () -> x.select(1, 0));
  }

  @Test
  void selectDropsTheAxis() {
    Tensor x = counting(2, 3);

    assertElements(x.select(0, 1), 3, 4, 5);
    assertElements(x.select(1, -1), 2, 5);
    assertEquals(Shape.SCALAR, x.select(0, 0).select(0, 0).shape());
  }

  @Test
  void flipReversesOneAxis() {
    assertElements(counting(2, 3).flip(1), 2, 1, 0, 5, 4, 3);
    assertElements(counting(2, 3).flip(0).flip(1), 5, 4, 3, 2, 1, 0);
  }

  @Test
  void unsqueezeAndSqueezeUndoEachOther() {
    Tensor x = counting(2, 3).t();

    for (int axis = -3; axis <= 2; axis++) {
      Tensor y = x.unsqueeze(axis);
      assertEquals(1, y.size(axis));
      assertElements(y.squeeze(axis), x.toLongs());
    }
    assertThrows(IllegalArgumentException.class, () -> x.squeeze(0));
    assertThrows(IllegalArgumentException.class, () -> x.unsqueeze(3));
  }

  @Test
  void expandRepeatsWithoutCopying() {
    Tensor x = counting(3, 1);

    Tensor y = x.expand(Shape.of(2, 3, 2));

    assertElements(y, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2);
    assertSame(x.storage(), y.storage());
  }

  @Test
  void reshapeIsAViewWhereStridesAllowOne() {
    Tensor x = counting(4, 6);

    assertSame(x.storage(), x.reshape(2, 2, -1).storage());
    assertSame(x.storage(), x.t().reshape(2, 3, 4).storage());
    assertSame(x.storage(), x.slice(1, 0, 3).reshape(2, 2, 3).storage());
  }

  @Test
  void reshapeCopiesWhereItMust() {
    Tensor x = counting(2, 3);

    Tensor y = x.t().reshape(6);

    assertNotSame(x.storage(), y.storage());
    assertElements(y, 0, 3, 1, 4, 2, 5);
  }

  @Test
  void whatNeedNotChangeIsTheSameTensor() {
    Tensor x = counting(2, 3);

    assertSame(x, x.reshape(2, 3));
    assertSame(x, x.contiguous());
    assertSame(x, x.expand(Shape.of(2, 3)));
    assertSame(x, x.to(DType.I64));
  }

  @Test
  void assigningToTheBaseIsSeenThroughItsViews() {
    Tensor x = Tensor.zeros(2, 3);
    Tensor flipped = x.flip(1).t();

    x.assign(Tensor.of(Shape.of(2, 3), 1f, 2, 3, 4, 5, 6));

    assertArrayEquals(new float[] {3, 6, 2, 5, 1, 4}, flipped.toFloats());
  }

  @Test
  void assigningToAViewIsSeenInTheBase() {
    Tensor x = Tensor.zeros(3, 4);

    x.slice(1, 3, 0, -2).t().assign(Tensor.of(Shape.of(2, 3), 1f, 2, 3, 4, 5, 6));

    assertArrayEquals(new float[] {0, 4, 0, 1, 0, 5, 0, 2, 0, 6, 0, 3}, x.toFloats());
  }

  @Test
  void assignReadsBeforeItWritesWhereBothShareElements() {
    Tensor x = Tensor.of(1f, 2, 3, 4);

    x.assign(x.flip(0));
    assertArrayEquals(new float[] {4, 3, 2, 1}, x.toFloats());

    x.slice(0, 1, 4).assign(x.slice(0, 0, 3));
    assertArrayEquals(new float[] {4, 4, 3, 2}, x.toFloats());
  }

  @Test
  void scalarsHaveNoAxes() {
    Tensor x = Tensor.scalar(5);

    assertEquals(0, x.rank());
    assertEquals(5, x.item());
    assertEquals(5, x.permute().reshape(1, 1).squeeze(0).squeeze(0).item());
    assertEquals(5, x.sum().item());
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> x.size(0));
    assertEquals("size: [] has no axis 0; it is a scalar", e.getMessage());
  }

  @Test
  void emptyTensorsHaveShapesAndNoElements() {
    Tensor x = Tensor.zeros(2, 0, 3);

    assertEquals(0, x.toFloats().length);
    assertEquals(Shape.of(3, 2, 0), x.permute(2, 0, 1).shape());
    assertEquals(Shape.of(0), x.flip(1).t().reshape(-1).shape());
    assertEquals(0, x.sum().item());
    assertArrayEquals(new float[6], x.sum(1).toFloats());
    assertEquals(Shape.of(2, 0, 3), x.add(1).mul(x).shape());
    assertEquals(Shape.of(5, 2, 0, 3), x.expand(Shape.of(5, 2, 0, 3)).shape());
    assertEquals(0, x.contiguous().assign(x.flip(1)).toFloats().length);
  }

  /** 10¹⁰ elements, kept as three. */
  @Test
  void expandedTensorsMayBeLargerThanMemory() {
    Tensor x = Tensor.of(1f, 2, 3);

    Tensor huge = x.reshape(3, 1, 1).expand(Shape.of(3, 100_000, 100_000));

    assertEquals(30_000_000_000L, huge.shape().count());
    assertEquals(2, huge.select(1, 99_999).flip(1).select(1, 3).select(0, 1).item());
    assertEquals(Shape.of(3, 10_000_000_000L), huge.reshape(3, -1).shape());
    assertSame(x.storage(), huge.flatten(1).storage());
    assertArrayEquals(new float[] {1e10f, 2e10f, 3e10f}, huge.sum(1, 2).toFloats());
    assertEquals(6e10f, huge.sum().item());
    assertEquals(2, huge.mean().item(), 1e-6);
  }

  @Test
  void sumsOfRepeatedElementsAreThoseOfTheirCopies() {
    Tensor x = Tensor.of(1.0, 2, 3);
    for (DType dtype : new DType[] {DType.F64, DType.F32, DType.F16, DType.I64, DType.I32}) {
      Tensor repeated = x.to(dtype).expand(Shape.of(4, 3));

      assertArrayEquals(new double[] {4, 8, 12}, repeated.sum(0).toDoubles(), dtype.toString());
      assertArrayEquals(new double[] {6, 6, 6, 6}, repeated.sum(1).toDoubles());
      assertEquals(24, repeated.sum().item());
      assertEquals(24, repeated.contiguous().sum().item());
    }
  }

  /** Neither the sum nor its gradient lays out the 2.5 · 10⁹ elements that one stands for. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"})
  void expandedTensorsAreSummedInPlace(DType dtype) {
    Tensor x = Tensor.ones(new Meta(Shape.of(1), dtype, Device.CPU)).requireGrad();

    Tensor sum = x.expand(Shape.of(50_000, 50_000)).sum();
    sum.backward();

    assertEquals(2.5e9, sum.item());
    assertEquals(2.5e9, x.grad().item());
  }

  @Test
  void whatDoesNotFitIntoAnArraySaysSo() {
    Tensor huge = Tensor.ones(1).expand(Shape.of(100_000, 100_000));

    for (UnaryOperator<Tensor> copying :
        List.<UnaryOperator<Tensor>>of(
            x -> x.add(1), Tensor::contiguous, x -> x.to(DType.F64), Tensor::exp)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> copying.apply(huge));
      assertEquals(
          "cpu: a tensor of 10000000000 elements is larger than a Java array (2^31 - 9)",
          e.getMessage());
    }
    assertEquals(
        "cpu: a tensor of 10000000000 elements is larger than a Java array (2^31 - 9)",
        assertThrows(IllegalArgumentException.class, huge::toArray).getMessage());
  }

  /** Chains of views, each compared with the element-by-element definition of its last link. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void randomChainsOfViewsHoldTheElementsTheirDefinitionsSay(long seed) {
    Random random = new Random(seed);
    for (int chain = 0; chain < 100; chain++) {
      Tensor x = counting(3, 4, 2);
      for (int link = 0; link < 6 && x.shape().count() > 0; link++) {
        Tensor y = step(x, random);
        if (y.shape().count() <= 500) {
          x = y;
        }
      }
    }
  }

  /** The index in x of the element of y at {@code index}. */
  private interface Source {
    long[] of(long[] index);
  }

  private static Tensor step(Tensor x, Random random) {
    int rank = x.rank();
    int kind = rank == 0 ? 3 : random.nextInt(7);
    int axis = rank == 0 ? 0 : random.nextInt(rank);
    long size = rank == 0 ? 1 : x.size(axis);
    return switch (kind) {
      case 0 -> {
        int other = random.nextInt(rank);
        yield check(x, x.transpose(axis, other), i -> swapped(i, axis, other));
      }
      case 1 -> check(x, x.flip(axis), i -> with(i, axis, size - 1 - i[axis]));
      case 2 -> {
        long at = random.nextInt((int) size);
        yield check(x, x.select(axis, at), i -> inserted(i, axis, at));
      }
      case 3 -> {
        int at = random.nextInt(rank + 1);
        yield check(x, x.unsqueeze(at), i -> removed(i, at));
      }
      case 4 -> {
        long step = random.nextLong(1, 3) * (random.nextBoolean() ? 1 : -1);
        long stop = step > 0 ? size : -size - 1;
        long start = random.nextInt((int) size);
        yield check(
            x, x.slice(axis, start, stop, step), i -> with(i, axis, start + step * i[axis]));
      }
      case 5 -> {
        Shape target = x.shape().insert(0, 2);
        yield check(x, x.expand(target), i -> removed(i, 0));
      }
      default -> {
        long[] flat = x.toLongs();
        Tensor y = x.reshape(-1, size);
        assertArrayEquals(flat, y.toLongs());
        yield y;
      }
    };
  }

  private static Tensor check(Tensor x, Tensor y, Source source) {
    long[] from = x.toLongs();
    long[] to = y.toLongs();
    assertEquals(y.shape().count(), to.length);
    long[] xs = x.shape().strides();
    for (int i = 0; i < to.length; i++) {
      long[] index = new long[y.rank()];
      long rest = i;
      for (int axis = index.length - 1; axis >= 0; axis--) {
        index[axis] = rest % y.size(axis);
        rest /= y.size(axis);
      }
      long[] at = source.of(index);
      int number = 0;
      for (int axis = 0; axis < at.length; axis++) {
        number += (int) (at[axis] * xs[axis]);
      }
      assertEquals(from[number], to[i], () -> x.layout() + " to " + y.layout());
    }
    return y;
  }

  private static long[] with(long[] index, int axis, long value) {
    long[] changed = index.clone();
    changed[axis] = value;
    return changed;
  }

  private static long[] swapped(long[] index, int a, int b) {
    return with(with(index, a, index[b]), b, index[a]);
  }

  private static long[] inserted(long[] index, int axis, long value) {
    return Shape.of(index).insert(axis, value).toArray();
  }

  private static long[] removed(long[] index, int axis) {
    return Shape.of(index).remove(axis).toArray();
  }
}
