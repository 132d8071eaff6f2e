package org.adjoint.samples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Units of work, of which some cost a process its life. */
class DeviceQueueTest {
  private static final String LOST = "lost";
  private static final String DIES = "dies";
  private static final String STAYS = "stays";

  /** A process that says what it is told, with its number, unless it is told to die or to stay. */
  static final class Echo {
    private Echo() {}

    public static void main(String[] args) throws Exception {
      var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        switch (line) {
          case DIES -> Runtime.getRuntime().halt(1);
          case STAYS -> Thread.sleep(Duration.ofMinutes(1));
          default -> System.out.println(line + " " + ProcessHandle.current().pid());
        }
      }
    }
  }

  private static final class Queue extends DeviceQueue<String> {
    private final List<String> units;
    private final Map<Integer, String> answers = new TreeMap<>();

    Queue(@Nullable Duration within, String... units) {
      super(units.length, within);
      this.units = List.of(units);
    }

    @Override
    protected DeviceProcess start() throws IOException {
      return DeviceProcess.start(Echo.class, List.of());
    }

    @Override
    protected String line(int unit) {
      return units.get(unit);
    }

    @Override
    protected @Nullable String read(BufferedReader from) throws IOException {
      return from.readLine();
    }

    @Override
    protected String silence(int unit, String why) {
      return LOST + ": " + why;
    }

    @Override
    protected boolean isLost(String answer) {
      return answer.startsWith(LOST);
    }

    @Override
    protected void take(int unit, String answer) {
      answers.put(unit, answer);
    }
  }

  @Test
  void whatKillsAProcessCostsNoOtherUnit() {
    Queue queue = new Queue(null, "a", "b", DIES, "c", STAYS);
    queue.inProcesses(1, Duration.ofSeconds(2));
    Map<Integer, String> said = queue.answers;
    assertEquals("lost: its process died", said.get(2));
    assertEquals("lost: took more than 2 s", said.get(4));
    assertTrue(process(said.get(0)).equals(process(said.get(1))), said::toString);
    assertTrue(!process(said.get(1)).equals(process(said.get(3))), said::toString);
    assertEquals(5, queue.begun());
  }

  private static String process(String answer) {
    return answer.substring(2);
  }

  @Test
  void processesShareTheUnits() {
    Queue queue = new Queue(null, "a", "b", "c", "d", "e");
    queue.inProcesses(2, Duration.ofSeconds(30));
    assertEquals(
        List.of("a", "b", "c", "d", "e"),
        queue.answers.values().stream().map(answer -> answer.substring(0, 1)).toList());
  }

  @Test
  void aLostDeviceEndsWhatOneProcessCanDo() {
    Queue queue = new Queue(null, "a", LOST, "b");
    queue.here(unit -> queue.units.get(unit));
    assertEquals(Map.of(0, "a", 1, LOST), queue.answers);
    assertEquals(2, queue.begun());
  }

  @Test
  void nothingIsBegunWhenTheTimeIsOver() {
    Queue queue = new Queue(Duration.ZERO, "a", "b");
    queue.inProcesses(1, Duration.ofSeconds(30));
    assertEquals(Map.of(), queue.answers);
    assertEquals(0, queue.begun());
  }
}
