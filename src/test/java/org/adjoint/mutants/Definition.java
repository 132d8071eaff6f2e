package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A kernel as it is written: a {@code __global__} function, or the macro that makes many of them.
 *
 * @param name with {@code *} for what the macro fills in, but for the type: {@code *_naive}
 * @param entries the functions that it makes
 */
record Definition(String name, List<String> entries) {
  private static final Pattern GLOBAL =
      Pattern.compile(
          "__global__\\s+(?:void\\s+|__launch_bounds__\\([^()]*\\)\\s*)+([\\w#]+)\\s*"
              + "\\(((?:[^()]|\\([^()]*\\))*)\\)");
  private static final Pattern MACRO = Pattern.compile("\\s*#\\s*define\\s+\\w+\\(([^()]*)\\).*");
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)\\s*$");
  private static final String SOME = "..."; // parameters that another macro stands for

  private record Written(String shown, String pattern, int literal, List<String> parameters) {
    boolean makes(String entry, List<String> its) {
      if (!entry.matches(pattern)) {
        return false;
      }
      int some = parameters.indexOf(SOME);
      if (some < 0) {
        return parameters.equals(its);
      }
      int after = parameters.size() - some - 1;
      return its.size() >= some + after
          && parameters.subList(0, some).equals(its.subList(0, some))
          && parameters
              .subList(some + 1, some + 1 + after)
              .equals(its.subList(its.size() - after, its.size()));
    }
  }

  /** The kernels of a source, with the entries that its preprocessed text has. */
  static List<Definition> of(String source, Tokens tokens) {
    Map<Written, List<String>> made = new LinkedHashMap<>();
    StringBuilder plain = new StringBuilder();
    for (String line : source.replace("\\\n", " ").replaceAll("(?m)//.*$", "").split("\n")) {
      if (line.strip().startsWith("#")) {
        written(line).forEach(definition -> made.put(definition, new ArrayList<>()));
      } else {
        plain.append(line).append(' ');
      }
    }
    written(plain.toString()).forEach(definition -> made.put(definition, new ArrayList<>()));
    entries(tokens)
        .forEach((entry, parameters) -> {
          Written best = null;
          for (Written each : made.keySet()) {
            if (each.makes(entry, parameters) && (best == null || each.literal > best.literal)) {
              best = each;
            }
          }
          if (best == null) {
            throw new IllegalArgumentException(entry + ": no __global__ function makes it");
          }
          made.get(best).add(entry);
        });
    Map<String, Long> times =
        made.keySet().stream()
            .collect(Collectors.groupingBy(Written::shown, Collectors.counting()));
    List<Definition> all = new ArrayList<>();
    made.forEach((written, entries) -> {
      boolean alone = times.get(written.shown) == 1;
      all.add(new Definition(alone ? written.shown : common(entries), List.copyOf(entries)));
    });
    return all;
  }

  private static List<Written> written(String line) {
    List<Written> all = new ArrayList<>();
    Matcher macro = MACRO.matcher(line);
    List<String> filled =
        macro.matches() ? Arrays.asList(macro.group(1).trim().split("\\s*,\\s*")) : List.of();
    Matcher global = GLOBAL.matcher(line);
    while (global.find()) {
      StringBuilder shown = new StringBuilder();
      for (String part : global.group(1).split("##")) {
        shown.append(filled.contains(part) ? "*" : part);
      }
      String pattern = shown.toString();
      String name = pattern.replaceAll("_?\\*$", "");
      int literal = pattern.replace("*", "").length();
      all.add(
          new Written(name, pattern.replace("*", "\\w*"), literal, parameters(global.group(2))));
    }
    return all;
  }

  private static List<String> parameters(String list) {
    List<String> names = new ArrayList<>();
    String plain = list.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("\\w+\\([^()]*\\)", SOME);
    for (String part : plain.split(",(?![^<]*>)")) {
      Matcher name = PARAMETER.matcher(part.trim());
      names.add(part.trim().equals(SOME) ? SOME : name.find() ? name.group(1) : "");
    }
    return names;
  }

  /** What the names of entries have in common at their ends, without their types. */
  private static String common(List<String> entries) {
    List<String> names = entries.stream().map(Definition::withoutType).distinct().toList();
    String common = names.isEmpty() ? "" : names.getFirst();
    for (String name : names) {
      while (!name.endsWith(common)) {
        common = common.substring(1);
      }
    }
    return names.size() > 1 ? "*" + common : common;
  }

  /** {@code softmax_naive} of {@code softmax_naive_f32}. */
  static String withoutType(String entry) {
    return entry.replaceAll("(_(f64|f32|bf16|f16|i64|i32|u8|bool))+$", "");
  }

  /** Whether a word of the command line means it: its name, or one of its entries. */
  boolean isCalled(String word) {
    return word.equals(name)
        || word.equals(name.replace("*", ""))
        || word.equals(name.replace("*", "").replaceAll("^_", ""))
        || entries.stream().anyMatch(e -> e.equals(word) || withoutType(e).equals(word));
  }

  /** The entries of a preprocessed text, each with the names of its parameters. */
  private static Map<String, List<String>> entries(Tokens tokens) {
    Map<String, List<String>> entries = new LinkedHashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (!tokens.at(i).equals("__global__") || !tokens.at(i - 1).equals("\"C\"")) {
        continue;
      }
      int k = i + 1;
      while (!tokens.at(k + 1).equals("(") || tokens.at(k).equals("__launch_bounds__")) {
        k = tokens.at(k).equals("__launch_bounds__") ? tokens.partner(k + 1) + 1 : k + 1;
      }
      String list = tokens.slice(k + 1, tokens.partner(k + 1));
      entries.put(tokens.at(k), parameters(list.substring(1, list.length() - 1)));
    }
    return entries;
  }
}
