package org.adjoint.profile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Span;
import org.adjoint.Span.Part;
import org.adjoint.backend.cuda.Timeline.Kernel;
import org.adjoint.io.Json;
import org.jspecify.annotations.Nullable;

/**
 * A profile in Chrome's Trace Event Format, its JSON object: complete events ({@code X}) in rows
 * that metadata ({@code M}) names, and flows ({@code s} to {@code f}) from operations to their
 * gradients. Times are microseconds since the first step began.
 */
final class ChromeTrace {
  private static final int HOST = 1;
  private static final int FIRST_GPU = 2;

  private final Profile profile;
  private final long zero;
  private final List<String> events = new ArrayList<>();

  ChromeTrace(Profile profile) {
    this.profile = profile;
    zero = profile.spans().isEmpty() ? 0 : profile.spans().getFirst().begin();
  }

  /** The whole file. */
  String text() {
    nameRows();
    Map<Long, Span> made = new HashMap<>();
    Set<Long> taken = new HashSet<>();
    for (Span span : profile.spans()) {
      if (span.isOperation()) {
        made.putIfAbsent(span.node(), span);
      } else if (span.isGradient()) {
        taken.add(span.node());
      }
    }
    for (Span span : profile.spans()) {
      Span source = span.isGradient() ? made.get(span.node()) : null;
      complete(HOST, row(span.part()), span.name(), span.begin(), span.end(), facts(span, source));
      if (source != null) {
        flow("\"f\",\"bp\":\"e\"", span);
      } else if (span.isOperation() && taken.contains(span.node())) {
        flow("\"s\"", span);
      }
    }
    profile.kernels().forEach(this::kernel);
    return """
    {"displayTimeUnit":"ms","traceEvents":[
    %s
    ]}
    """
        .formatted(String.join(",\n", events));
  }

  private static int row(Part part) {
    return 1 + part.ordinal();
  }

  private void nameRows() {
    name(HOST, "process_name", 0, profile.kernels().isEmpty() ? "cpu" : "the host");
    for (Part part : Part.values()) {
      name(HOST, "thread_name", row(part), part.name().toLowerCase(Locale.ROOT));
      metadata(HOST, "thread_sort_index", row(part), "sort_index", Integer.toString(row(part)));
    }
    Set<Device> devices =
        profile.kernels().stream()
            .map(Kernel::device)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (Device device : devices) {
      int process = FIRST_GPU + device.index();
      name(
          process,
          "process_name",
          0,
          device + (profile.isEmulated() ? " (emulated: the host's times)" : ""));
      name(process, "thread_name", 1, "kernels");
    }
  }

  private void name(int process, String what, int row, String name) {
    metadata(process, what, row, "name", Json.quote(name));
  }

  private void metadata(int process, String what, int row, String key, String value) {
    events.add(
        """
        {"ph":"M","name":"%s","pid":%d,"tid":%d,"args":{"%s":%s}}\
        """
            .formatted(what, process, row, key, value));
  }

  private void complete(
      int process, int row, String name, long begin, long end, Map<String, String> facts) {
    String args =
        facts.entrySet().stream()
            .map(fact -> Json.quote(fact.getKey()) + ":" + fact.getValue())
            .collect(Collectors.joining(","));
    events.add(
        """
        {"ph":"X","name":%s,"pid":%d,"tid":%d,"ts":%s,"dur":%s,"args":{%s}}\
        """
            .formatted(
                Json.quote(name), process, row, micros(begin - zero), micros(end - begin), args));
  }

  private void flow(String phase, Span span) {
    events.add(
        """
        {"ph":%s,"name":"gradient","cat":"gradient","id":%d,"pid":%d,"tid":%d,"ts":%s}\
        """
            .formatted(phase, span.node(), HOST, row(span.part()), micros(span.begin() - zero)));
  }

  private void kernel(Kernel kernel) {
    Map<String, String> facts = new LinkedHashMap<>();
    Span owner = profile.owner(kernel);
    if (owner != null) {
      facts.put("operation", Json.quote(owner.name()));
      facts.put("part", Json.quote(owner.part().name().toLowerCase(Locale.ROOT)));
    }
    complete(
        FIRST_GPU + kernel.device().index(),
        1,
        kernel.name(),
        kernel.isReal() ? kernel.begin() : kernel.queued(),
        kernel.isReal() ? kernel.end() : kernel.returned(),
        facts);
  }

  /** What a click on a span shows; a gradient's place is that of its operation. */
  private static Map<String, String> facts(Span span, @Nullable Span source) {
    Map<String, String> facts = new LinkedHashMap<>();
    if (!span.in().isEmpty()) {
      facts.put("in", Json.quote(shapes(span.in())));
    }
    if (!span.out().isEmpty()) {
      facts.put("out", Json.quote(shapes(span.out())));
    }
    if (span.bytes() > 0 || span.isOperation()) {
      facts.put("bytes", Long.toString(span.bytes()));
    }
    if (span.isOperation()) {
      facts.put("flop", String.format(Locale.ROOT, "%.0f", span.flop()));
    }
    if (span.hasFailed()) {
      facts.put("failed", "true");
    }
    Span place = source == null ? span : source;
    if (!place.site().isEmpty()) {
      facts.put("at", Json.quote(place.site()));
    }
    if (!place.within().isEmpty()) {
      facts.put("within", Json.quote(place.within()));
    }
    facts.put("self_us", micros(span.self()));
    return facts;
  }

  private static String shapes(List<Meta> metas) {
    return metas.stream()
        .map(meta -> meta.dtype() + " " + meta.shape())
        .collect(Collectors.joining(", "));
  }

  /** Exactly: nanoseconds are three digits after the point. */
  private static String micros(long nanos) {
    return nanos / 1000 + "." + String.format(Locale.ROOT, "%03d", nanos % 1000);
  }
}
