package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.emulator.Counters;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.op.Embedding;
import org.adjoint.op.Softmax;
import org.adjoint.optim.Adam;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;

/** What kernels that are bound by memory move, against what they must. */
class TrafficTest {
  private static final int WORD = Float.BYTES;
  private static final int SECTOR = 32;

  private final Device gpu = TestGpu.device();
  private final EmulatedDevice emulated = emulated();

  private static EmulatedDevice emulated() {
    assumeFalse(TestGpu.REAL, "a GPU does not count");
    return new EmulatedDevice(Path.of(System.getProperty("adjoint.cuda.libraries")));
  }

  /**
   * Runs {@code work} and holds it to a number of launches.
   *
   * @param words of 4 bytes that it must move
   * @param most how many times as much it may move, the sectors of all requests counted
   */
  private void moved(String what, long words, double most, int launches, Runnable work) {
    CudaBackend backend = CudaBackend.of(gpu);
    backend.synchronize();
    boolean poison = backend.poison(false); // which moves bytes as well
    emulated.count(true);
    work.run();
    backend.synchronize();
    emulated.count(false);
    boolean _ = backend.poison(poison);
    Counters c = emulated.counters();
    double share = SECTOR * (double) (c.load().sectors() + c.store().sectors()) / (words * WORD);
    String line =
        String.format(Locale.ROOT, "%s: %d launches, %.3f times", what, c.launches(), share);
    assertTrue(c.launches() == launches && share >= 0.98 && share <= most, line);
  }

  private Tensor normal(long... sizes) {
    return Tensor.normal(new Philox(1), sizes).to(gpu);
  }

  @Test
  void optimisersPassOnceOverAllParameters() {
    Map<String, Tensor> parameters = new TreeMap<>();
    long elements = 0;
    for (long n : new long[] {40_000, 3, 1024, 64, 5000, 1}) {
      Tensor w = normal(n).requireGrad();
      w.mul(w).sum().backward();
      parameters.put("" + n, w);
      elements += n;
    }
    Sgd sgd = new Sgd(parameters, 0.1, 0.9);
    Adam adam = new Adam(parameters, 0.1);
    moved("sgd with momentum", 5 * elements, 1.01, 1, sgd::step);
    moved("adam", 7 * elements, 1.01, 1, adam::step);
  }

  /** Beside the kernel: a sum and a quotient, or a quotient and an expansion. */
  @Test
  void crossEntropyReadsTwiceAndWritesOnce() {
    for (long n : new long[] {1024, 5000}) {
      Tensor x = normal(64, n).requireGrad();
      Tensor labels = Tensor.of(new long[64]).to(gpu);
      Tensor[] loss = new Tensor[1];
      moved("forward", 64 * n, 1.06, 3, () -> loss[0] = x.crossEntropy(labels));
      moved("backward", 2 * 64 * n, 1.04, 3, () -> loss[0].backward());
    }
  }

  @Test
  void softmaxHoldsItsRows() {
    for (long n : new long[] {1024, 5000}) {
      Tensor x = normal(64, n);
      Tensor[] y = new Tensor[1];
      moved("forward", 2 * 64 * n, 1.01, 1, () -> y[0] = x.softmax(1));
      moved("backward", 3 * 64 * n, 1.01, 1, () -> new Softmax.Grad(1).apply(y[0], x));
    }
  }

  @Test
  void rowsOfATableAreTakenWhole() {
    Tensor table = normal(1000, 64);
    long[] words = new long[2000];
    Arrays.setAll(words, i -> i * 7L % 1000);
    Tensor index = Tensor.of(words).to(gpu);
    moved("embedding", 2 * 2000 * 64, 1.05, 1, () -> Embedding.of(table, index));
  }
}
