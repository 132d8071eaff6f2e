package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;

/**
 * What is to be timed.
 *
 * @param families by name, or operations of them; all if empty
 * @param variants by name; all if empty
 * @param shapes sizes in the place of a family's own, if there are any
 * @param dtype in the place of the cases' own
 */
record Selection(
    List<String> families, List<String> variants, List<String> shapes, @Nullable DType dtype) {

  /**
   * The units, in the order of the tables.
   *
   * @param cut whether sizes are to be the emulator's
   * @throws UserError if a word means nothing
   */
  List<Unit> units(boolean cut) {
    List<Family> all = Cases.families();
    requireKnown(all);
    List<Unit> units = new ArrayList<>();
    for (Family family : all) {
      Map<String, List<Template>> perOp =
          family.templates().stream()
              .filter(template -> isMeant(family, template))
              .collect(
                  Collectors.groupingBy(
                      template -> template.spec().name(), LinkedHashMap::new, Collectors.toList()));
      perOp.forEach((op, templates) -> addUnits(family.name(), op, cases(templates, cut), units));
    }
    if (units.isEmpty()) {
      throw new UserError(nothing(all));
    }
    return units;
  }

  private void addUnits(String family, String op, List<KernelCase> cases, List<Unit> units) {
    Set<String> names = new LinkedHashSet<>();
    for (KernelCase one : cases) {
      Variants.of(one.op()).stream().map(Variant::name).forEach(names::add);
    }
    for (String name : names) {
      if (variants.isEmpty() || variants.contains(name)) {
        units.add(new Unit(family, op, name, cases));
      }
    }
  }

  private boolean isMeant(Family family, Template template) {
    return families.isEmpty()
        || families.contains(family.name())
        || families.contains(template.spec().name());
  }

  /** Each once: sizes that differ may be the same when they are cut. */
  private List<KernelCase> cases(List<Template> templates, boolean cut) {
    Map<String, KernelCase> cases = new LinkedHashMap<>();
    for (Template template : chosen(templates)) {
      KernelCase one = cut ? Cut.of(template) : template.full();
      cases.putIfAbsent(one.what() + " " + one.dtype() + " " + one.inputs(), one);
    }
    return List.copyOf(cases.values());
  }

  private Stream<Template> sized(Template template) {
    return shapes.isEmpty()
        ? Stream.of(template)
        : shapes.stream()
            .map(Family::sizes)
            .filter(sizes -> template.isOpen() || sizes.size() == template.sizes().size())
            .map(template::with);
  }

  private List<Template> chosen(List<Template> templates) {
    return templates.stream()
        .flatMap(this::sized)
        .map(template -> dtype == null ? template : template.with(dtype))
        .filter(this::takes)
        .toList();
  }

  /** Whether the operation takes the dtype; a shape that it does not take is an error. */
  private boolean takes(Template template) {
    try {
      return template.full().elements() >= 0;
    } catch (IllegalArgumentException e) {
      if (shapes.isEmpty()) {
        return false;
      }
      throw new UserError(
          "--shapes %s: %s: %s"
              .formatted(String.join(" ", shapes), template.spec().name(), e.getMessage()),
          e);
    }
  }

  private void requireKnown(List<Family> all) {
    Set<String> known = new LinkedHashSet<>();
    all.forEach(family -> known.add(family.name()));
    Set<String> ops =
        all.stream()
            .flatMap(family -> family.templates().stream())
            .map(template -> template.spec().name())
            .collect(Collectors.toSet());
    for (String word : families) {
      if (!known.contains(word) && !ops.contains(word)) {
        throw new UserError(
            "no family or operation is named %s; the families are: %s"
                .formatted(word, String.join(", ", known)));
      }
    }
  }

  private String nothing(List<Family> all) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> axes = new LinkedHashSet<>();
    for (Family family : all) {
      for (Template template : family.templates()) {
        if (isMeant(family, template)) {
          axes.add(template.typed());
          Variants.of(template.full().op()).forEach(variant -> names.add(variant.name()));
        }
      }
    }
    for (String variant : variants) {
      if (!names.contains(variant)) {
        return "no variant is named %s; there is: %s".formatted(variant, String.join(", ", names));
      }
    }
    return shapes.isEmpty()
        ? "none of these operations takes " + dtype
        : "--shapes %s: has not as many sizes as these operations have: %s"
            .formatted(String.join(" ", shapes), String.join(", ", axes));
  }

  /** The words of a command line that mean the same. */
  List<String> words() {
    List<String> words = new ArrayList<>(families);
    variants.forEach(name -> words.addAll(List.of("--variants", name)));
    shapes.forEach(shape -> words.addAll(List.of("--shapes", shape)));
    if (dtype != null) {
      words.addAll(List.of("--dtype", dtype.name()));
    }
    return words;
  }
}
