package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Dense;
import org.adjoint.backend.HostArray;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.nn.Linear;
import org.adjoint.op.IndexSelect;
import org.adjoint.op.Relu;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CudaBackendTest {
  private final Device gpu = TestGpu.device();

  @ParameterizedTest
  @EnumSource
  void elementsGoThereAndBack(DType dtype) {
    for (int n : new int[] {0, 1, 127, 128, 129, 5000}) {
      Tensor here = Tensor.arange(n).to(dtype);
      Tensor there = here.to(gpu);
      assertEquals(new Meta(here.shape(), dtype, gpu), there.meta());
      assertArrayEquals(here.toDoubles(), there.to(Device.CPU).toDoubles());
    }
  }

  @ParameterizedTest
  @EnumSource
  void viewsAreReadInTheirOrder(DType dtype) {
    Tensor here = Tensor.arange(2 * 3 * 5 * 7).to(dtype).reshape(2, 3, 5, 7);
    Tensor there = here.to(gpu);
    assertArrayEquals(
        here.permute(3, 1, 0, 2).toDoubles(), there.permute(3, 1, 0, 2).to(Device.CPU).toDoubles());
    assertArrayEquals(
        here.flip(2).slice(1, 1, 3).toDoubles(),
        there.flip(2).slice(1, 1, 3).to(Device.CPU).toDoubles());
    Tensor wide = here.slice(1, 0, 1).expand(Shape.of(2, 4, 5, 7));
    Tensor wideThere = there.slice(1, 0, 1).expand(Shape.of(2, 4, 5, 7));
    assertArrayEquals(wide.toDoubles(), wideThere.toDoubles());
  }

  @ParameterizedTest
  @EnumSource
  void constantsAreConvertedAsByACast(DType dtype) {
    for (double value : new double[] {0, 1, -1.75, 300.5, 1e30, -1e30, 1 / 0.0, 0.0 / 0.0}) {
      Tensor here = Tensor.full(new Meta(Shape.of(129), dtype, Device.CPU), value);
      Tensor there = Tensor.full(new Meta(Shape.of(129), dtype, gpu), value);
      assertArrayEquals(here.toDoubles(), there.to(Device.CPU).toDoubles(), dtype + " of " + value);
    }
  }

  @Test
  void aGradientComesBackToWhereItsTensorLies() {
    Tensor x = Tensor.of(1.0, -2.0, 3.0).requireGrad();
    Tensor y = x.to(gpu).relu().to(Device.CPU);
    y.mul(Tensor.of(1.0, 2.0, 3.0)).sum().backward();
    assertEquals(Device.CPU, x.grad().device());
    assertArrayEquals(new double[] {1, 0, 3}, x.grad().toDoubles());
  }

  @Test
  void aModelKeepsItsParametersWhenItMoves() {
    Linear model = new Linear(3, 2, new Philox(1));
    Tensor weight = Objects.requireNonNull(model.parameters().get("weight"));
    float[] before = weight.toFloats();
    weight.accumulateGrad(Tensor.ones(weight.meta()));
    model.to(gpu);
    assertSame(weight, model.parameters().get("weight"));
    assertEquals(gpu, weight.device());
    assertEquals(gpu, weight.grad().device());
    assertTrue(weight.requiresGrad());
    assertArrayEquals(before, weight.toFloats());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> weight.mul(2).relocate(Device.CPU));
    assertEquals(
        "relocate: tensor F32 [2, 3] made by mul_scalar is part of a graph; to(…) gives"
            + " another tensor",
        e.getMessage());
  }

  @Test
  void theBestDeviceIsTheOneThatComputes() {
    assertEquals(gpu, Device.best());
  }

  @Test
  void devicesDoNotMixInSilence() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Tensor.ones(2).add(Tensor.ones(2).to(gpu)));
    assertEquals("add: one operand is on cpu, another on cuda:0; move one of them", e.getMessage());
  }

  /** A kernel with whatever variants a test gives it. */
  private record Probe(List<Variant> cuda, @Nullable String cpuOnly) implements Kernel {
    @Override
    public void reference(Dense[] in, Dense[] out) {
      throw new AssertionError();
    }
  }

  private static Variant writing(String name, double value) {
    return Variant.of(
        name,
        (gpu, in, out) ->
            gpu.call("copy", "fill_f64")
                .int64(out[0].count())
                .float64(value)
                .pointer(out[0])
                .each(out[0].count()));
  }

  private double run(Kernel kernel) {
    CudaBackend backend = CudaBackend.of(gpu);
    Storage storage = backend.allocate(DType.F64, 1);
    try {
      Operand y = new Operand(storage, Layout.contiguous(Shape.SCALAR));
      backend.run(kernel, new Operand[] {y}, new Operand[] {y});
      return ((double[]) backend.read(y))[0];
    } finally {
      storage.release();
    }
  }

  @Test
  void theFirstVariantThatCanRunsUnlessOneIsNamed() {
    Variant never = writing("never", 1).where("nothing", (in, out) -> false);
    Kernel kernel = new Probe(List.of(never, writing("second", 2), writing("third", 3)), null);
    assertEquals(2, run(kernel));
    assertEquals(3, Choice.with(Probe.class, "third", () -> run(kernel)));
    assertEquals(2, Choice.with(Relu.class, "third", () -> run(kernel)));
    NoKernelException e =
        assertThrows(
            NoKernelException.class, () -> Choice.with(Probe.class, "never", () -> run(kernel)));
    assertEquals(
        "cuda_backend_test.probe: has no never variant on cuda:0 for F64 []; it takes: nothing",
        e.getMessage());
  }

  @Test
  void aKernelWithoutVariantsSaysWhy() {
    NoKernelException none =
        assertThrows(NoKernelException.class, () -> run(new Probe(List.of(), null)));
    assertEquals("cuda_backend_test.probe: has no kernel on cuda:0 for F64 []", none.getMessage());
    NoKernelException cpu =
        assertThrows(NoKernelException.class, () -> run(new Probe(List.of(), "it is shy")));
    assertEquals("cuda_backend_test.probe: runs on cpu alone: it is shy", cpu.getMessage());
  }

  @Test
  void anIndexIsCheckedEvenIfNothingIsTaken() {
    for (Device device : List.of(Device.CPU, gpu)) {
      Tensor nothing = Tensor.zeros(5, 0).to(device);
      IndexOutOfBoundsException e =
          assertThrows(
              IndexOutOfBoundsException.class,
              () -> new IndexSelect(0).apply(nothing, Tensor.of(4L, 7L).to(device)));
      assertEquals("index_select: index 7 at element 1 lies outside 0 to 4", e.getMessage());
      assertEquals(
          Shape.of(2, 0), new IndexSelect(0).apply(nothing, Tensor.of(4L, 0L).to(device)).shape());
    }
  }

  @Test
  void scratchIsGivenBackEvenIfTheVariantFails() {
    CudaBackend backend = CudaBackend.of(gpu);
    long live = backend.liveBytes();
    Variant failing =
        Variant.of(
            "failing",
            (gpu, in, out) -> {
              gpu.scratch(DType.F32, Shape.of(1000));
              throw new IllegalStateException("no");
            });
    assertThrows(IllegalStateException.class, () -> run(new Probe(List.of(failing), null)));
    assertEquals(live, backend.liveBytes());
  }

  private static Gpu.Call begun(Gpu gpu) {
    return gpu.call("copy", "fill_f64").int64(1).float64(7);
  }

  /** There is one launch at a time; another that comes between would take its place. */
  @Test
  void aLaunchThatIsCutShortByAnotherIsFound() {
    Variant cut =
        Variant.of(
            "cut",
            (gpu, in, out) -> {
              Gpu.Call _ = begun(gpu);
              begun(gpu).pointer(out[0]).each(1);
            });
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> run(new Probe(List.of(cut), null)));
    assertEquals(
        "launch of fill_f64: begun while that of fill_f64 was being put together", e.getMessage());
    // What is left of it does not stand in the way of the next.
    Variant nothing =
        Variant.of(
            "nothing",
            (gpu, in, out) -> {
              begun(gpu).pointer(out[0]).each(0);
              begun(gpu).pointer(out[0]).each(1);
            });
    assertEquals(7, run(new Probe(List.of(nothing), null)));
  }

  @Test
  void aStepLeavesNothingBehind() throws InterruptedException {
    CudaBackend backend = CudaBackend.of(gpu);
    Tensor x = Tensor.ones(1).to(gpu).requireGrad();
    TestGpu.settledBytes();
    long live = -1;
    for (int i = 0; i < 200; i++) {
      try (Scope _ = Scope.open()) {
        x.zeroGrad();
        x.mul(2).relu().mul(x).reshape().backward();
      }
      if (i == 1) {
        live = backend.liveBytes();
      }
    }
    assertEquals(live, backend.liveBytes());
  }

  @Test
  void blocksAreTakenAgain() {
    CudaBackend backend = new CudaBackend(gpu, true);
    Storage first = backend.allocate(DType.F32, 1 << 20);
    long address = address(first);
    first.release();
    Storage second = backend.allocate(DType.F32, (1 << 20) - 1);
    assertEquals(address, address(second));
    Storage third = backend.allocate(DType.F32, 1 << 20);
    assertNotEquals(address, address(third));
    second.release();
    third.release();
    assertEquals(0, backend.liveBytes());
    assertEquals(8 << 20, backend.heldBytes());
    backend.flush();
    assertEquals(0, backend.heldBytes());
    assertEquals(8 << 20, backend.peakBytes());
  }

  private static long address(Storage storage) {
    return ((CudaStorage) storage).address();
  }

  @Test
  void smallBlocksDoNotOverlap() {
    CudaBackend backend = new CudaBackend(gpu, true);
    int[] lengths = {1, 128, 129, 5000, 1, 100_000, 60_000, 200_000, 3};
    Storage[] storages = new Storage[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      storages[i] = backend.allocate(DType.I32, lengths[i]);
      backend.fill(storages[i], i);
    }
    for (int i = 0; i < lengths.length; i++) {
      int[] found = (int[]) HostArray.of(DType.I32, lengths[i]);
      int[] expected = new int[lengths[i]];
      Arrays.fill(expected, i);
      backend.read(
          new Operand(storages[i], Layout.contiguous(Shape.of(lengths[i]))),
          HostArray.bytes(found));
      assertArrayEquals(expected, found);
      storages[i].release();
    }
  }

  @Test
  void sizeClassesWasteAnEighthAtMost() {
    for (long bytes = 1; bytes < 1L << 40; bytes += 1 + bytes / 7) {
      long size = Allocator.sizeClass(bytes);
      assertTrue(size >= bytes && size % 64 == 0, bytes + " to " + size);
      assertTrue(bytes <= 512 || size <= bytes + bytes / 8 + 1, bytes + " to " + size);
      assertEquals(size, Allocator.sizeClass(size));
    }
  }

  @Test
  void unreachableTensorsGiveTheirMemoryBack() throws InterruptedException {
    CudaBackend backend = CudaBackend.of(gpu);
    long live = backend.liveBytes();
    for (int i = 0; i < 20; i++) {
      Tensor.zeros(new Meta(Shape.of(1000), DType.F32, gpu));
    }
    for (int i = 0; i < 100 && backend.liveBytes() > live; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertTrue(backend.liveBytes() <= live, backend.liveBytes() + " bytes, before " + live);
  }
}
