package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.emulator.Emulator;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.Relu;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every variant of every operation moves, against a file: neither more nor less. */
class TrafficCountsTest {
  private static final Path FILE = Emulator.home().resolve("src/test/resources/traffic/counts.tsv");

  private final Device gpu = TestGpu.device();

  @BeforeEach
  void emulatorOnly() {
    assumeFalse(TestGpu.REAL, "a GPU does not count");
  }

  @Test
  void everyVariantMovesWhatItDid() {
    TrafficFile now;
    try (TrafficMeter meter = new TrafficMeter(gpu)) {
      now = new TrafficFile(Emulator.compiler(), meter.all());
    }
    if (Boolean.getBoolean("adjoint.traffic.accept")) {
      now.write(FILE);
    }
    TrafficFile before = TrafficFile.read(FILE);
    List<String> differences = before.differences(now);
    String message = String.join("\n", differences) + "\nif that is meant: " + TrafficFile.ACCEPT;
    assumeTrue(
        differences.isEmpty() || before.compiler().equals(now.compiler()),
        () -> before.compiler() + " counted, here is " + now.compiler() + ": " + message);
    assertTrue(differences.isEmpty(), message);
  }

  @Test
  void aKernelThatMovesMoreFails() {
    Variant strided = new Relu().cuda().getLast();
    Variant.Launcher twice =
        (gpu, in, out) -> {
          strided.launch().run(gpu, in, out);
          strided.launch().run(gpu, in, out);
        };
    OpSpec relu = OpCatalog.of(Relu.class);
    List<String> lines;
    try (TrafficMeter meter = new TrafficMeter(gpu);
        Variants.Added _ = Variants.add(Relu.class, one -> Variant.of("planted", twice))) {
      lines = meter.lines(relu).stream().map(TrafficLine::toString).toList();
    }
    String once = lines.stream().filter(line -> line.contains("strided")).findAny().orElseThrow();
    String planted = lines.getLast();
    assertEquals(
        List.of(
            "relu planted F32 Relu[] [2059]: requested 32,944, was 16,472 (more);"
                + " moved 33,024, was 16,512 (more); cached 33,024, was 16,512 (more);"
                + " ideal 33,024, was 16,512 (more); launches 2, was 1 (more)"),
        file(once.replace("strided", "planted")).differences(file(planted)));
  }

  @Test
  void aFileSaysWhatIsNotSo() {
    String key = "softmax\tblock\tF32\t";
    String label = "\tSoftmax[axis=1] [2, 4]";
    String other = key.replace("block", "online") + "64\t64\t64\t64\t64\t0\t1\t0\t1" + label;
    TrafficFile before = file(key + "64\t64\t64\t64\t64\t0\t1\t0\t1" + label);
    assertEquals(List.of(), before.differences(before));
    assertEquals(
        List.of(
            "softmax block F32 Softmax[axis=1] [2, 4]: moved 1,064, was 64 (more);"
                + " barriers 0, was 1 (less)",
            "softmax online F32 Softmax[axis=1] [2, 4]: is not in the file"),
        before.differences(file(key + "64\t64\t1064\t64\t64\t0\t0\t0\t1" + label, other)));
    assertEquals(
        List.of("softmax block F32 Softmax[axis=1] [2, 4]: is in the file alone"),
        before.differences(file()));
  }

  private static TrafficFile file(String... lines) {
    return new TrafficFile("", Stream.of(lines).map(TrafficLine::parse).toList());
  }
}
