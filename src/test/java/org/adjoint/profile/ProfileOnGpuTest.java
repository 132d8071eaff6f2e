package org.adjoint.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.adjoint.CudaGraph;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Span;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.backend.cuda.Timeline.Kernel;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;

/** Kernels, beside the operations that they were launched for. */
class ProfileOnGpuTest {
  private final Device gpu = TestGpu.device();
  private final Sequential net =
      new Sequential(new Linear(4, 8, new Philox(1)), new Relu(), new Linear(8, 3, new Philox(2)));
  private final Tensor x = Tensor.normal(new Philox(3), 5, 4).to(gpu);
  private final Tensor labels = Tensor.of(0L, 1, 2, 1, 0).to(gpu);
  private final Sgd sgd = sgd();

  private Sgd sgd() {
    net.to(gpu);
    return new Sgd(net, 0.1);
  }

  private void step() {
    try (Scope _ = Scope.open()) {
      Tensor loss = net.forward(x).crossEntropy(labels);
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
    }
  }

  @Test
  void aKernelBelongsToWhatLaunchedIt() {
    Profile profile = Profile.of(this::step);
    assertEquals(gpu, profile.device());
    for (Kernel kernel : profile.kernels()) {
      Span owner = profile.owner(kernel);
      assertNotNull(owner, kernel.name());
      assertTrue(owner.begin() <= kernel.queued() && kernel.returned() <= owner.end());
      assertTrue(kernel.begin() <= kernel.end(), kernel.name());
    }
    assertEquals(1, owned(profile, "relu", Span.Part.FORWARD));
    assertEquals(1, owned(profile, "sgd.step", Span.Part.UPDATE));
    assertTrue(owned(profile, "matmul", Span.Part.BACKWARD) >= 3); // x has none
    TraceFile file = TraceFile.of(new ChromeTrace(profile).text());
    assertEquals(profile.kernels().size(), file.in("kernels").size());
    assertEquals(profile.nanos(), profile.rows(null).stream().mapToLong(Row::nanos).sum());
  }

  private static long owned(Profile profile, String name, Span.Part part) {
    return profile.kernels().stream()
        .map(profile::owner)
        .filter(span -> span != null && span.name().equals(name) && span.part() == part)
        .count();
  }

  @Test
  void anEmulatedGpuHasNoRates() {
    Profile profile = Profile.of(this::step);
    String table = profile.table();
    assertEquals(!TestGpu.REAL, profile.isEmulated());
    assertEquals(TestGpu.REAL, profile.isOnGpu());
    assertEquals(TestGpu.REAL, table.contains("GB/s"), table);
    assertEquals(!TestGpu.REAL, table.contains("times are the host's, and say nothing of a GPU"));
  }

  @Test
  void aReplayIsOneBar() {
    try (CudaGraph graph = CudaGraph.capture(gpu, this::step)) {
      Profile profile = Profile.of(graph::replay);
      assertEquals(
          List.of("work", "graph replay", "wait for the GPU"),
          profile.spans().stream().map(Span::name).toList());
      assertEquals("graph", profile.kernels().getLast().name());
      assertEquals(profile.kernels().size(), owned(profile, "graph replay", Span.Part.FORWARD));
    }
    Profile captured = Profile.of(() -> CudaGraph.capture(gpu, this::step).close());
    assertFalse(captured.kernels().isEmpty()); // of the step that is taken, not recorded
    long relus = captured.spans().stream().filter(s -> s.name().equals("relu.gate")).count();
    assertEquals(2, relus);
    assertEquals(1, owned(captured, "relu.gate", Span.Part.BACKWARD));
  }

  @Test
  void ceilingsOfAGpuAreMeasuredByItsClock() {
    Ceilings found = Ceilings.onGpu(gpu, 16);
    assertTrue(found.bytesPerSecond() > 0 && found.flopPerSecond() > 0, found.toString());
    assertEquals(
        Math.max(10 / found.bytesPerSecond(), 20 / found.flopPerSecond()), found.least(10, 20));
  }
}
