package org.adjoint.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.adjoint.emulator.Emulator;
import org.adjoint.mutants.Bodies.Region;

/** A kernel file: its kernels, and all places in it and in its headers where it may be changed. */
final class Family {
  /**
   * A kernel of the file.
   *
   * @param source a digest of what it is made of: its own text, and all that it may call
   * @param sites that it may come to
   */
  record Kernel(Family family, Definition definition, String source, List<Site> sites) {
    /** In messages, and in results. */
    @Override
    public String toString() {
      return definition.name();
    }
  }

  private final String name;
  private final Sites sites;
  private final List<Kernel> kernels = new ArrayList<>();

  Family(Emulator emulator, Path source) {
    name = source.getFileName().toString().replaceAll("\\.cu$", "");
    Path folder = source.toAbsolutePath().getParent();
    Path shared = Emulator.home().resolve("src/main/cuda").toAbsolutePath();
    sites =
        new Sites(
            emulator.preprocessed(source),
            file ->
                folder.equals(Path.of(file).getParent())
                    || shared.equals(Path.of(file).getParent()));
    Tokens tokens = sites.bodies().tokens();
    for (Definition definition : Definition.of(read(source), tokens)) {
      Set<Region> reached = sites.bodies().reachable(Set.copyOf(definition.entries()));
      Set<String> names = reached.stream().map(Region::name).collect(Collectors.toSet());
      StringBuilder text = new StringBuilder();
      for (Region region : reached) {
        for (int i = region.from(); i <= region.to(); i++) {
          text.append(tokens.at(i)).append(' ');
        }
      }
      List<Site> its = sites.all().stream().filter(site -> names.contains(site.region())).toList();
      kernels.add(new Kernel(this, definition, digest(text.toString()), its));
    }
  }

  private static String read(Path source) {
    try {
      return Files.readString(source);
    } catch (IOException e) {
      throw new UncheckedIOException(source + " cannot be read", e);
    }
  }

  /** The first half of a SHA-256, in hexadecimal digits. */
  static String digest(String... texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String name() {
    return name;
  }

  List<Kernel> kernels() {
    return kernels;
  }

  Sites sites() {
    return sites;
  }

  /** The kernels that a word of the command line means: all, one's template, or one's entry. */
  Set<Kernel> called(String word) {
    Set<Kernel> called = new LinkedHashSet<>();
    for (Kernel kernel : kernels) {
      if (word.equals(name) || kernel.definition().isCalled(word) || calls(kernel, word)) {
        called.add(kernel);
      }
    }
    return called;
  }

  /** Whether a word names a function that a kernel's entries call themselves. */
  private boolean calls(Kernel kernel, String word) {
    Tokens tokens = sites.bodies().tokens();
    for (String entry : kernel.definition().entries()) {
      for (Region region : sites.bodies().regions().getOrDefault(entry, List.of())) {
        for (int i = region.from(); i < region.to(); i++) {
          if (tokens.at(i).equals(word)
              && (tokens.at(i + 1).equals("<") || tokens.at(i + 1).equals("("))) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
