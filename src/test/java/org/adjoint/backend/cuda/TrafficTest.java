package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Operand;
import org.adjoint.emulator.Counters;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.op.AvgPool;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.Dropout;
import org.adjoint.op.Embedding;
import org.adjoint.op.FrozenNorm;
import org.adjoint.op.LstmCell;
import org.adjoint.op.MaxPool;
import org.adjoint.op.RowNorm;
import org.adjoint.op.RowRms;
import org.adjoint.op.Sliding;
import org.adjoint.op.Softmax;
import org.adjoint.op.Unrolled;
import org.adjoint.op.UnrolledGradient;
import org.adjoint.op.Where;
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

  private Counters counted(Runnable work) {
    CudaBackend backend = CudaBackend.of(gpu);
    backend.synchronize();
    boolean poison = backend.poison(false); // which moves bytes as well
    emulated.count(true);
    work.run();
    backend.synchronize();
    emulated.count(false);
    boolean _ = backend.poison(poison);
    return emulated.counters();
  }

  /**
   * Runs {@code work} and holds it to a number of launches.
   *
   * @param words of 4 bytes that it must move
   * @param most how many times as much it may move, the sectors of all requests counted
   */
  private void moved(String what, long words, double most, int launches, Runnable work) {
    Counters c = counted(work);
    double share = SECTOR * (double) (c.load().sectors() + c.store().sectors()) / (words * WORD);
    String line =
        String.format(Locale.ROOT, "%s: %d launches, %.3f times", what, c.launches(), share);
    assertTrue(c.launches() == launches && share >= 0.98 && share <= most, line);
  }

  /**
   * The same, but of weights, statistics, and scratch, of all that is smaller than the first input,
   * a sector counts once a block: the caches have it for the others that ask.
   *
   * @param sizes how many times the elements of the first input it must move
   */
  private void shared(double sizes, double most, int launches, Op op, Tensor... in) {
    Tensor[][] results = new Tensor[1][];
    Counters c = counted(() -> results[0] = Grad.off(() -> Tensor.apply(op, in)));
    double sectors = c.load().blockSectors() + c.store().blockSectors();
    long n = in[0].shape().count();
    for (Tensor x : Stream.of(in, results[0]).flatMap(Stream::of).toList()) {
      long address = CudaStorage.address(new Operand(x.storage(), x.layout()));
      for (Counters.Traffic each : emulated.traffic(address)) {
        sectors += x.shape().count() < n ? 0 : each.sectors() - each.blockSectors();
      }
    }
    double share = SECTOR * sectors / (sizes * n * WORD);
    String line =
        String.format(Locale.ROOT, "%s: %d launches, %.3f times", op, c.launches(), share);
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

  /** Of the first weights and statistics that blocks ask for, and what they add to dw and db. */
  @Test
  void normsGoFromRowToRow() {
    Tensor x = normal(1280, 1024);
    Tensor w = normal(1024);
    Tensor dy = normal(1280, 1024);
    shared(2, 1.045, 1, new RowNorm(1e-5), x, w, normal(1024));
    shared(3, 1.05, 2, new RowNorm.Grad(1e-5), x, w, dy);
    shared(2, 1.03, 1, new RowRms(1e-5), x, w);
    shared(3, 1.035, 2, new RowRms.Grad(1e-5), x, w, dy);
  }

  /** Of each row that begins within a sector, one more. */
  @Test
  void normsOfRowsOfOddLength() {
    Tensor x = normal(768, 1023);
    Tensor w = normal(1023);
    shared(2, 1.05, 1, new RowNorm(1e-5), x, w, normal(1023));
    shared(2, 1.03, 1, new RowRms(1e-5), x, w);
    Tensor more = normal(1280, 1023);
    Tensor dy = normal(1280, 1023);
    shared(3, 1.065, 2, new RowNorm.Grad(1e-5), more, w, dy);
    shared(3, 1.04, 2, new RowRms.Grad(1e-5), more, w, dy);
    Tensor mean = w.to(DType.F64);
    shared(2, 1.05, 2, new FrozenNorm(1e-5), x, w, w, mean, mean.mul(mean));
  }

  /** Where a channel is longer than the caches, x, or x and dy, must be read twice. */
  @Test
  void channelsAreReadTwice() {
    for (long[] shape : new long[][] {{1024, 256}, {16, 16, 1024}}) {
      Tensor x = normal(shape);
      Tensor dy = normal(shape);
      Tensor w = normal(shape[1]);
      Tensor mean = w.to(DType.F64);
      Tensor variance = mean.mul(mean);
      shared(3, 1.05, 3, new ChannelNorm(1e-5), x, w, mean.to(DType.F32));
      shared(5, 1.05, 3, new ChannelNorm.Grad(1e-5), x, w, dy, mean, variance, mean, mean);
      shared(2, 1.03, 2, new FrozenNorm(1e-5), x, w, w, mean, variance);
    }
  }

  @Test
  void channelsThatAreHeldAreReadOnce() {
    Tensor x = normal(8, 16, 1024);
    Tensor dy = normal(8, 16, 1024);
    Tensor w = normal(16);
    Tensor mean = w.to(DType.F64);
    Tensor variance = mean.mul(mean);
    shared(2, 1.03, 1, new ChannelNorm(1e-5), x, w, w);
    shared(3, 1.03, 1, new ChannelNorm.Grad(1e-5), x, w, dy, mean, variance, mean, mean);
  }

  @Test
  void elementsAreMovedOnce() {
    for (int n : new int[] {1 << 14, 20_001}) {
      Tensor x = normal(n);
      Tensor mask = x.gt(0);
      moved("relu", 2L * n, 1.01, 1, x::relu);
      moved("sum of two", 3L * n, 1.01, 1, () -> x.add(x));
      moved("dropout", 2L * n, 1.01, 1, () -> Dropout.of(x, 0.3, 7, 0));
      moved("choice", 3L * n + n / WORD, 1.01, 1, () -> Where.of(mask, x, x));
    }
    Tensor x = normal(256, 1024);
    moved("rows", x.shape().count(), 1.01, 1, () -> x.sum(1));
    moved("columns", x.shape().count(), 1.03, 2, () -> x.sum(0));
    moved("all", x.shape().count(), 1.01, 2, x::sum);
    moved("running sums", 2 * x.shape().count(), 1.01, 1, () -> x.cumsum(1));
  }

  /** A row's ends lie in sectors that its neighbours have as well. */
  @Test
  void rowsOfOddLengthAreReadInWholeSectors() {
    Tensor x = normal(120, 1023);
    long n = x.shape().count();
    for (Tensor each : List.of(x, x.to(DType.BF16), x.to(DType.F16))) {
      long words = n * each.dtype().bytes() / WORD;
      moved("sums of " + each.dtype(), words, 1.05, 1, () -> each.sum(1));
      moved("maxima of " + each.dtype(), words, 1.06, 1, () -> each.max(1));
      moved("running sums of " + each.dtype(), 2 * words, 1.05, 1, () -> each.cumsum(1));
    }
    Tensor later = normal(n + 1).slice(0, 1, n + 1).reshape(120, 1023);
    moved("sums of rows that begin later", n, 1.03, 1, () -> later.sum(1));
  }

  @Test
  void rowsBecomeColumnsByTiles() {
    Tensor x = normal(256, 1024);
    long words = 2 * x.shape().count();
    moved("transposed", words, 1.01, 1, () -> x.t().contiguous());
    moved(
        "channels last", words, 1.01, 1, () -> x.reshape(4, 64, 1024).transpose(1, 2).contiguous());
    Tensor half = x.to(DType.BF16);
    moved("half as wide", words / 2, 1.01, 1, () -> half.t().contiguous());
  }

  /** A place is a word of 8 bytes. */
  @Test
  void pairsAreReadOnce() {
    Tensor x = normal(4, 8, 64, 64);
    long n = x.shape().count();
    MaxPool max = new MaxPool(List.of(2, 2), Sliding.over(2).withStride(2, 2), false);
    Tensor[] y = Tensor.apply(max, x);
    moved("maxima", n + 3 * n / 4, 1.01, 1, () -> Tensor.apply(max, x));
    moved(
        "to maxima", n + 3 * n / 4, 1.01, 1, () -> new MaxPool.InputGrad(max, x.shape()).apply(y));
    moved("means", n + n / 4, 1.01, 1, () -> AvgPool.of(x, 2, 2));
  }

  /** Beside the products: gates, a state that was, states that come, twice, and what is kept. */
  @Test
  void aStepPassesOnceOverItsGates() {
    long h = 256;
    int steps = 8;
    Unrolled lstm = new Unrolled(new LstmCell(), Collections.nCopies(steps, 32L), false);
    long rows = 32 * steps;
    Tensor x = normal(rows, 4 * h);
    Tensor hh = normal(4 * h, h);
    shared(
        (8 + 1 + 4 + 5) / 4.,
        1.05,
        steps,
        lstm,
        x,
        normal(4 * h),
        hh,
        normal(32, h),
        normal(32, h));
    Tensor kept = normal(rows, 5 * h);
    Tensor c = normal(rows, h);
    double sizes = (5 + 1 + 2 + 4 + 4) * rows * h / (double) hh.shape().count();
    Op gradient = new UnrolledGradient(lstm, 32);
    shared(sizes, 1.05, steps, gradient, hh, kept, c, normal(rows, h), normal(rows, h));
  }
}
