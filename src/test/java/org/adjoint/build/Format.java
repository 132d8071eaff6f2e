package org.adjoint.build;

import static java.util.Comparator.comparing;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Holds every Java file of the project to google-java-format. {@link FormatTest} checks; {@link
 * #main} repairs.
 */
public final class Format {
  private static final List<String> ROOTS = List.of("src", "bench", "samples");

  private Format() {}

  /** A file that is not as the formatter would write it, or that it cannot even read. */
  record Stray(Path file, Optional<String> formatted, String problem) {}

  /**
   * Repairs the tree under {@code args[0]}, or under the working directory. What does not parse
   * stays as it is, and makes the exit status 1.
   */
  public static void main(String[] args) throws IOException {
    Path home = Path.of(args.length > 0 ? args[0] : "").toAbsolutePath();
    int status = 0;
    for (Stray stray : repair(home)) {
      Path name = home.relativize(stray.file());
      if (stray.formatted().isPresent()) {
        System.out.println("formatted " + name);
      } else {
        System.err.println(name + ":" + stray.problem());
        status = 1;
      }
    }
    System.exit(status);
  }

  /** Rewrites what it can of the badly formatted files under {@code home}; returns them all. */
  static List<Stray> repair(Path home) throws IOException {
    List<Stray> strays = strays(home);
    for (Stray stray : strays) {
      if (stray.formatted().isPresent()) {
        Files.writeString(stray.file(), stray.formatted().get());
      }
    }
    return strays;
  }

  /** Returns the badly formatted files under {@code home}, in the order of their names. */
  static List<Stray> strays(Path home) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String root : ROOTS) {
      if (Files.isDirectory(home.resolve(root))) {
        try (Stream<Path> walk = Files.walk(home.resolve(root))) {
          walk.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
        }
      }
    }
    return files.parallelStream().flatMap(Format::stray).sorted(comparing(Stray::file)).toList();
  }

  private static Stream<Stray> stray(Path file) {
    try {
      String source = Files.readString(file);
      String formatted = new Formatter().formatSourceAndFixImports(source);
      return formatted.equals(source)
          ? Stream.empty()
          : Stream.of(new Stray(file, Optional.of(formatted), " not formatted"));
    } catch (FormatterException e) {
      return Stream.of(new Stray(file, Optional.empty(), String.valueOf(e.getMessage())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
