package org.adjoint.bench.cpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done, by the same name in every contender.
 *
 * @param shape the operands as messages print them
 * @param flop of one call; 0 where a rate would say nothing
 * @param unit in which its times are shown
 * @param once takes minutes and is its own warm-up
 * @param must what is asked of Adjoint
 * @param goals what is hoped for, one after the other
 */
record Work(
    String name,
    @Nullable String shape,
    long flop,
    String unit,
    boolean once,
    Must must,
    List<Must> goals) {
  private static final String TORCH = "pytorch";
  private static final String BLAS = "openblas";

  /** All there are, in the order of the table. */
  static final List<Work> ALL = all();

  private static List<Work> all() {
    List<Work> all = new ArrayList<>();
    for (int n : new int[] {512, 1024, 2048}) {
      all.add(
          of("sgemm-" + n, "[%d, %d] × [%d, %d]".formatted(n, n, n, n))
              .flop(2L * n * n * n)
              .must(Must.ratio(BLAS, 0.75))
              .goals(Must.ratio(BLAS, 0.9), Must.ratio(TORCH, 1)));
    }
    all.add(
        of("lenet-100", "[100, 1, 28, 28]")
            .must(Must.ratio(TORCH, 1))
            .goals(Must.ratio(TORCH, 1.2), Must.ratio(TORCH, 1.5)));
    all.add(
        of("conv-1x28-32", "[64, 1, 28, 28] ⋆ [32, 1, 5, 5]")
            .must(Must.ratio(TORCH, 0.8))
            .goals(Must.ratio(TORCH, 1), Must.ratio(TORCH, 1.5)));
    all.add(
        of("conv-32x12-64", "[64, 32, 12, 12] ⋆ [64, 32, 5, 5]")
            .must(Must.ratio(TORCH, 0.8))
            .goals(Must.ratio(TORCH, 1)));
    for (String name : List.of("softmax", "softmax-grad", "layernorm", "layernorm-grad")) {
      all.add(
          of(name + "-4096x1024", "[4096, 1024]")
              .must(Must.ratio(TORCH, 0.8))
              .goals(Must.ratio(TORCH, 1)));
    }
    all.add(
        of("lstm-256", "[64, 32, 256]").must(Must.ratio(TORCH, 0.5)).goals(Must.ratio(TORCH, 0.9)));
    all.add(
        of("eager-add-10", "[10]")
            .unit("us")
            .must(Must.time(2))
            .goals(Must.time(0.5), Must.ratio(TORCH, 1)));
    all.add(of("start", "[64, 64] × [64, 64]").must(Must.time(300)).goals(Must.time(150)));
    all.add(of("checks", null).unit("s").only().must(Must.time(120)).goals(Must.time(60)));
    return List.copyOf(all);
  }

  private static Work of(String name, @Nullable String shape) {
    return new Work(name, shape, 0, "ms", false, Must.time(0), List.of());
  }

  private Work flop(long count) {
    return new Work(name, shape, count, unit, once, must, goals);
  }

  private Work unit(String word) {
    return new Work(name, shape, flop, word, once, must, goals);
  }

  private Work only() {
    return new Work(name, shape, flop, unit, true, must, goals);
  }

  private Work must(Must it) {
    return new Work(name, shape, flop, unit, once, it, goals);
  }

  private Work goals(Must... them) {
    return new Work(name, shape, flop, unit, once, must, List.of(them));
  }

  /** What a time in seconds is in this work's unit. */
  double inUnit(double seconds) {
    return switch (unit) {
      case "us" -> seconds * 1e6;
      case "ms" -> seconds * 1e3;
      default -> seconds;
    };
  }

  /** Whether new processes do it, whose time cannot be told from that of others. */
  boolean startsProcesses() {
    return once || name.equals("start");
  }

  /** Whether {@code word} means this work: its name, or the family that its name begins with. */
  boolean isMeantBy(String word) {
    return name.equals(word) || name.startsWith(word + "-");
  }
}
