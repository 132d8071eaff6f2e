package org.adjoint.backend.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * Files that were made once and are good for the next process: in the folder that {@code
 * -Dadjoint.cache} names, else {@code adjoint} in XDG_CACHE_HOME or in {@code ~/.cache}.
 */
record KernelCache(Path folder) {
  private static final class Here {
    static final KernelCache CACHE = new KernelCache(choose());

    private static Path choose() {
      String named = System.getProperty("adjoint.cache");
      if (named != null) {
        return Path.of(named);
      }
      String base = System.getenv("XDG_CACHE_HOME");
      return (base != null && !base.isEmpty()
              ? Path.of(base)
              : Path.of(System.getProperty("user.home"), ".cache"))
          .resolve("adjoint");
    }
  }

  /** That of this user. */
  static KernelCache here() {
    return Here.CACHE;
  }

  /** A name for what depends on these. */
  static String key(Object... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Object part : parts) {
        digest.update(part.toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  /** What {@link #put} was given, by whatever process. */
  Optional<byte[]> get(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
  }

  /** Keeps a file, which appears under its name only when it is whole; says where it lies. */
  Path put(String name, byte[] content) {
    Path file = folder.resolve(name);
    try {
      Path parent = Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Path part = Files.createTempFile(parent, "part", "");
      Files.write(part, content);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be written: %s; -Dadjoint.cache=DIR names another folder".formatted(file, e),
          e);
    }
  }
}
