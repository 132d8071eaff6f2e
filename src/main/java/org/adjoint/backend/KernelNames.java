package org.adjoint.backend;

import java.util.Locale;

/** The names of kernels by their classes, worked out once: every call may ask for one. */
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

  private KernelNames() {}

  static String of(Class<?> type) {
    return NAMES.get(type);
  }
}
