package org.adjoint.bench.kernels;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A process that speaks as torch_kernels.py does, and knows ReLU alone. Arguments are PEER=HOW:
 * right, wrong, fails, dies, hangs, forgets, babbles, short, timeless, or dies-later; and
 * throttled=N, for the first N answers about the clock.
 */
final class FakeTorch {
  private FakeTorch() {}

  static TorchPeer of(Consumer<String> notes, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), FakeTorch.class.getName()));
    command.addAll(Arrays.asList(args));
    return new TorchPeer(command, notes, Duration.ofSeconds(3));
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> how = new LinkedHashMap<>();
    for (String arg : args) {
      how.put(arg.split("=")[0], arg.split("=")[1]);
    }
    int throttled = Integer.parseInt(how.getOrDefault("throttled", "0"));
    how.remove("throttled");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    JsonNode told = JsonMapper.shared().createObjectNode();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      String is = words.length > 1 ? how.getOrDefault(words[1], "") : "";
      switch (words[0]) {
        case "hello" -> System.out.println("ok torch=fake");
        case "load" -> {
          told = JsonMapper.shared().readTree(Files.readString(Path.of(words[1])));
          boolean known = told.get("op").get("kind").asString().equals("relu");
          System.out.println(known ? "ok " + String.join(" ", how.keySet()) : "no");
        }
        case "outputs" -> System.out.println(outputs(told, words[1], is));
        case "cold" -> {
          if (is.equals("dies-later")) {
            end();
          }
          String seconds = is.equals("timeless") ? " 0" : " 0.002";
          System.out.println("ok" + seconds.repeat(Integer.parseInt(words[2])));
        }
        case "clock" -> System.out.println("ok 1980 " + (throttled-- > 0 ? 0x40 : 0));
        default -> System.out.println("ok");
      }
    }
  }

  private static String outputs(JsonNode told, String peer, String is)
      throws IOException, InterruptedException {
    switch (is) {
      case "fails" -> {
        return "fail RuntimeError('no kernel')";
      }
      case "babbles" -> {
        return "bla bla";
      }
      case "dies" -> end();
      case "forgets" -> {
        return "ok 0";
      }
      case "hangs" -> Thread.sleep(Duration.ofMinutes(5));
      default -> {}
    }
    byte[] bytes = Files.readAllBytes(Path.of(told.get("inputs").get(0).get("file").asString()));
    ByteBuffer x = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    for (int i = 0; i < bytes.length && !is.equals("wrong"); i += Float.BYTES) {
      x.putFloat(i, Math.max(0, x.getFloat(i)));
    }
    String file = told.get("outputs").get(0).get("file").asString();
    int length = is.equals("short") ? bytes.length - 1 : bytes.length;
    Files.write(Path.of(file + "." + peer), Arrays.copyOf(bytes, length));
    return "ok 0";
  }

  private static void end() {
    System.err.println("CUDA error: an illegal memory access was encountered");
    System.exit(3);
  }
}
