package org.adjoint.bench.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Map;
import org.adjoint.bench.Contender;

/** A process that answers as it is told to, at once; its arguments say how. */
final class FakeContender {
  private FakeContender() {}

  /** {@code args}: the fingerprint, the seconds of a call, and the run at which it dies. */
  public static void main(String[] args) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    int runs = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String command = line.split(" ")[0];
      if (command.equals("run") && ++runs == Integer.parseInt(args[2])) {
        System.err.println("a warning");
        System.err.println("it hurts");
        System.exit(3);
      }
      System.out.println(
          switch (command) {
            case "hello" -> "ok fake=1.0";
            case "check" -> "ok " + args[0];
            case "run" -> "ok " + args[1];
            case "babble" -> "ok bla";
            default -> "fail unknown";
          });
    }
  }

  static Contender start(String name, String print, String seconds, int dies)
      throws Contender.Lost {
    List<String> args = List.of(print, seconds, Integer.toString(dies));
    return Contender.start(name, Jvm.command(FakeContender.class, args), Map.of());
  }
}
