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
    return of(1, () -> new long[] {next.getAsLong()});
  }

  /** The {@code count} numbers that {@code next} gives: now, or anew at each replay. */
  public static Live doubles(int count, Supplier<double[]> next) {
    return of(
        count, () -> Arrays.stream(next.get()).mapToLong(Double::doubleToRawLongBits).toArray());
  }

  private static Live of(int count, Supplier<long[]> next) {
    Recording on = Recording.current();
    return on == null
        ? new Live(next.get(), 0)
        : new Live(new long[count], on.table().add(count, next));
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
    return other instanceof Live live
        && live.address == address
        && Arrays.equals(live.bits, bits);
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
