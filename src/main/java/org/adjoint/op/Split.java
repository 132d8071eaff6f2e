package org.adjoint.op;

import java.util.Arrays;
import org.adjoint.Tensor;

/** The parts of x along an axis, each a view: the reverse of {@link Concat}. A composition. */
public final class Split {
  private Split() {}

  /** Parts of the given sizes along {@code axis}, which must add up to its size. */
  public static Tensor[] of(Tensor x, int axis, long... sizes) {
    int at = x.shape().axis("split", axis);
    if (Arrays.stream(sizes).anyMatch(n -> n < 0) || Arrays.stream(sizes).sum() != x.size(at)) {
      throw new IllegalArgumentException(
          "split: sizes "
              + Arrays.toString(sizes)
              + " do not add up to the size of axis "
              + axis
              + " of "
              + x.shape());
    }
    Tensor[] parts = new Tensor[sizes.length];
    long start = 0;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = x.slice(at, start, start + sizes[i]);
      start += sizes[i];
    }
    return parts;
  }

  /**
   * At most {@code count} parts of equal size along {@code axis}; where that does not come out, the
   * last is shorter, and there may be fewer.
   */
  public static Tensor[] chunks(Tensor x, int axis, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("chunk: " + count + " chunks of " + x.shape());
    }
    long size = x.size(x.shape().axis("chunk", axis));
    long part = Math.max(1, Math.ceilDiv(size, count));
    long[] sizes = new long[(int) Math.max(1, Math.ceilDiv(size, part))];
    Arrays.fill(sizes, part);
    sizes[sizes.length - 1] = size - part * (sizes.length - 1);
    return of(x, axis, sizes);
  }

  private static Tensor reversed(int axis, Tensor... parts) {
    return Concat.of(axis, Arrays.asList(parts).reversed().toArray(Tensor[]::new));
  }

  static OpSpec spec() {
    return OpSpec.composition("split")
        .formula("yᵢ = sizesᵢ elements of x along the axis, after those of y₁ … yᵢ₋₁")
        .gradient("dx = dy₁, dy₂, … joined along the axis")
        .example("last first", t -> reversed(0, t[0].split(0, 2, 0, 3)), Draw.normal(5))
        .example("last first", t -> reversed(1, t[0].split(1, 127, 2)), Draw.normal(2, 129))
        .example("second", t -> t[0].split(-2, 1, 2)[1], Draw.normal(2, 3, 4))
        .example("of none", t -> t[0].split(0, 0)[0], Draw.normal(0, 2))
        .example("chunks", t -> reversed(0, t[0].chunk(0, 2)), Draw.normal(5, 2))
        .example("chunks", t -> reversed(1, t[0].chunk(1, 4)), Draw.normal(2, 5))
        .example("chunks of none", t -> t[0].chunk(1, 3)[0], Draw.normal(2, 0))
        .rejects(
            () -> Tensor.zeros(2, 5).split(1, 2, 2),
            "split: sizes [2, 2] do not add up to the size of axis 1 of [2, 5]")
        .rejects(
            () -> Tensor.zeros(3).split(0, -1, 4),
            "split: sizes [-1, 4] do not add up to the size of axis 0 of [3]")
        .rejects(() -> Tensor.zeros(3).chunk(0, 0), "chunk: 0 chunks of [3]")
        .rejects(
            () -> Tensor.zeros(3).chunk(1, 2), "chunk: [3] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
