package org.adjoint.data;

import org.adjoint.Philox;
import org.adjoint.Tensor;

/**
 * Random changes to pictures that leave alone what they show. Each picture of a batch [N, C, H, W]
 * of F32 has draws of its own, the same for all its channels; nothing else is drawn from.
 */
@FunctionalInterface
public interface Augment {
  /** Changes nothing. */
  Augment NONE = (images, _) -> images;

  /** The changed pictures, of the same shape. */
  Tensor apply(Tensor images, Philox random);

  /** This change, then another. */
  default Augment then(Augment next) {
    return (images, random) -> next.apply(apply(images, random), random);
  }

  /** Left and right exchanged, for every second picture on average. */
  static Augment flip() {
    return (images, random) ->
        Pixels.move(
            images,
            (width, _) -> {
              boolean flipped = random.nextInt(2) == 0;
              return (y, x, from) -> {
                from[0] = y;
                from[1] = flipped ? width - 1 - x : x;
              };
            });
  }

  /**
   * Moved by up to {@code most} pixels in either direction, all ways as likely as the others, with
   * zeros coming in: what padding by that much and cutting out at random gives.
   */
  static Augment shift(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("augment: a shift of " + most + " is negative");
    }
    return (images, random) ->
        Pixels.move(
            images,
            (_, _) -> {
              int down = random.nextInt(2 * most + 1) - most;
              int right = random.nextInt(2 * most + 1) - most;
              return (y, x, from) -> {
                from[0] = y - down;
                from[1] = x - right;
              };
            });
  }

  /**
   * Turned about the middle by an angle drawn evenly from ±{@code degrees}, with zeros coming in;
   * values between pixels are interpolated linearly.
   */
  static Augment rotate(double degrees) {
    if (!(degrees >= 0 && degrees <= 180)) {
      throw new IllegalArgumentException("augment: ±" + degrees + " degrees are not in 0..180");
    }
    return (images, random) ->
        Pixels.move(
            images,
            (width, height) -> {
              double angle = StrictMath.toRadians(degrees * (2 * random.nextDouble() - 1));
              double sin = StrictMath.sin(angle);
              double cos = StrictMath.cos(angle);
              double middleY = (height - 1) / 2.0;
              double middleX = (width - 1) / 2.0;
              return (y, x, from) -> {
                from[0] = middleY + cos * (y - middleY) - sin * (x - middleX);
                from[1] = middleX + sin * (y - middleY) + cos * (x - middleX);
              };
            });
  }
}
