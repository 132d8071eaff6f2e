package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.adjoint.bench.Tables;
import org.adjoint.bench.kernels.KernelCases.Case;

/**
 * Which variant an operation takes by itself, and what speaks for it, in Markdown: for each family
 * the variants of its operations in the order in which they are asked, the operands that each
 * takes, and how often, where it was taken, no other was faster.
 */
public final class ChoiceTable {
  /** Two variants whose times differ by no more than this are as good as each other. */
  private static final double ALIKE = 0.02;

  private static final List<String> HEAD =
      List.of("operation", "variant", "takes", "how", "#taken in", "#best in", "#moved");

  /** By operation and variant. */
  private final Map<String, Variant> variants = new LinkedHashMap<>();

  private ChoiceTable() {
    for (Family family : Cases.families()) {
      for (Template template : family.templates()) {
        String op = template.spec().name();
        Variants.of(template.full().op())
            .forEach(variant -> variants.putIfAbsent(op + " " + variant.name(), variant));
      }
    }
  }

  /** A section for each file, in it a table for each family that has a choice. */
  public static String of(List<Results> files) {
    ChoiceTable choices = new ChoiceTable();
    StringBuilder text = new StringBuilder();
    for (Results file : files) {
      text.append(text.isEmpty() ? "" : "\n").append(Tables.heading(file).stripTrailing());
      text.append("\n");
      KernelCases.of(file).forEach((family, cases) -> text.append(choices.section(family, cases)));
    }
    return text.toString();
  }

  private String section(String family, List<Case> cases) {
    Map<String, List<Case>> byOp = new LinkedHashMap<>();
    cases.forEach(one -> byOp.computeIfAbsent(one.op(), _ -> new ArrayList<>()).add(one));
    List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    byOp.forEach((op, its) -> rows.addAll(rows(op, its)));
    return rows.size() == 1 ? "" : "\n### %s\n\n%s".formatted(family, Tables.markdown(rows));
  }

  private List<List<String>> rows(String op, List<Case> cases) {
    List<String> asked = List.copyOf(variants.keySet());
    List<String> names =
        cases.stream()
            .flatMap(one -> one.rows().stream().map(row -> String.valueOf(row.variant())))
            .distinct()
            .sorted(Comparator.comparingInt(name -> asked.indexOf(op + " " + name)))
            .toList();
    if (names.size() == 1) {
      return List.of();
    }
    List<List<String>> rows = new ArrayList<>();
    for (String name : names) {
      List<Case> taken =
          cases.stream()
              .filter(one -> one.chosen().filter(row -> name.equals(row.variant())).isPresent())
              .toList();
      List<Result> own = taken.stream().map(ChoiceTable::chosen).toList();
      boolean known = own.stream().anyMatch(row -> Double.isFinite(KernelCases.us(row)));
      long best = taken.stream().filter(one -> one.isBest(chosen(one), ALIKE)).count();
      double moved = KernelCases.median(own, KernelCases::moved);
      Variant variant = variants.get(op + " " + name);
      rows.add(
          List.of(
              rows.isEmpty() ? op : "",
              name,
              variant == null ? "" : variant.takes(),
              change(cases, name),
              taken.isEmpty() ? "" : taken.size() + " of " + cases.size(),
              known ? "" + best : "",
              FamilyTable.times(moved)));
    }
    return rows;
  }

  /** What it changed, as its rows say. */
  private static String change(List<Case> cases, String variant) {
    return cases.stream()
        .flatMap(one -> one.rows().stream())
        .filter(row -> variant.equals(row.variant()))
        .map(row -> KernelLines.facts(row).change())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("");
  }

  private static Result chosen(Case one) {
    return one.chosen().orElseThrow(() -> new IllegalStateException(Objects.toString(one)));
  }
}
