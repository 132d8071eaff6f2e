package org.adjoint.backend.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import jcuda.JCudaVersion;
import org.jspecify.annotations.Nullable;

/**
 * JCuda's own native libraries. It unpacks them from their jars into the folder for temporary
 * files, and takes what lies there already for whole, even if another process is still writing it
 * or died while it did. So they are put there whole before JCuda looks.
 */
final class Natives {
  private static final String CLASS = "jcuda.driver.JCudaDriver";
  private static final List<String> NAMES =
      List.of("JCudaDriver", "JCudaRuntime", "JCublas2", "JCudnn");

  private Natives() {}

  /** Why JCuda cannot be used, in one line; empty if it can. */
  static String problem() {
    ClassLoader loader = Natives.class.getClassLoader();
    if (!isPresent(CLASS, loader)) {
      return "JCuda is not on the class path (org.jcuda: jcuda, jcublas, jcudnn and their natives)";
    }
    String version = JCudaVersion.get();
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    for (String name : NAMES) {
      String file = "lib" + name + "-" + version + "-linux-x86_64.so";
      try {
        unpack(loader.getResource("lib/" + file), folder.resolve(file));
      } catch (IOException e) {
        return "JCuda's native library cannot be unpacked: " + e;
      }
    }
    return "";
  }

  static boolean isPresent(String type, ClassLoader loader) {
    try {
      Class.forName(type, false, loader);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Writes {@code from} to {@code to} in one step, unless it is there. */
  static void unpack(@Nullable URL from, Path to) throws IOException {
    if (from == null) {
      return; // then it is to be found on java.library.path, or JCuda will tell
    }
    long size = from.openConnection().getContentLengthLong();
    if (Files.exists(to) && Files.size(to) == size) {
      return;
    }
    Path part = Files.createTempFile(to.toAbsolutePath().getParent(), "jcuda", ".part");
    try (InputStream bytes = from.openStream()) {
      Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
