package org.adjoint.backend.cuda;

import java.util.Set;
import java.util.function.Supplier;
import org.adjoint.backend.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * Which variant of a kernel is to run: the one that {@link #with} says, else the one that {@code
 * -Dadjoint.kernel.NAME} says, else the first that can.
 */
public record Choice(Class<? extends Kernel> kernel, String variant) {
  private static final ScopedValue<Choice> CHOICE = ScopedValue.newInstance();

  /** Words by which the property chooses on the CPU. */
  private static final Set<String> OF_THE_CPU = Set.of("", "reference", "fast");

  /** Runs {@code work}, with {@code variant} for every kernel of the class {@code kernel}. */
  public static <T> T with(Class<? extends Kernel> kernel, String variant, Supplier<T> work) {
    return ScopedValue.where(CHOICE, new Choice(kernel, variant)).call(work::get);
  }

  static @Nullable String of(Kernel kernel) {
    if (CHOICE.isBound() && CHOICE.get().kernel() == kernel.getClass()) {
      return CHOICE.get().variant();
    }
    String property = Kernel.choice(kernel);
    return OF_THE_CPU.contains(property) ? null : property;
  }
}
