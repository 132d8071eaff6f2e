package org.adjoint.backend.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The figures that kernels are held to, and the compiler that they were counted with: another may
 * keep, merge or hoist other loads.
 */
record TrafficFile(String compiler, List<TrafficLine> lines) {
  /** Accepts what is counted now. */
  static final String ACCEPT = "mvn test -Dtest=TrafficCountsTest -Dadjoint.traffic.accept=true";

  private static final String COMPILER = "# Counted with ";

  /** Takes the lines in their order. */
  TrafficFile {
    lines = lines.stream().sorted(Comparator.comparing(TrafficLine::key)).toList();
  }

  static TrafficFile read(Path file) {
    String compiler = "";
    List<TrafficLine> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(COMPILER)) {
          compiler = line.substring(COMPILER.length());
        } else if (!line.startsWith("#") && !line.equals(TrafficLine.heading())) {
          lines.add(TrafficLine.parse(line));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new TrafficFile(compiler, lines);
  }

  void write(Path file) {
    List<String> text = new ArrayList<>();
    text.add("# What each variant of each operation moves in one case, on the emulated GPU; bytes");
    text.add("# but for the last four figures. src/test/cuda/README.md says what the figures are.");
    text.add("# To accept others: " + ACCEPT);
    text.add(COMPILER + compiler);
    text.add(TrafficLine.heading());
    lines.forEach(line -> text.add(line.toString()));
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line for each variant that does not do what it did, and for each that came or went. */
  List<String> differences(TrafficFile now) {
    Map<String, TrafficLine> before = byKey();
    Map<String, TrafficLine> after = now.byKey();
    List<String> differences = new ArrayList<>();
    after.forEach((key, line) -> {
      TrafficLine was = before.get(key);
      if (was == null) {
        differences.add(key + ": is not in the file");
      } else if (!was.changes(line).isEmpty()) {
        differences.add(key + ": " + String.join("; ", was.changes(line)));
      }
    });
    before.keySet().stream()
        .filter(key -> !after.containsKey(key))
        .forEach(key -> differences.add(key + ": is in the file alone"));
    return differences;
  }

  private Map<String, TrafficLine> byKey() {
    Map<String, TrafficLine> all = new TreeMap<>();
    lines.forEach(line -> all.put(line.key(), line));
    return all;
  }
}
