package org.adjoint.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path dir;

  /** A small network in training: each step draws its own batch. */
  private static final class Training {
    final Sequential model;
    final Sgd sgd;
    final Philox random;
    long step;

    Training(long seed) {
      Philox init = new Philox(seed);
      model = new Sequential(new Linear(5, 16, init), new Relu(), new Linear(16, 3, init));
      sgd = new Sgd(model, 0.1, 0.9);
      random = new Philox(7, 2);
    }

    /** Returns the bits of the losses and, at last, of all parameters. */
    List<Integer> run(int steps) {
      List<Integer> bits = new ArrayList<>();
      for (int i = 0; i < steps; i++, step++) {
        try (Scope _ = Scope.open()) {
          Tensor x = Tensor.normal(random, 8, 5);
          Tensor labels = x.slice(1, 0, 3).argmax(1);
          Tensor loss = model.forward(x).crossEntropy(labels);
          sgd.zeroGrad();
          loss.backward();
          sgd.step();
          bits.add(Float.floatToRawIntBits(loss.toFloats()[0]));
        }
      }
      for (Tensor parameter : model.parameters().values()) {
        for (float x : parameter.toFloats()) {
          bits.add(Float.floatToRawIntBits(x));
        }
      }
      return bits;
    }

    void save(Path file) throws IOException {
      new Checkpoint()
          .put("model", model.parameters())
          .put("optimiser", sgd.state())
          .put("random", random)
          .put("step", step)
          .save(file);
    }

    void load(Path file) throws IOException {
      Checkpoint saved = Checkpoint.load(file);
      saved.restore("model", model.parameters());
      sgd.load(saved.tensors("optimiser"));
      saved.restore("random", random);
      step = saved.number("step");
    }
  }

  @Test
  void trainingResumesToTheSameBits() throws IOException {
    Path file = dir.resolve("checkpoint.safetensors");
    List<Integer> inOneGo = new Training(1).run(20);

    Training first = new Training(1);
    List<Integer> losses = new ArrayList<>(first.run(10).subList(0, 10));
    first.save(file);
    Training second = new Training(2); // another start, of which nothing may remain
    second.random.nextInt();
    second.load(file);
    assertEquals(10, second.step);
    losses.addAll(second.run(10));

    assertEquals(inOneGo, losses);
    assertEquals(20, second.step);

    Training forgetful = new Training(1);
    forgetful.run(10);
    forgetful.load(file);
    forgetful.sgd.state().values().forEach(v -> v.assign(Tensor.zeros(v.meta())));
    assertFalse(
        inOneGo.subList(10, inOneGo.size()).equals(forgetful.run(10)), "the velocities matter");
  }

  private static String failure(Runnable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  @Test
  void whatDoesNotFitIsRefusedAndChangesNothing() throws IOException {
    Path file = dir.resolve("c");
    new Checkpoint()
        .put("model", Map.of("w", Tensor.ones(2)))
        .put("random", new Philox(3, 1))
        .put("epoch", 4)
        .save(file);
    Checkpoint saved = Checkpoint.load(file);

    assertEquals(
        "checkpoint: 'model' was saved with [w], not [v]",
        failure(() -> saved.restore("model", Map.of("v", Tensor.zeros(2)))));
    Tensor longer = Tensor.zeros(3);
    assertEquals(
        "checkpoint: 'model.w' was saved as F32 [2], not F32 [3]",
        failure(() -> saved.restore("model", Map.of("w", longer))));
    assertArrayEquals(new float[3], longer.toFloats());
    assertEquals(
        "checkpoint: 'model.w' was saved as F32 [2], not F16 [2]",
        failure(() -> saved.restore("model", Map.of("w", Tensor.zeros(2).to(DType.F16)))));
    assertEquals(
        "checkpoint: 'random' was saved as 'seed 3 stream 1 at 0', not seed 3 stream 0",
        failure(() -> saved.restore("random", new Philox(3))));
    assertEquals(
        "checkpoint: 'random' is no number but 'seed 3 stream 1 at 0'",
        failure(() -> saved.number("random")));
    assertEquals("checkpoint: no 'step' was saved", failure(() -> saved.number("step")));
    assertEquals("checkpoint: 'epoch' is there already", failure(() -> saved.put("epoch", 5)));
    assertEquals(4, saved.number("epoch"));
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = dir.resolve("weights.safetensors");
    new Safetensors(Map.of("w", Tensor.ones(2))).write(file);
    IOException e = assertThrows(IOException.class, () -> Checkpoint.load(file));
    assertEquals(
        file + ": no checkpoint: its metadata does not say 'adjoint checkpoint 1'", e.getMessage());
  }

  @Test
  void aFailedSaveLeavesTheOldFile() throws IOException {
    Path file = dir.resolve("c");
    new Checkpoint().put("epoch", 1).save(file);
    byte[] old = Files.readAllBytes(file);

    Tensor closed = Tensor.ones(1000);
    Checkpoint second = new Checkpoint().put("model", Map.of("w", closed)).put("epoch", 2);
    closed.close();
    assertThrows(IllegalStateException.class, () -> second.save(file));
    assertArrayEquals(old, Files.readAllBytes(file));
    assertFalse(Files.exists(dir.resolve("c.tmp")), "nothing is left beside it");

    // What a killed process left behind is in nobody's way.
    Files.write(dir.resolve("c.tmp"), new byte[100_000]);
    new Checkpoint().put("epoch", 3).save(file);
    assertEquals(3, Checkpoint.load(file).number("epoch"));
    assertFalse(Files.exists(dir.resolve("c.tmp")), "nothing is left beside it");
    assertTrue(Files.size(file) < 1000);
  }
}
