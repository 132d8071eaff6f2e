package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCuda's native libraries are put where it looks for them, whole or not at all. */
class NativesTest {
  private static final byte[] WHOLE = {1, 2, 3, 4};

  @TempDir Path folder;

  private URL source() throws IOException {
    return Files.write(folder.resolve("source"), WHOLE).toUri().toURL();
  }

  @Test
  void aFileOfTheWrongLengthIsReplaced() throws IOException {
    Path target = Files.write(folder.resolve("target"), new byte[] {1, 2});
    Natives.unpack(source(), target);
    assertArrayEquals(WHOLE, Files.readAllBytes(target));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(
          List.of("source", "target"), left.map(p -> p.getFileName() + "").sorted().toList());
    }
  }

  @Test
  void aWholeFileStays() throws IOException {
    Path target = Files.write(folder.resolve("target"), WHOLE);
    FileTime old = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(target, old);
    Natives.unpack(source(), target);
    assertEquals(old, Files.getLastModifiedTime(target));
  }

  @Test
  void aMissingClassIsNoError() throws IOException {
    assertTrue(Natives.isPresent("jcuda.driver.JCudaDriver", getClass().getClassLoader()));
    try (URLClassLoader bare = new URLClassLoader(new URL[0], null)) {
      assertFalse(Natives.isPresent("jcuda.driver.JCudaDriver", bare));
    }
  }
}
