package org.adjoint.samples.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;

/**
 * Downloads gzipped files from public mirrors, and trusts none of them: a file appears under its
 * name only when its unpacked content has the SHA-256 written here.
 *
 * <p>A download goes to a temporary file beside its target, is verified there and moved over in one
 * step. So whatever fails, nothing half-written is left, and a good file is never overwritten.
 */
public final class Fetch {
  /**
   * One file to fetch.
   *
   * @param name its name at the mirror and on disk, ending in .gz
   * @param bytes length of the unpacked content
   * @param sha256 of the unpacked content, since mirrors compress the same bytes differently
   */
  public record Item(String name, long bytes, String sha256) {}

  /** MNIST's four files. Their unpacked MD5 sums, too, are those published with the data. */
  public static final List<Item> MNIST =
      List.of(
          new Item(
              "train-images-idx3-ubyte.gz",
              47_040_016,
              "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
          new Item(
              "train-labels-idx1-ubyte.gz",
              60_008,
              "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
          new Item(
              "t10k-images-idx3-ubyte.gz",
              7_840_016,
              "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
          new Item(
              "t10k-labels-idx1-ubyte.gz",
              10_008,
              "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

  /** Where MNIST is offered, best first. */
  public static final List<URI> MNIST_MIRRORS =
      List.of(
          URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
          URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"));

  private static final int CHUNK = 1 << 16;

  private final List<URI> mirrors;
  private final Duration patience;
  private final Consumer<String> say;

  /**
   * A fetcher for some mirrors.
   *
   * @param mirrors folders to take the files from, each ending in a slash, tried in this order
   * @param patience how long a mirror may take to connect, to answer, and for each further 64 KiB
   * @param say told one line about each file
   */
  public Fetch(List<URI> mirrors, Duration patience, Consumer<String> say) {
    this.mirrors = mirrors;
    this.patience = patience;
    this.say = say;
  }

  /**
   * Sees to it that all files are in {@code dir} and right, downloading what is not.
   *
   * @return how many were downloaded
   * @throws UserError in one line: the file, and for each mirror what was wrong; or the folder that
   *     cannot be written. Files that were fetched before stay.
   */
  public int all(List<Item> items, Path dir) {
    try {
      Files.createDirectories(dir);
    } catch (IOException e) {
      throw new UserError("cannot make the folder " + dir + ": " + reason(e));
    }
    int fetched = 0;
    for (Item item : items) {
      Path target = dir.resolve(item.name);
      String fault = Files.exists(target) ? fault(target, item) : "not there";
      if (fault == null) {
        say.accept(target + ": already there, SHA-256 as it should be");
        continue;
      }
      if (Files.exists(target)) {
        say.accept(target + ": there but wrong (" + fault + "); fetching it anew");
      }
      say.accept(target + ": fetched from " + one(item, target));
      fetched++;
    }
    return fetched;
  }

  /** Fetches one file from the first mirror that has it right; returns that mirror's address. */
  private URI one(Item item, Path target) {
    // A name of its own: two processes may fetch into one folder.
    Path part = target.resolveSibling(item.name + "." + UUID.randomUUID() + ".part");
    part.toFile().deleteOnExit(); // for Ctrl-C; all other ends are seen to below
    var faults = new ArrayList<String>();
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NORMAL) // never from https down to http
            .build();
    try {
      for (URI mirror : mirrors) {
        URI from = mirror.resolve(item.name);
        try {
          // Gzip adds a little to what it cannot compress; whatever is longer cannot be the file.
          download(client, from, part, item.bytes + item.bytes / 1000 + 1024);
          String fault = fault(part, item);
          if (fault == null) {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            return from;
          }
          faults.add(from + ": " + fault);
        } catch (IOException e) {
          faults.add(from + ": " + reason(e));
        } finally {
          Files.deleteIfExists(part);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted while fetching " + item.name);
    } catch (IOException e) {
      throw new UserError("cannot clear away " + part + ": " + reason(e));
    } finally {
      client.shutdownNow();
    }
    throw new UserError("" + item.name + ": no mirror had it right: " + String.join("; ", faults));
  }

  private void download(HttpClient client, URI from, Path to, long cap)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(from).timeout(patience).build();
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != 200) { // a 3xx here is one redirect too many
        throw new IOException("HTTP status " + answer.statusCode() + ", expected 200");
      }
      // The request's own timeout ends with the headers; a body may fall silent for ever. So
      // another
      // thread reads, and this one waits only so long.
      try (var reader = Executors.newVirtualThreadPerTaskExecutor();
          OutputStream out = Files.newOutputStream(to, StandardOpenOption.CREATE_NEW)) {
        long total = 0;
        while (true) {
          Future<byte[]> coming = reader.submit(() -> body.readNBytes(CHUNK));
          byte[] chunk;
          try {
            chunk = coming.get(patience.toMillis(), TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) {
            throw new IOException("silent for %s s after byte %d".formatted(seconds(), total), e);
          } catch (ExecutionException e) {
            throw new IOException("broken off after byte " + total + ": " + reason(root(e)), e);
          } finally {
            coming.cancel(true); // else leaving the block would wait for the silent one
          }
          if (chunk.length == 0) {
            return;
          }
          total += chunk.length;
          if (total > cap) {
            throw new IOException("longer than the %d bytes that the file can have".formatted(cap));
          }
          out.write(chunk);
        }
      }
    }
  }

  /** What is wrong with a file: expected and got; null if nothing is. */
  static @Nullable String fault(Path file, Item item) {
    MessageDigest digest = sha256();
    long bytes = 0;
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK);
        InputStream in = new GZIPInputStream(raw, CHUNK)) {
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
        bytes += n;
        if (bytes > item.bytes) { // no need to unpack the rest, which may be endless
          return "expected %d bytes unpacked, got more".formatted(item.bytes);
        }
      }
    } catch (IOException e) {
      return "expected %d bytes in gzip, got %d, then: %s".formatted(item.bytes, bytes, reason(e));
    }
    if (bytes != item.bytes) {
      return "expected %d bytes unpacked, got %d".formatted(item.bytes, bytes);
    }
    String got = HexFormat.of().formatHex(digest.digest());
    return got.equals(item.sha256)
        ? null
        : "expected SHA-256 %s unpacked, got %s".formatted(item.sha256, got);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have SHA-256", e);
    }
  }

  private String seconds() {
    return String.valueOf(patience.toMillis() / 1000.0);
  }

  /** The first cause: the client wraps what it knows in a bare "closed". */
  private static Throwable root(Throwable e) {
    Throwable cause = e.getCause();
    return cause == null ? e : root(cause);
  }

  /** An exception in a few words, on one line; some have no message of their own. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    String kind = e.getClass().getSimpleName();
    return message == null ? kind : (kind + ": " + message).lines().findFirst().orElse(kind);
  }
}
