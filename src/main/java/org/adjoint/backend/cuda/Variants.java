package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.adjoint.backend.Kernel;

/**
 * The variants of kernels: those that {@link Kernel#cuda} lists, and then those that were added for
 * an experiment, beside kernels that are not one's own.
 *
 * <pre>{@code
 * Variants.add(Softmax.class, softmax -> Variant.of("mine", (gpu, in, out) -> …));
 * Choice.with(Softmax.class, "mine", () -> x.softmax(1));
 * }</pre>
 *
 * <p>What was added comes last, so it runs where it is chosen by name, by {@link Choice#with} or
 * {@code -Dadjoint.kernel.softmax=mine}, or where no other can. Its checks are those of the rest.
 */
public final class Variants {
  private static final ConcurrentMap<Class<?>, List<Addition>> ADDED = new ConcurrentHashMap<>();

  private record Addition(Function<Kernel, Variant> variant) {}

  private Variants() {}

  /** What {@link #add} did; closing it undoes it. */
  @FunctionalInterface
  public interface Added extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Adds a variant to all kernels of a class.
   *
   * @param variant that of a kernel, say of {@code softmax} with its axis; its name must be no
   *     other's
   */
  public static <K extends Kernel> Added add(Class<K> type, Function<K, Variant> variant) {
    Addition addition = new Addition(kernel -> variant.apply(type.cast(kernel)));
    ADDED.merge(type, List.of(addition), Variants::joined);
    return () ->
        ADDED.computeIfPresent(
            type,
            (of, all) -> {
              List<Addition> left = all.stream().filter(one -> !one.equals(addition)).toList();
              return left.isEmpty() ? null : left;
            });
  }

  /**
   * All variants of {@code kernel}, in the order in which they are tried.
   *
   * @throws IllegalStateException if two have one name
   */
  public static List<Variant> of(Kernel kernel) {
    List<Addition> added = ADDED.get(kernel.getClass());
    if (added == null) {
      return kernel.cuda();
    }
    List<Variant> all = new ArrayList<>(kernel.cuda());
    for (Addition addition : added) {
      Variant variant = addition.variant().apply(kernel);
      if (all.stream().anyMatch(other -> other.name().equals(variant.name()))) {
        throw new IllegalStateException(
            "%s: there are two variants called %s; give your own another name"
                .formatted(kernel.name(), variant.name()));
      }
      all.add(variant);
    }
    return all;
  }

  private static List<Addition> joined(List<Addition> some, List<Addition> more) {
    List<Addition> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
