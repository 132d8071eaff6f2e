package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A fault of the kind that people make when they write a gradient.
 *
 * @param name for tables
 * @param change what becomes of the gradients that a backward returns, for inputs that look so
 */
record Mutation(String name, BiFunction<@Nullable Tensor[], Meta[], @Nullable Tensor[]> change) {
  private static final int MOST_AXES = 5;

  /** All faults that an operation of {@code inputs} inputs can have. */
  static List<Mutation> all(int inputs) {
    List<Mutation> all = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      all.add(of("negated", i, Tensor::neg));
      all.add(of("doubled", i, g -> g.mul(2)));
      all.add(of("zeroed", i, g -> g.mul(0)));
      all.add(of("left out", i, g -> null));
      all.add(invented(i));
      all.add(of("one element zeroed", i, Mutation::withoutTheMiddle));
      for (int axis = 0; axis < MOST_AXES; axis++) {
        int along = axis;
        all.add(of("rolled along axis " + axis, i, g -> roll(g, along)));
      }
      for (int j = i + 1; j < inputs; j++) {
        all.add(swapped(i, j));
      }
    }
    return all;
  }

  private static Mutation of(String what, int input, Function<Tensor, @Nullable Tensor> change) {
    return new Mutation(
        "gradient " + input + " " + what,
        (gradients, in) -> {
          @Nullable Tensor[] changed = gradients.clone();
          Tensor gradient = nth(input, gradients);
          if (gradient != null) {
            changed[input] = change.apply(gradient);
          }
          return changed;
        });
  }

  /** A gradient where there is none: of a step, say, which is flat. */
  private static Mutation invented(int input) {
    return new Mutation(
        "gradient " + input + " invented",
        (gradients, in) -> {
          @Nullable Tensor[] changed = gradients.clone();
          if (input < in.length && changed[input] == null && in[input].dtype().isFloating()) {
            changed[input] = Tensor.ones(in[input]);
          }
          return changed;
        });
  }

  private static Mutation swapped(int i, int j) {
    return new Mutation(
        "gradients " + i + " and " + j + " swapped",
        (gradients, in) -> {
          @Nullable Tensor[] changed = gradients.clone();
          Tensor a = nth(i, gradients);
          Tensor b = nth(j, gradients);
          if (a != null && b != null && a.shape().equals(b.shape())) {
            changed[i] = b;
            changed[j] = a;
          }
          return changed;
        });
  }

  /** An operation may take fewer inputs in one example than in another. */
  private static @Nullable Tensor nth(int i, @Nullable Tensor... gradients) {
    return i < gradients.length ? gradients[i] : null;
  }

  private static Tensor withoutTheMiddle(Tensor g) {
    double[] kept = new double[(int) g.shape().count()];
    Arrays.fill(kept, 1);
    if (kept.length > 0) {
      kept[kept.length / 2] = 0;
    }
    return g.mul(Tensor.of(g.shape(), kept));
  }

  /** The elements one further along {@code axis}, the last of them first. */
  private static Tensor roll(Tensor g, int axis) {
    if (axis >= g.rank() || g.size(axis) < 2) {
      return g;
    }
    long size = g.size(axis);
    long[] from = new long[(int) size];
    for (int k = 0; k < size; k++) {
      from[k] = (k + size - 1) % size;
    }
    return g.indexSelect(axis, Tensor.of(from));
  }
}
