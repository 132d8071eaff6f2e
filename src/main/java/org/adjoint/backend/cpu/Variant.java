package org.adjoint.backend.cpu;

import org.adjoint.backend.Kernel;
import org.adjoint.backend.cuda.Variants;

/** Which way the user chose for each kernel, by {@code -Dadjoint.kernel.NAME=reference|fast}. */
enum Variant {
  /** No word from the user: the quick road where there is one. */
  ANY,
  REFERENCE,
  FAST,
  /** A word that does not concern the CPU, if it is a variant for a GPU. */
  ELSEWHERE;

  private static final ClassValue<Variant> CHOSEN =
      new ClassValue<>() {
        @Override
        protected Variant computeValue(Class<?> type) {
          return switch (value(type)) {
            case "" -> ANY;
            case "reference" -> REFERENCE;
            case "fast" -> FAST;
            default -> ELSEWHERE;
          };
        }
      };

  private static String value(Class<?> type) {
    return System.getProperty("adjoint.kernel." + Kernel.nameOf(type), "");
  }

  static Variant of(Kernel kernel) {
    Variant chosen = CHOSEN.get(kernel.getClass());
    if (chosen != ELSEWHERE) {
      return chosen;
    }
    String value = value(kernel.getClass());
    if (Variants.of(kernel).stream().noneMatch(variant -> variant.name().equals(value))) {
      throw new IllegalArgumentException(
          "adjoint.kernel.%s=%s: on the cpu the variants are reference and fast"
              .formatted(Kernel.nameOf(kernel.getClass()), value));
    }
    return ANY;
  }
}
