package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.Draw;
import org.adjoint.op.MatMul;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the timer does before, while and after it takes the time. */
class KernelTimerOnGpuTest {
  /** y = x, right for so many launches and zero afterwards. */
  private record Tiring(AtomicInteger launches, int strength) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return in;
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      System.arraycopy(in[0].data(), 0, out[0].data(), 0, in[0].count());
    }

    @Override
    public List<Variant> cuda() {
      return List.of(
          Variant.of(
              "copy",
              (gpu, in, out) -> {
                if (launches.incrementAndGet() <= strength) {
                  gpu.copy(in[0], out[0]);
                } else {
                  gpu.zero(out[0]);
                }
              }),
          Variant.of("never", (gpu, in, out) -> gpu.zero(out[0])).where((in, out) -> false));
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return dy;
    }

    OpSpec spec() {
      return OpSpec.of(this).example(this, Draw.normal(3)).build();
    }
  }

  private Device gpu = Device.CPU;

  @BeforeEach
  void findGpu() {
    gpu = TestGpu.device();
  }

  private List<Timing> time(Tiring op) {
    try (KernelTimer timer = KernelTimer.rehearsal(gpu, Duration.ofMillis(50))) {
      return timer.time(op.spec(), DType.F32, op, Draw.normal(100));
    }
  }

  @Test
  void whatPassesIsTimedColdAndWarmBesideACopy() {
    Tiring op = new Tiring(new AtomicInteger(), Integer.MAX_VALUE);
    Timing timing = time(op).getFirst();
    assertEquals(List.of(), timing.failures());
    Spread cold = assertThat(timing.cold());
    Spread warm = assertThat(timing.warm());
    assertTrue(cold.n() >= 20 && cold.median() > 0, timing.toString());
    assertTrue(warm.n() >= 20 && warm.median() > 0, timing.toString());
    assertTrue(op.launches.get() > cold.n() + warm.n());
    assertEquals(800, timing.bytes());
    assertTrue(timing.copy() > 0);
    assertEquals(800 / cold.median() / timing.copy(), timing.shareOfCopy());
    assertTrue(timing.toString().contains("% of a copy's"), timing.toString());
  }

  private static Spread assertThat(Spread spread) {
    assertNotNull(spread);
    return spread;
  }

  @Test
  void onlyVariantsThatTakeTheInputsAreTimed() {
    assertEquals(1, time(new Tiring(new AtomicInteger(), Integer.MAX_VALUE)).size());
  }

  @Test
  void whatFailsBeforeIsNotLaunchedAgain() {
    Tiring op = new Tiring(new AtomicInteger(), 0);
    Timing timing = time(op).getFirst();
    assertFalse(timing.failures().isEmpty());
    assertNull(timing.cold());
    assertTrue(op.launches.get() < 50, "launches: " + op.launches);
  }

  @Test
  void whatFailsAfterwardsGetsNoTime() {
    Tiring proved = new Tiring(new AtomicInteger(), Integer.MAX_VALUE);
    DeviceCheck.of(proved.spec(), gpu, proved.cuda().getFirst());
    // Enough for the checks before, and for some samples.
    Timing timing = time(new Tiring(new AtomicInteger(), proved.launches.get() + 10)).getFirst();
    assertNull(timing.cold());
    assertNull(timing.warm());
    assertTrue(
        timing.failures().stream().allMatch(f -> f.example().endsWith("[100] after")),
        timing.failures().toString());
    assertTrue(timing.toString().contains("no time, since it is wrong"), timing.toString());
  }

  @Test
  void specsAreCheckedOnceAndCasesEachTime() {
    Tiring op = new Tiring(new AtomicInteger(), Integer.MAX_VALUE);
    OpSpec spec = op.spec();
    try (KernelTimer timer = KernelTimer.on(gpu)) {
      timer.time(spec, DType.F32, op, Draw.normal(100));
      int first = op.launches.get();
      timer.time(spec, DType.F32, op, Draw.normal(100));
      int second = op.launches.get() - first;
      assertTrue(second > 0 && second < first / 3, first + " and then " + second);
    }
  }

  @Test
  void roundsAreTakenInTurnsAndCheckedAround() {
    Tiring op = new Tiring(new AtomicInteger(), Integer.MAX_VALUE);
    try (KernelTimer timer = KernelTimer.rehearsal(gpu, Duration.ofMillis(50));
        Trials trials = timer.prepare(op.spec(), DType.F32, op, Draw.normal(100))) {
      Trial trial = trials.all().getFirst();
      assertEquals(1, trials.all().size());
      assertTrue(trial.check("before"));
      for (int i = 0; i < 5; i++) {
        assertEquals(20, trial.round(20).size());
      }
      assertTrue(trial.check("after"));
      assertEquals(100, assertThat(trial.timing().cold()).n());
      assertTrue(trial.timing().chosen());
    }
    Tiring wrong = new Tiring(new AtomicInteger(), 0);
    try (KernelTimer timer = KernelTimer.rehearsal(gpu, Duration.ofMillis(50));
        Trials trials = timer.prepare(wrong.spec(), DType.F32, wrong, Draw.normal(100))) {
      Trial trial = trials.all().getFirst();
      assertFalse(trial.check("before"));
      assertEquals(List.of(), trial.round(20));
      assertNull(trial.timing().cold());
    }
  }

  @Test
  void largeCasesAreComparedWithTheNaiveVariant() {
    assertEquals(List.of(), compareWithNaive("split"));
    assertEquals(List.of(), compareWithNaive("tf32"));
    try (Variants.Added _ =
        Variants.add(
            MatMul.class,
            matmul ->
                Variant.of(
                    "short",
                    (gpu, in, out) -> {
                      matmul.cuda().getLast().launch().run(gpu, in, out);
                      gpu.zero(new Operand(out[0].storage(), out[0].layout().slice(0, 0, 1, 1)));
                    }))) {
      List<Failure> failures = compareWithNaive("short");
      assertEquals(3, failures.size(), failures.toString());
      assertTrue(failures.getFirst().problem().startsWith("F32 output 0, norm of the error"));
    }
  }

  private List<Failure> compareWithNaive(String name) {
    OpSpec spec = OpCatalog.of(MatMul.class);
    Variant variant =
        Variants.of(new MatMul()).stream()
            .filter(v -> v.name().equals(name))
            .findAny()
            .orElseThrow();
    Tally tally = new Tally("matmul", name);
    OpSpec.Example example =
        OpSpec.Example.of(new MatMul(), Draw.normal(64, 32), Draw.normal(32, 48));
    CaseCheck.run(spec, gpu, variant, example, DType.F32, 1000, true, tally);
    assertEquals(3, tally.compared());
    return tally.failures();
  }

  @Test
  void memoryIsPoisonedForTheChecksAlone() {
    CudaBackend backend = CudaBackend.of(gpu);
    boolean before = backend.poison(false);
    try {
      time(new Tiring(new AtomicInteger(), Integer.MAX_VALUE));
      assertFalse(backend.poison(false));
    } finally {
      backend.poison(before);
    }
  }

  @Test
  void whatTheReferenceCannotDoIsRefused() {
    Tiring op = new Tiring(new AtomicInteger(), 0);
    try (KernelTimer timer = KernelTimer.on(gpu)) {
      assertEquals(
          "timer: kernel_timer_on_gpu_test.tiring: [2147483648] has more elements than the"
              + " reference can be asked for, 1,073,741,824",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> timer.time(op.spec(), DType.F32, op, Draw.normal(1L << 31)))
              .getMessage());
    }
  }
}
