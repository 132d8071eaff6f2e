package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Tensor;
import org.adjoint.autograd.Launch;
import org.adjoint.backend.Operand;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels of users' own: compiled, loaded, launched, and refused with a line that helps. */
class KernelFileTest {
  private static final String TWICE =
      """
      #include "walk.cuh"
      #ifndef TIMES
      #define TIMES 2
      #endif
      extern "C" __global__ void times(const float* x, float* y, long long n) {
        for (long long i = first(); i < n; i += step()) y[i] = TIMES * x[i];
      }
      extern "C" __global__ void __launch_bounds__(64) small(float* y) { y[threadIdx.x] = 1; }
      """;

  @TempDir Path folder;

  private Device gpu = Device.CPU;

  @BeforeEach
  void findGpu() {
    gpu = TestGpu.compiling();
  }

  private KernelFile file(String name, String text) throws IOException {
    return KernelFile.of(Files.writeString(folder.resolve(name), text));
  }

  private static Launch times(KernelFile kernels) {
    return Launch.of((gpu, in, out) ->
        gpu.call(kernels, "times")
            .flat(DType.F32, in[0], out[0])
            .int64(out[0].count())
            .each(out[0].count()));
  }

  private static String refused(Launch launch, Tensor... in) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> launch.apply(in)).getMessage());
  }

  private Tensor x() {
    return Tensor.of(1f, 2, 3).to(gpu);
  }

  @Test
  void aSourceIsCompiledAndLaunchedOnTensors() throws IOException {
    KernelFile kernels = file("twice.cu", TWICE);
    assertArrayEquals(new float[] {2, 4, 6}, times(kernels).apply(x()).toFloats());
    assertArrayEquals(new float[] {5, 10, 15}, run(kernels.with("-DTIMES=5")));
    assertArrayEquals(new float[] {2, 4, 6}, run(kernels));
  }

  private float[] run(KernelFile kernels) {
    return times(kernels).apply(x()).toFloats();
  }

  @Test
  void aChangedFileIsCompiledAnew() throws IOException {
    assertArrayEquals(new float[] {2, 4, 6}, run(file("twice.cu", TWICE)));
    assertArrayEquals(
        new float[] {7, 14, 21}, run(file("twice.cu", TWICE.replace("TIMES 2", "TIMES 7"))));
  }

  @Test
  void itMayIncludeCudasHeadersOrNone() {
    String text =
        """
        #include <cuda_runtime.h>
        extern "C" __global__ void times(const float* x, float* y, long long n) {
          if (threadIdx.x < n) y[threadIdx.x] = 3 * x[threadIdx.x];
        }
        """;
    assertArrayEquals(new float[] {3, 6, 9}, run(KernelFile.ofSource("thrice", text)));
    assertArrayEquals(
        new float[] {3, 6, 9},
        run(KernelFile.ofSource("thrice", text.replace("#include <cuda_runtime.h>", ""))));
    assertEquals(
        "kernels of 'a/b': a name of letters is needed",
        assertThrows(IllegalArgumentException.class, () -> KernelFile.ofSource("a/b", text))
            .getMessage());
  }

  @Test
  void whatTheCompilerRefusesIsShownInItsWords() throws IOException {
    String message = refused(times(file("wrong.cu", TWICE.replace("y[i]", "z[i]"))), x());
    assertTrue(
        message.matches("(?s)kernels of wrong.cu: (g\\+\\+|nvcc) refuses them:\n.*"), message);
    assertTrue(message.contains("wrong.cu") && message.contains("z"), message);
    assertTrue(message.matches("(?s).*[:(]6[:)].*"), "the line: " + message);
  }

  @Test
  void filesThatAreMissingOrOfNoUse() throws IOException {
    Path missing = folder.resolve("missing.cu");
    assertEquals(
        "kernels of missing.cu: there is no such file: " + missing,
        refused(times(KernelFile.of(missing)), x()));
    assertEquals(
        "kernels of kernel.txt: neither a source, .cu, nor compiled, .cubin, .fatbin, .ptx",
        refused(times(file("kernel.txt", TWICE)), x()));
    assertEquals(
        "kernels of twice.cu: there is no kernel once in it, but times, small",
        refused(Launch.of((gpu, in, out) -> gpu.call(twice(), "once").pointers(in).run()), x()));
  }

  private KernelFile twice() {
    return KernelFile.ofSource("twice", TWICE);
  }

  @Test
  void anImageForAnotherMachineIsRefused() throws IOException {
    String message = refused(times(file("other.ptx", ".version 99.9")), x());
    assertTrue(
        message.startsWith("kernels of other.ptx: cuda:0 (")
            && message.contains("does not take it: cuModuleLoadData(other.ptx): CUDA_ERROR_")
            && message.contains("; was it compiled for sm_"),
        message);
  }

  @Test
  void launchesBeyondALimitAreRefused() {
    assertTrue(
        refused(
                Launch.of((gpu, in, out) ->
                    gpu.call(twice(), "small").flat(DType.F32, out).block(65).run()),
                x())
            .startsWith("launch of small: a block of 65 × 1 × 1 threads; it takes 1 to 64"));
    assertTrue(
        refused(Launch.of((gpu, in, out) -> gpu.call(twice(), "times").block(1025).run()), x())
            .startsWith("launch of times: a block of 1025 × 1 × 1 threads; it takes 1 to 1024"));
    assertTrue(
        refused(Launch.of((gpu, in, out) -> gpu.call(twice(), "times").grid(1, 65_536, 1)), x())
            .startsWith("launch of times: a grid of 1 × 65536 × 1 blocks"));
    assertTrue(
        refused(Launch.of((gpu, in, out) -> gpu.call(twice(), "times").shared(1 << 20)), x())
            .startsWith("launch of times: 1,048,576 bytes of dynamic shared memory"));
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    assertEquals(
        "launch of times: an operand is F64, and the kernel takes F32",
        refused(times(twice()), x().to(DType.F64)));
    assertEquals(
        "launch of times: an operand, [2], is a view; give it gpu.contiguous(x), or walk(…)",
        refused(times(twice()), x().slice(0, 0, 3, 2)));
    assertEquals(
        "launch: kernels run on a GPU, and the tensors are on cpu; move them with to(device)",
        refused(times(twice()), Tensor.of(1f)));
    assertEquals(
        "launch: one operand is on cuda:0, another on cpu; move one of them",
        refused(times(twice()), x(), Tensor.of(1f)));
  }

  @Test
  void nullIsNoOperand() {
    Operand none = null;
    Launch launch =
        Launch.of((gpu, in, out) -> gpu.call(twice(), "times").flat(DType.F32, in[0], none).run());
    assertEquals(
        "launch of times: an operand is null",
        assertThrows(NullPointerException.class, () -> launch.apply(x())).getMessage());
  }

  @Test
  void aViewIsPackedWhileALaunchIsBeingPutTogether() {
    Launch launch =
        Launch.of((gpu, in, out) ->
            gpu.call(twice(), "times")
                .flat(DType.F32, gpu.contiguous(in[0]), out[0])
                .int64(out[0].count())
                .each(out[0].count()));
    assertArrayEquals(new float[] {6, 4, 2}, launch.apply(x().flip(0)).toFloats());
  }

  @Test
  void argumentsThatDoNotFitAreRefusedWhereTheDriverKnows() {
    assumeTrue(!TestGpu.REAL, "drivers before CUDA 12.4 do not know");
    assertEquals(
        "launch of times: 2 arguments, and the kernel takes 3",
        refused(
            Launch.of((gpu, in, out) -> gpu.call(twice(), "times").pointers(in[0], out[0]).run()),
            x()));
    assertEquals(
        "launch of times: argument 3 of 3 has 4 bytes, and the kernel's parameter 8",
        refused(
            Launch.of((gpu, in, out) ->
                gpu.call(twice(), "times").pointers(in[0], out[0]).int32(3).run()),
            x()));
    assertEquals(
        "launch of times: 4 arguments, and the kernel takes 3",
        refused(
            Launch.of((gpu, in, out) ->
                gpu.call(twice(), "times").pointers(in[0], out[0]).int64(3).float32(1).run()),
            x()));
  }

  @Test
  void closedTensorsAndGradientsAreRefused() {
    Tensor closed = x();
    closed.close();
    assertTrue(
        String.valueOf(
                assertThrows(IllegalStateException.class, () -> times(twice()).apply(closed))
                    .getMessage())
            .startsWith("launch: "));
    Tensor y = times(twice()).apply(x().requireGrad()).sum();
    assertEquals(
        "launch: there is no gradient; write an Op",
        assertThrows(UnsupportedOperationException.class, y::backward).getMessage());
  }
}
