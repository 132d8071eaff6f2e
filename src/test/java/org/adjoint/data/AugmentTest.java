package org.adjoint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;

/** Random changes to pictures. */
class AugmentTest {
  /** Two channels of 2×3, the second ten times the first. */
  private static final float[] PICTURE = {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60};

  private static Tensor pictures(int n) {
    return Tensor.of(Shape.of(1, 2, 2, 3), PICTURE).expand(Shape.of(n, 2, 2, 3)).contiguous();
  }

  private static Map<String, Integer> outcomes(Augment augment, int n) {
    Tensor changed = augment.apply(pictures(n), new Philox(1));
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < n; i++) {
      float[] one = changed.select(0, i).toFloats();
      for (int k = 0; k < 6; k++) {
        assertEquals(10 * one[k], one[k + 6], 1e-4, "channels move together");
      }
      counts.merge(Arrays.toString(Arrays.copyOf(one, 6)), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void everySecondPictureIsFlipped() {
    Map<String, Integer> counts = outcomes(Augment.flip(), 400);

    assertEquals(2, counts.size());
    assertEquals(200, counts.getOrDefault("[3.0, 2.0, 1.0, 6.0, 5.0, 4.0]", 0), 50);
    assertEquals(200, counts.getOrDefault("[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]", 0), 50);
  }

  @Test
  void shiftsGoEverywhereAlike() {
    Map<String, Integer> counts = outcomes(Augment.shift(1), 900);

    assertEquals(9, counts.size());
    counts.forEach((picture, count) -> assertEquals(100, count, 45, picture));
    assertTrue(counts.containsKey("[0.0, 0.0, 0.0, 0.0, 1.0, 2.0]"), "down and right");
    assertTrue(counts.containsKey("[5.0, 6.0, 0.0, 0.0, 0.0, 0.0]"), "up and left");
  }

  @Test
  void turningByNothingIsExactAndByALotIsNot() {
    assertArrayEquals(PICTURE, Augment.rotate(0).apply(pictures(1), new Philox(1)).toFloats(), 0);
    assertTrue(outcomes(Augment.rotate(10), 50).size() > 40);
  }

  /** A bump 4 pixels from the middle stays at its distance and goes as far as the angle says. */
  @Test
  void turningKeepsTheDistanceFromTheMiddle() {
    int side = 17;
    float[] dot = new float[side * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double square = (y - 8) * (y - 8) + (x - 12) * (x - 12);
        dot[y * side + x] = (float) Math.exp(-square / 2);
      }
    }
    double widest = 0;
    for (int seed = 0; seed < 20; seed++) {
      float[] turned =
          Augment.rotate(30)
              .apply(Tensor.of(Shape.of(1, 1, side, side), dot), new Philox(seed))
              .toFloats();
      double mass = 0;
      double meanY = 0;
      double meanX = 0;
      for (int i = 0; i < turned.length; i++) {
        mass += turned[i];
        meanY += turned[i] * (i / side - 8);
        meanX += turned[i] * (i % side - 8);
      }
      assertEquals(4, Math.hypot(meanY / mass, meanX / mass), 0.05);
      double angle = Math.toDegrees(Math.atan2(meanY, meanX));
      assertTrue(Math.abs(angle) < 31, "angle " + angle);
      widest = Math.max(widest, Math.abs(angle));
    }
    assertTrue(widest > 20, "widest " + widest);
  }

  @Test
  void changesFollowFromTheGenerator() {
    Augment all = Augment.flip().then(Augment.shift(1)).then(Augment.rotate(20));
    float[] first = all.apply(pictures(5), new Philox(4)).toFloats();

    assertArrayEquals(first, all.apply(pictures(5), new Philox(4)).toFloats());
    assertTrue(!Arrays.equals(first, all.apply(pictures(5), new Philox(5)).toFloats()));
    assertArrayEquals(PICTURE, Augment.NONE.apply(pictures(1), new Philox(1)).toFloats());
  }

  @Test
  void whatIsNoPictureIsRejected() {
    assertEquals(
        "augment: tensor F32 [2, 2] made by expand must be pictures [N, C, H, W] of F32",
        failure(() -> Augment.flip().apply(Tensor.ones(1).expand(Shape.of(2, 2)), new Philox(1))));
    assertEquals("augment: a shift of -1 is negative", failure(() -> Augment.shift(-1)));
    assertEquals("augment: ±181.0 degrees are not in 0..180", failure(() -> Augment.rotate(181)));
  }

  private static String failure(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
