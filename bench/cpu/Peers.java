package org.adjoint.bench.cpu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.adjoint.bench.cpu.Contender.Lost;

/** Who Adjoint is compared with, where they are installed. */
final class Peers implements AutoCloseable {
  /** The libraries of bench/peers/java, which is a project of its own. */
  private static final List<String> JAVA = List.of("djl", "nd4j", "tensorflow");

  private final List<Contender> contenders = new ArrayList<>();

  /** Starts those that are here; {@code notes} hears of the others. */
  static Peers start(Path home, String python, int threads, Consumer<String> notes) {
    Peers peers = new Peers();
    Path folder = home.resolve("bench/peers");
    peers.add(
        "pytorch",
        List.of(python, folder.resolve("torch_cpu.py").toString(), Integer.toString(threads)),
        notes);
    peers.add("openblas", Jvm.command(Worker.class, List.of("openblas")), notes);
    Path jar = folder.resolve("java/target/peers.jar");
    for (String name : JAVA) {
      if (Files.exists(jar)) {
        peers.add(name, java(jar, name, threads), notes);
      } else {
        notes.accept(name + ": not built; mvn -f bench/peers/java package");
      }
    }
    return peers;
  }

  private static List<String> java(Path jar, String name, int threads) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-jar",
        jar.toString(),
        name,
        Integer.toString(threads));
  }

  private void add(String name, List<String> command, Consumer<String> notes) {
    try {
      contenders.add(Contender.start(name, command));
    } catch (Lost e) {
      notes.accept(e.getMessage());
    }
  }

  List<Contender> contenders() {
    return List.copyOf(contenders);
  }

  @Override
  public void close() {
    contenders.forEach(Contender::close);
  }
}
