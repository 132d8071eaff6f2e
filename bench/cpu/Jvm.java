package org.adjoint.bench.cpu;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with the flags of this one, which are the launcher's and the user's own. */
public final class Jvm {
  private static final String HOME = "-Dadjoint.home=";

  /**
   * A page of memory is slow when it is touched for the first time, more so on a virtual machine:
   * while a heap grows, a step of microseconds takes twenty times as long. A heap that is large
   * from the beginning lies less in caches, so works that move much are slower by a third: this is
   * for comparing like with like, and not with others.
   */
  private static final List<String> TOUCHED = List.of("-Xms1g", "-XX:+AlwaysPreTouch");

  private Jvm() {}

  /** What starts a worker of {@code build} whose heap has been touched before it is measured. */
  static List<String> worker(Build build, Class<?> main, List<String> args) {
    return touched(command(build, main, args));
  }

  /** The same command for a JVM with a heap that will hardly grow. */
  public static List<String> touched(List<String> command) {
    List<String> touched = new ArrayList<>(command);
    touched.addAll(1, TOUCHED); // before the user's own flags, which count
    return touched;
  }

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
      boolean own = TOUCHED.contains(flag) || flag.startsWith(HOME);
      if (!own && !flag.startsWith("-agent") && !flag.startsWith("-javaagent")) {
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
