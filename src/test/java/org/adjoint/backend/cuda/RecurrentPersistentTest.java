package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adjoint.CudaGraph;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.op.GatedCell;
import org.adjoint.op.Unrolled;
import org.adjoint.op.UnrolledGradient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose blocks stay in flight and wait for each other. */
class RecurrentPersistentTest {
  private final Device gpu = TestGpu.device();

  private static Unrolled unrolled(String cell, boolean reverse, String sizes) {
    List<Long> running = Stream.of(sizes.split(" ")).map(Long::valueOf).toList();
    return new Unrolled(RecurrentVariantsTest.cell(cell), running, reverse);
  }

  private static Tensor normal(int seed, long... shape) {
    return RecurrentVariantsTest.normal(seed, DType.F32, shape);
  }

  private static long rows(Unrolled unrolled) {
    return unrolled.sizes().stream().mapToLong(running -> running).sum();
  }

  private static Tensor[] inputs(Unrolled unrolled, long batch, long n) {
    GatedCell cell = unrolled.cell();
    long g = cell.gates() * n;
    List<Tensor> in =
        new ArrayList<>(List.of(normal(1, rows(unrolled), g), normal(2, g), normal(3, g, n)));
    IntStream.range(0, cell.states()).forEach(s -> in.add(normal(6 + s, batch, n)));
    return in.toArray(Tensor[]::new);
  }

  private static Tensor[] gradientInputs(Unrolled unrolled, long n) {
    GatedCell cell = unrolled.cell();
    long rows = rows(unrolled);
    List<Tensor> in =
        new ArrayList<>(
            List.of(
                normal(3, cell.gates() * n, n),
                normal(4, rows, cell.kept() * n),
                normal(5, rows, n)));
    IntStream.range(0, cell.states()).forEach(s -> in.add(normal(8 + s, rows, n)));
    return in.toArray(Tensor[]::new);
  }

  private Tensor[] there(Tensor... x) {
    return Arrays.stream(x).map(t -> t.to(gpu)).toArray(Tensor[]::new);
  }

  private static Tensor[] by(String variant, Op op, Tensor... x) {
    return Choice.with(op.getClass(), variant, () -> Tensor.apply(op, x));
  }

  private void compare(String variant, Op op, Tensor... x) {
    Tensor[] here = Tensor.apply(op, x);
    Tensor[] there = by(variant, op, there(x));
    for (int i = 0; i < here.length; i++) {
      RecurrentVariantsTest.compare(op + " output " + i, 32, here[i], there[i]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lstm, 8, 6, false, 5 5 3 1",
    "lstm, 36, 6, true, 5 5 3 1",
    "gru, 36, 6, false, 5 4 3 0",
    "gru, 8, 9, true, 9 5 1 1",
    "lstm, 4, 1, false, 1",
    "gru, 132, 2, false, 2 2"
  })
  void aRunAndItsGradientAreThoseOfTheCpu(
      String cell, long n, long batch, boolean reverse, String sizes) {
    Unrolled unrolled = unrolled(cell, reverse, sizes);
    for (long seed = 1; seed <= 3; seed++) {
      TestGpu.schedule(seed);
      compare("persistent", unrolled, inputs(unrolled, batch, n));
      compare("persistent", new UnrolledGradient(unrolled, batch), gradientInputs(unrolled, n));
    }
  }

  /** Many rows a block, so that a row takes more chunks than there are at a time. */
  @ParameterizedTest
  @CsvSource({
    "lstm, 36, 5, 64, false, 64 64 33",
    "gru, 36, 5, 64, true, 61 60 5",
    "gru, 20, 2, 20, false, 20 17 16 1",
    "lstm, 12, 1, 27, true, 27 27 8"
  })
  void soItIsWithFewBlocks(
      String cell, long n, int blocks, long batch, boolean reverse, String sizes) {
    Unrolled unrolled = unrolled(cell, reverse, sizes);
    GatedCell of = unrolled.cell();
    PersistentRun run =
        new PersistentRun(
            new RecurrentVariants(
                of.name(),
                of.gates(),
                of.states(),
                of.kept(),
                of.alike(),
                unrolled.sizes(),
                reverse),
            blocks);
    try (Variants.Added _ = Variants.add(Unrolled.class, _ -> named(run.forward()));
        Variants.Added _ = Variants.add(UnrolledGradient.class, _ -> named(run.backward()))) {
      compare("few", unrolled, inputs(unrolled, batch, n));
      compare("few", new UnrolledGradient(unrolled, batch), gradientInputs(unrolled, n));
    }
  }

  private static Variant named(Variant variant) {
    return new Variant("few", variant.supports(), variant.launch());
  }

  @Test
  void aGraphReplaysIt() {
    Unrolled unrolled = unrolled("lstm", false, "3 2");
    Tensor[] x = there(inputs(unrolled, 3, 8));
    Tensor h = Tensor.zeros(5, 8).to(gpu);
    try (CudaGraph graph =
        CudaGraph.capture(
            gpu,
            () -> {
              try (Scope _ = Scope.open()) {
                h.assign(by("persistent", unrolled, x)[0]);
              }
            })) {
      x[3].assign(normal(30, 3, 8));
      graph.replay();
      assertArrayEquals(by("persistent", unrolled, x)[0].toFloats(), h.toFloats());
    }
  }

  @Test
  void saysWhatItTakes() {
    Unrolled unrolled = unrolled("gru", false, "1");
    Tensor[] x = there(inputs(unrolled, 1, 6));
    assertEquals(
        "unrolled: has no persistent variant on cuda:0 for F32 [1, 18], F32 [18], F32 [18, 6], F32"
            + " [1, 6]; it takes: F32, up to 64 sequences, H a multiple of 4, weights that fit all"
            + " blocks' shared memory",
        assertThrows(NoKernelException.class, () -> by("persistent", unrolled, x)).getMessage());
  }

  /** Of an LSTM's 64 sequences on 132 multiprocessors with 227 KB each. */
  @Test
  void blocksHaveFewRowsAsLongAsTheirWeightsFit() {
    assertEquals(
        new PersistentGrid(32, 4, 8, 16, 185_088),
        PersistentGrid.of(4, 256, 256, 64, 132, 227L << 10));
    assertEquals(
        new PersistentGrid(16, 16, 32, 4, 182_016),
        PersistentGrid.of(1, 512, 4 * 512, 64, 132, 227L << 10));
    assertNull(PersistentGrid.of(4, 2048, 2048, 1, 132, 227L << 10));
    assertNull(PersistentGrid.of(4, 256, 256, 65, 132, 227L << 10));
  }
}
