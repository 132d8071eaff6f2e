package org.adjoint.backend.cuda.driver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds NVIDIA's libraries and loads them, each once, when it is first needed.
 *
 * <p>A library that was loaded by its path is found by its name when JCuda's own native asks for
 * it, so no environment variable is needed. Searched are the folders of {@code
 * -Dadjoint.cuda.libraries}, then what the system's loader knows, then {@link
 * LibraryFolders#usual}.
 */
@SuppressWarnings("restricted") // to load libraries is what it is for
public final class Libraries {
  private static final Map<Library, Binding> BINDINGS = new EnumMap<>(Library.class);

  private Libraries() {}

  /**
   * What came of a search.
   *
   * @param file the name that was bound, or the preferred one
   * @param path where it lies, if it was bound and that is known
   * @param problem why it was not bound, in one line; empty if it was
   */
  public record Binding(Library library, String file, @Nullable Path path, String problem) {
    /** Whether the library can be called. */
    public boolean isBound() {
      return problem.isEmpty();
    }

    /** Whether it is CUDA 13's cuBLAS, which JCublas cannot load. */
    boolean isBeyondJcublas() {
      return file.equals("libcublas.so.13");
    }
  }

  /** Searches for {@code library}, unless that was done before, and loads it. */
  public static Binding bind(Library library) {
    if (library != Library.CUDA) {
      // The search asks for it, and must not be the first to do so while it holds the lock.
      int _ = Driver.version();
    }
    synchronized (BINDINGS) {
      return BINDINGS.computeIfAbsent(library, Libraries::search);
    }
  }

  private static Binding search(Library library) {
    List<String> failures = new ArrayList<>();
    List<Path> chosen = LibraryFolders.chosen(System.getProperty(LibraryFolders.PROPERTY));
    Binding found = load(library, chosen, failures);
    if (found == null) {
      found = askLoader(library);
    }
    List<Path> usual = List.of();
    if (found == null) {
      usual = LibraryFolders.ofThisMachine().usual();
      found = load(library, usual, failures);
    }
    if (found != null) {
      return found;
    }
    return new Binding(
        library,
        library.files().getFirst(),
        null,
        problem(library, chosen.size() + usual.size(), failures));
  }

  /** One line: what is missing, or why the first that was found did not load. */
  static String problem(Library library, int folders, List<String> failures) {
    return failures.isEmpty()
        ? "no %s found (%s), neither by the system's loader nor in %d folders more; -D%s=DIR names another"
            .formatted(
                library.title(),
                String.join(" or ", library.files()),
                folders,
                LibraryFolders.PROPERTY)
        : library.title() + " does not load: " + failures.getFirst();
  }

  private static @Nullable Binding load(
      Library library, List<Path> folders, List<String> failures) {
    for (Path folder : folders) {
      for (String file : files(library)) {
        Path path = folder.resolve(file).toAbsolutePath();
        if (!Files.exists(path)) {
          continue;
        }
        try {
          loadCompanions(folder, file);
          System.load(path.toString());
          return new Binding(library, file, path, "");
        } catch (UnsatisfiedLinkError e) {
          failures.add(firstLine(e));
        }
      }
    }
    return null;
  }

  /** The names to look for: of CUDA 13's libraries only if the driver is as new. */
  private static List<String> files(Library library) {
    return library == Library.BLAS && Driver.version() < 13000
        ? library.files().subList(0, 1)
        : library.files();
  }

  /**
   * What a library needs or asks for by name, and the loader may not find: cuBLAS its other half,
   * which lies beside it; cuDNN the compiler of the kernels that it makes at run time.
   */
  private static void loadCompanions(Path folder, String file) {
    if (file.startsWith("libcublas.")) {
      loadIfThere(folder.resolve(file.replace("libcublas.", "libcublasLt.")));
    }
    if (file.startsWith("libcudnn.")) {
      for (Path other : LibraryFolders.ofThisMachine().usual()) {
        loadIfThere(other.resolve("libnvrtc.so.13"));
        loadIfThere(other.resolve("libnvrtc.so.12"));
      }
    }
  }

  /** If it does not load, the library that wants it says so better. */
  private static void loadIfThere(Path path) {
    if (Files.exists(path)) {
      try {
        System.load(path.toAbsolutePath().toString());
      } catch (UnsatisfiedLinkError e) {
        // see above
      }
    }
  }

  /** By name alone, as any program would: the loader knows its cache and LD_LIBRARY_PATH. */
  private static @Nullable Binding askLoader(Library library) {
    for (String file : files(library)) {
      try {
        SymbolLookup _ = SymbolLookup.libraryLookup(file, Arena.global());
        return new Binding(library, file, mapped(file), "");
      } catch (IllegalArgumentException e) {
        // Not on the loader's path. If it is there but broken, the usual folders tell why.
      }
    }
    return null;
  }

  /** The path under which a loaded library is mapped into this process, if the system tells. */
  private static @Nullable Path mapped(String file) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .map(line -> line.substring(line.indexOf('/') < 0 ? line.length() : line.indexOf('/')))
          .filter(path -> path.contains("/" + stem(file)))
          .map(Path::of)
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** {@code libcuda.so.} of libcuda.so.1, whose real file may be libcuda.so.580.65. */
  private static String stem(String file) {
    return file.substring(0, file.lastIndexOf('.') + 1);
  }

  static String firstLine(Throwable error) {
    String message = String.valueOf(error.getMessage());
    return message.lines().findFirst().orElse(error.getClass().getSimpleName());
  }
}
