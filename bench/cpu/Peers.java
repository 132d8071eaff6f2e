package org.adjoint.bench.cpu;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;

/** Who Adjoint is compared with, where they are installed. */
final class Peers implements AutoCloseable {
  /** Libraries of the JVM by their folders in bench/peers/java, a project of its own. */
  private static final Map<String, String> JAVA =
      new TreeMap<>(Map.of("djl", "Djl", "nd4j", "Nd4jPeer", "tensorflow", "TensorFlowPeer"));

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
    JAVA.forEach((name, main) -> {
      Path target = folder.resolve("java").resolve(name).resolve("target");
      if (Files.exists(target.resolve("peer.jar"))) {
        peers.add(name, java(target, main, threads), notes);
      } else {
        notes.accept(name + ": not built; mvn -f bench/peers/java package");
      }
    });
    return peers;
  }

  private static List<String> java(Path target, String main, int threads) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        target.resolve("peer.jar") + File.pathSeparator + target.resolve("lib").resolve("*"),
        "org.adjoint.peers." + main,
        Integer.toString(threads));
  }

  private void add(String name, List<String> command, Consumer<String> notes) {
    try {
      contenders.add(CpuCommand.start(name, command));
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
