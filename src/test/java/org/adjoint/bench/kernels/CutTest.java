package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.adjoint.Shape;
import org.junit.jupiter.api.Test;

class CutTest {
  private static Shape cut(String op, String shape) {
    KernelCase one =
        new Selection(List.of(op), List.of(), List.of(shape), null)
            .units(true)
            .getFirst()
            .cases()
            .getFirst();
    return one.inputs().getFirst().shape();
  }

  @Test
  void aSizeKeepsItsAlignment() {
    assertEquals(4096, Cut.capped(4096));
    assertEquals(4096, Cut.capped(8192));
    assertEquals(4081, Cut.capped(50257));
    assertEquals(50257 % 32, Cut.capped(50257) % 32);
    assertEquals(1024, Cut.halved(2048));
    assertEquals(24, Cut.halved(56));
    assertEquals(24, Cut.halved(24));
    assertEquals(511, Cut.halved(1023));
  }

  @Test
  void whatLiesInOrderIsKeptAndRowsAreFew() {
    assertEquals(Shape.of(128, 1024), cut("softmax", "8192x1024"));
    assertEquals(Shape.of(32, 4081), cut("softmax", "1024x50257"));
    assertEquals(Shape.of(3, 7), cut("softmax", "3x7"));
    assertEquals(Shape.of(4096), cut("relu", "6291456"));
    assertEquals(Shape.of(4067), cut("relu", "4067"));
  }

  @Test
  void arithmeticIsCutOnAllSides() {
    Shape a = cut("matmul", "4096x4096x4096");
    assertTrue(a.size(0) >= 128 && a.size(1) >= 128 && a.size(0) * a.size(1) <= 1 << 16, "" + a);
  }

  @Test
  void asManyRowsAreLeftAsShareWeights() {
    assertEquals(Shape.of(768, 768), cut("row_norm", "8192x768"));
    assertEquals(Shape.of(1280, 4096), cut("row_norm.grad", "2048x5120"));
    assertEquals(Shape.of(160, 768), cut("row_norm", "160x768"));
    assertEquals(Shape.of(32, 1, 56, 56), cut("frozen_norm", "32x64x56x56"));
  }

  @Test
  void nothingIsTooLargeForTheEmulator() {
    for (Unit unit : new Selection(List.of(), List.of(), List.of(), null).units(true)) {
      int sharing =
          switch (unit.family()) {
            case "norm" -> 16;
            case "recurrent" -> 4;
            default -> 1;
          };
      for (KernelCase one : unit.cases()) {
        String what = one.what() + " " + one.shapes();
        assertTrue(one.flop() <= sharing * Cut.MOST_FLOP, what);
        assertTrue(one.elements() <= 4 * sharing * Cut.MOST_ELEMENTS, what);
      }
    }
  }
}
