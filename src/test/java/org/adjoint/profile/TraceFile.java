package org.adjoint.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A trace as its viewers read it; what they would stumble over is an error. */
public final class TraceFile {
  /** A bar, in nanoseconds. */
  public record Bar(String name, String row, long begin, long end, JsonNode args) {}

  /** Rows by process and thread. */
  private record Place(int process, int thread) {}

  private final Map<Place, String> rows = new HashMap<>();
  private final List<Bar> bars = new ArrayList<>();
  private final Map<Long, Long> from = new HashMap<>();
  private final Map<Long, Long> to = new HashMap<>();

  private TraceFile() {}

  /** Reads a whole file. */
  public static TraceFile of(String text) {
    TraceFile file = new TraceFile();
    JsonNode events = JsonMapper.builder().build().readTree(text).get("traceEvents");
    for (JsonNode event : events) {
      file.add(event);
    }
    file.requireNesting();
    assertEquals(file.from.keySet(), file.to.keySet(), "flows that begin and end");
    file.from.forEach((id, begin) -> assertTrue(begin <= file.to.get(id), "flow " + id));
    return file;
  }

  private void add(JsonNode event) {
    Place place = new Place(event.get("pid").intValue(), event.get("tid").intValue());
    String phase = event.get("ph").stringValue();
    String name = event.get("name").stringValue();
    switch (phase) {
      case "M" -> {
        if (name.equals("thread_name")) {
          rows.put(place, event.get("args").get("name").stringValue());
        }
      }
      case "X" -> {
        assertTrue(rows.containsKey(place), "a bar in a row without a name");
        long begin = nanos(event, "ts");
        long length = nanos(event, "dur");
        assertTrue(begin >= 0 && length >= 0, name);
        bars.add(new Bar(name, rows.get(place), begin, begin + length, event.get("args")));
      }
      case "s" -> from.put(event.get("id").longValue(), nanos(event, "ts"));
      case "f" -> {
        assertEquals("e", event.get("bp").stringValue(), "an arrow ends at the bar around it");
        to.put(event.get("id").longValue(), nanos(event, "ts"));
      }
      default -> throw new AssertionError("phase " + phase);
    }
  }

  private static long nanos(JsonNode event, String field) {
    return event.get(field).decimalValue().movePointRight(3).longValueExact();
  }

  /** In a row, a bar begins after the one before it, and ends within those that are open. */
  private void requireNesting() {
    for (String row : new HashSet<>(rows.values())) {
      ArrayDeque<Bar> open = new ArrayDeque<>();
      long last = 0;
      for (Bar bar : in(row)) {
        assertTrue(bar.begin >= last, "the order of bars in " + row);
        last = bar.begin;
        while (!open.isEmpty() && open.peek().end <= bar.begin) {
          open.pop();
        }
        assertTrue(
            open.isEmpty() || bar.end <= open.peek().end, bar.name + " sticks out of its bar");
        open.push(bar);
      }
    }
  }

  /** The bars of one row. */
  public List<Bar> in(String row) {
    return bars.stream().filter(bar -> bar.row.equals(row)).toList();
  }

  /** All bars. */
  public List<Bar> all() {
    return List.copyOf(bars);
  }

  /** The nodes of the graph that have an arrow to their gradient. */
  public Set<Long> flows() {
    return from.keySet();
  }
}
