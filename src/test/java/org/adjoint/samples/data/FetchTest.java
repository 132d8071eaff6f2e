package org.adjoint.samples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Against servers on this machine that do what servers do: lie, stop, go in circles, say nothing.
 */
@Timeout(60)
class FetchTest {
  private static final String NAME = "labels.gz";
  private static final Duration PATIENCE = Duration.ofMillis(700);

  @TempDir Path dir;
  private HttpServer server;
  private ExecutorService threads;
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> said = new ArrayList<>();

  private final byte[] content = new byte[200_000];
  private byte[] gz;
  private Fetch.Item item;

  @BeforeEach
  void start() throws Exception {
    new Random(5).nextBytes(content);
    gz = gzip(content);
    item = new Fetch.Item(NAME, content.length, sha256(content));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.start();
    serve("/good/", e -> answer(e, gz));
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(String path, HttpHandler handler) {
    server.createContext(
        path,
        e -> {
          requests.incrementAndGet();
          try (e) {
            handler.handle(e);
          }
        });
  }

  private static void answer(HttpExchange e, byte[] body) throws IOException {
    e.sendResponseHeaders(200, body.length);
    e.getResponseBody().write(body);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    }
    return out.toByteArray();
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private URI mirror(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private int fetch(String... paths) {
    List<URI> mirrors = Stream.of(paths).map(this::mirror).toList();
    return new Fetch(mirrors, PATIENCE, said::add).all(List.of(item), dir);
  }

  /** Fetching fails in one line that names the file and all parts, and leaves nothing behind. */
  private void fails(String path, String... parts) throws IOException {
    var e = assertThrows(UserError.class, () -> fetch(path));
    String message = String.valueOf(e.getMessage());
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.startsWith(NAME + ": no mirror had it right: "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertEquals(List.of(), files());
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void fetchesAndThenLetsBe() throws IOException {
    assertEquals(1, fetch("/good/"));
    assertArrayEquals(gz, Files.readAllBytes(dir.resolve(NAME)));
    assertEquals(List.of(NAME), files());

    assertEquals(0, fetch("/good/"));
    assertEquals(1, requests.get(), "what is there is not downloaded again");
    assertTrue(said.get(said.size() - 1).contains("already there"), said.toString());
  }

  @Test
  void anotherCompressionOfTheRightContentIsLeftAsItIs() throws IOException {
    var stored = new ByteArrayOutputStream();
    try (var packed =
        new GZIPOutputStream(stored) {
          {
            def.setLevel(0);
          }
        }) {
      packed.write(content);
    }
    Files.write(dir.resolve(NAME), stored.toByteArray());
    assertEquals(0, fetch("/good/"));
    assertArrayEquals(stored.toByteArray(), Files.readAllBytes(dir.resolve(NAME)));
    assertEquals(0, requests.get());
  }

  @Test
  void aWrongFileIsReplacedOnlyOnceTheRightOneIsThere() throws IOException {
    Files.writeString(dir.resolve(NAME), "half a download");
    assertThrows(UserError.class, () -> fetch("/none/"));
    assertEquals("half a download", Files.readString(dir.resolve(NAME)));
    assertEquals(List.of(NAME), files());

    assertEquals(1, fetch("/good/"));
    assertArrayEquals(gz, Files.readAllBytes(dir.resolve(NAME)));
    assertTrue(said.toString().contains("there but wrong"), said.toString());
  }

  @Test
  void aConnectionThatBreaksOffIsAFault() throws IOException {
    serve(
        "/broken/",
        e -> {
          e.sendResponseHeaders(200, gz.length);
          e.getResponseBody().write(gz, 0, 100_000);
        });
    fails("/broken/", "/broken/" + NAME, "broken off after byte 65536", "EOF");
  }

  @Test
  void aShortBodyIsAFault() throws IOException {
    serve("/short/", e -> answer(e, Arrays.copyOf(gz, gz.length / 2)));
    fails("/short/", "expected 200000 bytes in gzip, got ");
    serve("/empty/", e -> e.sendResponseHeaders(200, -1));
    fails("/empty/", "expected 200000 bytes in gzip, got 0");
    serve("/plain/", e -> answer(e, content));
    fails("/plain/", "expected 200000 bytes in gzip", "Not in GZIP format");
    byte[] less = gzip(Arrays.copyOf(content, 199_999));
    serve("/less/", e -> answer(e, less));
    fails("/less/", "expected 200000 bytes unpacked, got 199999");
  }

  @Test
  void aWrongHashIsAFaultThatNamesBoth() throws Exception {
    byte[] other = content.clone();
    other[77] ^= 1;
    byte[] otherGz = gzip(other);
    serve("/wrong/", e -> answer(e, otherGz));
    fails("/wrong/", "expected SHA-256 " + item.sha256(), "got " + sha256(other));
  }

  @Test
  void tooMuchIsNotTaken() throws IOException {
    serve(
        "/endless/",
        e -> {
          e.sendResponseHeaders(200, 0); // chunked, for as long as the client takes it
          byte[] block = new byte[1 << 16];
          while (end.getCount() > 0) {
            e.getResponseBody().write(block);
          }
        });
    fails("/endless/", "longer than the 201224 bytes");
    byte[] bomb = gzip(new byte[20_000_000]); // 20 kB packed
    serve("/bomb/", e -> answer(e, bomb));
    fails("/bomb/", "expected 200000 bytes unpacked, got more");
  }

  @Test
  void redirectsAreFollowedButNotInCircles() throws IOException {
    serve("/moved/", e -> redirect(e, "/good/"));
    assertEquals(1, fetch("/moved/"));
    Files.delete(dir.resolve(NAME));
    serve("/circle/", e -> redirect(e, "/circle/"));
    fails("/circle/", "HTTP status 302, expected 200");
  }

  private static void redirect(HttpExchange e, String to) throws IOException {
    e.getResponseHeaders().add("Location", to + NAME);
    e.sendResponseHeaders(302, -1);
  }

  @Test
  void anErrorPageIsNotTheFile() throws IOException {
    serve(
        "/404/",
        e -> {
          e.sendResponseHeaders(404, 0);
          e.getResponseBody().write("not here".getBytes(StandardCharsets.UTF_8));
        });
    fails("/404/", "HTTP status 404, expected 200");
  }

  @Test
  void theNextMirrorIsTriedAndAllFaultsAreTold() throws IOException {
    serve("/404/", e -> e.sendResponseHeaders(404, -1));
    serve("/wrong/", e -> answer(e, gzip(new byte[200_000])));
    assertEquals(1, fetch("/404/", "/wrong/", "/good/"));
    assertArrayEquals(gz, Files.readAllBytes(dir.resolve(NAME)));
    assertEquals(List.of(NAME), files());

    Files.delete(dir.resolve(NAME));
    var e = assertThrows(UserError.class, () -> fetch("/404/", "/wrong/"));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("/404/") && message.contains("/wrong/"), message);
  }

  @Test
  void aSilentServerIsNotWaitedForLong() throws IOException {
    serve("/silent/", e -> await());
    fails("/silent/", "HttpTimeoutException");
    serve(
        "/stalled/",
        e -> {
          e.sendResponseHeaders(200, gz.length);
          e.getResponseBody().write(gz, 0, 100_000);
          e.getResponseBody().flush();
          await();
        });
    fails("/stalled/", "silent for 0.7 s after byte 65536");
  }

  private void await() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aServerThatIsNotThereIsAFault() throws IOException {
    server.stop(0);
    fails("/good/", "ConnectException");
  }

  @Test
  void aFolderThatCannotBeMadeIsAnError() throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "");
    var fetch = new Fetch(List.of(mirror("/good/")), PATIENCE, said::add);
    var e = assertThrows(UserError.class, () -> fetch.all(List.of(item), file.resolve("below")));
    assertTrue(String.valueOf(e.getMessage()).startsWith("cannot make the folder"));
    assertEquals(0, requests.get());
  }

  @Test
  void theCommandKnowsItsDataSets() {
    var command = new CommandLine(new FetchCommand());
    command.setExecutionExceptionHandler((e, c, r) -> {
      said.add(String.valueOf(e.getMessage()));
      return 9;
    });
    assertEquals(9, command.execute("mnits", "--to", dir.toString()));
    assertEquals(List.of("unknown data set \"mnits\"; there is: mnist"), said);
    assertEquals(4, Fetch.MNIST.size());
  }
}
