package org.adjoint.backend;

import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The names of kernels by their classes, and what the user said of them, worked out once: every
 * call may ask for one.
 */
final class KernelNames {
  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          Class<?> outer = type.getEnclosingClass();
          String name =
              type.getSimpleName()
                  .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
                  .toLowerCase(Locale.ROOT);
          return outer == null ? name : get(outer) + "." + name;
        }
      };

  private static final ConcurrentMap<Class<?>, String> CHOICES = new ConcurrentHashMap<>();

  private KernelNames() {}

  static String choice(Kernel kernel) {
    String known = CHOICES.get(kernel.getClass());
    return known != null
        ? known
        : CHOICES.computeIfAbsent(
            kernel.getClass(), _ -> System.getProperty("adjoint.kernel." + kernel.name(), ""));
  }

  static String of(Class<?> type) {
    return NAMES.get(type);
  }
}
