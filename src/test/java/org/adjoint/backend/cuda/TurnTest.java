package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Copies that turn rows into columns, by whole tiles and parts of them. */
class TurnTest {
  private final Device gpu = TestGpu.device();

  private static void check(Tensor here, Tensor there) {
    assertArrayEquals(here.toDoubles(), there.contiguous().to(Device.CPU).toDoubles());
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16", "U8"})
  void elementsOfAllSizes(DType dtype) {
    for (long[] shape : new long[][] {{16, 16}, {33, 65}, {32, 20}, {100, 17}}) {
      Tensor x = Tensor.normal(new Philox(1), shape).mul(50).abs().to(dtype);
      check(x.t(), x.to(gpu).t());
    }
  }

  @Test
  void amongOtherAxes() {
    Tensor x = Tensor.normal(new Philox(2), 3, 20, 2, 37);
    Tensor there = x.to(gpu);
    for (int[] order :
        new int[][] {{0, 3, 1, 2}, {0, 2, 3, 1}, {3, 0, 1, 2}, {2, 0, 3, 1}, {3, 2, 1, 0}}) {
      check(x.permute(order), there.permute(order));
    }
    check(
        x.slice(1, 1, 18).slice(3, 2, 36).permute(0, 3, 1, 2),
        there.slice(1, 1, 18).slice(3, 2, 36).permute(0, 3, 1, 2));
    check(x.flip(1).permute(0, 3, 2, 1), there.flip(1).permute(0, 3, 2, 1));
    check(x.slice(1, 0, 20, 2).permute(2, 3, 0, 1), there.slice(1, 0, 20, 2).permute(2, 3, 0, 1));
  }

  /** A short axis is not worth a tile, and rows that stay rows need none. */
  @Test
  void whatIsTurned() {
    assertEquals("0 1", axes(Tensor.zeros(40, 50).to(gpu).t()));
    assertEquals("none", axes(Tensor.zeros(40, 15).to(gpu).t()));
    assertEquals("none", axes(Tensor.zeros(40, 50).to(gpu).slice(1, 0, 30)));
    assertEquals("none", axes(Tensor.zeros(1, 50).to(gpu).expand(Shape.of(40, 50))));
    assertEquals("1 2", axes(Tensor.zeros(5, 40, 50).to(gpu).permute(0, 2, 1)));
  }

  private static String axes(Tensor x) {
    Operand from = new Operand(x.storage(), x.layout());
    Turn turn = Turn.of(from, new Operand(x.storage(), Layout.contiguous(x.shape())));
    return turn == null ? "none" : turn.wide() + " " + turn.tall();
  }
}
