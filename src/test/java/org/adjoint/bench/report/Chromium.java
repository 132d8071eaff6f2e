package org.adjoint.bench.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A browser without a window, spoken to by the protocol of its developer tools: so keys are real
 * ones, and a page can be as narrow as a phone.
 */
final class Chromium implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern PORT = Pattern.compile("DevTools listening on ws://([^/]+)/");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Keys by name, with the numbers that go with them. */
  private static final Map<String, Integer> KEYS =
      Map.of("Tab", 9, "Enter", 13, "ArrowRight", 39, "Home", 36, "Escape", 27);

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();

  /** What the page complained of: errors, exceptions, and warnings of the browser. */
  final List<String> complaints = new CopyOnWriteArrayList<>();

  /** What the page asked for, itself included. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
  private int calls;

  private Chromium(Process process, URI page) {
    this.process = process;
    socket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(page, new Listener()).join();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** The first on the PATH, if there is one. */
  static Optional<Path> find() {
    return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        .flatMap(name ->
            Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Chromium start(Path binary, Path profile) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                binary.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      BufferedReader errors = process.errorReader();
      Matcher port = PORT.matcher("");
      while (!port.find()) {
        String line = errors.readLine();
        if (line == null) {
          throw new IOException(binary + " ended at once");
        }
        port.reset(line);
      }
      Thread.ofVirtual().start(() -> errors.lines().forEach(_ -> {}));
      return new Chromium(process, page(port.group(1)));
    } catch (IOException | InterruptedException | RuntimeException e) {
      end(process);
      throw e;
    }
  }

  private static URI page(String host) throws IOException, InterruptedException {
    HttpRequest list = HttpRequest.newBuilder(URI.create("http://" + host + "/json/list")).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      String answer = http.send(list, HttpResponse.BodyHandlers.ofString()).body();
      for (JsonNode target : JSON.readTree(answer)) {
        if (target.path("type").asString().equals("page")) {
          return URI.create(target.path("webSocketDebuggerUrl").asString());
        }
      }
      throw new IOException("no page in " + answer);
    }
  }

  /** Messages as they come: answers by their number, and events. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        JsonNode message = JSON.readTree(text.toString());
        text.setLength(0);
        hear(message);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      gone.completeExceptionally(error);
    }
  }

  private void hear(JsonNode message) {
    if (message.has("id")) {
      answers.remove(message.path("id").intValue()).complete(message);
      return;
    }
    JsonNode of = message.path("params");
    switch (message.path("method").asString()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Runtime.exceptionThrown" -> complaints.add(of.path("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> complaints.add(of.path("args").toString());
      case "Log.entryAdded" -> complaints.add(of.path("entry").toString());
      case "Network.requestWillBeSent" -> requests.add(of.at("/request/url").asString());
      default -> {}
    }
  }

  /** What the browser answers. */
  JsonNode call(String method, Map<String, ?> params) {
    int id = ++calls;
    var answer = new CompletableFuture<JsonNode>();
    answers.put(id, answer);
    String text = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", params));
    socket.sendText(text, true).join();
    wait(answer);
    JsonNode message = answer.join();
    if (message.has("error")) {
      throw new IllegalStateException(method + ": " + message.path("error"));
    }
    return message.path("result");
  }

  private void wait(CompletableFuture<?> answer) {
    CompletableFuture.anyOf(answer, gone).orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Shows a page as wide as that, in the system's light or dark. */
  void open(Path page, int width, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 844, "deviceScaleFactor", 1, "mobile", width < 600));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    complaints.clear();
    requests.clear();
    loaded = new CompletableFuture<>();
    call("Page.navigate", Map.of("url", page.toUri().toString()));
    wait(loaded);
  }

  /** The value of an expression in the page. */
  JsonNode evaluate(String script) {
    JsonNode result = call("Runtime.evaluate", Map.of("expression", script, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(script + ": " + result.path("exceptionDetails"));
    }
    return result.at("/result/value");
  }

  void press(String key) {
    for (String type : List.of("keyDown", "keyUp")) {
      Map<String, Object> event =
          new HashMap<>(
              Map.of(
                  "type", type, "key", key, "code", key, "windowsVirtualKeyCode", KEYS.get(key)));
      if (key.equals("Enter") && type.equals("keyDown")) {
        event.put("text", "\r");
      }
      call("Input.dispatchKeyEvent", event);
    }
  }

  void type(String text) {
    call("Input.insertText", Map.of("text", text));
  }

  @Override
  public void close() {
    try { // it clears up after itself, if it is asked to go
      call("Browser.close", Map.of());
      process.onExit().orTimeout(5, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      end(process);
    }
    socket.abort();
  }

  private static void end(Process process) {
    List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
    family.add(process.toHandle());
    family.forEach(ProcessHandle::destroyForcibly);
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
