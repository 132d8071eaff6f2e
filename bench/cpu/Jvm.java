package org.adjoint.bench.cpu;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with the flags of this one, which are the launcher's and the user's own. */
public final class Jvm {
  private static final String HOME = "-Dadjoint.home=";

  private Jvm() {}

  /** What starts {@code main} there, from this build. */
  static List<String> command(Class<?> main, List<String> args) {
    return command(Build.here(), main, args);
  }

  /** The same from another build; {@code adjoint.threads} is as it was set here. */
  static List<String> command(Build build, Class<?> main, List<String> args) {
    return command(build.home(), build.classPath(), main.getName(), args);
  }

  /** The same with another class path. */
  public static List<String> command(String classPath, String main, List<String> args) {
    return command(Build.here().home(), classPath, main, args);
  }

  private static List<String> command(Path home, String classPath, String main, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agent") && !flag.startsWith("-javaagent") && !flag.startsWith(HOME)) {
        command.add(flag);
      }
    }
    command.add(HOME + home);
    String threads = System.getProperty("adjoint.threads");
    if (threads != null) {
      command.add("-Dadjoint.threads=" + threads);
    }
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(args);
    return command;
  }
}
