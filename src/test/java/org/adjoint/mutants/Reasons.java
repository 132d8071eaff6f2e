package org.adjoint.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Why mutants survive, as people found out: the file of reasons beside the results. */
final class Reasons {
  /**
   * A reason, and the mutants that it is for.
   *
   * @param kernels a regular expression for their kernels; empty for all
   * @param file where they are
   * @param original what they change; empty for whatever it is
   * @param mutated what they change it to; empty for whatever it is
   */
  record Reason(
      String kernels,
      String file,
      String operator,
      String original,
      String mutated,
      String reason) {
    boolean isFor(Mutant mutant) {
      return (kernels.isEmpty() || mutant.kernel().matches(kernels))
          && file.equals(mutant.file())
          && operator.equals(mutant.operator())
          && (original.isEmpty() || original.equals(mutant.original()))
          && (mutated.isEmpty() || mutated.equals(mutant.mutated()));
    }
  }

  private final List<Reason> reasons;

  Reasons(Path file) {
    try {
      reasons =
          Files.exists(file)
              ? List.of(
                  JsonMapper.builder().build().readValue(Files.readString(file), Reason[].class))
              : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    } catch (JacksonException e) {
      throw new IllegalStateException(file + ": no reasons: " + e.getOriginalMessage(), e);
    }
  }

  /** Why a mutant survives; empty if nobody has said. */
  String of(Mutant mutant) {
    return reasons.stream()
        .filter(reason -> reason.isFor(mutant))
        .map(Reason::reason)
        .findFirst()
        .orElse("");
  }
}
