package org.adjoint.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.adjoint.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a layout says about where elements lie, against the index arithmetic spelled out. */
class LayoutTest {
  @Test
  void contiguousCountsTheLastAxisFastest() {
    Layout layout = Layout.contiguous(Shape.of(2, 3, 4));

    assertEquals(12, layout.stride(0));
    assertEquals(4, layout.stride(1));
    assertEquals(1, layout.stride(2));
    assertEquals(0, layout.offset());
    assertTrue(layout.isContiguous());
  }

  @Test
  void aSliceMovesTheOffsetAndStretchesTheStride() {
    Layout layout = Layout.contiguous(Shape.of(3, 10)).slice(1, 8, 4, -2);

    assertEquals("[3, 4] strides [10, -2] offset 8", layout.toString());
    assertArrayEquals(new long[] {8, 6, 4, 2, 18, 16, 14, 12, 28, 26, 24, 22}, places(layout));
  }

  @Test
  void anEmptySliceStaysInsideTheStorage() {
    assertEquals(0, Layout.contiguous(Shape.of(3)).slice(0, 3, 0, 1).offset());
  }

  @Test
  void expandRepeatsByStrideZero() {
    Layout layout = Layout.contiguous(Shape.of(3, 1)).expand(Shape.of(2, 3, 4));

    assertEquals("[2, 3, 4] strides [0, 1, 0] offset 0", layout.toString());
    assertFalse(layout.isContiguous());
  }

  @Test
  void strideOfASizeOneAxisDoesNotMatterForContiguity() {
    Layout column = Layout.contiguous(Shape.of(5, 1)).permute(1, 0);
    Layout row = Layout.contiguous(Shape.of(4, 5)).slice(0, 2, 1, 1);

    assertTrue(column.isContiguous());
    assertTrue(row.isContiguous());
    assertFalse(Layout.contiguous(Shape.of(4, 5)).slice(1, 0, 4, 1).isContiguous());
  }

  @Test
  void mergeJoinsAxesThatFollowEachOther() {
    Layout layout = Layout.contiguous(Shape.of(2, 3, 4, 5));

    assertEquals("[120] strides [1] offset 0", layout.merge().toString());
    assertEquals("[20, 6] strides [1, 20] offset 0", layout.permute(2, 3, 0, 1).merge().toString());
    assertEquals("[6, 10] strides [20, 1] offset 5", layout.slice(2, 1, 2, 1).merge().toString());
    assertEquals("[] strides [] offset 0", Layout.contiguous(Shape.SCALAR).merge().toString());
    assertEquals(
        "[] strides [] offset 7",
        Layout.contiguous(Shape.of(8)).slice(0, 7, 1, 1).merge().toString());
  }

  @Test
  void mergeOfAReversedWholeIsOneRunBackwards() {
    Layout layout = Layout.contiguous(Shape.of(2, 3)).slice(0, 1, 2, -1).slice(1, 2, 3, -1);

    assertEquals("[6] strides [-1] offset 5", layout.merge().toString());
  }

  @Test
  void mergeKeepsARepeatedAxisApartFromItsNeighbours() {
    Layout rows = Layout.contiguous(Shape.of(3)).expand(Shape.of(4, 3));
    Layout columns = Layout.contiguous(Shape.of(3, 1)).expand(Shape.of(3, 4));

    assertEquals("[4, 3] strides [0, 1] offset 0", rows.merge().toString());
    assertEquals("[3, 4] strides [1, 0] offset 0", columns.merge().toString());
    assertEquals(
        "[12] strides [0] offset 0",
        Layout.contiguous(Shape.SCALAR).expand(Shape.of(4, 3)).merge().toString());
  }

  @Test
  void reshapeIsAViewOnlyWhereAxesSplitOrJoinInPlace() {
    Layout transposed = Layout.contiguous(Shape.of(4, 6)).permute(1, 0);

    assertNull(transposed.reshape(Shape.of(24)));
    assertNull(transposed.reshape(Shape.of(4, 6)));
    assertEquals(
        "[2, 3, 4] strides [3, 1, 6] offset 0",
        String.valueOf(transposed.reshape(Shape.of(2, 3, 4))));
    assertEquals(
        "[6, 2, 2] strides [1, 12, 6] offset 0",
        String.valueOf(transposed.reshape(Shape.of(6, 2, 2))));
  }

  @Test
  void reshapeOfHalfTheColumns() {
    Layout half = Layout.contiguous(Shape.of(4, 6)).slice(1, 0, 3, 1);

    assertNull(half.reshape(Shape.of(12)));
    assertNotNull(half.reshape(Shape.of(2, 2, 3)));
    assertNotNull(half.reshape(Shape.of(1, 4, 1, 3, 1)));
  }

  @Test
  void emptyLayoutsReshapeToAnyEmptyShape() {
    Layout empty = Layout.contiguous(Shape.of(2, 0, 3)).permute(2, 0, 1);

    assertTrue(empty.isContiguous());
    assertNotNull(empty.reshape(Shape.of(0)));
    empty.forEachRun(0, 0, (at, stride, position, length) -> assertEquals(0, length));
  }

  @Test
  void runsAreAsLongAsTheStridesAllow() {
    List<String> runs = new ArrayList<>();
    Layout.contiguous(Shape.of(3, 4))
        .slice(1, 1, 2, 1)
        .forEachRun(
            1, 4, (at, stride, i, n) -> runs.add(at + " by " + stride + ": " + i + "+" + n));

    assertEquals(List.of("2 by 1: 0+1", "5 by 1: 1+2", "9 by 1: 3+1"), runs);
  }

  /** 10¹⁰ elements on one number: a walk in the middle of them is a walk on the spot. */
  @Test
  void runsReachPastTheRangeOfInt() {
    List<String> runs = new ArrayList<>();
    Layout.contiguous(Shape.of(2, 1))
        .expand(Shape.of(2, 10_000_000_000L))
        .forEachRun(
            9_999_999_998L,
            5,
            (at, stride, i, n) -> runs.add(at + " by " + stride + ": " + i + "+" + n));

    assertEquals(List.of("0 by 0: 0+2", "1 by 0: 2+3"), runs);
  }

  /** Chains of permute, slice, expand and reshape, each compared with a table of places. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomChainsGoWhereTheTableSays(long seed) {
    Random random = new Random(seed);
    for (int chain = 0; chain < 200; chain++) {
      Layout layout = Layout.contiguous(Shape.of(2, 3, 4));
      long[] table = places(layout);
      for (int link = 0; link < 5; link++) {
        int rank = layout.shape().rank();
        switch (random.nextInt(4)) {
          case 0 -> {
            int[] axes = shuffled(rank, random);
            table = permuted(table, layout.shape(), axes);
            layout = layout.permute(axes);
          }
          case 1 -> {
            int axis = random.nextInt(rank);
            long size = layout.shape().size(axis);
            long step = random.nextInt(2) == 0 ? 1 + random.nextInt(2) : -1 - random.nextInt(2);
            long start = size == 0 ? 0 : random.nextInt((int) size);
            long room =
                size == 0 ? 0 : step > 0 ? (size - 1 - start) / step + 1 : start / -step + 1;
            long count = random.nextInt(4) == 0 ? Math.min(1, room) : room;
            table = sliced(table, layout.shape(), axis, start, count, step);
            layout = layout.slice(axis, start, count, step);
          }
          case 2 -> {
            if (layout.shape().count() <= 200) {
              long[] sizes = layout.shape().insert(0, 2).toArray();
              for (int i = 1; i < sizes.length; i++) {
                sizes[i] = sizes[i] == 1 ? 3 : sizes[i];
              }
              Shape target = Shape.of(sizes);
              table = expanded(table, layout.shape(), target);
              layout = layout.expand(target);
            }
          }
          default -> {
            Shape target = split(layout.shape(), random);
            Layout view = layout.reshape(target);
            layout = view == null ? layout : view; // row-major order stays: so does the table
          }
        }
        assertArrayEquals(table, places(layout), layout.toString());
        assertArrayEquals(table, places(layout.merge()), "merged " + layout);
        if (table.length > 1) {
          int from = random.nextInt(table.length);
          int count = 1 + random.nextInt(table.length - from);
          assertArrayEquals(
              Arrays.copyOfRange(table, from, from + count),
              places(layout, from, count),
              layout + " from " + from);
        }
      }
    }
  }

  private static long[] places(Layout layout) {
    return places(layout, 0, (int) layout.shape().count());
  }

  private static long[] places(Layout layout, long from, int count) {
    long[] places = new long[count];
    Arrays.fill(places, -1);
    layout.forEachRun(
        from,
        count,
        (at, stride, position, length) -> {
          for (int i = 0; i < length; i++) {
            assertEquals(-1, places[position + i], "walked twice");
            places[position + i] = at + i * stride;
          }
        });
    return places;
  }

  private static int[] shuffled(int rank, Random random) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      axes.add(random.nextInt(axes.size() + 1), i);
    }
    return axes.stream().mapToInt(i -> i).toArray();
  }

  /** Some shape of as many elements: two axes joined, or one split off a factor. */
  private static Shape split(Shape shape, Random random) {
    if (shape.rank() > 1 && random.nextBoolean()) {
      int axis = random.nextInt(shape.rank() - 1);
      return shape.with(axis, shape.size(axis) * shape.size(axis + 1)).remove(axis + 1);
    }
    int axis = random.nextInt(shape.rank());
    long size = shape.size(axis);
    long factor = size % 2 == 0 ? 2 : size % 3 == 0 ? 3 : 1;
    return shape.with(axis, factor).insert(axis, size / factor);
  }

  // The oracle: tables of places, with every index counted out.

  private static long[] permuted(long[] table, Shape shape, int[] axes) {
    long[] sizes = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      sizes[i] = shape.size(axes[i]);
    }
    Shape result = Shape.of(sizes);
    long[] to = new long[table.length];
    for (int i = 0; i < to.length; i++) {
      long[] y = index(i, result);
      long[] x = new long[y.length];
      for (int k = 0; k < axes.length; k++) {
        x[axes[k]] = y[k];
      }
      to[i] = table[number(x, shape)];
    }
    return to;
  }

  private static long[] sliced(
      long[] table, Shape shape, int axis, long start, long count, long step) {
    Shape result = shape.with(axis, count);
    long[] to = new long[(int) result.count()];
    for (int i = 0; i < to.length; i++) {
      long[] at = index(i, result);
      at[axis] = start + at[axis] * step;
      to[i] = table[number(at, shape)];
    }
    return to;
  }

  private static long[] expanded(long[] table, Shape shape, Shape target) {
    long[] to = new long[(int) target.count()];
    for (int i = 0; i < to.length; i++) {
      long[] y = index(i, target);
      long[] x = new long[shape.rank()];
      for (int k = 0; k < x.length; k++) {
        x[k] = shape.size(k) == 1 ? 0 : y[k + target.rank() - x.length];
      }
      to[i] = table[number(x, shape)];
    }
    return to;
  }

  private static long[] index(int number, Shape shape) {
    long[] index = new long[shape.rank()];
    long rest = number;
    for (int i = index.length - 1; i >= 0; i--) {
      index[i] = rest % shape.size(i);
      rest /= shape.size(i);
    }
    return index;
  }

  private static int number(long[] index, Shape shape) {
    long number = 0;
    for (int i = 0; i < index.length; i++) {
      number = number * shape.size(i) + index[i];
    }
    return (int) number;
  }
}
