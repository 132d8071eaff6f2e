package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Conv;
import org.adjoint.nn.Flatten;
import org.adjoint.nn.Linear;
import org.adjoint.nn.MaxPool;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same program gives the same bits: beside another, and on arrays that held something else. */
@Timeout(120)
class RepeatTest {
  /** Trains a small network for an epoch; its parameters, as bits. */
  private static int[] train(long seed) {
    Philox random = new Philox(seed);
    Sequential model =
        new Sequential(
            new Conv(1, 8, 5, random),
            new Relu(),
            new MaxPool(2),
            new Flatten(),
            new Linear(8 * 12 * 12, 10, random));
    Sgd sgd = new Sgd(model, 0.05, 0.9);
    Tensor images = Tensor.normal(random, 40, 1, 28, 28);
    Tensor labels = Tensor.arange(40).to(DType.F32).mul(0.25).to(DType.I64);
    for (Batch batch : Loader.shuffled(images, labels, 16, random)) {
      try (Scope _ = Scope.open()) {
        sgd.zeroGrad();
        model.forward(batch.inputs()).crossEntropy(batch.targets()).backward();
        sgd.step();
      }
      batch.close();
    }
    return model.parameters().values().stream().flatMapToInt(p -> bits(p.toFloats())).toArray();
  }

  private static IntStream bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return Arrays.stream(bits);
  }

  @Test
  void twoProgramsAtOnceDoNotDisturbEachOther() throws Exception {
    int[][] alone = {train(1), train(2)};
    int[][] together = new int[2][];
    CyclicBarrier start = new CyclicBarrier(2);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int which = i;
      Thread thread =
          new Thread(() -> {
            try {
              start.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
            together[which] = train(which + 1);
          });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertArrayEquals(alone[0], together[0]);
    assertArrayEquals(alone[1], together[1]);
  }

  /** Large arrays are used again; what they held must not be seen. */
  @Test
  void newTensorsDoNotShowWhatOldOnesHeld() {
    for (DType dtype : DType.values()) {
      Meta meta = new Meta(Shape.of(100, 100), dtype, Device.CPU);
      Tensor.ones(meta).close();
      Tensor zeros = Tensor.zeros(meta);
      assertEquals(0, Arrays.stream(zeros.toDoubles()).max().orElseThrow(), dtype.toString());
      zeros.close();
    }
    Tensor.ones(100, 100).close();
    Tensor x = Tensor.zeros(100, 100).requireGrad();
    x.slice(0, 0, 50).sum().backward(); // elsewhere, nobody writes
    Tensor grad = x.grad();
    assertNotNull(grad);
    assertEquals(5000, grad.sum().item());
  }

  /** With adjoint.poison set, arrays come filled with NaN, and whoever trusts them is found out. */
  @Test
  void everyElementOfAResultIsWritten() throws Exception {
    String classPath = where(Tensor.class) + File.pathSeparator + where(RepeatTest.class);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-modules",
                "jdk.incubator.vector",
                "-Dadjoint.poison=true",
                "-cp",
                classPath,
                Poisoned.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertEquals(0, process.waitFor());
    assertEquals(Integer.toString(Arrays.hashCode(train(1))), printed);
  }

  private static Path where(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** What {@link #everyElementOfAResultIsWritten} runs. */
  static final class Poisoned {
    private Poisoned() {}

    public static void main(String[] args) {
      System.out.println(Arrays.hashCode(train(1)));
    }
  }
}
