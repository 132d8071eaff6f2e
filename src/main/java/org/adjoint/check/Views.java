package org.adjoint.check;

import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Copy;

/** Ways for elements to lie in memory other than one after the other. */
enum Views {
  /** Column-major. */
  TRANSPOSED {
    @Override
    Tensor of(Tensor x) {
      int[] reversed = new int[x.rank()];
      for (int i = 0; i < reversed.length; i++) {
        reversed[i] = reversed.length - 1 - i;
      }
      return new Copy().apply(x.permute(reversed)).permute(reversed);
    }
  },

  /** Every second element of a longer row of NaN, from the second on. */
  STEPPED {
    @Override
    Tensor of(Tensor x) {
      if (x.rank() == 0) {
        return x;
      }
      Shape wide = x.shape().with(-1, 2 * x.size(-1) + 1);
      Tensor room = new Copy().apply(Tensor.full(new Meta(wide, x.dtype(), x.device()), 0.0 / 0.0));
      return room.slice(-1, 1, 2 * x.size(-1) + 1, 2).assign(x);
    }
  },

  /** In order, from the second element of a longer row of NaN on: at an odd address. */
  SHIFTED {
    @Override
    Tensor of(Tensor x) {
      long n = x.shape().count();
      Meta room = new Meta(Shape.of(n + 1), x.dtype(), x.device());
      Tensor row = new Copy().apply(Tensor.full(room, 0.0 / 0.0));
      return row.slice(0, 1, n + 1).assign(x.reshape(n)).reshape(x.shape().toArray());
    }
  },

  /** All axes backwards: negative strides. */
  FLIPPED {
    @Override
    Tensor of(Tensor x) {
      return flip(new Copy().apply(flip(x)));
    }
  },

  /** The first element along the first axis, for all of them: stride 0. */
  REPEATED_FIRST {
    @Override
    Tensor of(Tensor x) {
      return repeat(x, 0);
    }
  },

  /** The same along the last axis. */
  REPEATED_LAST {
    @Override
    Tensor of(Tensor x) {
      return repeat(x, -1);
    }
  };

  /** A view whose elements are those of {@code x}, or some of them again and again. */
  abstract Tensor of(Tensor x);

  /** As {@link #of}, and out of every graph. */
  Tensor detached(Tensor x) {
    return Grad.off(() -> of(x));
  }

  private static Tensor flip(Tensor x) {
    Tensor flipped = x;
    for (int axis = 0; axis < x.rank(); axis++) {
      flipped = flipped.flip(axis);
    }
    return flipped;
  }

  private static Tensor repeat(Tensor x, int axis) {
    return x.rank() == 0 || x.size(axis) == 0 ? x : x.slice(axis, 0, 1).expand(x.shape());
  }
}
