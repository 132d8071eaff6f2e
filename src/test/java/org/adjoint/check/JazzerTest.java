package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adjoint.Philox;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every parser under Jazzer, which changes files so that they take other branches than before: run
 * by {@code mvn -Pfuzz test}, a minute a format. It is started in a JVM of its own, since it
 * rewrites the classes that it watches, and with little memory, so that a file which asks for much
 * is noticed.
 */
@Tag("fuzz")
class JazzerTest {
  private static final int SECONDS = Integer.getInteger("adjoint.fuzz.seconds", 60);
  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void anyBytesAreReadOrRefused(Parsers parser) throws IOException, InterruptedException {
    Path corpus = Files.createDirectory(folder.resolve("corpus"));
    for (int i = 0; i < 20; i++) {
      Files.write(corpus.resolve("sound" + i), parser.sound(new Philox(1, i)));
    }
    Path log = folder.resolve("log");
    Process jazzer =
        new ProcessBuilder(command(parser, corpus))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int status = jazzer.waitFor();

    String said = Files.readString(log);
    assertEquals(0, status, said);
    Matcher done = DONE.matcher(said);
    assertTrue(done.find() && Long.parseLong(done.group(1)) > 100, said);
    System.out.println(parser + ": " + done.group());
  }

  private List<String> command(Parsers parser, Path corpus) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "--add-modules", "jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dadjoint.parser=" + parser);
    command.add("-Dadjoint.file=" + folder.resolve("file"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + JazzerTarget.class.getName());
    command.add("--instrumentation_includes=org.adjoint.io.**:org.adjoint.data.**");
    command.add("--reproducer_path=" + folder);
    command.add("-artifact_prefix=" + folder + "/");
    command.add("-max_total_time=" + SECONDS);
    command.add(corpus.toString());
    return command;
  }
}
