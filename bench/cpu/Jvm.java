package org.adjoint.bench.cpu;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with the flags of this one, which are the launcher's and the user's own. */
final class Jvm {
  private Jvm() {}

  /** What starts {@code main} there; {@code adjoint.threads} is as it was set here. */
  static List<String> command(Class<?> main, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agent") && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    String threads = System.getProperty("adjoint.threads");
    if (threads != null) {
      command.add("-Dadjoint.threads=" + threads);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(args);
    return command;
  }
}
