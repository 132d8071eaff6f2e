package org.adjoint.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.Checkpoint;

/**
 * Kills a process that saves one checkpoint after the other, at random moments. Each time there
 * must be a whole checkpoint, and none older than the last that was said to be saved.
 */
public final class CheckpointKills {
  private static final int LONGEST_WAIT_MILLIS = 60;
  private static final int START_MILLIS = 60_000;

  private CheckpointKills() {}

  /**
   * What became of it.
   *
   * @param kills how often the process was killed
   * @param saves how many checkpoints it had saved until then, in all
   * @param failure the first failure; empty if there was none
   */
  public record Outcome(int kills, long saves, String failure) {}

  /**
   * Saves checkpoints into {@code args[0]} until it is killed, and says the number of each once it
   * is saved. With {@code careless} after it, it overwrites the file in its place: that is how to
   * lose one, and how to see that this check finds it.
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    boolean careless = args.length > 1 && args[1].equals("careless");
    for (long step = 1; ; step++) {
      try (Scope _ = Scope.open()) {
        Checkpoint checkpoint = new Checkpoint().put("model", state(step)).put("step", step);
        if (careless) {
          overwrite(file, checkpoint);
        } else {
          checkpoint.save(file);
        }
      }
      System.out.println(step);
    }
  }

  private static void overwrite(Path file, Checkpoint checkpoint) throws IOException {
    Path other = file.resolveSibling("other");
    checkpoint.save(other);
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] bytes = Files.readAllBytes(other);
      for (int at = 0; at < bytes.length; at += 100) {
        out.write(bytes, at, Math.min(100, bytes.length - at));
      }
    }
  }

  private static Map<String, Tensor> state(long step) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (DType dtype : List.of(DType.F32, DType.I64, DType.F64)) {
      state.put(
          dtype.name(),
          Tensor.full(new Meta(Shape.of(100, 151), dtype, Device.CPU), (double) step));
    }
    return state;
  }

  /** Starts and kills so many processes, or as many as it takes to find a failure. */
  public static Outcome run(long seed, int kills, boolean careless) {
    Philox random = new Philox(seed);
    long saves = 0;
    try {
      Path folder = Files.createTempDirectory("adjoint");
      try {
        // One folder for all: what a killed process left behind must not disturb the next.
        for (int i = 0; i < kills; i++) {
          long saved = kill(folder, random, careless);
          saves += saved;
          String failure = inspect(folder.resolve("checkpoint"), saved);
          if (!failure.isEmpty()) {
            return new Outcome(i + 1, saves, "seed " + seed + ", kill " + i + ": " + failure);
          }
        }
        return new Outcome(kills, saves, "");
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a child JVM ran", e);
    }
  }

  /** Returns how many checkpoints the process says to have saved. */
  private static long kill(Path folder, Philox random, boolean careless)
      throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    Files.write(said, new byte[0]);
    List<String> args =
        Stream.of(folder.resolve("checkpoint").toString(), careless ? "careless" : "").toList();
    Process child =
        ChildJvm.builder(List.of("-XX:TieredStopAtLevel=1"), CheckpointKills.class, args)
            .redirectOutput(said.toFile())
            .redirectError(folder.resolve("complaints").toFile())
            .start();
    try {
      for (int waited = 0; Files.size(said) == 0; waited++) {
        if (!child.isAlive() || waited > START_MILLIS) {
          throw new IllegalStateException(
              "the process that saves checkpoints did not start: "
                  + Files.readString(folder.resolve("complaints")).strip());
        }
        Thread.sleep(1);
      }
      Thread.sleep(random.nextInt(LONGEST_WAIT_MILLIS));
    } finally {
      child.destroyForcibly().waitFor();
    }
    return new String(Files.readAllBytes(said), UTF_8).chars().filter(c -> c == '\n').count();
  }

  private static String inspect(Path file, long saved) {
    try (Scope _ = Scope.open()) {
      Checkpoint checkpoint = Checkpoint.load(file);
      long step = checkpoint.number("step");
      if (step != saved && step != saved + 1) {
        return "step " + step + " is there, but " + saved + " was saved";
      }
      Map<String, Tensor> expected = state(step);
      Map<String, Tensor> found = checkpoint.tensors("model");
      for (String name : expected.keySet()) {
        if (!found.containsKey(name)
            || !Arrays.equals(expected.get(name).toDoubles(), found.get(name).toDoubles())) {
          return name + " is not what was saved";
        }
      }
      return "";
    } catch (IOException | IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}
