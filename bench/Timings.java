package org.adjoint.bench;

import java.util.List;
import java.util.Objects;
import org.adjoint.Device;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.check.Timing;

/** What a timer of kernels found, as rows of results. */
public final class Timings {
  private Timings() {}

  /**
   * A row for what is right: cold times, or, of an emulated GPU, the bytes that a launch moved.
   * What is wrong has none.
   */
  public static List<Result> rows(Device device, List<Timing> timings) {
    return timings.stream()
        .filter(timing -> timing.holds() && (timing.cold() != null || timing.counts() != null))
        .map(timing -> row(device, timing))
        .toList();
  }

  private static Result row(Device device, Timing timing) {
    Result.Builder row =
        Result.of(timing.op())
            .variant(timing.variant())
            .device(device.toString())
            .dtype(timing.dtype().name())
            .shape(timing.shapes())
            .bytes(timing.bytes())
            .flop((long) timing.flop())
            .errorShare(timing.error());
    if (timing.cold() != null) {
      double[] times = timing.cold().samples().stream().mapToDouble(s -> 1e6 * s).toArray();
      return row.samples("us", times).build();
    }
    Counts counts = Objects.requireNonNull(timing.counts());
    return row.value("bytes moved", (double) counts.moved()).build();
  }
}
