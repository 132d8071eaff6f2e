package org.adjoint.samples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.samples.lessons.FewDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every sample that draws pictures, on a Java that cannot. */
class NoDesktopTest {
  private static final String MODULES =
      "java.logging,java.management,java.net.http,java.xml,jdk.management,jdk.unsupported";

  private static final String SKIPPED = "pictures skipped: this Java has no java.desktop";

  /** What draws, with as little work before it as can be; DATA and TEXT are put in. */
  private static final List<String> SAMPLES =
      List.of(
          "lenet --epochs=0 --data=DATA",
          "perceptron",
          "xor --steps=0",
          "approximation --steps=0",
          "activations",
          "quadratic-model",
          "learning-rate",
          "sgd --learn=1 --data=DATA",
          "sliding-window",
          "attention --steps=0",
          "char-rnn --steps=1 --hidden=4 --write=1 --text=TEXT",
          "lenet5 --epochs=0 --data=DATA",
          "autoencoder --epochs=0 --d=2 --data=DATA",
          "interpolation --epochs=0 --pairs=1 --data=DATA");

  @TempDir Path folder;

  /** Runs the samples, each word of which is an argument, and prints how each ended. */
  public static void main(String[] lines) {
    for (String line : lines) {
      int status = Main.commandLine(Course.SAMPLES).execute(("run " + line).split(" "));
      System.out.println("status " + status);
    }
  }

  @Test
  void samplesGoOnWithoutPictures() throws Exception {
    FewDigits.write(folder, 32, 4);
    Path text = Files.writeString(folder.resolve("text"), "round and round and ".repeat(60));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--limit-modules", MODULES));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dadjoint.home=" + folder));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(NoDesktopTest.class.getName());
    for (String sample : SAMPLES) {
      command.add(sample.replace("DATA", folder.toString()).replace("TEXT", text.toString()));
    }
    Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, java.waitFor(), said);
    List<String> ends =
        said.lines().filter(line -> line.equals(SKIPPED) || line.startsWith("status ")).toList();
    List<String> expected = SAMPLES.stream().flatMap(_ -> Stream.of(SKIPPED, "status 0")).toList();
    assertEquals(expected, ends, said);
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(List.of(), files.filter(file -> file.toString().endsWith(".png")).toList());
    }
  }
}
