package org.adjoint.backend.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The compiled kernels, {@code FAMILY.fatbin} each: in the folder that {@code -Dadjoint.kernels}
 * names, else on the class path, where the build or the artifact with the classifier {@code
 * kernels} has them. Beside them lies an index of what they were made by and for.
 */
public final class KernelFiles {
  /** Names a folder that is taken instead of the class path. */
  public static final String PROPERTY = "adjoint.kernels";

  private static final String RESOURCES = "org/adjoint/kernels/";
  private static final String INDEX = "index.properties";
  private static final String PREFIX = "kernels.";

  private final @Nullable Path folder;

  KernelFiles(@Nullable Path folder) {
    this.folder = folder;
  }

  /** Those that this process uses. */
  public static KernelFiles here() {
    String folder = System.getProperty(PROPERTY);
    return new KernelFiles(folder == null ? null : Path.of(folder));
  }

  /**
   * The image of {@code family}, for {@link KernelModule}.
   *
   * @throws UnsupportedOperationException if there is none
   */
  public byte[] read(String family) {
    URL file = find(family + ".fatbin");
    if (file == null) {
      throw new UnsupportedOperationException(
          "cuda: no kernels for %s: there is no %s.fatbin %s; %s"
              .formatted(family, family, place(), remedy()));
    }
    try (InputStream bytes = file.openStream()) {
      return bytes.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One line: which there are, for which architectures, and where. */
  public String report() {
    List<String> families = families();
    if (families.isEmpty()) {
      return "none " + place() + "; " + remedy();
    }
    Properties index = index();
    String made =
        index.containsKey("nvcc")
            ? " by nvcc %s for %s"
                .formatted(index.getProperty("nvcc"), index.getProperty("targets"))
            : "";
    return "%d %s%s in %s"
        .formatted(families.size(), families.size() == 1 ? "family" : "families", made, where());
  }

  /** Why a driver for CUDA {@code version} may not take them, in one line; empty if it should. */
  public String problem(int version) {
    String nvcc = index().getProperty("nvcc", "");
    int major = nvcc.isEmpty() ? 0 : Integer.parseInt(nvcc.split("\\.")[0]);
    return major > version / 1000
        ? "the kernels were made by nvcc %s, and the driver knows CUDA up to %s: install a newer driver, or build them by an older nvcc"
            .formatted(nvcc, Driver.versionText(version))
        : "";
  }

  /** The families that there are. */
  List<String> families() {
    if (folder == null) {
      return index().stringPropertyNames().stream()
          .filter(name -> name.startsWith(PREFIX))
          .map(name -> name.substring(PREFIX.length()))
          .sorted()
          .toList();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".fatbin"))
          .map(name -> name.substring(0, name.length() - ".fatbin".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private Properties index() {
    Properties index = new Properties();
    URL file = find(INDEX);
    if (file != null) {
      try (InputStream bytes = file.openStream()) {
        index.load(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return index;
  }

  private @Nullable URL find(String name) {
    try {
      if (folder == null) {
        return KernelFiles.class.getClassLoader().getResource(RESOURCES + name);
      }
      Path file = folder.resolve(name);
      return Files.isRegularFile(file) ? file.toUri().toURL() : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder or the jar. */
  private String where() {
    URL index = find(INDEX);
    if (folder != null || index == null) {
      return String.valueOf(folder);
    }
    String text = index.toString();
    String end = "/" + RESOURCES + INDEX;
    text = text.substring(0, text.length() - end.length());
    // jar:file:/lib/kernels.jar! or file:/classes
    text = text.startsWith("jar:") ? text.substring(4, text.length() - 1) : text;
    return text.startsWith("file:") ? Path.of(URI.create(text)).toString() : text;
  }

  private String place() {
    return folder == null ? "on the class path" : "in " + folder;
  }

  private static String remedy() {
    return "build with nvcc, add the jar with the classifier kernels, or name a folder by -D"
        + PROPERTY;
  }
}
