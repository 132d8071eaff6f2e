package org.adjoint.backend.cpu;

import org.adjoint.backend.Kernel;

/** Which way the user chose for each kernel, by {@code -Dadjoint.kernel.NAME=reference|fast}. */
enum Variant {
  /** No word from the user: the quick road where there is one. */
  ANY,
  REFERENCE,
  FAST;

  private static final ClassValue<Variant> CHOSEN =
      new ClassValue<>() {
        @Override
        protected Variant computeValue(Class<?> type) {
          String property = "adjoint.kernel." + Kernel.nameOf(type);
          String value = System.getProperty(property, "");
          return switch (value) {
            case "" -> ANY;
            case "reference" -> REFERENCE;
            case "fast" -> FAST;
            default ->
                throw new IllegalArgumentException(
                    property + "=" + value + ": on the cpu the variants are reference and fast");
          };
        }
      };

  static Variant of(Kernel kernel) {
    return CHOSEN.get(kernel.getClass());
  }
}
