package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What a variant moves in one case, as a line of a file.
 *
 * @param variant its name
 * @param example its label: parameters and shapes
 * @param figures those of {@link #NAMES}
 */
record TrafficLine(String op, String variant, String dtype, String example, List<Long> figures) {
  /** Of the figures; the first five are bytes. */
  static final List<String> NAMES =
      List.of(
          "compulsory",
          "requested",
          "moved",
          "cached",
          "ideal",
          "conflicts",
          "barriers",
          "atomics",
          "launches");

  /** Words before the figures; one comes after them. */
  private static final int KEYS = 3;

  static TrafficLine of(
      String op,
      String variant,
      String dtype,
      String example,
      long compulsory,
      LaunchCounter.Counts n) {
    List<Long> figures =
        LongStream.of(
                compulsory,
                n.loaded() + n.stored(),
                n.moved(),
                n.cached(),
                n.ideal(),
                n.conflicts(),
                n.barriers(),
                n.atomics(),
                n.launches())
            .boxed()
            .toList();
    return new TrafficLine(op, variant, dtype, example, figures);
  }

  static String heading() {
    return "op\tvariant\tdtype\t" + String.join("\t", NAMES) + "\texample";
  }

  static TrafficLine parse(String line) {
    String[] words = line.split("\t");
    int last = KEYS + NAMES.size();
    if (words.length != last + 1) {
      throw new IllegalArgumentException(
          "traffic: not a line of " + (last + 1) + " words: " + line);
    }
    List<Long> figures =
        Arrays.stream(words, KEYS, last).map(Long::parseLong).collect(Collectors.toList());
    return new TrafficLine(words[0], words[1], words[2], words[last], figures);
  }

  @Override
  public String toString() {
    String numbers = figures.stream().map(String::valueOf).collect(Collectors.joining("\t"));
    return String.join("\t", op, variant, dtype, numbers, example);
  }

  /** What it is about; no two lines of a file are about the same. */
  String key() {
    return String.join(" ", op, variant, dtype, example);
  }

  /** The figures that are others now, each with what it was; empty if none is. */
  List<String> changes(TrafficLine now) {
    List<String> changes = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      long was = figures.get(i);
      long is = now.figures.get(i);
      if (was != is) {
        String way = is > was ? "more" : "less";
        changes.add(String.format(Locale.ROOT, "%s %,d, was %,d (%s)", NAMES.get(i), is, was, way));
      }
    }
    return changes;
  }
}
