package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The page that shows the results. */
final class Page {
  private Page() {}

  /** It in Markdown. */
  static String of(List<Mutant> mutants, Reasons reasons) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Mutants of the kernels

        Each mutant is one change at one place of a kernel, and counts as killed if a check fails: a
        number is wrong, the emulator reports a fault, or a launch does not end. `Operator.java` in
        `src/test/java/org/adjoint/mutants` says what the changes are. Written by
        `./adjoint mutate-kernels`; the results themselves are in `results.json`.

        """);
    page.append(table("file", mutants, Page::family)).append('\n');
    page.append(table("operator", mutants, Mutant::operator));
    long tests = mutants.stream().filter(m -> m.killed() && m.by().matches("\\w+Test: .*")).count();
    page.append(
        "\nOf those killed, %d are not found by `check --device emulator`, but by JUnit tests.\n"
            .formatted(tests));
    page.append("\n## Survivors\n\n");
    List<Mutant> survivors = new ArrayList<>(mutants);
    survivors.removeIf(Mutant::killed);
    survivors.sort(
        Comparator.comparing(Mutant::file)
            .thenComparing(Mutant::line)
            .thenComparing(Mutant::mutated)
            .thenComparing(Mutant::kernel));
    page.append("| where | kernel | change | reason |\n|---|---|---|---|\n");
    for (Mutant mutant : survivors) {
      String reason = reasons.of(mutant);
      page.append(
          "| %s:%d | %s | %s: %s → %s | %s |\n"
              .formatted(
                  mutant.file(),
                  mutant.line(),
                  code(mutant.kernel()),
                  mutant.operator(),
                  code(mutant.original()),
                  code(mutant.mutated()),
                  reason.isEmpty() ? "**none known**; " + mutant.by() : reason));
    }
    return page.toString();
  }

  private static String family(Mutant mutant) {
    return mutant.kernel().replaceAll("/.*", ".cu");
  }

  private static String table(String title, List<Mutant> mutants, Function<Mutant, String> by) {
    Map<String, List<Mutant>> groups = new TreeMap<>();
    mutants.forEach(m -> groups.computeIfAbsent(by.apply(m), _ -> new ArrayList<>()).add(m));
    StringBuilder table = new StringBuilder();
    table.append("| ").append(title).append(" | kernels | mutants | killed | |\n");
    table.append("|---|---:|---:|---:|---:|\n");
    groups.forEach((name, group) -> table.append(row(name, group)));
    return table.append(row("**all**", mutants)).toString();
  }

  private static String row(String name, List<Mutant> group) {
    long kernels = group.stream().map(Mutant::kernel).distinct().count();
    long killed = group.stream().filter(Mutant::killed).count();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %.1f %% |\n",
        name,
        kernels,
        group.size(),
        killed,
        100.0 * killed / Math.max(1, group.size()));
  }

  private static String code(String text) {
    return "`" + text.replace("|", "\\|") + "`";
  }
}
