package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Transfer;
import org.adjoint.autograd.View;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * Examples of other sizes than those that a spec lists, made of them without knowing the operation:
 * sizes that are equal in an example mostly belong together, so they change together, in all
 * inputs, in the limit of indices and in the {@linkplain Sizes operation's own parameters}; a
 * second size may follow by as much, or in proportion, as that of an output does where it is a
 * parameter. Whatever {@code infer} refuses is drawn again.
 *
 * @param examples that the operation takes, no two alike, those with the least work first
 * @param refused how many more were drawn that it does not take
 */
record Stretch(List<Example> examples, int refused) {
  /** Around what a warp, a block, a tile and a pack of 16 bytes hold. */
  private static final long[] AROUND = {
    1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512,
    513, 1023, 1024, 1025, 2049, 4097
  };

  /** Around what a grid holds along y and z. */
  private static final long[] TALL = {65_535, 65_536, 65_537, 66_000};

  private static final int TRIES = 120;

  /**
   * Draws {@code wanted} examples by {@code seed}, fewer if the operation takes too few of them.
   *
   * @param most elements of all operands of one, or multiply-adds if those are more
   */
  static Stretch of(OpSpec spec, long seed, int wanted, long most) {
    List<Example> bases = spec.examples().stream().filter(e -> isComputed(e.op())).toList();
    Philox random = new Philox(seed, spec.name().hashCode());
    long[] around = Arrays.stream(AROUND).filter(n -> n <= Math.max(8, most / 16)).toArray();
    TreeMap<Double, List<Example>> drawn = new TreeMap<>();
    Set<String> labels = new HashSet<>();
    bases.forEach(base -> labels.add(base.label()));
    int known = labels.size();
    int refused = 0;
    for (int i = 0; i < 2 * wanted && labels.size() - known < wanted && !bases.isEmpty(); i++) {
      Example base = bases.get((int) ((Math.abs(seed) + i) % bases.size()));
      // Every eighth is larger than a grid may be along y or z, and another eighth may be empty.
      boolean tall = i % 8 == 7;
      boolean empty = i % 8 == 3;
      for (int tries = 0; tries < TRIES; tries++) {
        try {
          Example example = stretched(base, tall ? TALL : around, random);
          double work = work(spec, example);
          if ((work > 0 || empty) && work <= most && labels.add(example.label())) {
            drawn.computeIfAbsent(work, w -> new ArrayList<>()).add(example);
            break;
          }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
          refused++;
        }
      }
    }
    return new Stretch(drawn.values().stream().flatMap(List::stream).toList(), refused);
  }

  private static boolean isComputed(@Nullable Op op) {
    return op != null && !(op instanceof View) && !(op instanceof Transfer);
  }

  /**
   * Elements or multiply-adds of one run; 0 if it computes nothing.
   *
   * @throws IllegalArgumentException if the operation does not take such inputs
   */
  private static double work(OpSpec spec, Example example) {
    Op op = Objects.requireNonNull(example.op());
    for (Draw draw : example.inputs()) {
      if (draw.kind() == Draw.Kind.INDEX && draw.limit() < 1 && draw.shape().count() > 0) {
        throw new IllegalArgumentException("there is nothing that an index could name");
      }
    }
    Meta[] in =
        example.inputs().stream()
            .map(draw -> new Meta(draw.shape(), draw.dtype(DType.F32), Device.CPU))
            .toArray(Meta[]::new);
    Meta[] out = op.infer(in);
    if (!spec.drawable().test(in)) {
      throw new IllegalArgumentException("of such sizes nothing but errors would be compared");
    }
    if (Arrays.stream(out).allMatch(y -> y.shape().count() == 0)) {
      return 0;
    }
    double elements =
        Stream.of(in, out).flatMap(Arrays::stream).mapToDouble(x -> x.shape().count()).sum();
    return Math.max(elements, op.flop(in, out) / 2);
  }

  private static Example stretched(Example base, long[] numbers, Philox random) {
    Op op = Objects.requireNonNull(base.op());
    Set<Long> known = new TreeSet<>(Sizes.of(op));
    for (Draw draw : base.inputs()) {
      Arrays.stream(draw.shape().toArray()).forEach(known::add);
    }
    known.remove(1L);
    List<Long> sizes = List.copyOf(known);
    if (sizes.isEmpty() || random.nextInt(8) == 0) {
      return onAxis(base, numbers, random);
    }
    Map<Long, Long> change = new LinkedHashMap<>();
    long first = sizes.get(random.nextInt(sizes.size()));
    long to = any(numbers, random);
    change.put(first, random.nextInt(16) == 0 ? 0 : to);
    for (long other : sizes) {
      if (other != first && random.nextInt(2) == 0) {
        change.put(
            other,
            switch (random.nextInt(5)) {
              case 0, 1 -> numbers == TALL ? other : any(numbers, random);
              case 2 -> Math.max(0, other + to - first);
              case 3 -> Math.max(0, other + (to - first) / (2 + random.nextInt(2)));
              default -> first == 0 ? other : other * to / first;
            });
      }
    }
    Op changed = Sizes.replaced(op, change);
    List<Draw> draws = new ArrayList<>();
    for (Draw draw : base.inputs()) {
      draws.add(
          new Draw(
              draw.kind(),
              Sizes.replaced(draw.shape(), change),
              change.getOrDefault(draw.limit(), draw.limit())));
    }
    return Example.of(changed, draws.toArray(Draw[]::new));
  }

  /** One axis of one input alone: what broadcasts, or has nothing but sizes of 1. */
  private static Example onAxis(Example base, long[] numbers, Philox random) {
    int input = random.nextInt(base.inputs().size());
    Draw draw = base.inputs().get(input);
    if (draw.shape().rank() == 0) {
      return base;
    }
    Shape shape = draw.shape().with(random.nextInt(draw.shape().rank()), any(numbers, random));
    List<Draw> draws = new ArrayList<>(base.inputs());
    draws.set(input, new Draw(draw.kind(), shape, draw.limit()));
    return Example.of(Objects.requireNonNull(base.op()), draws.toArray(Draw[]::new));
  }

  private static long any(long[] sizes, Philox random) {
    return sizes[random.nextInt(sizes.length)];
  }
}
