package org.adjoint.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The file in which results are kept, from one run to the next. */
final class Results {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * What the file holds.
   *
   * @param schema of this form
   * @param seed by which the mutants were chosen
   * @param max of a kernel's mutants
   */
  record Content(int schema, long seed, int max, List<Mutant> mutants) {}

  private static final int SCHEMA = 1;

  private final Path file;
  private final Map<String, Mutant> byKey = new HashMap<>();

  Results(Path file) {
    this.file = file;
    if (Files.exists(file)) {
      try {
        Content content = MAPPER.readValue(Files.readString(file), Content.class);
        if (content.schema() != SCHEMA) {
          throw new IllegalArgumentException("schema " + content.schema() + " is not " + SCHEMA);
        }
        content.mutants().forEach(this::put);
      } catch (IOException | JacksonException | IllegalArgumentException e) {
        throw new IllegalStateException(
            file
                + ": no results of mutate-kernels: "
                + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
            e);
      }
    }
  }

  @Nullable Mutant get(String key) {
    return byKey.get(key);
  }

  void put(Mutant mutant) {
    byKey.put(mutant.key(), mutant);
  }

  /** Writes the page that shows them, beside the file. */
  void describe(Reasons reasons) {
    try {
      Files.writeString(
          file.resolveSibling("README.md"), Page.of(List.copyOf(byKey.values()), reasons));
    } catch (IOException e) {
      throw new UncheckedIOException("the page of " + file + " cannot be written", e);
    }
  }

  /**
   * Writes the file in one step, and forgets what it is not to have.
   *
   * @param stays which mutants it is to have
   */
  void write(long seed, int max, Predicate<Mutant> stays) {
    List<Mutant> mutants = new ArrayList<>(byKey.values());
    mutants.removeIf(stays.negate());
    byKey.values().retainAll(mutants);
    mutants.sort(
        Comparator.comparing(Mutant::kernel)
            .thenComparing(Mutant::file)
            .thenComparing(Mutant::line)
            .thenComparing(Mutant::key));
    // A line for each, so that a change of one is a change of a line.
    String lines =
        mutants.stream().map(MAPPER::writeValueAsString).collect(Collectors.joining(",\n"));
    String text =
        "{\"schema\": %d, \"seed\": %d, \"max\": %d, \"mutants\": [\n%s\n]}\n"
            .formatted(SCHEMA, seed, max, lines);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }
}
