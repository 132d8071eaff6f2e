package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.check.Proof;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.Softmax;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Variants beside those of an operation: chosen by name, and checked like the rest. */
class VariantsTest {
  /** Rows along the last axis; wrong where {@code LAST} leaves out the last element. */
  private static final String SOFTMAX =
      """
      extern "C" __global__ void rows(const float* x, float* y, long long n) {
        const float* row = x + blockIdx.x * n;
        float max = row[0], sum = 0;
        for (long long i = 0; i < n - LAST; i++) max = row[i] > max || row[i] != row[i] ? row[i] : max;
        for (long long i = 0; i < n - LAST; i++) sum += expf(row[i] - max);
        for (long long i = 0; i < n; i++) y[blockIdx.x * n + i] = expf(row[i] - max) / sum;
      }
      """;

  private Device gpu = Device.CPU;

  @BeforeEach
  void findGpu() {
    gpu = TestGpu.compiling();
  }

  private static Variants.Added addSoftmax(String name, int last) {
    KernelFile kernels = KernelFile.ofSource("rows", SOFTMAX).with("-DLAST=" + last);
    return Variants.add(
        Softmax.class,
        softmax ->
            new Variant(
                name,
                (in, out) ->
                    in[0].dtype() == DType.F32 && in[0].shape().countAfter(softmax.axis()) == 1,
                (gpu, in, out) -> {
                  long n = in[0].shape().size(softmax.axis());
                  gpu.call(kernels, "rows")
                      .flat(DType.F32, gpu.contiguous(in[0]), out[0])
                      .int64(n)
                      .grid(out[0].count() / n)
                      .block(1)
                      .run();
                }));
  }

  /** A last element of 0 gets a share above 1 where it is left out of the sum. */
  private float[] shares() {
    Tensor x = Tensor.of(0f, 0).to(gpu);
    return Choice.with(Softmax.class, "mine", () -> x.softmax(0)).toFloats();
  }

  @Test
  void isChosenByNameAndOnlyThen() {
    try (Variants.Added _ = addSoftmax("mine", 1)) {
      assertArrayEquals(new float[] {1, 1}, shares());
      assertArrayEquals(new float[] {0.5f, 0.5f}, Tensor.of(0f, 0).to(gpu).softmax(0).toFloats());
    }
    assertEquals(
        "softmax: has no mine variant on cuda:0 for F32 [2]; there is: warp, block, shared, online,"
            + " strip, columns, naive",
        assertThrows(NoKernelException.class, this::shares).getMessage());
  }

  @Test
  void twoAreToldApartByTheirNames() {
    try (Variants.Added _ = addSoftmax("mine", 0);
        Variants.Added _ = addSoftmax("other", 1)) {
      assertArrayEquals(new float[] {0.5f, 0.5f}, shares());
    }
    try (Variants.Added _ = addSoftmax("naive", 0)) {
      assertEquals(
          "softmax: there are two variants called naive; give your own another name",
          assertThrows(IllegalStateException.class, () -> Tensor.of(0f).to(gpu).softmax(0))
              .getMessage());
    }
  }

  @Test
  void isCheckedLikeTheRest() {
    try (Variants.Added _ = addSoftmax("mine", 0)) {
      StringWriter out = new StringWriter();
      Proof proof = Proof.of(gpu, new PrintWriter(out), OpCatalog.of(Softmax.class));
      assertTrue(proof.holds(), proof.toString());
      assertTrue(out.toString().matches("(?s).*softmax +mine +[0-9,]+ .*"), out.toString());
    }
  }

  @Test
  void aWrongOneFailsByNameShapeAndElement() {
    try (Variants.Added _ = addSoftmax("mine", 1)) {
      Proof proof = Proof.of(gpu, new PrintWriter(new StringWriter()), OpCatalog.of(Softmax.class));
      assertTrue(
          proof.failures().stream()
              .anyMatch(line ->
                  line.matches(
                      "softmax: seed 1, Softmax\\[axis=1\\] \\[3, 4\\]: mine: F32 output 0.*,"
                          + " element \\d+: expected .*, got .*, bound .*")),
          proof.toString());
      assertThrows(IllegalStateException.class, proof::require);
    }
  }

  /** Twice x, without kernels. */
  private record Chosen() implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return in;
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      out[0].data()[0] = 2 * in[0].data()[0];
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {dy[0].mul(2)};
    }
  }

  @Test
  void thePropertyChoosesOneToo() {
    Variant first = Variant.of("first", (gpu, in, out) -> gpu.copy(in[0], out[0]));
    Variant second = Variant.of("second", (gpu, in, out) -> gpu.zero(out[0]));
    System.setProperty("adjoint.kernel.variants_test.chosen", "second");
    try (Variants.Added _ = Variants.add(Chosen.class, op -> first);
        Variants.Added _ = Variants.add(Chosen.class, op -> second)) {
      assertEquals(
          List.of("first", "second"),
          Variants.of(new Chosen()).stream().map(Variant::name).toList());
      assertEquals(0, new Chosen().apply(Tensor.of(3f).to(gpu)).item());
      assertEquals(6, new Chosen().apply(Tensor.of(3f)).item(), "on the cpu the word says nothing");
    } finally {
      System.clearProperty("adjoint.kernel.variants_test.chosen");
    }
  }
}
