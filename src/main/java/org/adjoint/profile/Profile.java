package org.adjoint.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adjoint.Device;
import org.adjoint.Span;
import org.adjoint.Span.Part;
import org.adjoint.backend.cuda.Timeline.Kernel;
import org.adjoint.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a computation goes: of each operation when it ran, for how long, what it had to
 * move and compute, and which gradient it belongs to.
 *
 * <pre>{@code
 * Profile profile = Profile.of(() -> {
 *   Tensor loss = model.forward(x).crossEntropy(labels);
 *   loss.backward();
 *   optimizer.step();
 * });
 * System.out.println(profile.table());
 * profile.write(Path.of("trace.json"));
 * }</pre>
 *
 * <p>The file is a trace as Chrome has them: open it at {@code https://ui.perfetto.dev}, which
 * reads it in the browser and sends it nowhere, or at {@code chrome://tracing}. There is a row for
 * what computes values, one for gradients, whose arrows come from the operations that they are of,
 * one each for updates and for data, and one for the kernels of a GPU. A click on a bar shows
 * shapes, bytes, FLOP, and the line of the program.
 *
 * <p>What runs for the first time is slow in Java: do the work some times before it is profiled, or
 * let {@link TrainingProfile} choose steps of a training. Only the thread that profiles is seen.
 * What a program marks by {@link Span#open} is seen, too.
 */
public final class Profile {
  private final List<Span> spans;
  private final List<Kernel> kernels;
  private final long overhead;
  private final boolean cutShort;
  private final double usual;

  /** Nanoseconds of each span that are its own, on a GPU if there is one, else on the host. */
  private final IdentityHashMap<Span, Long> own = new IdentityHashMap<>();

  /** Where each kernel was queued. */
  private final IdentityHashMap<Kernel, Span> owners = new IdentityHashMap<>();

  private @Nullable Ceilings ceilings;

  /**
   * @param usual seconds of a step where nothing is noted; NaN if that is not known
   */
  Profile(List<Span> spans, List<Kernel> kernels, long overhead, boolean cutShort, double usual) {
    this.spans = spans;
    this.overhead = overhead;
    this.cutShort = cutShort;
    this.usual = usual;
    TreeMap<Long, Span> byBegin = new TreeMap<>();
    spans.forEach(span -> byBegin.put(span.begin(), span));
    for (Kernel kernel : kernels) {
      var before = byBegin.floorEntry(kernel.queued());
      Span owner = before == null ? null : before.getValue();
      while (owner != null && owner.end() < kernel.returned()) {
        owner = owner.outer().orElse(null);
      }
      if (owner != null) {
        owners.put(kernel, owner);
      }
    }
    this.kernels = kernels.stream().filter(owners::containsKey).toList();
    spans.forEach(span -> own.put(span, isOnGpu() ? 0 : span.self()));
    if (isOnGpu()) {
      owners.forEach((kernel, owner) -> own.merge(owner, kernel.end() - kernel.begin(), Long::sum));
    }
  }

  /**
   * Does {@code work}, and profiles it.
   *
   * @throws IllegalStateException if this thread is being profiled already
   */
  public static Profile of(Runnable work) {
    try (Recorder recorder = new Recorder()) {
      recorder.start("work");
      work.run();
      recorder.finish();
      return recorder.profile(Double.NaN);
    }
  }

  /** What was noted, in the order in which it began. */
  public List<Span> spans() {
    return Collections.unmodifiableList(spans);
  }

  /** The kernels that were queued on a GPU; none on the CPU. */
  public List<Kernel> kernels() {
    return Collections.unmodifiableList(kernels);
  }

  /** The spans that are the whole: the steps. */
  public List<Span> steps() {
    return spans.stream().filter(span -> span.part() == Part.STEP).toList();
  }

  /** Nanoseconds of all steps together. */
  public long nanos() {
    return steps().stream().mapToLong(Span::nanos).sum();
  }

  /** Whether more was computed than is noted here, since there is a limit. */
  public boolean isCutShort() {
    return cutShort;
  }

  /** Whether times are those of a GPU. */
  public boolean isOnGpu() {
    return !kernels.isEmpty() && kernels.getFirst().isReal();
  }

  /** Whether it ran on an emulated GPU: then times are the host's, and say nothing of a GPU. */
  public boolean isEmulated() {
    return !kernels.isEmpty() && !kernels.getFirst().isReal();
  }

  /** The device that computed. */
  public Device device() {
    return kernels.isEmpty() ? Device.CPU : kernels.getFirst().device();
  }

  /** Seconds of a step where nothing is noted; NaN if that is not known. */
  double usual() {
    return usual;
  }

  /** In which span a kernel was queued. */
  @Nullable Span owner(Kernel kernel) {
    return owners.get(kernel);
  }

  /**
   * What took the time, the longest first. The times are those of operations without what lies in
   * them, so nothing counts twice: together they are {@link #nanos}. What the device can do, which
   * the distance to the roofline is reckoned by, is measured when it is first asked for, in less
   * than a second: the rate at which memory is passed over, and that of a product of matrices.
   */
  public List<Row> rows() {
    return rows(ceilings());
  }

  List<Row> rows(@Nullable Ceilings top) {
    Map<List<Object>, Row> rows = new LinkedHashMap<>();
    long rest = nanos();
    for (Span span : spans) {
      long nanos = own.getOrDefault(span, 0L);
      if (span.part() != Part.STEP) {
        rest -= nanos;
        Row row = Row.of(span, nanos, top);
        rows.merge(List.of(row.part(), row.name()), row, Row::plus);
      }
    }
    List<Row> sorted = new ArrayList<>(rows.values());
    if (isOnGpu()) {
      sorted.add(Row.rest("the GPU waits", rest));
    } else {
      sorted.add(Row.rest("between operations", rest - overhead));
      sorted.add(Row.rest("the profile itself", overhead));
    }
    sorted.sort((a, b) -> Long.compare(b.nanos(), a.nanos()));
    return sorted;
  }

  private @Nullable Ceilings ceilings() {
    if (ceilings == null && !isEmulated()) {
      ceilings = Ceilings.of(device());
    }
    return ceilings;
  }

  /** The {@link #rows}, to be printed, of one step on average. */
  public String table() {
    return new Table(this, ceilings()).toString();
  }

  /**
   * Writes the trace.
   *
   * @throws IOException in one line, if it cannot be written; what was there before stays
   */
  public void write(Path file) throws IOException {
    String text = new ChromeTrace(this).text();
    WholeFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
