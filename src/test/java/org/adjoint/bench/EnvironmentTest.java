package org.adjoint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
  @TempDir Path home;

  @Test
  void hereIsThisJvm() {
    Environment here = Environment.here();
    assertTrue(here.java().startsWith(Runtime.version().toString()), here.java());
    assertTrue(here.os().startsWith(System.getProperty("os.name")), here.os());
    assertEquals(Runtime.getRuntime().availableProcessors(), here.processors());
    assertEquals(Runtime.getRuntime().maxMemory(), here.maxHeap());
  }

  @Test
  void cpuModelIsReadFromCpuinfo() throws Exception {
    Path file = home.resolve("cpuinfo");
    Files.writeString(file, "processor\t: 0\nmodel name\t: A CPU @ 2.0: GHz \nmodel name: B\n");
    assertEquals(Optional.of("A CPU @ 2.0: GHz"), Environment.cpuModel(file));
    assertEquals(Optional.empty(), Environment.cpuModel(home.resolve("none")));
  }

  @Test
  void whatWasMadeOfACommitKnowsIt() throws Exception {
    Files.writeString(home.resolve("COMMIT"), "abc+changes\n");
    assertEquals(Optional.of("abc+changes"), Environment.commit(home));
  }

  @Test
  void commitTellsChangesButNotThoseOfResults() throws Exception {
    assertEquals(Optional.empty(), Environment.commit(home));
    assumeTrue(git("init", "-q"), "no git");
    assertEquals(Optional.empty(), Environment.commit(home), "no commit yet");
    Files.writeString(home.resolve("A.java"), "class A {}");
    git("add", ".");
    git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "one");
    String clean = Environment.commit(home).orElseThrow();
    assertTrue(clean.matches("[0-9a-f]{40,64}"), clean);

    Files.createDirectories(home.resolve("bench/results"));
    Files.writeString(home.resolve("bench/results/r.json"), "{}");
    Files.writeString(home.resolve("README.md"), "tables");
    assertEquals(Optional.of(clean), Environment.commit(home));

    Files.writeString(home.resolve("B.java"), "class B {}");
    assertEquals(Optional.of(clean + "+changes"), Environment.commit(home));
  }

  private boolean git(String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
    command.addAll(List.of(args));
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
