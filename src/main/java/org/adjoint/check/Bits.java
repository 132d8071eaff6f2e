package org.adjoint.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.backend.cpu.Simd;

/**
 * Whether the same numbers come out, to the bit, whatever a JVM is told: each way of starting one
 * is a JVM of its own, whose {@linkplain Digest digests} must be equal, cold and warm.
 *
 * @param flags what the JVM was told
 * @param cold the digest at its start
 * @param warm the digest after many steps
 */
public record Bits(String flags, String cold, String warm) {
  /** The ways that differ by the width of vectors, down to none. */
  public static List<String> widths() {
    List<String> flags = new ArrayList<>(List.of("-Dadjoint.simd=scalar"));
    int widest = Simd.best().lanes() * Float.SIZE;
    IntStream.of(128, 256, 512)
        .filter(width -> width <= widest)
        .forEach(width -> flags.add("-Dadjoint.simd=" + width));
    return flags;
  }

  /** All ways: widths, threads, and other compilers than the usual pair. */
  public static List<String> ways() {
    List<String> flags = new ArrayList<>(widths());
    flags.add("-Dadjoint.threads=1");
    flags.add("-Dadjoint.threads=3");
    flags.add("-XX:TieredStopAtLevel=1");
    flags.add("-XX:-TieredCompilation");
    flags.add("-Xint");
    return flags;
  }

  /**
   * Starts a JVM and waits for it.
   *
   * @param steps how long it warms up; an interpreter, which never does, is spared
   * @param ops names of the operations to look at; none for all
   */
  public static Bits of(String flags, int steps, List<String> ops) {
    List<String> args = new ArrayList<>();
    args.add(Integer.toString(flags.equals("-Xint") ? 0 : steps));
    args.addAll(ops);
    List<String> lines = ChildJvm.run(List.of(flags), Digest.class, args);
    return new Bits(flags, lines.get(0), lines.get(1));
  }

  /** Whether these are the bits of {@code other}. */
  public boolean equal(Bits other) {
    return cold.equals(warm) && cold.equals(other.cold) && warm.equals(other.warm);
  }
}
