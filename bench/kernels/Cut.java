package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The emulator's sizes. What a kernel moves for its work hangs on the length and the alignment of
 * what lies in order, and not on how many blocks do the same; so
 *
 * <ol>
 *   <li>a size above 4,096 becomes the largest up to there that leaves the same when divided by 32;
 *   <li>as long as there are more than 262,144 elements, or 16 million floating-point operations,
 *       the largest of the counts (of rows, images, heads) is halved, down to 1;
 *   <li>then the largest of the other sizes, so that it leaves the same when divided by 32, and
 *       what lies in order last of all, and only for the operations' sake;
 *   <li>and where a block goes from row to row, since it reads weights once for all of them, or
 *       leaves partial sums behind, as many rows are left as the {@linkplain Template#axes axes}
 *       ask for: enough that a block has its true share of them. A kernel would else be charged for
 *       weights and sums of thousands of rows by a few.
 * </ol>
 *
 * <p>A variant is counted only where it takes the true sizes, and the chosen one is that which
 * would run these by itself, whatever would run the cut ones.
 */
final class Cut {
  static final long WIDEST = 4096;
  static final long ALIGNED = 32;
  static final long MOST_ELEMENTS = 1 << 18;
  static final double MOST_FLOP = 1 << 24;

  private Cut() {}

  /** The case as the emulator runs it. */
  static KernelCase of(Template template) {
    List<Long> sizes = new ArrayList<>(template.sizes().stream().map(Cut::capped).toList());
    if (!isTaken(template, sizes)) {
      sizes = new ArrayList<>(template.sizes());
    }
    KernelCase cut = template.at(sizes);
    while (isLarge(cut)) {
      if (!halve(template, sizes, cut.flop() > MOST_FLOP)) {
        break;
      }
      cut = template.at(sizes);
    }
    for (int axis = 0; axis < sizes.size(); axis++) {
      sizes.set(axis, Math.max(sizes.get(axis), template.least(axis)));
    }
    return template.at(sizes);
  }

  /** A size up to 4,096 as it is; else the largest there that is aligned like it. */
  static long capped(long size) {
    return size <= WIDEST ? size : alike(size, WIDEST);
  }

  /** About half a size, aligned like it; the size itself if there is none. */
  static long halved(long size) {
    long half = alike(size, size / 2);
    return half > 0 ? half : size;
  }

  /** The largest number up to {@code most} that leaves the same when divided by 32. */
  private static long alike(long size, long most) {
    return most - Math.floorMod(most - size, ALIGNED);
  }

  private static boolean isLarge(KernelCase cut) {
    return cut.elements() > MOST_ELEMENTS || cut.flop() > MOST_FLOP;
  }

  /** Cuts one of the sizes; false if none can be. */
  private static boolean halve(Template template, List<Long> sizes, boolean everything) {
    List<Integer> order =
        IntStream.range(0, sizes.size())
            .boxed()
            .filter(axis -> everything || template.rank(axis) < 2)
            .sorted(
                Comparator.<Integer>comparingInt(template::rank)
                    .thenComparing(Comparator.<Integer>comparingLong(sizes::get).reversed()))
            .toList();
    for (int axis : order) {
      long before = sizes.get(axis);
      long after = template.rank(axis) == 0 ? Math.max(1, before / 2) : halved(before);
      sizes.set(axis, after);
      if (after < before && isTaken(template, sizes)) {
        return true;
      }
      sizes.set(axis, before);
    }
    return false;
  }

  private static boolean isTaken(Template template, List<Long> sizes) {
    try {
      return template.at(sizes).elements() >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
