package org.adjoint.mutants;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.adjoint.mutants.Family.Kernel;

/** What each trial does when no mutant is on: which kernels it runs, to which sites they come. */
final class Coverage {
  /**
   * A trial's run.
   *
   * @param nanos how long it took
   * @param seen by entry: what was seen of each site
   */
  record Footprint(long nanos, Map<String, byte[]> seen) {}

  private final Map<String, Footprint> footprints = new HashMap<>();

  void add(Trial trial, Footprint footprint) {
    footprints.put(key(trial), footprint);
  }

  Footprint of(Trial trial) {
    return footprints.getOrDefault(key(trial), new Footprint(0, Map.of()));
  }

  boolean runs(Trial trial, Kernel kernel) {
    return kernel.definition().entries().stream().anyMatch(of(trial).seen()::containsKey);
  }

  /** Whether the site would have made a difference to the trial, in that kernel. */
  boolean matters(Trial trial, Kernel kernel, int site) {
    for (String entry : kernel.definition().entries()) {
      byte[] seen = of(trial).seen().get(entry);
      if (seen != null && Switches.mattered(seen[site])) {
        return true;
      }
    }
    return false;
  }

  /** The sites that a kernel came to, in whatever trial. */
  BitSet reached(Kernel kernel) {
    BitSet reached = new BitSet();
    for (Footprint footprint : footprints.values()) {
      for (String entry : kernel.definition().entries()) {
        byte[] seen = footprint.seen().get(entry);
        for (int i = 0; seen != null && i < seen.length; i++) {
          if (seen[i] != 0) {
            reached.set(i);
          }
        }
      }
    }
    return reached;
  }

  /** Writes it to a file, which {@code key} says what it is good for. */
  void write(Path file, String key) {
    List<String> lines = new ArrayList<>(List.of(key));
    footprints.forEach((name, footprint) -> {
      lines.add("trial " + footprint.nanos() + " " + name);
      footprint
          .seen()
          .forEach(
              (entry, seen) -> lines.add("seen " + entry + " " + HexFormat.of().formatHex(seen)));
    });
    try {
      Files.createDirectories(file.getParent());
      Path fresh = file.resolveSibling("coverage." + ProcessHandle.current().pid());
      Files.write(fresh, lines);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /** What is in a file that was written with that key; empty if there is none. */
  static Coverage read(Path file, String key) {
    Coverage coverage = new Coverage();
    if (!Files.isReadable(file)) {
      return coverage;
    }
    try (BufferedReader in = Files.newBufferedReader(file)) {
      Map<String, byte[]> seen = Map.of();
      if (!key.equals(in.readLine())) {
        return coverage;
      }
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("trial")) {
          seen = new HashMap<>();
          coverage.footprints.put(words[2], new Footprint(Long.parseLong(words[1]), seen));
        } else {
          seen.put(words[1], HexFormat.of().parseHex(words[2]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
    return coverage;
  }

  boolean has(Trial trial) {
    return footprints.containsKey(key(trial));
  }

  private static String key(Trial trial) {
    return Family.digest(trial.name(), trial.inputs());
  }
}
