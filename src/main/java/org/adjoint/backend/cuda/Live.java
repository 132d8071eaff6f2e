package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Numbers that a step is given and that the next step is given anew: the seed of a mask, a learning
 * rate. They are asked for at once, but while a step is being recorded: then they are a place on
 * the device, where before each replay the host writes what they are by then.
 *
 * <p>A kernel takes {@code Live<T>} of {@code live.cuh} and reads {@code now()}.
 */
public final class Live {
  private final long[] bits;
  private final long address;

  private Live(long[] bits, long address) {
    this.bits = bits;
    this.address = address;
  }

  /** A number that does not change. */
  public static Live of(long value) {
    return new Live(new long[] {value}, 0);
  }

  /** What {@code next} gives: now, or anew at each replay. */
  public static Live next(LongSupplier next) {
    Recording on = Recording.current();
    return on == null
        ? of(next.getAsLong())
        : new Live(new long[1], on.table().add(1, () -> new long[] {next.getAsLong()}));
  }

  /**
   * Numbers that lie together: those of {@code now}, or as many that {@code next} gives at each
   * replay.
   */
  public static Live of(double[] now, Supplier<double[]> next) {
    Recording on = Recording.current();
    long[] bits = bits(now);
    return new Live(bits, on == null ? 0 : on.table().add(bits.length, () -> bits(next.get())));
  }

  private static long[] bits(double... values) {
    return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
  }

  /**
   * Changes what the host counts of its steps: now, or, while a step is being recorded, not now but
   * at each replay, in its turn among the numbers that are asked for.
   */
  public static void advance(Runnable change) {
    Recording on = Recording.current();
    if (on == null) {
      change.run();
    } else {
      on.table().add(change);
    }
  }

  /**
   * While a step is being recorded, adds a check that each replay begins with; it throws if what
   * was recorded is right no more.
   */
  public static void check(Runnable check) {
    Recording on = Recording.current();
    if (on != null) {
      on.table().check(check);
    }
  }

  /**
   * The number, or the first of them.
   *
   * @throws IllegalStateException if it is not known, since a step is being recorded
   */
  public long value() {
    if (address != 0) {
      throw new IllegalStateException("live: the host does not know a number that is recorded");
    }
    return bits[0];
  }

  /** The bits of all; whatever they are, if they lie on the device. */
  long[] bits() {
    return bits;
  }

  /** Where they lie on the device; 0 if they do not. */
  long address() {
    return address;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Live live && live.address == address && Arrays.equals(live.bits, bits);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bits) + Long.hashCode(address);
  }

  @Override
  public String toString() {
    return address != 0 ? "recorded" : bits.length == 1 ? "" + bits[0] : Arrays.toString(bits);
  }
}
