package org.adjoint.backend.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders where CUDA's libraries may lie. Many machines have their only copy within a Python
 * installation, which the system's loader does not search.
 *
 * @param root of the file system: another one for tests
 * @param environment variables of the process
 */
record LibraryFolders(Path root, Map<String, String> environment) {
  /** Names folders that are searched before all others, separated as in a PATH. */
  static final String PROPERTY = "adjoint.cuda.libraries";

  private static final List<String> DRIVERS =
      List.of(
          "usr/lib/x86_64-linux-gnu",
          "usr/lib64",
          "usr/lib",
          "usr/local/nvidia/lib64",
          "usr/lib/wsl/lib",
          "run/opengl-driver/lib");

  /** Of this machine. */
  static LibraryFolders ofThisMachine() {
    return new LibraryFolders(Path.of("/"), System.getenv());
  }

  /** The folders that {@value #PROPERTY} names, if it is set. */
  static List<Path> chosen(@Nullable String property) {
    return property == null ? List.of() : split(property).toList();
  }

  private static Stream<Path> split(String folders) {
    return Stream.of(folders.split(File.pathSeparator)).filter(s -> !s.isEmpty()).map(Path::of);
  }

  /** What else to search, where the loader knows no better: the likeliest folders first. */
  List<Path> usual() {
    Set<Path> folders = new LinkedHashSet<>();
    for (String name : DRIVERS) {
      addIfThere(folders, root.resolve(name));
    }
    for (Path toolkit : toolkits()) {
      addIfThere(folders, toolkit.resolve("lib64"));
      addIfThere(folders, toolkit.resolve("targets/x86_64-linux/lib"));
    }
    variable("CONDA_PREFIX").forEach(prefix -> addIfThere(folders, prefix.resolve("lib")));
    for (Path packages : pythonPackages()) {
      for (Path part : children(packages.resolve("nvidia"), "*")) {
        addIfThere(folders, part.resolve("lib"));
      }
    }
    return List.copyOf(folders);
  }

  /** The toolkit that is asked for, then those of /usr/local, the newest first. */
  private List<Path> toolkits() {
    List<Path> found = new ArrayList<>();
    found.addAll(variable("CUDA_HOME").toList());
    found.addAll(variable("CUDA_PATH").toList());
    found.addAll(children(root.resolve("usr/local"), "cuda*").reversed());
    return found;
  }

  /** site-packages and dist-packages: of a virtual environment, then of the first python3. */
  private Set<Path> pythonPackages() {
    Set<Path> prefixes = new LinkedHashSet<>();
    variable("VIRTUAL_ENV").forEach(prefixes::add);
    variable("CONDA_PREFIX").forEach(prefixes::add);
    variable("PATH")
        .map(folder -> folder.resolve("python3"))
        .filter(Files::isExecutable)
        .findFirst()
        .ifPresent(python -> addPrefixes(prefixes, python));
    variable("HOME").forEach(home -> prefixes.add(home.resolve(".local")));
    Set<Path> packages = new LinkedHashSet<>();
    for (Path prefix : prefixes) {
      for (String lib : List.of("lib", "lib64", "local/lib")) {
        for (Path python : children(prefix.resolve(lib), "python3*").reversed()) {
          addIfThere(packages, python.resolve("site-packages"));
          addIfThere(packages, python.resolve("dist-packages"));
        }
      }
    }
    return packages;
  }

  /** {@code prefix} of {@code prefix/bin/python3}: as it is named, and where its links lead. */
  private static void addPrefixes(Set<Path> prefixes, Path python) {
    List<Path> names = new ArrayList<>(List.of(python.toAbsolutePath()));
    try {
      names.add(python.toRealPath());
    } catch (IOException e) {
      // A link that leads nowhere leads to no package either.
    }
    for (Path name : names) {
      Path bin = name.getParent();
      if (bin != null && bin.getParent() != null) {
        prefixes.add(bin.getParent());
      }
    }
  }

  /** The folders of an environment variable, if it is set. */
  private Stream<Path> variable(String name) {
    return split(environment.getOrDefault(name, ""));
  }

  private static void addIfThere(Collection<Path> folders, Path folder) {
    if (Files.isDirectory(folder)) {
      folders.add(folder);
    }
  }

  /** What lies in {@code folder} and fits {@code glob}, by name; nothing if there is no folder. */
  private static List<Path> children(Path folder, String glob) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
      entries.forEach(found::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return List.of(); // a folder that may not be read holds nothing for us
    }
    found.sort(null);
    return found;
  }
}
