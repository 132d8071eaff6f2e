package org.adjoint.samples.docs;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.adjoint.samples.cli.Course.Sample;

/** Finds the source of what a page is about; there is none where the pages outlive the checkout. */
final class Sources {
  private final Path home;

  Sources(Path home) throws IOException {
    this.home = home.toRealPath();
  }

  /** {@code conv.input_grad} is in Conv.java, {@code prelu} in PRelu.java. */
  Optional<Path> ofOperation(String name) throws IOException {
    String file = name.replaceFirst("\\..*", "").replace("_", "") + ".java";
    return find(home.resolve("src/main/java/org/adjoint/op"), 1, file);
  }

  /** The class that runs {@code sample}, in the folder of its number. */
  Optional<Path> ofSample(Sample sample) throws IOException {
    return find(home.resolve("samples"), 2, sample.command().getSimpleName() + ".java");
  }

  private static Optional<Path> find(Path folder, int depth, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(folder, depth)) {
      return files.filter(f -> f.getFileName().toString().equalsIgnoreCase(name)).findFirst();
    }
  }

  /** The path of {@code source} in the repository. */
  String name(Path source) {
    return slashes(home.relativize(source));
  }

  /** A link to {@code source} from a page in {@code folder}. */
  static String link(Path folder, Path source) throws IOException {
    try {
      String path = slashes(folder.toRealPath().relativize(source));
      return new URI(null, null, path, null).getRawPath();
    } catch (URISyntaxException e) {
      throw new IOException("no link leads to " + source, e);
    }
  }

  private static String slashes(Path path) {
    return path.toString().replace('\\', '/');
  }
}
