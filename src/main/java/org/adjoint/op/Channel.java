package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.autograd.Op;

/**
 * One channel of x [N, C, …], for the references: where its elements lie.
 *
 * @param c its number
 * @param channels C
 * @param inner elements that lie side by side
 * @param count elements in all
 */
record Channel(int c, int channels, int inner, int count) {
  static Channel of(Shape x, int c) {
    int inner = (int) x.countAfter(1);
    return new Channel(c, (int) x.size(1), inner, (int) x.size(0) * inner);
  }

  /** The place of element {@code k}. */
  int at(int k) {
    return (k / inner * channels + c) * inner + k % inner;
  }

  /** x is floating and has channels, and each of {@code vectors} a number for each of them. */
  static void require(Op op, Meta x, Meta... vectors) {
    Require.floating(op, x);
    if (x.rank() < 2) {
      throw new IllegalArgumentException(op.name() + ": " + x.shape() + " must be [N, C, …]");
    }
    for (Meta vector : vectors) {
      Require.sameDevice(op, x, vector);
      Require.floating(op, vector);
      if (!vector.shape().equals(Shape.of(x.size(1)))) {
        throw new IllegalArgumentException(
            op.name() + ": " + x.shape() + " has no channels of " + vector.shape());
      }
    }
  }
}
