package org.adjoint.backend.cpu;

import org.adjoint.backend.Kernel;
import org.adjoint.backend.cuda.Variants;

/** Which way the user chose for each kernel, by {@code -Dadjoint.kernel.NAME=reference|fast}. */
enum Variant {
  /** No word from the user, or one for a GPU: the quick road where there is one. */
  ANY,
  REFERENCE,
  FAST;

  static Variant of(Kernel kernel) {
    String value = Kernel.choice(kernel);
    return switch (value) {
      case "" -> ANY;
      case "reference" -> REFERENCE;
      case "fast" -> FAST;
      default -> {
        if (Variants.of(kernel).stream().noneMatch(variant -> variant.name().equals(value))) {
          throw new IllegalArgumentException(
              "adjoint.kernel.%s=%s: on the cpu the variants are reference and fast"
                  .formatted(kernel.name(), value));
        }
        yield ANY;
      }
    };
  }
}
