package org.adjoint.bench.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.adjoint.Meta;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.check.Failure;
import org.adjoint.check.Tally;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch and Triton, in the process of {@code bench/peers/torch_kernels.py}, which is started when
 * it is needed, and again after it died, {@value #STARTS} times in all. Who fails is named in one
 * line, and out of the case at hand.
 */
final class TorchPeer implements AutoCloseable {
  private static final int STARTS = 20;
  private static final Duration A_MOMENT = Duration.ofMinutes(2);

  /** torch.compile tries many kernels. */
  private static final Duration COMPILING = Duration.ofMinutes(10);

  private final List<String> command;
  private final Consumer<String> notes;
  private final Duration compiling;
  private final Map<String, String> versions = new TreeMap<>();
  private @Nullable Contender process;
  private final PeerFiles files = new PeerFiles();
  private int starts;

  /** What the device did lately: its clock rate, and NVML's bits of why that is throttled. */
  record Clock(double mhz, long reasons) {
    /** Too hot, or told so by the board. */
    private static final long HARD = 0x8 | 0x20 | 0x40 | 0x80;

    boolean isThrottled() {
      return (reasons & HARD) != 0;
    }
  }

  TorchPeer(List<String> command, Consumer<String> notes) {
    this(command, notes, COMPILING);
  }

  /** For tests, which do not wait for long. */
  TorchPeer(List<String> command, Consumer<String> notes, Duration compiling) {
    this.command = List.copyOf(command);
    this.notes = notes;
    this.compiling = compiling;
  }

  /** The script of a checkout. */
  static TorchPeer of(Path home, String python, Consumer<String> notes) {
    String script = home.resolve("bench/peers/torch_kernels.py").toString();
    return new TorchPeer(List.of(python, script), notes);
  }

  /** What it consists of, as far as it has been started. */
  Map<String, String> versions() {
    return versions;
  }

  /**
   * Those that do a case, and give what its judge expects; none where nothing is to be had. Who
   * takes the process down with it is left out, and the others are asked anew.
   */
  List<String> load(PeerCase one) {
    Set<String> out = new HashSet<>();
    try {
      while (true) {
        int before = out.size();
        List<String> able = load(one, out);
        if (isAlive() || out.size() == before) {
          return able;
        }
      }
    } catch (Lost e) {
      notes.accept(one + ": " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ArrayList<>();
  }

  /** Without those who are {@code out}, to whom are added those who prove to be. */
  private List<String> load(PeerCase one, Set<String> out) throws Lost, IOException {
    List<String> able = new ArrayList<>();
    Contender torch = started();
    List<String> names =
        torch == null ? List.of("no") : torch.words("load " + files.write(one), A_MOMENT);
    for (String peer : names.equals(List.of("no")) ? List.<String>of() : names) {
      if (out.contains(peer) || !isAlive()) {
        continue;
      }
      if (isRight(one, peer)) {
        able.add(peer);
      } else {
        out.add(peer);
      }
    }
    return able;
  }

  private boolean isRight(PeerCase one, String peer) {
    try {
      Tally tally = one.judge().of(peer, outputs(one, peer));
      for (Failure failure : tally.failures().stream().limit(1).toList()) {
        notes.accept("%s: %s: computes something else: %s".formatted(one, peer, failure.problem()));
      }
      return tally.failures().isEmpty();
    } catch (Lost e) {
      notes.accept("%s: %s: %s".formatted(one, peer, e.getMessage()));
    } catch (IOException e) {
      notes.accept("%s: %s: its outputs cannot be read: %s".formatted(one, peer, e.getMessage()));
    }
    return false;
  }

  private List<double @Nullable []> outputs(PeerCase one, String peer) throws Lost, IOException {
    List<Double> indices = ask("outputs " + peer, compiling);
    List<double @Nullable []> outputs = new ArrayList<>();
    for (int i = 0; i < one.out().size(); i++) {
      Meta meta = one.out().get(i);
      outputs.add(indices.contains((double) i) ? files.read(meta, i, peer) : null);
    }
    return outputs;
  }

  /** {@code n} times of single runs that find nothing in the second-level cache, in seconds. */
  List<Double> cold(String peer, int n) throws Lost {
    String line = "cold " + peer + " " + n;
    List<Double> seconds = ask(line, A_MOMENT);
    if (seconds.isEmpty() || !seconds.stream().allMatch(s -> s > 0 && Double.isFinite(s))) {
      throw new Lost("'%s' was answered by no times: %s".formatted(line, seconds));
    }
    return seconds;
  }

  /** Empty where nothing tells. */
  Optional<Clock> clock() throws Lost {
    List<Double> said = ask("clock", A_MOMENT);
    return said.size() == 2
        ? Optional.of(new Clock(said.get(0), said.get(1).longValue()))
        : Optional.empty();
  }

  /** Makes it give back the device's memory. */
  void unload() {
    try {
      if (process != null && process.isAlive()) {
        process.words("unload", A_MOMENT);
      }
      files.clear();
    } catch (Lost e) {
      notes.accept(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  private List<Double> ask(String line, Duration limit) throws Lost {
    if (process == null) {
      throw new Lost("not started");
    }
    return process.ask(line, limit).orElse(List.of());
  }

  private @Nullable Contender started() throws Lost {
    if (isAlive()) {
      return process;
    }
    if (starts == STARTS) {
      return null;
    }
    if (process != null) {
      process.close();
    }
    starts++;
    try {
      process = Contender.start("pytorch", command, Map.of());
    } catch (Lost e) {
      starts = STARTS; // it will not be here later on, either
      throw e;
    }
    versions.putAll(process.versions());
    return process;
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
    try {
      files.close();
    } catch (IOException e) {
      // Files in the temporary folder that are of no use to anybody.
    }
  }
}
