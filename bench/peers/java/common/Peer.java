package org.adjoint.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A library as a contender of {@code ./adjoint bench cpu}: a line in, a line out, as Worker.java in
 * bench/cpu tells. Fill and Fingerprint there are the originals of two methods here.
 */
public abstract class Peer {
  private static final long LEAST = 1_000_000;

  private final Map<String, Supplier<float[]>> checks = new HashMap<>();
  private final Map<String, Runnable> bodies = new HashMap<>();

  /** The library and its version, as NAME=VERSION. */
  protected abstract String version();

  /** Makes ready for c = a·b, all [n, n], and calls {@link #does}. */
  protected abstract void sgemm(String work, int n, float[] a, float[] b);

  /** Makes ready for the softmax of x's rows, and calls {@link #does}. */
  protected abstract void softmax(String work, int rows, int columns, float[] x);

  /** Says how a work is done, and how one gets at the result. */
  protected void does(String work, Runnable body, Supplier<float[]> result) {
    bodies.put(work, body);
    checks.put(work, result);
  }

  protected void serve() throws IOException {
    // What a library prints must not be taken for an answer.
    PrintStream answers = System.out;
    System.setOut(System.err);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String answer;
      try {
        answer = answer(line.split(" "));
      } catch (RuntimeException | Error e) {
        answer = "fail " + e.toString().lines().findFirst().orElse("");
      }
      answers.print(answer + "\n");
      answers.flush();
    }
    System.exit(0); // some libraries leave threads behind
  }

  private String answer(String... words) {
    if (words[0].equals("hello")) {
      return "ok " + version().replace(' ', '_');
    }
    String work = words[1];
    if (!bodies.containsKey(work)) {
      if (work.startsWith("sgemm-")) {
        int n = Integer.parseInt(work.substring("sgemm-".length()));
        sgemm(work, n, fill(1, n * n, 1), fill(2, n * n, 1));
      } else if (work.equals("softmax-4096x1024")) {
        softmax(work, 4096, 1024, fill(1, 4096 * 1024, 4));
      } else {
        return "no";
      }
    }
    List<Double> numbers =
        words[0].equals("check")
            ? fingerprint(checks.get(work).get())
            : run(bodies.get(work), Double.parseDouble(words[2]));
    StringBuilder text = new StringBuilder("ok");
    numbers.forEach(x -> text.append(' ').append(x));
    return text.toString();
  }

  private static List<Double> run(Runnable body, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long first = time(body, 1);
    if (System.nanoTime() >= end) {
      return List.of(first / 1e9);
    }
    int runs = (int) Math.max(1, LEAST / Math.max(1, first));
    List<Double> samples = new ArrayList<>();
    do {
      samples.add(time(body, runs) / 1e9 / runs);
    } while (System.nanoTime() < end);
    return samples;
  }

  private static long time(Runnable body, int runs) {
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      body.run();
    }
    return System.nanoTime() - start;
  }

  private static float[] fill(int seed, int n, double scale) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      int h = i + 1 + seed * 0x9E3779B9;
      h = (h ^ (h >>> 16)) * 0x85EBCA6B;
      h = (h ^ (h >>> 13)) * 0xC2B2AE35;
      h ^= h >>> 16;
      values[i] = (float) (scale * ((h >>> 8) * 0x1p-24 - 0.5));
    }
    return values;
  }

  private static List<Double> fingerprint(float[] v) {
    double squares = 0;
    for (float x : v) {
      squares += (double) x * x;
    }
    int n = v.length;
    return List.of(
        Math.sqrt(squares / n),
        (double) v[0],
        (double) v[n / 3],
        (double) v[2 * (n / 3)],
        (double) v[n - 1]);
  }
}
