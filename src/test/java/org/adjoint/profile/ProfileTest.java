package org.adjoint.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.adjoint.Cost;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Span;
import org.adjoint.Span.Part;
import org.adjoint.Tensor;
import org.adjoint.Trace;
import org.adjoint.autograd.View;
import org.adjoint.backend.cuda.Timeline.Kernel;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {
  private final Sequential net =
      new Sequential(new Linear(4, 8, new Philox(1)), new Relu(), new Linear(8, 3, new Philox(2)));
  private final Sgd sgd = new Sgd(net, 0.1);
  private final Tensor x = Tensor.normal(new Philox(3), 5, 4);
  private final Tensor labels = Tensor.of(0L, 1, 2, 1, 0);

  private void step() {
    Tensor loss = net.forward(x).crossEntropy(labels);
    sgd.zeroGrad();
    loss.backward();
    sgd.step();
  }

  /** What holds of every profile. */
  private static TraceFile sound(Profile profile) {
    long sum = profile.rows(null).stream().mapToLong(Row::nanos).sum();
    assertEquals(profile.nanos(), sum, "the rows are all of it");
    profile.spans().forEach(span -> assertTrue(span.self() >= 0, span.name()));
    for (Span span : profile.spans()) {
      span.outer()
          .ifPresent(outer ->
              assertTrue(outer.begin() <= span.begin() && span.end() <= outer.end(), span.name()));
    }
    return TraceFile.of(new ChromeTrace(profile).text());
  }

  private static List<String> operations(Profile profile) {
    return profile.spans().stream().filter(Span::isOperation).map(Span::name).toList();
  }

  @Test
  void everyOperationIsThereOnceWithWhatItCosts() {
    List<String> names = new ArrayList<>();
    double[] cost = new double[2];
    double flop =
        Cost.of(() ->
                Trace.watch(
                    (op, in, out) -> {
                      names.add(op.name());
                      Meta[] from = in.stream().map(Tensor::meta).toArray(Meta[]::new);
                      Meta[] to = out.stream().map(Tensor::meta).toArray(Meta[]::new);
                      cost[0] += op instanceof View ? 0 : op.bytes(from, to);
                    },
                    () -> {
                      step();
                      return 0;
                    }))
            .flop();
    Profile profile = Profile.of(this::step);
    assertEquals(names, operations(profile));
    assertEquals(flop, profile.rows(null).stream().mapToDouble(Row::flop).sum());
    double moved =
        profile.spans().stream().filter(Span::isOperation).mapToDouble(Span::bytes).sum();
    assertEquals(cost[0], moved);
    assertTrue(moved > 0 && flop > 0);
  }

  @Test
  void everyRecordedOperationHasOneGradientAndAnArrowToIt() {
    Profile profile = Profile.of(this::step);
    TraceFile file = sound(profile);
    List<Long> made =
        profile.spans().stream()
            .filter(span -> span.isOperation() && span.node() >= 0)
            .map(Span::node)
            .sorted()
            .toList();
    List<Long> taken =
        profile.spans().stream().filter(Span::isGradient).map(Span::node).sorted().toList();
    assertTrue(made.size() >= 6, made.toString()); // two products, two sums, relu, loss
    assertEquals(made, taken);
    assertEquals(Set.copyOf(made), file.flows());
    assertEquals(1, file.in("update").stream().filter(b -> b.name().equals("sgd.step")).count());
    assertEquals(1, file.in("step").size());
  }

  @Test
  void aBarSaysShapesCostAndTheLineOfTheProgram() {
    Profile profile = Profile.of(this::step);
    TraceFile file = sound(profile);
    TraceFile.Bar relu = named(file.in("forward"), "relu");
    assertEquals("F32 [5, 8]", relu.args().get("in").stringValue());
    assertEquals("F32 [5, 8]", relu.args().get("out").stringValue());
    assertEquals(2 * 5 * 8 * Float.BYTES, relu.args().get("bytes").longValue());
    assertEquals(5 * 8, relu.args().get("flop").longValue());
    assertTrue(relu.args().get("at").stringValue().startsWith("ProfileTest.java:"), relu + "");
    assertEquals("Sequential/Relu", relu.args().get("within").stringValue());
    TraceFile.Bar back = named(file.in("backward"), "relu");
    assertEquals(relu.args().get("at"), back.args().get("at"));
    assertEquals(relu.args().get("within"), back.args().get("within"));
  }

  private static TraceFile.Bar named(List<TraceFile.Bar> bars, String name) {
    return bars.stream().filter(bar -> bar.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void rowsTellForwardFromBackward() {
    List<Row> rows = Profile.of(this::step).rows(null);
    List<String> forward = names(rows, Part.FORWARD);
    List<String> backward = names(rows, Part.BACKWARD);
    assertTrue(forward.contains("matmul") && forward.contains("relu"), forward.toString());
    assertTrue(backward.contains("matmul › matmul"), backward.toString());
    assertTrue(backward.contains("relu › relu.gate"), backward.toString());
    assertTrue(backward.contains("the walk back"), backward.toString());
    assertEquals(List.of("sgd", "sgd.step"), names(rows, Part.UPDATE).stream().sorted().toList());
  }

  private static List<String> names(List<Row> rows, Part part) {
    return rows.stream().filter(row -> row.part() == part).map(Row::name).toList();
  }

  @Test
  void gradientsOfGradientsAreLinkedToo() {
    Tensor w = Tensor.of(2.0, 3.0).requireGrad();
    Profile profile =
        Profile.of(() -> {
          Tensor dw = Grad.ofDifferentiable(w.mul(w).mul(w).sum(), w)[0];
          Grad.of(dw.sum(), w);
        });
    TraceFile file = sound(profile);
    List<Span> gradients = profile.spans().stream().filter(Span::isGradient).toList();
    assertEquals(2, file.in("backward").stream().filter(b -> b.name().equals("backward")).count());
    boolean second =
        gradients.stream()
            .anyMatch(gradient ->
                profile.spans().stream()
                    .anyMatch(span ->
                        span.isOperation()
                            && span.node() == gradient.node()
                            && span.part() == Part.BACKWARD));
    assertTrue(second, "the gradient of what a gradient was computed by");
    assertTrue(profile.spans().stream().noneMatch(Span::hasFailed));
  }

  @Test
  void anExceptionLeavesNothingBehind() {
    assertThrows(
        IllegalArgumentException.class, () -> Profile.of(() -> x.matmul(Tensor.zeros(3, 3))));
    Profile profile =
        Profile.of(() -> {
          try (Span _ = Span.open("brave")) {
            assertThrows(IllegalArgumentException.class, () -> x.matmul(Tensor.zeros(3, 3)));
          }
          Tensor w = Tensor.of(1.0, 2).requireGrad();
          w.onGrad(_ -> {
            throw new ArithmeticException("on the way back");
          });
          assertThrows(ArithmeticException.class, () -> w.mul(w).sum().backward());
          x.relu();
        });
    TraceFile file = sound(profile);
    assertTrue(named(file.in("forward"), "matmul").args().get("failed").booleanValue());
    Span relu = profile.spans().getLast();
    assertEquals("relu", relu.name());
    assertEquals(Part.FORWARD, relu.part());
    assertEquals("work", relu.outer().orElseThrow().name());
  }

  @Test
  void aProgramMarksSpansOfItsOwn() {
    Profile profile =
        Profile.of(() -> {
          try (Span _ = Span.open("a \"b\"\n")) {
            x.relu();
          }
          Span _ = Span.open("left open");
        });
    sound(profile);
    Span relu = profile.spans().get(2);
    assertEquals("a \"b\"\n", relu.outer().orElseThrow().name());
    assertEquals(profile.steps().getFirst().end(), profile.spans().getLast().end());
  }

  /** As if each operation had queued two kernels that ran for 300 ns each, when all was queued. */
  @Test
  void timesOfAGpuAreThoseOfItsKernels() {
    Profile host = Profile.of(() -> x.relu().abs());
    Span relu = host.spans().get(1);
    Span abs = host.spans().get(2);
    Device gpu = new Device("cuda", 0);
    List<Kernel> kernels = new ArrayList<>();
    for (Span span : List.of(relu, relu, abs, abs)) {
      long begin = abs.end() + 1000 * kernels.size();
      kernels.add(new Kernel(gpu, "k", true, span.begin() + 1, span.end() - 1, begin, begin + 300));
    }
    kernels.add(new Kernel(gpu, "before", true, 0, 1, 2, 3));
    Profile profile = new Profile(host.spans(), kernels, 0, false, Double.NaN);
    assertTrue(profile.isOnGpu() && !profile.isEmulated());
    assertEquals(kernels.subList(0, 4), profile.kernels());
    List<Row> rows = profile.rows(new Ceilings(1e12, 1e9)); // 20 numbers in 20 ns
    Row first = rows.stream().filter(row -> row.name().equals("relu")).findFirst().orElseThrow();
    assertEquals(600, first.nanos());
    assertEquals(20 / 600.0, first.roofline(), 1e-12);
    assertEquals(160 / 600e-9, first.bytesPerSecond(), 1);
    assertEquals(host.nanos() - 1200, rows.getFirst().nanos());
    assertEquals("the GPU waits", rows.getFirst().name());
    TraceFile.Bar last = TraceFile.of(new ChromeTrace(profile).text()).in("kernels").getLast();
    assertEquals("abs", last.args().get("operation").stringValue());
    assertEquals(300, last.end() - last.begin());
  }

  @Test
  void nobodyIsNotedUnasked() throws InterruptedException {
    assertSame(Span.open("a"), Span.open("b"), "nothing is made where nobody notes");
    Profile profile =
        Profile.of(() -> {
          Thread other = new Thread(x::relu);
          other.start();
          try {
            other.join();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertEquals(List.of(), operations(profile));
    Profile.of(() ->
        assertEquals(
            "profile: this thread is being profiled already; close that profile first",
            assertThrows(IllegalStateException.class, () -> Profile.of(() -> {})).getMessage()));
  }

  @Test
  void aProfileHasALimit() {
    Tensor one = Tensor.of(1.0);
    Profile profile =
        Profile.of(() -> {
          for (int i = 0; i < 60_000; i++) {
            one.abs();
          }
        });
    assertTrue(profile.isCutShort());
    assertEquals(50_000, profile.spans().size());
    sound(profile);
    assertFalse(Profile.of(one::abs).isCutShort());
  }

  @Test
  void theTableSetsRatesBesideCeilings(@TempDir Path folder) throws IOException {
    Profile profile = Profile.of(this::step);
    String table = profile.table();
    assertTrue(table.startsWith("work: "), table);
    List<String> lines = table.lines().toList();
    String head = lines.get(1);
    assertEquals(
        "part operation calls ms % MB MFLOP GB/s GFLOP/s roofline",
        head.trim().replaceAll(" +", " "));
    String all =
        lines.stream().filter(line -> line.contains("all of it")).findFirst().orElseThrow();
    assertTrue(all.contains(" 100.0 "), all);
    assertTrue(table.contains("Ceilings of cpu, measured just now: memory "), table);
    for (Row row : profile.rows()) {
      boolean known = row.bytes() > 0 || row.flop() > 0;
      assertEquals(known, row.least() > 0, row.name());
    }
    Path file = folder.resolve("trace.json");
    profile.write(file);
    assertEquals(profile.spans().size(), TraceFile.of(Files.readString(file)).all().size());
    IOException e =
        assertThrows(IOException.class, () -> profile.write(folder.resolve("no/trace.json")));
    assertTrue(String.valueOf(e.getMessage()).contains("there is no folder"), e.getMessage());
  }
}
