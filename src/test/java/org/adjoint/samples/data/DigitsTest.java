package org.adjoint.samples.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;

class DigitsTest {
  private static final float PAPER = -0.5f;
  private static final float INK = 2;

  /** A stroke across a page of 4 by 4: three rows of paper, and the last one of ink. */
  private static Digits stroke() {
    float[] page = new float[16];
    for (int i = 0; i < page.length; i++) {
      page[i] = i < 12 ? PAPER : INK;
    }
    Tensor images = Tensor.of(Shape.of(1, 1, 4, 4), page);
    return new Digits("a stroke", images, Tensor.of(0L), images, Tensor.of(0L));
  }

  @Test
  void paperComesInWhereDigitsAreMoved() {
    Digits digits = stroke();
    Tensor many = digits.trainImages().expand(Shape.of(200, 1, 4, 4)).contiguous();
    float[] moved = digits.moved(1).apply(many, new Philox(1)).toFloats();
    int[] inRow = new int[4];
    for (int i = 0; i < moved.length; i++) {
      boolean ink = moved[i] > 0;
      assertEquals(ink ? INK : PAPER, moved[i], 1e-6f);
      inRow[i / 4 % 4] += ink ? 1 : 0;
    }
    assertEquals(0, inRow[0] + inRow[1]);
    // A third each is moved up, left there, and moved off the page; of three widths, two lose ink.
    assertEquals(200 * (3 + 4 + 3) / 9.0, inRow[2], 60);
    assertEquals(200 * (3 + 4 + 3) / 9.0, inRow[3], 60);
  }
}
