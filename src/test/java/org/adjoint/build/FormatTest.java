package org.adjoint.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
  private static final String BAD =
      """
      package p;
      import java.util.Set;
      import java.util.List;
      class  A { List<String> a( ){return List.of();} }
      """;
  private static final String GOOD =
      """
      package p;

      import java.util.List;

      class A {
        List<String> a() {
          return List.of();
        }
      }
      """;

  @TempDir Path home;

  @Test
  void everyFileIsFormatted() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    List<Format.Stray> strays = Format.strays(here);
    assertTrue(
        strays.isEmpty(),
        () ->
            strays.stream()
                .map(stray -> "  " + here.relativize(stray.file()) + ":" + stray.problem())
                .collect(Collectors.joining("\n", "run ./adjoint format to mend\n", "")));
  }

  @Test
  void strayIsFoundInEveryRootAndMended() throws Exception {
    plant("src/main/java/p/A.java", BAD);
    plant("src/main/java/p/B.java", GOOD);
    plant("bench/p/A.java", BAD);
    plant("samples/01-p/A.java", BAD);
    plant("target/p/A.java", BAD);

    List<String> strays =
        Format.strays(home).stream()
            .map(stray -> home.relativize(stray.file()).toString().replace('\\', '/'))
            .toList();
    assertEquals(
        List.of("bench/p/A.java", "samples/01-p/A.java", "src/main/java/p/A.java"), strays);

    assertEquals(3, Format.repair(home).size());
    assertEquals(List.of(), Format.strays(home));
    assertEquals(GOOD, Files.readString(home.resolve("samples/01-p/A.java")));
    assertEquals(BAD, Files.readString(home.resolve("target/p/A.java")));
  }

  @Test
  void whatDoesNotParseIsNamedAndLeftAlone() throws Exception {
    plant("bench/A.java", "class A {");
    plant("bench/B.java", BAD);

    List<Format.Stray> strays = Format.repair(home);
    assertEquals(2, strays.size());
    assertTrue(strays.get(0).problem().contains("reached end of file"), strays.get(0).problem());
    assertEquals("class A {", Files.readString(home.resolve("bench/A.java")));
    assertEquals(GOOD, Files.readString(home.resolve("bench/B.java")));
  }

  private void plant(String name, String source) throws Exception {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
  }
}
